package cli

import (
	"bytes"
	"crypto/sha256"
	"encoding/pem"
	"errors"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// testFingerprint returns that of the certificate that all httptest servers have.
func testFingerprint(t *testing.T) string {
	t.Helper()
	return formatFingerprint(sha256.Sum256(certificate(t)))
}

func certificate(t *testing.T) []byte {
	t.Helper()
	server := httptest.NewTLSServer(nil)
	defer server.Close()
	return server.Certificate().Raw
}

// TestTrust connects to a server with a certificate of an unknown authority.
func TestTrust(t *testing.T) {
	ca := filepath.Join(t.TempDir(), "ca.pem")
	var content bytes.Buffer
	if err := pem.Encode(&content, &pem.Block{Type: "CERTIFICATE", Bytes: certificate(t)}); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(ca, content.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name    string
		flags   connectionFlags
		trusted bool
	}{
		{"system's authorities", connectionFlags{}, false},
		{"its authority", connectionFlags{ca: ca}, true},
		{"its fingerprint", connectionFlags{fingerprint: testFingerprint(t)}, true},
		{"its fingerprint in lower case without colons", connectionFlags{
			fingerprint: strings.ToLower(strings.ReplaceAll(testFingerprint(t), ":", "")),
		}, true},
		{"another fingerprint", connectionFlags{fingerprint: strings.Repeat("00:", 31) + "00"}, false},
		{"anything", connectionFlags{insecure: true}, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			config, err := test.flags.tlsConfig("https")
			if err != nil {
				t.Fatal(err)
			}
			err = get(t, startTLS(t, nil).URL, config)
			if trusted := err == nil; trusted != test.trusted {
				t.Errorf("trusted is %t, want %t: %v", trusted, test.trusted, err)
			}
		})
	}
}

func TestTLSConfigErrors(t *testing.T) {
	noCertificate := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(noCertificate, []byte("not PEM"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name   string
		scheme string
		flags  connectionFlags
		code   int
		want   string
	}{
		{"no such file", "https", connectionFlags{ca: "/nowhere/ca.pem"}, ExitFailed, "read the certificate authorities: open /nowhere"},
		{"file without a certificate", "https", connectionFlags{ca: noCertificate}, ExitFailed, "no certificate in PEM form"},
		{"short fingerprint", "https", connectionFlags{fingerprint: "ab:cd"}, ExitUsage, "want 64 hexadecimal digits, got 4"},
		{"fingerprint that is not hexadecimal", "https", connectionFlags{fingerprint: strings.Repeat("xy", 32)}, ExitUsage, "invalid byte"},
		{"authority for http", "http", connectionFlags{ca: "ca.pem"}, ExitUsage, "no meaning without TLS"},
		{"fingerprint for http", "http", connectionFlags{fingerprint: "ab"}, ExitUsage, "no meaning without TLS"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := test.flags.tlsConfig(test.scheme)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("error is %v, want %q in it", err, test.want)
			}
			if d := diagnose(err); d.code != test.code {
				t.Errorf("exit code is %d, want %d", d.code, test.code)
			}
		})
	}
}

func TestFingerprintErrorNamesBoth(t *testing.T) {
	err := error(&fingerprintError{want: fingerprint{0x0a}, got: fingerprint{0xf0}})
	if !strings.Contains(err.Error(), "0A:00") || !strings.Contains(err.Error(), "F0:00") {
		t.Errorf("error %q does not name both fingerprints", err)
	}
	if _, ok := errors.AsType[*fingerprintError](err); !ok {
		t.Error("the error lost its type")
	}
}
