package cli

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cimwatch/cimwatch/cimxml"
	"github.com/cimwatch/cimwatch/web"
)

// daemonPrefix sets the flags and the environment of a daemon's address apart from those of CIM
// servers: what is set for these is not sent to a daemon.
const daemonPrefix = "daemon-"

// daemonFlags are the flags of every command that can ask a running daemon.
type daemonFlags struct {
	address      string
	user         string
	passwordFile string
	trust        cimxml.Trust

	cmd *cobra.Command // that has the flags
}

// addDaemonFlags adds the flags to cmd and returns where they will be.
func addDaemonFlags(cmd *cobra.Command) *daemonFlags {
	f := &daemonFlags{cmd: cmd}
	flags := cmd.Flags()
	flags.StringVar(&f.address, "address", "", "`URL` of a running daemon's metrics address, http://HOST:PORT")
	flags.StringVar(&f.user, daemonPrefix+"user", "", "`account` that the daemon's web_config has ($"+daemonVariable(envUser)+")")
	flags.StringVar(&f.passwordFile, daemonPrefix+"password-file", "",
		"`file` whose first line is its password, - for standard input ($"+daemonVariable(envPasswordFile)+
			"; or the password itself in $"+daemonVariable(envPassword)+"; or asked for on a terminal)")
	flags.StringVar(&f.trust.Authorities, daemonPrefix+"ca", "", "`file` with the certificates (PEM) that may have signed the daemon's, instead of the system's")
	flags.StringVar(&f.trust.Fingerprint, daemonPrefix+"fingerprint", "", "`SHA-256` of the daemon's certificate in hex, trusted without an authority")
	flags.BoolVar(&f.trust.Insecure, daemonPrefix+"insecure", false, "trust any certificate of the daemon")
	flags.StringVar(&f.trust.Certificate, daemonPrefix+"client-cert", "", "`file` with a certificate (PEM) that tells the daemon who asks")
	flags.StringVar(&f.trust.Key, daemonPrefix+"client-key", "", "`file` with the key (PEM) of --"+daemonPrefix+"client-cert, if it is not in the same file")
	cmd.MarkFlagsMutuallyExclusive(daemonPrefix+"ca", daemonPrefix+"fingerprint", daemonPrefix+"insecure")
	return f
}

// daemonVariable returns the environment variable that is for daemons what name is for CIM servers.
func daemonVariable(name string) string {
	return strings.Replace(name, "CIMWATCH_", "CIMWATCH_DAEMON_", 1)
}

// check returns an error for flags that say how to reach a daemon where none is asked.
func (f *daemonFlags) check() error {
	if f.address != "" {
		return nil
	}
	for _, name := range []string{"user", "password-file", "ca", "fingerprint", "insecure", "client-cert", "client-key"} {
		if f.cmd.Flags().Changed(daemonPrefix + name) {
			return withHint(usage(fmt.Errorf("--%s%s is given without --address", daemonPrefix, name)), "add --address URL of a running daemon")
		}
	}
	return nil
}

// require says in the help that the command asks a daemon or nothing.
func (f *daemonFlags) require() { f.cmd.Flags().Lookup("address").Usage += " (required)" }

// refuse returns an error for flags of a CIM server where a daemon is asked, which they would
// not be for.
func (f *daemonFlags) refuse(of *connectionFlags) error {
	if f.address == "" {
		return nil
	}
	for _, name := range []string{"user", "password-file", "ca", "fingerprint", "insecure", "client-cert", "client-key"} {
		if of.changed(name) {
			return withHint(usage(fmt.Errorf("--%s is for a CIM server, and --address asks a daemon", name)), "give --"+daemonPrefix+name+" in its place")
		}
	}
	return nil
}

// client returns a client of the daemon. It asks for a password where there is a user without
// one and someone to ask, and connects to nothing.
func (f *daemonFlags) client(ctx context.Context, env *Env) (*web.Client, error) {
	u, err := url.Parse(f.address)
	switch {
	case strings.Contains(f.address, "@"):
		return nil, withHint(usage(fmt.Errorf("daemon address %q: a URL must not carry a user or a password", withoutUserinfo(f.address))),
			"give --daemon-user, and the password with --daemon-password-file or "+daemonVariable(envPassword))
	case err != nil:
		return nil, usage(errors.New("daemon address: expected http://HOST:PORT"))
	}
	o := web.ClientOptions{}
	if o.TLS, err = f.tlsConfig(u.Scheme); err != nil {
		return nil, err
	}
	if o.User, o.Password, err = f.account(ctx, env, u.Host); err != nil {
		return nil, err
	}
	client, err := o.NewClient(f.address)
	if err != nil {
		return nil, usage(err)
	}
	return client, nil
}

func (f *daemonFlags) tlsConfig(scheme string) (*tls.Config, error) {
	switch of := (cimxml.Trust{Insecure: f.trust.Insecure}); { // --daemon-insecure changes nothing without TLS
	case f.trust.Key != "" && f.trust.Certificate == "":
		return nil, withHint(usage(errors.New("--daemon-client-key is given without --daemon-client-cert")), "add --daemon-client-cert FILE")
	case scheme != "https" && f.trust != of:
		return nil, withHint(usage(errors.New("--daemon-ca, --daemon-fingerprint and --daemon-client-cert have no meaning without TLS")),
			"write --address with https://")
	case scheme != "https":
		return nil, nil
	}
	config, err := f.trust.TLSConfig()
	if errors.Is(err, cimxml.ErrTrust) {
		err = usage(err)
	}
	return config, err
}

// account returns the account that the flags, the environment and whoever is at the terminal name.
func (f *daemonFlags) account(ctx context.Context, env *Env, host string) (user, password string, err error) {
	as := connectionFlags{user: f.user, passwordFile: f.passwordFile}
	own := *env
	own.Getenv = func(name string) string { return env.getenv(daemonVariable(name)) }
	hint := "give --daemon-user, and the password with --daemon-password-file FILE or " + daemonVariable(envPassword)
	if user, err = as.userName(&own); err == nil && user != "" {
		password, err = as.password(ctx, &own, user+" on "+host)
	}
	if code, ok := errors.AsType[*codeError](err); ok && code.code == ExitUsage {
		err = withHint(err, hint)
	}
	return user, password, err
}

// daemonHint is for a daemon that does not answer.
const daemonHint = "is cimwatch serve running, and is this its metrics address?"

// explainDaemon adds to the error of a daemon's client what can be done about it.
func explainDaemon(err error) error {
	_, unreached := errors.AsType[*url.Error](err)
	certificate, untrusted := diagnoseCertificate(err)
	switch {
	case errors.Is(err, web.ErrUnauthorized):
		return withHint(err, "give an account that metrics.web_config has with --daemon-user and --daemon-password-file")
	case errors.Is(err, web.ErrWantsTLS):
		return withHint(err, "write --address with https://")
	case !unreached:
		return err
	case untrusted:
		return withHint(err, strings.NewReplacer("--ca", "--daemon-ca", "--fingerprint", "--daemon-fingerprint", "the URL", "--address").Replace(certificate.hint))
	case errors.Is(err, http.ErrSchemeMismatch):
		return withHint(err, "the daemon's address has no TLS: write --address with http://")
	case strings.Contains(err.Error(), "tls: certificate required"):
		return withHint(err, "the daemon asks who its client is: give --daemon-client-cert FILE")
	default:
		return withHint(err, daemonHint)
	}
}
