package cimxml

import (
	"cmp"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strings"
)

// Trust says which certificate of a CIM server is accepted, and which one a client
// presents. The zero Trust verifies with the system's authorities and presents none. At
// most one of Authorities, Fingerprint and Insecure is to be set.
type Trust struct {
	Authorities string // file with PEM certificates that may have signed the server's
	Fingerprint string // SHA-256 of the server's certificate in hex, colons or not
	Insecure    bool   // accept any certificate

	Certificate string // file with the PEM certificates of the client, its own first
	Key         string // file with its PEM key; "": it stands in Certificate
	MinVersion  string // of TLS, "1.0" to "1.3"; "" is 1.2
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

// TLSConfig returns the TLS settings. It reads the files.
func (t Trust) TLSConfig() (*tls.Config, error) {
	version, err := parseVersion(t.MinVersion)
	if err != nil {
		return nil, err
	}
	config := &tls.Config{MinVersion: version, InsecureSkipVerify: t.Insecure}
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
	if t.Certificate == "" {
		if t.Key != "" {
			return nil, fmt.Errorf("%w: a key without a certificate", ErrTrust)
		}
		return config, nil
	}
	own, err := tls.LoadX509KeyPair(t.Certificate, cmp.Or(t.Key, t.Certificate))
	if err != nil {
		return nil, fmt.Errorf("read the client's certificate: %w", err)
	}
	config.Certificates = []tls.Certificate{own}
	return config, nil
}

func parseVersion(text string) (uint16, error) {
	switch text {
	case "", "1.2":
		return tls.VersionTLS12, nil
	case "1.0":
		return tls.VersionTLS10, nil
	case "1.1":
		return tls.VersionTLS11, nil
	case "1.3":
		return tls.VersionTLS13, nil
	default:
		return 0, fmt.Errorf("%w: TLS version %.20q: expected 1.0, 1.1, 1.2 or 1.3", ErrTrust, text)
	}
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
	want, err := ParseFingerprint(fingerprint)
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

// ParseFingerprint reads the SHA-256 of a certificate: 64 hexadecimal digits, with or without
// colons between the bytes, as openssl and browsers show it. The error is an ErrTrust.
func ParseFingerprint(text string) (sum [sha256.Size]byte, err error) {
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
