package listener_test

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cimwatch/cimwatch/listener"
)

func TestUsers(t *testing.T) {
	basic := func(text string) string {
		return "Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(text))
	}
	server, addr := start(t, &keeper{}, &listener.Options{
		Paths: []string{"/alerts"}, Users: map[string]string{"esx": "s3cret:x", "pg": ""},
	})
	for header, status := range map[string]int{
		basic("esx:s3cret:x"):           200,
		basic("pg:"):                    200,
		basic("esx:"):                   401,
		basic("pg:s3cret:x"):            401,
		"Authorization: Basic Og==":     401, // observed: OpenPegasus when asked
		"Authorization: Basic =":        401,
		"Authorization: Bearer s3cret":  401,
		"Proxy-Authorization: whatever": 401,
	} {
		got := ask(t, addr, post(header))
		if got.StatusCode != status {
			t.Errorf("%s: status %d, want %d", header, got.StatusCode, status)
		}
		if asked := got.Header.Get("Www-Authenticate"); (status == 401) != strings.Contains(asked, `Basic realm="indications"`) {
			t.Errorf("%s: WWW-Authenticate %q", header, asked)
		}
	}
	if got := ask(t, addr, request("POST /unknown HTTP/1.1", alert)); got.StatusCode != 401 {
		t.Errorf("a stranger learns of an unknown path: %d", got.StatusCode)
	}
	if n := server.Stats().Answers["unauthorized"]; n != 7 {
		t.Errorf("counted %d", n)
	}
}

func TestSetPaths(t *testing.T) {
	server, addr := start(t, &keeper{}, nil)
	c := dial(t, addr)
	status := func(path string) int {
		c.send(t, request("POST "+path+" HTTP/1.1", alert))
		return c.receive(t, "POST").StatusCode
	}
	if got := status("/a"); got != 200 {
		t.Errorf("status %d before", got)
	}
	server.SetPaths([]string{"/a", "/b"})
	if a, b, other := status("/a"), status("/b"), status("/c"); a != 200 || b != 200 || other != 404 {
		t.Errorf("status %d, %d, %d", a, b, other)
	}
	server.SetPaths([]string{"/b"})
	if a, b := status("/a"), status("/b"); a != 404 || b != 200 {
		t.Errorf("status %d, %d", a, b)
	}
	server.SetPaths(nil)
	if b := status("/b"); b != 404 {
		t.Errorf("status %d without paths", b)
	}
}

// testTLS returns settings with a certificate for 127.0.0.1.
func testTLS(t testing.TB) *tls.Config {
	t.Helper()
	return &tls.Config{Certificates: []tls.Certificate{ownCertificate(t)}}
}

func ownCertificate(t testing.TB) tls.Certificate {
	t.Helper()
	cert, key, err := listener.SelfSigned(time.Now(), "127.0.0.1", "listener.example")
	if err != nil {
		t.Fatal(err)
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	return pair
}

// dialTLS connects by TLS; without config, any certificate is fine.
func dialTLS(t testing.TB, addr string, config *tls.Config) *client {
	t.Helper()
	if config == nil {
		config = &tls.Config{InsecureSkipVerify: true}
	}
	c := dial(t, addr)
	return newClient(t, tls.Client(c.Conn, config))
}

func pinOf(t *testing.T, c tls.Certificate) listener.Pin {
	t.Helper()
	leaf, err := x509.ParseCertificate(c.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	return listener.Pin(sha256.Sum256(leaf.Raw))
}

func TestClientPins(t *testing.T) {
	known, stranger := ownCertificate(t), ownCertificate(t)
	pin, err := listener.ParsePin(pinOf(t, known).String())
	if err != nil || pin != pinOf(t, known) {
		t.Fatalf("the pin reads back as %v, %v", pin, err)
	}
	server, addr := start(t, &keeper{}, &listener.Options{TLS: testTLS(t), ClientPins: []listener.Pin{pin}})
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		cache := tls.NewLRUClientSessionCache(4)
		for name, c := range map[string]struct {
			certificates []tls.Certificate
			served       bool
		}{
			"known": {[]tls.Certificate{known}, true}, "stranger": {[]tls.Certificate{stranger}, false}, "none": {nil, false},
		} {
			for range 2 { // the second time a session is resumed
				conn := dialTLS(t, addr, &tls.Config{
					InsecureSkipVerify: true, MaxVersion: version, Certificates: c.certificates, ClientSessionCache: cache,
				})
				conn.send(t, post())
				if served := !conn.atEnd(); served != c.served && name != "none" {
					t.Errorf("%s, TLS %x: served is %v", name, version, served)
				}
			}
			cache = tls.NewLRUClientSessionCache(4)
		}
	}
	until(t, "the count", func() bool { return server.Stats().Connections["handshake-failed"] >= 8 })
	if n := server.Stats().Indications; n != 4 {
		t.Errorf("%d were kept", n)
	}
	for _, bad := range []string{"", "00:11", strings.Repeat("zz", 32)} {
		if _, err := listener.ParsePin(bad); err == nil {
			t.Errorf("%q is taken for a pin", bad)
		}
	}
}

// TestSessionTickets checks that a sender that comes again need not agree on keys again.
func TestSessionTickets(t *testing.T) {
	_, addr := start(t, &keeper{}, &listener.Options{TLS: testTLS(t)})
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		config := &tls.Config{InsecureSkipVerify: true, MaxVersion: version, ClientSessionCache: tls.NewLRUClientSessionCache(4)}
		for n := range 2 {
			c := dialTLS(t, addr, config)
			c.send(t, post())
			c.receive(t, "POST")
			if state := c.Conn.(*tls.Conn).ConnectionState(); state.DidResume != (n == 1) {
				t.Errorf("TLS %x, connection %d: resumed is %v", version, n, state.DidResume)
			}
			_ = c.Close()
		}
	}
	old := dialTLS(t, addr, &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS11})
	if err := old.Conn.(*tls.Conn).HandshakeContext(t.Context()); err == nil {
		t.Error("TLS 1.1 is spoken")
	}
}

