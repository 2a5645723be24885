package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
)

// The environment variables that stand in for flags. A password has no flag: arguments of
// a process are there for all users of a machine to see.
const (
	envUser         = "CIMWATCH_USER"
	envPassword     = "CIMWATCH_PASSWORD"
	envPasswordFile = "CIMWATCH_PASSWORD_FILE"
)

// A password longer than this is the wrong file.
const maxPassword = 4096

// connectionFlags are the flags of every command that talks to a CIM server.
type connectionFlags struct {
	user         string
	passwordFile string
	trust        cimxml.Trust
	network      networkFlags
	namespace    string
	timeout      time.Duration
	trace        string
	stats        bool

	changed func(flag string) bool // whether a flag was given
	saved   string                 // password of a named connection
}

// addConnectionFlags adds the flags to cmd and returns where they will be.
func addConnectionFlags(cmd *cobra.Command) *connectionFlags {
	f := addServerFlags(cmd)
	cmd.Flags().StringVarP(&f.namespace, "namespace", "n", f.namespace, "namespace on the CIM server")
	return f
}

// addServerFlags adds all but the namespace, for commands that find theirs by themselves.
func addServerFlags(cmd *cobra.Command) *connectionFlags {
	f := addAccountFlags(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.trace, "trace", "", "`file` that all exchanges with the server are written to, without passwords; - for standard error")
	flags.BoolVar(&f.stats, "stats", false, "tell on standard error what was called, how often and how long it took")
	return f
}

// addAccountFlags adds the flags that a named connection keeps, but for the namespace.
func addAccountFlags(cmd *cobra.Command) *connectionFlags {
	flags := cmd.Flags()
	f := &connectionFlags{namespace: "root/cimv2", changed: flags.Changed}
	flags.StringVarP(&f.user, "user", "u", "", "account on the CIM server ($"+envUser+")")
	flags.StringVar(&f.passwordFile, "password-file", "",
		"`file` whose first line is the password, - for standard input ($"+envPasswordFile+
			"; or the password itself in $"+envPassword+"; or asked for on a terminal)")
	f.addTrustFlags(cmd)
	f.network.add(cmd)
	flags.DurationVar(&f.timeout, "timeout", 30*time.Second, "longest time for one request")
	return f
}

// client returns a session with the CIM server that server names, a URL or @NAME of a named
// connection, as the flags and the environment describe it. It reads the files they name, and
// asks for a password where there is a user without one and someone to ask; it connects to
// nothing.
func (f *connectionFlags) client(ctx context.Context, env *Env, server string) (*session, error) {
	rawURL, err := f.resolve(env, server)
	if err != nil {
		return nil, err
	}
	u, err := parseHTTPURL(rawURL)
	if err != nil {
		return nil, err
	}
	options, err := f.options(ctx, env, u)
	if err != nil {
		return nil, err
	}
	return f.newSession(env, u.String(), options)
}

func (f *connectionFlags) options(ctx context.Context, env *Env, u *url.URL) (*cimxml.Options, error) {
	if f.timeout <= 0 {
		return nil, usage(fmt.Errorf("--timeout %s: the time must be longer than zero", f.timeout))
	}
	options := &cimxml.Options{Namespace: cim.CleanNamespace(f.namespace), Timeout: f.timeout}
	if options.Namespace == "" {
		return nil, usage(errors.New("--namespace: the namespace is empty"))
	}
	var err error
	if options.TLS, err = f.tlsConfig(u.Scheme); err != nil {
		return nil, err
	}
	if err := f.network.apply(options, env, u); err != nil {
		return nil, err
	}
	if options.User, err = f.userName(env); err != nil || options.User == "" {
		return options, err
	}
	options.Password, err = f.password(ctx, env, options.User+" on "+u.Host)
	return options, err
}

// userName returns the account, "" for anonymous.
func (f *connectionFlags) userName(env *Env) (string, error) {
	user := f.user
	if user == "" {
		user = env.getenv(envUser)
	}
	switch {
	case strings.Contains(user, ":"):
		// HTTP's basic authentication ends the name there (RFC 7617).
		return "", withHint(usage(errors.New("the user name must not contain a colon")),
			"the password goes into --password-file or "+envPassword)
	case user == "" && f.passwordFile != "":
		return "", withHint(usage(errors.New("--password-file is given without a user")), "add -u USER")
	default:
		return user, nil
	}
}

// password returns the account's password from the first of: the flag, the named connection,
// the two environment variables, the person at the terminal.
func (f *connectionFlags) password(ctx context.Context, env *Env, account string) (string, error) {
	file := f.passwordFile
	if file == "" && f.saved != "" {
		return f.saved, nil
	}
	if file == "" {
		if password := env.getenv(envPassword); password != "" {
			return password, nil
		}
		file = env.getenv(envPasswordFile)
	}
	switch {
	case file == "-":
		return readPasswordLine(env.Stdin, "standard input")
	case file != "":
		return readPasswordFile(file)
	case env.ReadPassword == nil:
		return "", withHint(usage(fmt.Errorf("no password for %s", account)),
			"give --password-file FILE or set "+envPassword)
	}
	password, err := env.ReadPassword(ctx, "Password for "+printable(account)+": ")
	if err != nil {
		return "", fmt.Errorf("ask for the password: %w", err)
	}
	return password, nil
}

func readPasswordFile(name string) (string, error) {
	file, err := os.Open(name)
	if err != nil {
		return "", fmt.Errorf("read the password: %w", err)
	}
	defer func() { _ = file.Close() }() // only read from
	return readPasswordLine(file, name)
}

func readPasswordLine(r io.Reader, source string) (string, error) {
	line, err := readSecretLine(r)
	if err != nil {
		return "", fmt.Errorf("read the password from %s: %w", source, err)
	}
	if line == "" {
		return "", fmt.Errorf("read the password from %s: the first line is empty", source)
	}
	return line, nil
}

// readSecretLine returns the first line, without its end, of what holds a password.
func readSecretLine(r io.Reader) (string, error) {
	line, err := bufio.NewReader(io.LimitReader(r, maxPassword)).ReadString('\n')
	switch {
	case err != nil && !errors.Is(err, io.EOF):
		return "", err
	case len(line) == maxPassword:
		return "", fmt.Errorf("the first line is longer than %d bytes", maxPassword-1)
	}
	return strings.TrimRight(line, "\r\n"), nil
}
