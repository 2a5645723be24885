package cimxml

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

// Trust says which certificate of a CIM server is accepted. The zero Trust verifies it
// with the system's authorities. At most one field is to be set.
type Trust struct {
	Authorities string // file with PEM certificates that may have signed the server's
	Fingerprint string // SHA-256 of the server's certificate in hex, colons or not
	Insecure    bool   // accept any certificate
}

// ErrTrust says that a [Trust] cannot be used as it stands, without a file to blame.
var ErrTrust = errors.New("unusable trust settings")

// FingerprintError says that a server presented another certificate than the pinned one.
type FingerprintError struct {
	Want, Got string // SHA-256 in hex with colons
}

// Error returns both fingerprints.
func (e *FingerprintError) Error() string {
	return fmt.Sprintf("the server's certificate has the fingerprint %s, not %s", e.Got, e.Want)
}

// TLSConfig returns the TLS settings, TLS 1.2 and up. It reads the file of authorities.
func (t Trust) TLSConfig() (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: t.Insecure}
	var err error
	switch {
	case t.Authorities != "" && t.Fingerprint != "", t.Insecure && (t.Authorities != "" || t.Fingerprint != ""):
		err = fmt.Errorf("%w: authorities, a fingerprint and insecure exclude each other", ErrTrust)
	case t.Authorities != "":
		config.RootCAs, err = readAuthorities(t.Authorities)
	case t.Fingerprint != "":
		err = pin(config, t.Fingerprint)
	}
	if err != nil {
		return nil, err
	}
	return config, nil
}

func readAuthorities(file string) (*x509.CertPool, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the certificate authorities: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(content) {
		return nil, fmt.Errorf("%w: read the certificate authorities: %s: no certificate in PEM form", ErrTrust, file)
	}
	return pool, nil
}

// pin makes config accept one certificate and no other, whatever its name, age and signer.
func pin(config *tls.Config, fingerprint string) error {
	want, err := parseFingerprint(fingerprint)
	if err != nil {
		return err
	}
	// The chain is not verified: VerifyConnection, which also runs for resumed sessions,
	// takes its place.
	config.InsecureSkipVerify = true
	config.VerifyConnection = func(state tls.ConnectionState) error {
		if got := sha256.Sum256(state.PeerCertificates[0].Raw); got != want {
			return &FingerprintError{Want: FormatFingerprint(want), Got: FormatFingerprint(got)}
		}
		return nil
	}
	return nil
}

// parseFingerprint reads 64 hexadecimal digits, with or without colons between the bytes.
func parseFingerprint(text string) (sum [sha256.Size]byte, err error) {
	digits := strings.ReplaceAll(text, ":", "")
	if len(digits) != hex.EncodedLen(len(sum)) {
		return sum, fmt.Errorf("%w: fingerprint %.100q: expected %d hexadecimal digits, got %d",
			ErrTrust, text, hex.EncodedLen(len(sum)), len(digits))
	}
	if _, err := hex.Decode(sum[:], []byte(digits)); err != nil {
		return sum, fmt.Errorf("%w: fingerprint %.100q: %w", ErrTrust, text, err)
	}
	return sum, nil
}

// FormatFingerprint writes the SHA-256 of a certificate as hex with colons.
func FormatFingerprint(sum [sha256.Size]byte) string {
	parts := make([]string, len(sum))
	for i, b := range sum {
		parts[i] = fmt.Sprintf("%02X", b)
	}
	return strings.Join(parts, ":")
}
