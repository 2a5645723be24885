package cli

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"

	"github.com/spf13/cobra"
)

// checkCompat are the options of check_esxi_hardware that have other names elsewhere.
type checkCompat struct {
	host   string
	login  string
	pass   string
	port   uint16
	vendor string
}

// filePrefix is how check_esxi_hardware tells a file from the thing itself.
const filePrefix = "file:"

func (c *checkCompat) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVarP(&c.host, "host", "H", "", "`host` in place of the URL: https://HOST")
	flags.StringVarP(&c.login, "login", "U", "", "the same as --user, or file:PATH of a file whose first line is user and password")
	flags.StringVarP(&c.pass, "pass", "P", "", "`file:PATH`, the same as --password-file PATH; no password itself")
	flags.Uint16VarP(&c.port, "cimport", "C", 0, "`port` of the CIM server where the URL has none (default 5989, for http 5988)")
	flags.StringVarP(&c.vendor, "vendor", "V", "", "taken and not needed: all that any `vendor` fills in is read")
	cmd.MarkFlagsMutuallyExclusive("user", "login")
	cmd.MarkFlagsMutuallyExclusive("password-file", "pass")
}

// complete checks the flags against each other, puts those of check_esxi_hardware into the
// places of ours, and returns what to check: a URL, @NAME, or the host of an inventory.
func (o *checkOptions) complete(args []string) (server string, err error) {
	c := &o.compat
	if c.vendor != "" && !isVendor(c.vendor) {
		return "", usage(fmt.Errorf("--vendor %q: choose one of %s", c.vendor, strings.Join(vendors(), ", ")))
	}
	if o.concurrency < 1 || o.concurrency > mostConcurrent {
		return "", usage(fmt.Errorf("--concurrency %d: choose 1 to %d", o.concurrency, mostConcurrent))
	}
	if o.maxAge < 0 {
		return "", usage(fmt.Errorf("--max-age %s: the time is negative", o.maxAge))
	}
	if err := o.account(); err != nil {
		return "", err
	}
	inventory := o.from.db != "" || o.from.address != ""
	switch {
	case len(args) > 0 && c.host != "":
		return "", usage(errors.New("the host is given twice: as an argument and by --host"))
	case len(args) > 0:
		server = args[0]
	default:
		server = c.host
		if server != "" && !inventory {
			server = urlOf(server)
		}
	}
	if server == "" && !inventory {
		return "", withHint(usage(errors.New("missing argument URL")), "give the URL, @NAME of a connection, or --host HOST; or --db FILE")
	}
	if !inventory && c.port != 0 {
		server = withPort(server, c.port)
	}
	return server, nil
}

// account takes --login and --pass.
func (o *checkOptions) account() error {
	c := &o.compat
	f := o.connection
	f.timeout = o.classTimeout.Duration
	if c.pass != "" {
		path, ok := strings.CutPrefix(c.pass, filePrefix)
		if !ok || path == "" {
			return withHint(usage(errors.New("--pass takes no password: all users of this machine could see it")),
				"write it into a file that only the monitoring can read, and give -P file:PATH; or set "+envPassword)
		}
		f.passwordFile = path
	}
	path, ok := strings.CutPrefix(c.login, filePrefix)
	if !ok {
		if c.login != "" {
			f.user = c.login
		}
		return nil
	}
	user, password, err := readAccount(path)
	f.user, f.saved, f.passwordFile = user, password, ""
	return err
}

// readAccount returns the user and the password that the first line of a file has, with a blank
// between.
func readAccount(name string) (user, password string, err error) {
	file, err := os.Open(name)
	if err != nil {
		return "", "", fmt.Errorf("read the account: %w", err)
	}
	defer func() { _ = file.Close() }() // only read from
	line, err := readSecretLine(file)
	if err != nil {
		return "", "", fmt.Errorf("read the account from %s: %w", name, err)
	}
	fields := strings.Fields(line)
	if len(fields) != 2 {
		return "", "", usage(fmt.Errorf("read the account from %s: expected a user, a blank and a password on the first line", name))
	}
	return fields[0], fields[1], nil
}

// urlOf returns the URL of a host that may be one already.
func urlOf(host string) string {
	switch {
	case strings.Contains(host, "://"), strings.HasPrefix(host, "@"):
		return host
	case strings.Contains(host, ":") && net.ParseIP(host) != nil:
		return "https://[" + host + "]"
	default:
		return "https://" + host
	}
}

// withPort gives a URL that has none a port. What is no URL stays as it is.
func withPort(server string, port uint16) string {
	u, err := url.Parse(server)
	if err != nil || u.Host == "" || u.Port() != "" {
		return server
	}
	u.Host += fmt.Sprintf(":%d", port)
	return u.String()
}
