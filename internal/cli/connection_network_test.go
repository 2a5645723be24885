package cli

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cimwatch/cimwatch/cimxml"
	"github.com/cimwatch/cimwatch/simulator"
)

// newSimulator returns a simulator of the built-in model.
func newSimulator(t *testing.T) *simulator.Server {
	t.Helper()
	model, err := simulator.ESXi()
	if err != nil {
		t.Fatal(err)
	}
	server, err := simulator.New(model, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close(context.WithoutCancel(t.Context())) })
	return server
}

// run executes a command in an environment and returns its exit code and what it wrote.
func run(t *testing.T, environ map[string]string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, problems bytes.Buffer
	code = Run(t.Context(), args, Env{
		Stdin: strings.NewReader(""), Stdout: &out, Stderr: &problems,
		Getenv: func(name string) string { return environ[name] },
	})
	return code, out.String(), problems.String()
}

// wantNames checks that a command lists the class CIM_Fan from a simulator.
func wantNames(t *testing.T, args ...string) {
	t.Helper()
	code, stdout, stderr := run(t, nil, append([]string{"class", "names"}, args...)...)
	if code != ExitDone || stdout != "OMC_Fan\n" {
		t.Errorf("exit code %d, output %q, errors %q", code, stdout, stderr)
	}
}

func TestSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cim.sock")
	listener, err := new(net.ListenConfig).Listen(t.Context(), "unix", path)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(newSimulator(t))
	server.Listener = listener
	server.Start()
	t.Cleanup(server.Close)
	wantNames(t, "http://esx1", "CIM_Fan", "--socket", path)

	code, _, stderr := run(t, nil, "class", "names", "http://esx1", "--socket", path+"none")
	if code != ExitUnreachable || !strings.Contains(stderr, "cim.socknone") {
		t.Errorf("exit code %d, errors %q", code, stderr)
	}
}

// TestClientCertificate connects to a server that lets nobody in without a certificate, and
// with nothing below TLS 1.3.
func TestClientCertificate(t *testing.T) {
	server := httptest.NewUnstartedServer(newSimulator(t))
	server.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert, MinVersion: tls.VersionTLS13}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	writeCertificate(t, cert, key, nil)
	pin := cimxml.FormatFingerprint(sha256.Sum256(server.Certificate().Raw))

	wantNames(t, server.URL, "CIM_Fan", "--fingerprint", pin, "--client-cert", cert, "--client-key", key, "--tls-min", "1.3")
	code, _, stderr := run(t, nil, "class", "names", server.URL, "--fingerprint", pin)
	if code != ExitUnreachable || !strings.Contains(stderr, "--client-cert") {
		t.Errorf("without a certificate: exit code %d, errors %q", code, stderr)
	}
}

// TestLowestTLS refuses a server that offers less than --tls-min.
func TestLowestTLS(t *testing.T) {
	server := startTLS(t, &tls.Config{MaxVersion: tls.VersionTLS12})
	code, _, stderr := run(t, nil, "class", "names", server.URL, "--insecure", "--tls-min", "1.3")
	if code != ExitUnreachable || !strings.Contains(stderr, "--tls-min") {
		t.Errorf("exit code %d, errors %q", code, stderr)
	}
}

// startProxy starts a proxy for http that counts what goes through it.
func startProxy(t *testing.T, count *int) *httptest.Server {
	t.Helper()
	forward := &httputil.ReverseProxy{Rewrite: func(*httputil.ProxyRequest) {}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*count++
		forward.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server
}

func TestProxy(t *testing.T) {
	server := httptest.NewServer(newSimulator(t))
	t.Cleanup(server.Close)
	used := 0
	proxy := startProxy(t, &used)
	wantNames(t, server.URL, "CIM_Fan", "--proxy", proxy.URL)
	if used != 1 {
		t.Errorf("%d requests came by the proxy, want 1", used)
	}
	wantNames(t, server.URL, "CIM_Fan", "--proxy", "none")
	if used != 1 {
		t.Error("the proxy was asked in spite of none")
	}
}

// TestProxyRefuses names the proxy where it is to blame.
func TestProxyRefuses(t *testing.T) {
	denying := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusProxyAuthRequired)
	}))
	t.Cleanup(denying.Close)
	closed := listen(t)
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ name, proxy, server string }{
		{"nothing there", "http://" + closed.Addr().String(), "https://192.0.2.1"},
		{"nothing there, plain", "http://" + closed.Addr().String(), "http://192.0.2.1"},
		{"refused", denying.URL, "https://192.0.2.1"},
		{"refused, plain", denying.URL, "http://192.0.2.1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			code, _, stderr := run(t, nil, "class", "names", test.server, "--proxy", test.proxy)
			u, err := url.Parse(test.proxy)
			if err != nil {
				t.Fatal(err)
			}
			_, hint, _ := strings.Cut(stderr, "\nhint: ")
			if code != ExitUnreachable || !strings.Contains(hint, "proxy") || !strings.Contains(hint, "--proxy none") {
				t.Errorf("exit code %d, errors %q", code, stderr)
			}
			if test.server != "http://192.0.2.1" && !strings.Contains(stderr, u.Host) {
				t.Errorf("%q does not name %s", stderr, u.Host)
			}
		})
	}
}

