package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"

	"github.com/spf13/cobra"

	"github.com/cimwatch/cimwatch/cim"
)

// connectionName is what a connection may be called: safe in every shell.
var connectionName = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z._-]*$`)

func newConnectionSaveCommand(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "save NAME URL",
		Short: "Keep how to reach a CIM server under a name",
		Long: `Keep the URL of a CIM server and the flags that are given under NAME, in place of what was kept
under it before. Nothing is asked of the server.

Of a password its file is kept. --save-password keeps the password itself, unencrypted: it is
read from --password-file or asked for.`,
		Example: `  cimwatch connection save esx1 https://esx1 -u root --password-file ~/.secrets/esx1
  cimwatch class leaves @esx1`,
		Args: arguments("NAME", "URL"),
	}
	connection := addAccountFlags(cmd)
	cmd.Flags().StringVarP(&connection.namespace, "namespace", "n", connection.namespace, "namespace on the CIM server")
	password := cmd.Flags().Bool("save-password", false, "keep the password itself, unencrypted")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return saveConnection(cmd.Context(), env, args[0], args[1], connection, *password)
	}
	return cmd
}

func saveConnection(ctx context.Context, env *Env, name, rawURL string, f *connectionFlags, password bool) error {
	if !connectionName.MatchString(name) {
		return withHint(usage(fmt.Errorf("%q is not the name of a connection", printable(name))),
			"use letters, digits, dots, dashes and underscores, and no dash or dot first")
	}
	u, err := parseHTTPURL(rawURL)
	if err != nil {
		return err
	}
	if _, err := f.tlsConfig(u.Scheme); err != nil {
		return err
	}
	if err := f.network.check(); err != nil {
		return err
	}
	c := savedConnection{
		URL: u.String(), User: f.user, Fingerprint: f.trust.Fingerprint, Insecure: f.trust.Insecure,
		TLSMin: f.trust.MinVersion, Proxy: f.network.proxy,
	}
	if err := f.saveAccount(ctx, env, &c, password); err != nil {
		return err
	}
	if err := f.saveFiles(&c); err != nil {
		return err
	}
	if f.changed("namespace") {
		c.Namespace = cim.CleanNamespace(f.namespace)
	}
	if f.changed("timeout") {
		c.Timeout = f.timeout
	}
	return changeConnections(ctx, env, func(file *connectionFile) error {
		if file.Connections == nil {
			file.Connections = make(map[string]savedConnection)
		}
		file.Connections[name] = c
		return nil
	})
}

// saveFiles keeps the names of the files that the flags name.
func (f *connectionFlags) saveFiles(c *savedConnection) (err error) {
	for _, file := range []struct {
		kept *string
		name string
	}{
		{&c.CA, f.trust.Authorities}, {&c.ClientCert, f.trust.Certificate}, {&c.ClientKey, f.trust.Key},
		{&c.Socket, f.network.socket},
	} {
		if *file.kept, err = absolute(file.name); err != nil {
			return err
		}
	}
	return nil
}

// saveAccount keeps the user and where the password is, or the password.
func (f *connectionFlags) saveAccount(ctx context.Context, env *Env, c *savedConnection, password bool) error {
	if _, err := f.userName(env); err != nil {
		return err
	}
	var err error
	switch {
	case password && f.user == "":
		return withHint(usage(errors.New("--save-password is given without a user")), "add -u USER")
	case password:
		c.Password, err = f.password(ctx, env, f.user+" on "+c.URL)
		if err == nil && c.Password == "" {
			err = withHint(errors.New("no password was given, nothing is kept"),
				"leave out --save-password to be asked for the password each time")
		}
	case f.passwordFile == "-":
		return withHint(usage(errors.New("a password from standard input is not kept")),
			"give --password-file FILE, or --save-password to keep the password itself")
	default:
		c.PasswordFile, err = absolute(f.passwordFile)
	}
	return err
}

// absolute makes the name of a file independent of the working directory.
func absolute(file string) (string, error) {
	if file == "" {
		return "", nil
	}
	return filepath.Abs(file)
}