// TestCertificateReplaced replaces the files while the server runs.
func TestCertificateReplaced(t *testing.T) {
	dir := t.TempDir()
	certFile, keyFile := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	c, err := listener.MakeCertificate(certFile, keyFile, time.Now(), "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(keyFile); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key is %v, %v", info.Mode(), err)
	}
	again, err := listener.MakeCertificate(certFile, keyFile, time.Now(), "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	_, addr := start(t, &keeper{}, &listener.Options{TLS: &tls.Config{GetCertificate: c.GetCertificate}})
	shown := func() string {
		conn := dialTLS(t, addr, nil)
		defer conn.Close()
		conn.send(t, post())
		conn.receive(t, "POST")
		return string(conn.Conn.(*tls.Conn).ConnectionState().PeerCertificates[0].Raw)
	}
	first := shown()
	if pair, _ := again.GetCertificate(&tls.ClientHelloInfo{}); string(pair.Certificate[0]) != first {
		t.Error("a certificate that was there was made again")
	}
	write := func(file string, content []byte) {
		t.Helper()
		if err := os.WriteFile(file, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cert, key, err := listener.SelfSigned(time.Now(), "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	write(certFile, cert) // half of it: the key does not fit yet
	if err := c.Reload(); err == nil || shown() != first {
		t.Errorf("half a certificate is used: %v", err)
	}
	write(keyFile, key)
	until(t, "the new certificate", func() bool { return shown() != first })
	if err := os.Remove(certFile); err != nil {
		t.Fatal(err)
	}
	if err := c.Reload(); err == nil {
		t.Error("a missing file is no error")
	}
	if _, err := listener.MakeCertificate(certFile, keyFile, time.Now(), "127.0.0.1"); err == nil {
		t.Error("a key without its certificate was written over")
	}
	if _, _, err := listener.SelfSigned(time.Now()); err == nil {
		t.Error("a certificate for nobody")
	}
}

func TestSelfSigned(t *testing.T) {
	pair := ownCertificate(t)
	leaf, err := x509.ParseCertificate(pair.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	if leaf.PublicKeyAlgorithm != x509.ECDSA {
		t.Errorf("the key is of %v", leaf.PublicKeyAlgorithm)
	}
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	_, addr := start(t, &keeper{}, &listener.Options{TLS: &tls.Config{Certificates: []tls.Certificate{pair}}})
	for _, name := range []string{"127.0.0.1", "listener.example"} {
		c := dialTLS(t, addr, &tls.Config{RootCAs: pool, ServerName: name})
		c.send(t, post())
		if got := c.receive(t, "POST"); got.StatusCode != 200 || got.Request == nil {
			t.Errorf("status %d", got.StatusCode)
		}
	}
}
