package cli

import (
	"crypto/tls"
	"errors"

	"github.com/spf13/cobra"

	"github.com/cimwatch/cimwatch/cimxml"
)

// addTrustFlags adds the flags of TLS: whom to trust, and who this client is.
func (f *connectionFlags) addTrustFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.trust.Authorities, "ca", "", "`file` with the certificates (PEM) that may have signed the server's, instead of the system's")
	flags.StringVar(&f.trust.Fingerprint, "fingerprint", "", "`SHA-256` of the server's certificate in hex, trusted without an authority")
	flags.BoolVar(&f.trust.Insecure, "insecure", false, "trust any certificate")
	flags.StringVar(&f.trust.Certificate, "client-cert", "", "`file` with a certificate (PEM) that tells the server who its client is")
	flags.StringVar(&f.trust.Key, "client-key", "", "`file` with the key (PEM) of --client-cert, if it is not in the same file")
	flags.StringVar(&f.trust.MinVersion, "tls-min", "", "lowest `version` of TLS: 1.2, the default, or 1.3; 1.1 and 1.0 are for servers of old")
	cmd.MarkFlagsMutuallyExclusive("ca", "fingerprint", "insecure")
	versions := cobra.FixedCompletions([]cobra.Completion{"1.2", "1.3"}, cobra.ShellCompDirectiveNoFileComp)
	// It fails for a flag that does not exist only.
	_ = cmd.RegisterFlagCompletionFunc("tls-min", versions)
}

// tlsConfig returns whom to trust at the other end, nil where the scheme has no TLS.
func (f *connectionFlags) tlsConfig(scheme string) (*tls.Config, error) {
	if f.trust.Key != "" && f.trust.Certificate == "" {
		return nil, withHint(usage(errors.New("--client-key is given without --client-cert")), "add --client-cert FILE")
	}
	if scheme != "https" {
		if of := (cimxml.Trust{Insecure: f.trust.Insecure}); f.trust != of { // --insecure changes nothing then
			return nil, withHint(
				usage(errors.New("--ca, --fingerprint, --client-cert and --tls-min have no meaning without TLS")),
				"write the URL with https://")
		}
		return nil, nil
	}
	config, err := f.trust.TLSConfig()
	if errors.Is(err, cimxml.ErrTrust) {
		err = usage(err)
	}
	return config, err
}