func TestNetworkErrors(t *testing.T) {
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"https://h", "--proxy", "nonsense"}, "--proxy: URL"},
		{[]string{"https://h", "--proxy", "http://user:s3cret@p:1"}, "belong into the environment"},
		{[]string{"https://h", "--proxy", "http://p:1", "--socket", "s"}, "--proxy and --socket cannot be used together"},
		{[]string{"https://h", "--client-key", "k"}, "--client-key is given without --client-cert"},
		{[]string{"https://h", "--tls-min", "2"}, "1.2 or 1.3"},
		{[]string{"http://h", "--client-cert", "c"}, "no meaning without TLS"},
		{[]string{"http://h", "--tls-min", "1.3"}, "no meaning without TLS"},
	} {
		code, _, stderr := run(t, nil, append([]string{"class", "names"}, test.args...)...)
		if code != ExitUsage || !strings.Contains(stderr, test.want) || strings.Contains(stderr, "s3cret") {
			t.Errorf("%q: exit code %d, errors %q, want %q in them", test.args, code, stderr, test.want)
		}
	}
}

// TestAnswers are statuses of which a header says what to do.
func TestAnswers(t *testing.T) {
	for _, test := range []struct {
		name   string
		status int
		header http.Header
		want   []string
		not    string
	}{
		{
			"digest", http.StatusUnauthorized, http.Header{"Www-Authenticate": {`Digest realm="a", nonce="b"`}},
			[]string{"401 Unauthorized: the server takes Digest authentication only", "hint: cimwatch signs in by Basic"}, "--password-file",
		},
		{
			"digest or basic", http.StatusUnauthorized, http.Header{"Www-Authenticate": {`Digest realm="a"`, `basic realm="a"`}},
			[]string{"--password-file"}, "Digest",
		},
		{
			"moved", http.StatusFound, http.Header{"Location": {"https://u:s3cret@esx2:5989/cimom?token=s3cret"}},
			[]string{"302 Found: the server sends us to https://esx2:5989/cimom", "give its URL https://esx2:5989/cimom"}, "s3cret",
		},
		{"nowhere", http.StatusFound, nil, []string{"302 Found"}, "sends us"},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				maps.Copy(w.Header(), test.header)
				w.WriteHeader(test.status)
				_, _ = io.WriteString(w, "nothing")
			}))
			t.Cleanup(server.Close)
			code, _, stderr := run(t, nil, "class", "names", server.URL)
			if code != ExitRefused {
				t.Errorf("exit code is %d, want %d", code, ExitRefused)
			}
			for _, want := range test.want {
				if !strings.Contains(stderr, want) {
					t.Errorf("%q is not in %q", want, stderr)
				}
			}
			if test.not != "" && strings.Contains(stderr, test.not) {
				t.Errorf("%q is in %q", test.not, stderr)
			}
		})
	}
}

// TestSaveConnection keeps every flag that says how to reach a server.
func TestSaveConnection(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	cert := filepath.Join(dir, "own.pem")
	writeCertificate(t, cert, cert, nil)
	environ := map[string]string{"XDG_CONFIG_HOME": dir}
	code, _, stderr := run(t, environ, "connection", "save", "a", "https://h", "--client-cert", "own.pem", "--tls-min", "1.3", "--proxy", "http://p:1")
	if code != ExitDone {
		t.Fatal(stderr)
	}
	if code, _, stderr = run(t, environ, "connection", "save", "b", "http://h", "--socket", "s"); code != ExitDone {
		t.Fatal(stderr)
	}
	flags := connectionFlagsFor(t)
	env := &Env{Getenv: func(name string) string { return environ[name] }}
	if _, err := flags.resolve(env, "@a"); err != nil {
		t.Fatal(err)
	}
	if flags.trust.Certificate != cert || flags.trust.MinVersion != "1.3" || flags.network.proxy != "http://p:1" {
		t.Errorf("flags are %+v", flags)
	}
	flags = connectionFlagsFor(t, "--proxy", "none")
	if _, err := flags.resolve(env, "@b"); err != nil {
		t.Fatal(err)
	}
	if flags.network != (networkFlags{proxy: "none"}) {
		t.Errorf("a flag does not come before the connection's: %+v", flags.network)
	}
	if code, _, stderr = run(t, environ, "connection", "save", "c", "https://h", "--proxy", "nonsense"); code != ExitUsage {
		t.Errorf("exit code is %d, errors %q", code, stderr)
	}
	_, stdout, _ := run(t, environ, "connection", "list", "-o", "json")
	if !strings.Contains(stdout, `"proxy":"http://p:1"`) || !strings.Contains(stdout, `"tls_min":"1.3"`) || strings.Contains(stdout, `"c"`) {
		t.Errorf("the list is %s", stdout)
	}
}

// TestSaveNoPassword keeps nothing where --save-password got no password.
func TestSaveNoPassword(t *testing.T) {
	dir := t.TempDir()
	var problems bytes.Buffer
	code := Run(t.Context(), []string{"connection", "save", "a", "http://h", "-u", "root", "--save-password"}, Env{
		Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: &problems,
		Getenv:       func(name string) string { return map[string]string{"XDG_CONFIG_HOME": dir}[name] },
		ReadPassword: noPassword,
	})
	if code != ExitFailed || !strings.Contains(problems.String(), "error: no password was given, nothing is kept") {
		t.Errorf("exit code %d, errors %q", code, problems.String())
	}
	if _, err := os.Stat(filepath.Join(dir, "cimwatch", "connections.yaml")); err == nil {
		t.Error("the connection was kept")
	}
}
