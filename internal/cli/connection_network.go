package cli

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cimwatch/cimwatch/cimxml"
)

// noProxy is the value of --proxy that leaves the environment's proxy out.
const noProxy = "none"

// networkFlags say by which way a server is reached, where it is not straight.
type networkFlags struct {
	proxy  string // URL, noProxy, or "" for that of the environment
	socket string
}

func (n *networkFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&n.proxy, "proxy", "",
		"`URL` of an HTTP proxy, or none, in place of that in $HTTPS_PROXY, $HTTP_PROXY and $NO_PROXY")
	flags.StringVar(&n.socket, "socket", "", "`path` of a Unix socket to connect to; the URL's host is only a name then")
	cmd.MarkFlagsMutuallyExclusive("proxy", "socket")
}

// check returns what is wrong with the flags, by themselves.
func (n *networkFlags) check() error {
	if n.proxy == "" || n.proxy == noProxy {
		return nil
	}
	u, err := parseHTTPURL(n.proxy)
	if err != nil {
		hint := "write it like http://HOST:PORT, or none"
		if u, _ := url.Parse(n.proxy); u != nil && u.User != nil {
			hint = "the user and the password of a proxy belong into the environment: HTTPS_PROXY or HTTP_PROXY"
		}
		return withHint(fmt.Errorf("--proxy: %w", err), hint)
	}
	if u.Path != "" && u.Path != "/" {
		return withHint(usage(fmt.Errorf("--proxy %q: a path does not belong here", n.proxy)), "write it like http://HOST:PORT, or none")
	}
	return nil
}

// apply tells the client of the way to the server at u.
func (n *networkFlags) apply(options *cimxml.Options, env *Env, u *url.URL) error {
	if err := n.check(); err != nil {
		return err
	}
	options.Socket = n.socket
	switch {
	case n.socket != "":
	case n.proxy == noProxy:
		options.Wrap = func(base http.RoundTripper) http.RoundTripper {
			if transport, ok := base.(*http.Transport); ok {
				transport.Proxy = nil
			}
			return base
		}
	case n.proxy != "":
		options.Proxy = n.proxy
		options.Wrap = explainProxy
	default:
		options.Wrap = explainProxy
		return checkProxyVariable(env, u)
	}
	return nil
}

// checkProxyVariable finds a proxy in the environment that is none before it is needed, so
// that the error names the variable and repeats nothing of it: there may be a password. Of
// what is no URL, net/http takes what it can, or goes straight without a word.
func checkProxyVariable(env *Env, u *url.URL) error {
	name := proxyVariable(env, u.Scheme)
	text := env.getenv(name)
	if text == "" || isProxy(text) || isThisMachine(u.Hostname()) {
		return nil
	}
	return withHint(usage(fmt.Errorf("the proxy in $%s is not the URL of one", name)),
		"write it like http://HOST:PORT, unset "+name+", or give --proxy "+noProxy)
}

// isThisMachine reports whether net/http never asks a proxy for a host.
func isThisMachine(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && address.IsLoopback()
}

// isProxy reports whether a text is the URL of a proxy, or its host and port, as net/http
// takes them.
func isProxy(text string) bool {
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	u, err := url.Parse(text)
	return err == nil && slices.Contains([]string{"http", "https", "socks5", "socks5h"}, u.Scheme) && u.Hostname() != "" && validPort(u.Port())
}

// proxyVariable returns the environment variable that the proxy for a scheme comes from.
func proxyVariable(env *Env, scheme string) string {
	names := []string{"HTTP_PROXY", "http_proxy"}
	if scheme == "https" {
		names = []string{"HTTPS_PROXY", "https_proxy"}
	}
	for _, name := range names {
		if env.getenv(name) != "" {
			return name
		}
	}
	return names[0]
}

// proxyError says that a proxy is why a server was not reached.
type proxyError struct {
	proxy  string // host and port
	status string // what it answered to CONNECT
}

func (e *proxyError) Error() string {
	return fmt.Sprintf("the proxy %s answered %s", e.proxy, e.status)
}

// explainProxy makes a transport say which proxy refused, and how.
func explainProxy(base http.RoundTripper) http.RoundTripper {
	if transport, ok := base.(*http.Transport); ok {
		transport.OnProxyConnectResponse = func(_ context.Context, proxy *url.URL, _ *http.Request, answer *http.Response) error {
			if answer.StatusCode != http.StatusOK {
				return &proxyError{proxy.Host, answer.Status}
			}
			return nil
		}
	}
	return base
}
