package cli

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"os"
	"testing"
	"time"
)

// newCertificate returns a certificate like template that issuer signed, or itself for nil.
func newCertificate(t *testing.T, template *x509.Certificate, issuer *tls.Certificate) *tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	whole := *template
	whole.SerialNumber, whole.BasicConstraintsValid = big.NewInt(1), true
	whole.NotBefore, whole.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	parent, signer := &whole, any(key)
	if issuer != nil {
		parent, signer = issuer.Leaf, issuer.PrivateKey
	}
	der, err := x509.CreateCertificate(rand.Reader, &whole, parent, key.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

// writeCertificate writes a certificate like template and its key, which may be one file.
func writeCertificate(t *testing.T, certFile, keyFile string, template *x509.Certificate) {
	t.Helper()
	if template == nil {
		template = &x509.Certificate{}
	}
	own := newCertificate(t, template, nil)
	private, err := x509.MarshalPKCS8PrivateKey(own.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	certText := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: own.Certificate[0]})
	keyText := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})
	if certFile == keyFile {
		keyText = append(certText, keyText...)
	}
	for _, file := range []struct {
		name string
		text []byte
	}{{certFile, certText}, {keyFile, keyText}} {
		if err := os.WriteFile(file.name, file.text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// noPassword is a person who presses Enter when asked for a password.
func noPassword(context.Context, string) (string, error) { return "", nil }
