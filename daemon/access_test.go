package daemon_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"net"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/cimwatch/cimwatch/daemon"
	"github.com/cimwatch/cimwatch/simulator"
)

// sendFrom sends an alert from an address of this machine, with an account if one is given,
// and returns the HTTP status, 0 when the connection was cut off.
func sendFrom(t *testing.T, from, url, user, password string) int {
	t.Helper()
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: dialer.DialContext}}
	body := alert(t, "1", "OMC_IpmiAlertIndication", "nothing of note")
	req, err := http.NewRequestWithContext(within(t), http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	setExportHeader(req)
	if user != "" {
		req.SetBasicAuth(user, password)
	}
	resp, err := client.Do(req)
	if err != nil {
		return 0
	}
	defer resp.Body.Close()
	return resp.StatusCode
}

// elsewhere is another address of this machine than the one that hosts have.
func elsewhere(t *testing.T) string {
	t.Helper()
	const address = "127.0.0.2"
	ln, err := new(net.ListenConfig).Listen(t.Context(), "tcp", address+":0")
	if err != nil {
		t.Skipf("this machine has no second loopback address: %v", err)
	}
	_ = ln.Close()
	return address
}

// TestAllow admits senders by address: those in a network, and the configured hosts whether
// their servers are given by address or by name.
func TestAllow(t *testing.T) {
	other := elsewhere(t)
	for _, test := range []struct {
		name        string
		allow       []string
		named       bool // the server's URL has a name
		host, other int
	}{
		{"anybody", nil, false, 200, 200},
		{"hosts", []string{"hosts"}, false, 200, 0},
		{"hosts by name", []string{"hosts"}, true, 200, 0},
		{"hosts and another", []string{"192.0.2.0/24", "hosts", other}, false, 200, 200},
		{"a network", []string{other + "/32"}, false, 0, 200},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := startHost(t, nil)
			if test.named {
				h.url = strings.Replace(h.url, "127.0.0.1", "localhost", 1)
			}
			config := configFor(t, h.url)
			config.Listener.Allow = test.allow
			d := start(t, config, nil)
			d.awaitSubscribed(hostName)
			url := h.destinations(t)[0]
			if got := sendFrom(t, "127.0.0.1", url, "", ""); got != test.host {
				t.Errorf("the host is answered %d, want %d", got, test.host)
			}
			for range 2 {
				if got := sendFrom(t, other, url, "", ""); got != test.other {
					t.Errorf("another address is answered %d, want %d", got, test.other)
				}
			}
			logged, counted := 0, 0
			if test.host == 0 {
				logged, counted = logged+1, counted+1
			}
			if test.other == 0 {
				logged, counted = logged+1, counted+2
			}
			if n := strings.Count(d.logs.String(), "address is not among those allowed to send"); n != logged {
				t.Errorf("%d refusals are logged, want %d", n, logged)
			}
			if n := d.metric(`cimwatch_listener_connections_total{reason="address-not-allowed"}`); n != strconv.Itoa(counted) {
				t.Errorf("%s connections are counted as refused, want %d", n, counted)
			}
		})
	}
}

// TestUsers asks for an account, and says its password nowhere.
func TestUsers(t *testing.T) {
	h := startHost(t, nil)
	config := configFor(t, h.url)
	file := filepath.Join(t.TempDir(), "password")
	write(t, file, goodPassword+"\n")
	config.Listener.Users = []daemon.UserConfig{
		{User: "agent", PasswordFile: file}, {User: "other", PasswordEnv: "OTHER_PASSWORD"},
	}
	d := start(t, config, &daemon.Options{Getenv: func(name string) string {
		return map[string]string{"OTHER_PASSWORD": badPassword}[name]
	}})
	d.awaitSubscribed(hostName)
	url := h.destinations(t)[0]
	for _, test := range []struct {
		user, password string
		want           int
	}{
		{"", "", 401}, {"agent", goodPassword, 200}, {"agent", badPassword, 401},
		{"other", badPassword, 200}, {"other", "", 401}, {"nobody", goodPassword, 401},
	} {
		if got := sendFrom(t, "127.0.0.1", url, test.user, test.password); got != test.want {
			t.Errorf("%s is answered %d, want %d", test.user, got, test.want)
		}
	}
	if got := d.metric(`cimwatch_listener_answers_total{reason="unauthorized"}`); got != "4" {
		t.Errorf("%s answers are counted as unauthorized, want 4", got)
	}
	if err := d.stop(); err != nil {
		t.Fatal(err)
	}
	for _, password := range []string{goodPassword, badPassword} {
		if strings.Contains(d.logs.String(), password) || strings.Contains(fileText(t, config.Store.File), password) {
			t.Error("a password is in the log or in the store")
		}
	}
}

