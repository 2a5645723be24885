package cli

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"

	"github.com/spf13/cobra"
)

// portFlags are the flags of a command that others connect to.
type portFlags struct {
	addr string
	cert string
	key  string
}

// addPortFlags adds the flags to cmd and returns where they will be.
func addPortFlags(cmd *cobra.Command, addr string) *portFlags {
	f := &portFlags{}
	flags := cmd.Flags()
	flags.StringVar(&f.addr, "addr", addr, "`HOST:PORT` to listen on; no host is every address of this machine, port 0 a free one")
	flags.StringVar(&f.cert, "cert", "", "`file` with the certificate (PEM), and those between it and its authority, to speak HTTPS")
	flags.StringVar(&f.key, "key", "", "`file` with the certificate's private key (PEM)")
	cmd.MarkFlagsRequiredTogether("cert", "key")
	return f
}

// listen opens the port.
func (f *portFlags) listen(ctx context.Context) (net.Listener, error) {
	const hint = "write it as HOST:PORT, or :PORT for every address of this machine"
	_, port, err := net.SplitHostPort(f.addr)
	if err != nil {
		return nil, withHint(usage(fmt.Errorf("--addr: %w", err)), hint)
	}
	if _, err := net.DefaultResolver.LookupPort(ctx, "tcp", port); err != nil {
		return nil, withHint(usage(fmt.Errorf("--addr %s: %q is not a port from 0 to 65535", f.addr, port)), hint)
	}
	return new(net.ListenConfig).Listen(ctx, "tcp", f.addr)
}

// tlsConfig returns the certificate to show, nil where there is none.
func (f *portFlags) tlsConfig() (*tls.Config, error) {
	if f.cert == "" {
		return nil, nil
	}
	certificate, err := tls.LoadX509KeyPair(f.cert, f.key)
	if err != nil {
		return nil, fmt.Errorf("load the certificate: %w", err)
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{certificate}}, nil
}
