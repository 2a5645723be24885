package listener

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"sync"
	"time"
)

// Certificate is a certificate in files that may be replaced while it is in use:
//
//	c, err := listener.LoadCertificate("server.crt", "server.key")
//	...
//	options.TLS = &tls.Config{GetCertificate: c.GetCertificate}
type Certificate struct {
	// Logger is told of a certificate that was replaced, and of one that cannot be
	// used. Nil: nothing is logged. It is set before use.
	Logger *slog.Logger

	certFile, keyFile string

	mu      sync.Mutex // protects what follows
	current *tls.Certificate
	state   [2]fileState // of what was last tried
	looked  time.Time
}

// fileState tells a file from what replaced it.
type fileState struct {
	size     int64
	modified time.Time
}

// lookAgain is how long a certificate is used without a look at its files.
const lookAgain = time.Second

// LoadCertificate reads a certificate, with those between it and its authority, and its
// private key from PEM files.
func LoadCertificate(certFile, keyFile string) (*Certificate, error) {
	c := &Certificate{certFile: certFile, keyFile: keyFile}
	if err := c.Reload(); err != nil {
		return nil, err
	}
	return c, nil
}

// Reload reads the files again. When they cannot be used, the certificate stays as it was.
func (c *Certificate) Reload() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	state, _ := c.look() // load says what is wrong with the files
	return c.load(state)
}

// GetCertificate is for tls.Config. Once a second at most it looks whether the files have
// changed; when they cannot be used, as while they are being written, it goes on with the
// certificate it has.
func (c *Certificate) GetCertificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := time.Now(); now.Sub(c.looked) >= lookAgain {
		c.looked = now
		if state, err := c.look(); err == nil && state != c.state {
			c.replace(hello, state)
		}
	}
	return c.current, nil
}

func (c *Certificate) replace(hello *tls.ClientHelloInfo, state [2]fileState) {
	err := c.load(state)
	switch {
	case c.Logger == nil:
	case err != nil:
		c.Logger.WarnContext(hello.Context(), "the new certificate cannot be used", "file", c.certFile, "error", err)
	default:
		c.Logger.InfoContext(hello.Context(), "the certificate was replaced", "file", c.certFile)
	}
}

// load reads the files, whose state it remembers, so that a failure is met once.
func (c *Certificate) load(state [2]fileState) error {
	c.state = state
	certificate, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil {
		return fmt.Errorf("load the certificate: %w", err)
	}
	c.current = &certificate
	return nil
}

func (c *Certificate) look() (state [2]fileState, err error) {
	for n, file := range [2]string{c.certFile, c.keyFile} {
		info, err := os.Stat(file)
		if err != nil {
			return state, err
		}
		state[n] = fileState{size: info.Size(), modified: info.ModTime()}
	}
	return state, nil
}

// selfSignedFor is how long a certificate holds that was made here. CIM servers are told
// once to trust it, or do not look at it (observed: sfcb).
const selfSignedFor = 10 * 365 * 24 * time.Hour

// SelfSigned makes a certificate for host names and addresses, which signs itself, and
// its private key, both PEM. The key is of ECDSA with P-256: a handshake costs half of
// what it costs with RSA.
func SelfSigned(now time.Time, hosts ...string) (certPEM, keyPEM []byte, err error) {
	if len(hosts) == 0 {
		return nil, nil, errors.New("make a certificate: no host to make it for")
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, fmt.Errorf("make a certificate: %w", err)
	}
	template := &x509.Certificate{
		Subject:               pkix.Name{CommonName: hosts[0]},
		NotBefore:             now.Add(-time.Hour), // the peer's clock may be slow
		NotAfter:              now.Add(selfSignedFor),
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
		IsCA:                  true,
	}
	for _, host := range hosts {
		if ip := net.ParseIP(host); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, host)
		}
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, nil, fmt.Errorf("make a certificate: %w", err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, nil, fmt.Errorf("make a certificate: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), nil
}

// MakeCertificate loads a certificate from files and, where there are none, makes one
// with SelfSigned and writes it, the key readable by its owner only.
func MakeCertificate(certFile, keyFile string, now time.Time, hosts ...string) (*Certificate, error) {
	_, certErr := os.Stat(certFile)
	_, keyErr := os.Stat(keyFile)
	if !errors.Is(certErr, fs.ErrNotExist) || !errors.Is(keyErr, fs.ErrNotExist) {
		return LoadCertificate(certFile, keyFile)
	}
	cert, key, err := SelfSigned(now, hosts...)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(keyFile, key, 0o600); err != nil {
		return nil, fmt.Errorf("write the private key: %w", err)
	}
	if err := os.WriteFile(certFile, cert, 0o644); err != nil {
		return nil, fmt.Errorf("write the certificate: %w", err)
	}
	return LoadCertificate(certFile, keyFile)
}
