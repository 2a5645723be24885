package cimxml_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"io/fs"
	"log"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cimwatch/cimwatch/cimxml"
)

// An issuer signs certificates.
type issuer struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	file        string // with its certificate
}

func newIssuer(t *testing.T) *issuer {
	t.Helper()
	i := &issuer{}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test authority"}, IsCA: true, BasicConstraintsValid: true,
		NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	i.certificate, i.key = template, newKey(t)
	der := i.sign(t, template, i.key)
	var err error
	if i.certificate, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	i.file = writePEM(t, "ca.pem", pem.Block{Type: "CERTIFICATE", Bytes: der})
	return i
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func (i *issuer) sign(t *testing.T, template *x509.Certificate, key *ecdsa.PrivateKey) []byte {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, template, i.certificate, &key.PublicKey, i.key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// issue returns a certificate for a name and its key, in PEM.
func (i *issuer) issue(t *testing.T, name string, usage x509.ExtKeyUsage) (certificate, key pem.Block) {
	t.Helper()
	k := newKey(t)
	der := i.sign(t, &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotAfter: time.Now().Add(time.Hour), ExtKeyUsage: []x509.ExtKeyUsage{usage},
	}, k)
	private, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	return pem.Block{Type: "CERTIFICATE", Bytes: der}, pem.Block{Type: "PRIVATE KEY", Bytes: private}
}

func writePEM(t *testing.T, name string, blocks ...pem.Block) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	var text []byte
	for n := range blocks {
		text = append(text, pem.EncodeToMemory(&blocks[n])...)
	}
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// serveTLS starts a server with a certificate for "localhost" and what configure changes,
// and returns its port and the fingerprint of the certificate.
func serveTLS(t *testing.T, authority *issuer, configure func(*tls.Config)) (port, fingerprint string) {
	t.Helper()
	certificate, key := authority.issue(t, "localhost", x509.ExtKeyUsageServerAuth)
	pair, err := tls.X509KeyPair(pem.EncodeToMemory(&certificate), pem.EncodeToMemory(&key))
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewUnstartedServer(http.HandlerFunc(emptyReply))
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // of the handshakes that are to fail
	s.TLS = &tls.Config{Certificates: []tls.Certificate{pair}}
	if configure != nil {
		configure(s.TLS)
	}
	s.StartTLS()
	t.Cleanup(s.Close)
	return s.URL[strings.LastIndex(s.URL, ":")+1:], cimxml.FormatFingerprint(sha256.Sum256(certificate.Bytes))
}

// asks calls an operation with trust.
func asks(t *testing.T, url string, trust cimxml.Trust) error {
	t.Helper()
	config, err := trust.TLSConfig()
	if err != nil {
		t.Fatal(err)
	}
	return names(t, url, &cimxml.Options{TLS: config})
}

func TestTrustServers(t *testing.T) {
	authority, other := newIssuer(t), newIssuer(t)
	port, fingerprint := serveTLS(t, authority, nil)
	local, address := "https://localhost:"+port, "https://127.0.0.1:"+port
	wrong := strings.Repeat("00:", 31) + "00"
	for _, c := range []struct {
		name  string
		url   string
		trust cimxml.Trust
		want  string // in the error; "" for none
	}{
		{"its authority", local, cimxml.Trust{Authorities: authority.file}, ""},
		{"another authority", local, cimxml.Trust{Authorities: other.file}, "certificate signed by unknown authority"},
		{"the system's authorities", local, cimxml.Trust{}, "certificate signed by unknown authority"},
		{"its authority and another name", address, cimxml.Trust{Authorities: authority.file}, "127.0.0.1"},
		{"its fingerprint", local, cimxml.Trust{Fingerprint: fingerprint}, ""},
		{"its fingerprint in other letters, and another name", address, cimxml.Trust{Fingerprint: strings.ToLower(strings.ReplaceAll(fingerprint, ":", ""))}, ""},
		{"another fingerprint", local, cimxml.Trust{Fingerprint: wrong}, "has the fingerprint " + fingerprint + ", not " + wrong},
		{"anything", address, cimxml.Trust{Insecure: true}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := asks(t, c.url, c.trust)
			if (err != nil) != (c.want != "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
	if err := asks(t, address, cimxml.Trust{Authorities: authority.file}); !errorIs[x509.HostnameError](err) {
		t.Errorf("another name: got %v", err)
	}
	if err := asks(t, local, cimxml.Trust{Fingerprint: wrong}); !errorIs[*cimxml.FingerprintError](err) {
		t.Errorf("another fingerprint: got %v", err)
	}
}

func errorIs[T error](err error) bool {
	_, ok := errors.AsType[T](err)
	return ok
}

func TestTrustClientCertificate(t *testing.T) {
	authority := newIssuer(t)
	clients := x509.NewCertPool()
	clients.AddCert(authority.certificate)
	port, _ := serveTLS(t, authority, func(c *tls.Config) { c.ClientCAs, c.ClientAuth = clients, tls.RequireAndVerifyClientCert })
	url := "https://localhost:" + port
	certificate, key := authority.issue(t, "operator", x509.ExtKeyUsageClientAuth)
	if err := asks(t, url, cimxml.Trust{Authorities: authority.file}); err == nil {
		t.Error("no certificate was needed")
	}
	two := cimxml.Trust{Authorities: authority.file, Certificate: writePEM(t, "client.pem", certificate), Key: writePEM(t, "client.key", key)}
	if err := asks(t, url, two); err != nil {
		t.Errorf("certificate and key: %v", err)
	}
	one := cimxml.Trust{Authorities: authority.file, Certificate: writePEM(t, "both.pem", certificate, key)}
	if err := asks(t, url, one); err != nil {
		t.Errorf("both in a file: %v", err)
	}
}

func TestTrustMinVersion(t *testing.T) {
	authority := newIssuer(t)
	old, _ := serveTLS(t, authority, func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS11 })
	current, _ := serveTLS(t, authority, func(c *tls.Config) { c.MaxVersion = tls.VersionTLS12 })
	for _, c := range []struct {
		port, version string
		ok            bool
	}{
		{current, "", true}, {current, "1.2", true}, {current, "1.3", false},
		{old, "", false}, {old, "1.2", false}, {old, "1.1", true}, {old, "1.0", true},
	} {
		err := asks(t, "https://localhost:"+c.port, cimxml.Trust{Authorities: authority.file, MinVersion: c.version})
		if (err == nil) != c.ok || err != nil && !strings.Contains(err.Error(), "protocol version") {
			t.Errorf("at least %q: got %v", c.version, err)
		}
	}
}

func TestTrustRefuses(t *testing.T) {
	authority := newIssuer(t)
	_, key := authority.issue(t, "operator", x509.ExtKeyUsageClientAuth)
	for name, trust := range map[string]cimxml.Trust{
		"a fingerprint that is too short": {Fingerprint: "00"},
		"a fingerprint of other letters":  {Fingerprint: strings.Repeat("0g", 32)},
		"authorities and a fingerprint":   {Authorities: authority.file, Fingerprint: strings.Repeat("00", 32)},
		"a fingerprint and anything":      {Insecure: true, Fingerprint: strings.Repeat("00", 32)},
		"a file without authorities":      {Authorities: writePEM(t, "key.pem", key)},
		"a key alone":                     {Key: authority.file},
		"a version that there is not":     {MinVersion: "2"},
	} {
		if _, err := trust.TLSConfig(); !errors.Is(err, cimxml.ErrTrust) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	for name, trust := range map[string]cimxml.Trust{
		"authorities": {Authorities: authority.file + "x"}, "a certificate": {Certificate: authority.file + "x"},
		"a key": {Certificate: authority.file, Key: authority.file + "x"},
	} {
		if _, err := trust.TLSConfig(); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("no file for %s: got %v", name, err)
		}
	}
	if _, err := (cimxml.Trust{Certificate: authority.file}).TLSConfig(); err == nil || !strings.Contains(err.Error(), "client's certificate") {
		t.Errorf("a certificate without its key: got %v", err)
	}
}
