package daemon_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cimwatch/cimwatch/simulator"
)

// certificate writes a certificate for loopback that signs itself, and returns its files
// and what trusts it.
func certificate(t *testing.T) (certificate, key string, trust *x509.CertPool) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "cimwatch"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, BasicConstraintsValid: true, IsCA: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	certificate, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	write(t, certificate, string(text))
	write(t, key, string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER})))
	trust = x509.NewCertPool()
	trust.AppendCertsFromPEM(text)
	return certificate, key, trust
}

// TestTLSListener has a host deliver by HTTPS and verify the certificate.
func TestTLSListener(t *testing.T) {
	cert, key, trust := certificate(t)
	h := startHost(t, &simulator.Options{ExportTLS: &tls.Config{RootCAs: trust}})
	config := configFor(t, h.url)
	config.Listener.Certificate, config.Listener.Key = cert, key
	d := start(t, config, nil)
	d.awaitSubscribed(hostName)
	for _, url := range h.destinations(t) {
		if !strings.HasPrefix(url, "https://127.0.0.1:") {
			t.Errorf("destination %s is not https", url)
		}
	}
	h.play(t, d, "case-opened")
	if got := len(d.takeApplied()); got != 1 {
		t.Errorf("%d indications arrived, want 1", got)
	}
	if status := post(t, "http://"+d.ListenerAddr().String()+"/", nil); status != http.StatusBadRequest {
		t.Errorf("plain HTTP is answered %d, want 400", status)
	}
}

// TestMetricsAuthentication guards metrics and API as the web configuration says.
func TestMetricsAuthentication(t *testing.T) {
	h := startHost(t, nil)
	config := configFor(t, h.url)
	config.Metrics.WebConfig = filepath.Join(t.TempDir(), "web.yaml")
	// The password is "watch", its cost the least there is.
	write(t, config.Metrics.WebConfig, "basic_auth_users:\n  ops: $2a$04$KBP9JxkLgXO6h8iX/vMnIOFyvrqO4FBKJ8IzwBXq1MV7n6RUA.lgS\n")
	d := start(t, config, nil)
	for _, path := range []string{"/metrics", "/api/v1/hosts"} {
		url := "http://" + d.MetricsAddr().String() + path
		if status, _ := get(t, url); status != http.StatusUnauthorized {
			t.Errorf("%s without an account: %d, want 401", path, status)
		}
		if status, _ := get(t, strings.Replace(url, "://", "://ops:watch@", 1)); status != http.StatusOK {
			t.Errorf("%s with an account: %d, want 200", path, status)
		}
	}
}