// TestClientCertificates has senders show certificates: by authority, by fingerprint, and
// both. The simulated host shows one of its own, as sfcb does.
func TestClientCertificates(t *testing.T) {
	cert, key, trust := certificate(t)
	known, stranger := clientCertificate(t), clientCertificate(t)
	for _, test := range []struct {
		name              string
		authority, pinned *sender509
		known, stranger   int
	}{
		{"authority", known, nil, 200, 0},
		{"fingerprint", nil, known, 200, 0},
		{"both", known, known, 200, 0},
		{"each another", stranger, known, 0, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := startHost(t, &simulator.Options{ExportTLS: &tls.Config{RootCAs: trust, Certificates: []tls.Certificate{known.pair}}})
			config := configFor(t, h.url)
			config.Listener.Certificate, config.Listener.Key = cert, key
			if test.authority != nil {
				config.Listener.ClientCA = test.authority.file
			}
			if test.pinned != nil {
				config.Listener.ClientFingerprints = []string{test.pinned.fingerprint()}
			}
			d := start(t, config, nil)
			d.awaitSubscribed(hostName)
			url := h.destinations(t)[0]
			for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
				for _, c := range []struct {
					certificates []tls.Certificate
					want         int
				}{{[]tls.Certificate{known.pair}, test.known}, {[]tls.Certificate{stranger.pair}, test.stranger}, {nil, 0}} {
					config := &tls.Config{RootCAs: trust, MaxVersion: version, Certificates: c.certificates}
					if got := sendTLS(t, url, config); got != c.want {
						t.Errorf("TLS %x, %d certificates: answered %d, want %d", version, len(c.certificates), got, c.want)
					}
				}
			}
			if test.known == http.StatusOK {
				d.takeApplied()
				h.play(t, d, "case-opened")
				if got := len(d.takeApplied()); got == 0 {
					t.Error("the host's own indication did not arrive")
				}
			}
		})
	}
}

// sender509 is a sender with a certificate, and a file with what trusts it.
type sender509 struct {
	pair tls.Certificate
	file string
}

func clientCertificate(t *testing.T) *sender509 {
	t.Helper()
	cert, key, _ := certificate(t)
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	return &sender509{pair, cert}
}

func (s *sender509) fingerprint() string {
	sum := sha256.Sum256(s.pair.Certificate[0])
	return hex.EncodeToString(sum[:])
}

// sendTLS sends an alert and returns the HTTP status, 0 when the connection was cut off.
func sendTLS(t *testing.T, url string, config *tls.Config) int {
	t.Helper()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: config}}
	req, err := http.NewRequestWithContext(within(t), http.MethodPost, url,
		bytes.NewReader(alert(t, "1", "OMC_IpmiAlertIndication", "nothing of note")))
	if err != nil {
		t.Fatal(err)
	}
	setExportHeader(req)
	resp, err := client.Do(req)
	if err != nil {
		return 0
	}
	defer resp.Body.Close()
	return resp.StatusCode
}

// TestAccessErrors refuses to start on what cannot be read, before a store is made.
func TestAccessErrors(t *testing.T) {
	cert, key, _ := certificate(t)
	missing := filepath.Join(t.TempDir(), "missing")
	for _, test := range []struct {
		name string
		set  func(*daemon.ListenerConfig)
		want string
	}{
		{"password", func(l *daemon.ListenerConfig) {
			l.Users = []daemon.UserConfig{{User: "agent", PasswordFile: missing}}
		}, "listener: user agent: read the password: open " + missing},
		{"variable", func(l *daemon.ListenerConfig) {
			l.Users = []daemon.UserConfig{{User: "agent", PasswordEnv: "NOT_SET"}}
		}, "listener: user agent: read the password: the environment variable NOT_SET is empty or not set"},
		{"authorities", func(l *daemon.ListenerConfig) { l.ClientCA = missing }, "listener: client_ca: read the certificate authorities: open " + missing},
		{"no authority", func(l *daemon.ListenerConfig) { l.ClientCA = key }, "no certificate in PEM form"},
		{"fingerprint", func(l *daemon.ListenerConfig) { l.ClientFingerprints = []string{"00"} }, "listener: client_fingerprints: "},
		{"network", func(l *daemon.ListenerConfig) { l.Allow = []string{"x"} }, `listener: allow: "x" is no address`},
	} {
		t.Run(test.name, func(t *testing.T) {
			config := configFor(t, "http://127.0.0.1:1")
			config.Listener.Certificate, config.Listener.Key = cert, key
			test.set(&config.Listener)
			_, err := daemon.New(context.WithoutCancel(t.Context()), config, &daemon.Options{Getenv: func(string) string { return "" }})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error\n     %v\nwant %s", err, test.want)
			}
			if files, _ := filepath.Glob(config.Store.File); len(files) > 0 {
				t.Error("a store was made")
			}
		})
	}
}
