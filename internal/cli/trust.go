package cli

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strings"
)

// tlsConfig returns whom to trust at the other end of a connection, nil where the scheme has no
// TLS.
func (f *connectionFlags) tlsConfig(scheme string) (*tls.Config, error) {
	if scheme != "https" {
		if f.ca != "" || f.fingerprint != "" {
			return nil, withHint(usage(errors.New("--ca and --fingerprint have no meaning without TLS")),
				"write the URL with https://")
		}
		return nil, nil
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: f.insecure}
	var err error
	switch {
	case f.ca != "":
		config.RootCAs, err = readAuthorities(f.ca)
	case f.fingerprint != "":
		err = pin(config, f.fingerprint)
	}
	return config, err
}

func readAuthorities(file string) (*x509.CertPool, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the certificate authorities: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(content) {
		return nil, withHint(fmt.Errorf("read the certificate authorities: %s: no certificate in PEM form", file),
			`the file has to contain "-----BEGIN CERTIFICATE-----"`)
	}
	return pool, nil
}

// fingerprint is the SHA-256 of a certificate in DER form.
type fingerprint [sha256.Size]byte

// fingerprintError says that a server presented another certificate than the pinned one.
type fingerprintError struct{ want, got fingerprint }

func (e *fingerprintError) Error() string {
	return fmt.Sprintf("the server's certificate has the fingerprint %s, not %s",
		formatFingerprint(e.got), formatFingerprint(e.want))
}

// pin makes config accept one certificate and no other, whatever its name, age and signer.
func pin(config *tls.Config, text string) error {
	want, err := parseFingerprint(text)
	if err != nil {
		return err
	}
	// The chain is not verified: VerifyConnection below, which also runs for resumed sessions,
	// takes its place.
	config.InsecureSkipVerify = true
	config.VerifyConnection = func(state tls.ConnectionState) error {
		got := fingerprint(sha256.Sum256(state.PeerCertificates[0].Raw))
		if got != want {
			return &fingerprintError{want, got}
		}
		return nil
	}
	return nil
}

// parseFingerprint reads 64 hexadecimal digits, with or without colons between the bytes as
// openssl x509 -fingerprint -sha256 prints them.
func parseFingerprint(text string) (fingerprint, error) {
	var f fingerprint
	digits := strings.ReplaceAll(text, ":", "")
	if len(digits) != hex.EncodedLen(len(f)) {
		return f, usage(fmt.Errorf("--fingerprint %q: want %d hexadecimal digits, got %d",
			text, hex.EncodedLen(len(f)), len(digits)))
	}
	if _, err := hex.Decode(f[:], []byte(digits)); err != nil {
		return f, usage(fmt.Errorf("--fingerprint %q: %w", text, err))
	}
	return f, nil
}

// formatFingerprint returns the form that openssl prints.
func formatFingerprint(f fingerprint) string {
	parts := make([]string, len(f))
	for i, b := range f {
		parts[i] = fmt.Sprintf("%02X", b)
	}
	return strings.Join(parts, ":")
}
