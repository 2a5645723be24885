package cli

import (
	"bufio"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
	"github.com/cimwatch/cimwatch/mof"
	"github.com/cimwatch/cimwatch/store"
	"github.com/cimwatch/cimwatch/subscriber"
)

// TestDiagnoseKind makes each failure really happen.
func TestDiagnoseKind(t *testing.T) {
	tests := []struct {
		name string
		err  func(t *testing.T) error
		code int
		hint string // part of it, "" for none
	}{
		{"server refuses", func(*testing.T) error { return cim.Errorf(cim.StatusInvalidNamespace, "x") }, ExitRefused, "--namespace"},
		{"bare status", func(*testing.T) error { return cim.StatusInvalidClass }, ExitRefused, "class leaves"},
		{"server refuses without remedy", func(*testing.T) error { return cim.Errorf(cim.StatusFailed, "x") }, ExitRefused, ""},
		{"no credentials", getProtected, ExitRefused, "-u"},
		{"account without rights", httpStatus(http.StatusForbidden), ExitRefused, "another one"},
		{"no CIM server", getWebServer, ExitRefused, "is this a CIM server?"},
		{"server starting", httpStatus(http.StatusServiceUnavailable), ExitRefused, "later"},
		{"server failed", httpStatus(http.StatusInternalServerError), ExitRefused, ""},
		{"bad request", httpStatus(http.StatusBadRequest), ExitRefused, "https or http"},
		{"server without indications", func(*testing.T) error { return subscriber.ErrNoInterop }, ExitRefused, "no indications"},
		{"server without an interop namespace", func(*testing.T) error { return cimxml.ErrNoInterop }, ExitRefused, "no indications"},
		{"odd query", func(*testing.T) error { return cim.StatusInvalidQuery }, ExitRefused, "check the query"},
		{"call closed", callClosingServer, ExitUnreachable, "without an answer"},
		{"creation closed", createAtClosingServer, ExitUnreachable, "it may have done CreateInstance all the same"},
		{"answer closed in the middle", callCutServer, ExitUnreachable, "in the middle of its answer"},
		{"answer to another request", callConfusedServer, ExitFailed, "not as the standards want it"},
		{"answer that is wrong late", callLateServer, ExitFailed, "not as the standards want it"},
		{"bad request to a CIM server", badRequest, ExitRefused, "--trace FILE"},
		{"call out of time", callSlowly(&cimxml.Options{Timeout: time.Millisecond}), ExitUnreachable, "--timeout"},
		{"call out of time by the transport", callSlowly(slowTransport()), ExitUnreachable, "--timeout"},
		{"answer that is no CIM-XML", callOddServer, ExitFailed, "is this a CIM server?"},
		{"source that does not compile", compileBroken, ExitFailed, ""},
		{"store in use", openStoreTwice, ExitFailed, "--db"},
		{"store of another kind", openOddStore, ExitFailed, "not made by cimwatch"},
		{"connection refused", getClosedPort, ExitUnreachable, "nothing listens there"},
		{"no such host", getNoHost, ExitUnreachable, "spelling"},
		{"no answer in time", getSilentServer, ExitUnreachable, "--timeout"},
		{"deadline", func(*testing.T) error { return context.DeadlineExceeded }, ExitUnreachable, "--timeout"},
		{"connection reset", getResettingServer, ExitUnreachable, "without an answer"},
		{"connection closed", getClosingServer, ExitUnreachable, "without an answer"},
		{"http on an https port", getPlainOverTLS, ExitUnreachable, "http://"},
		{"certificate that signed itself", getUnknownAuthority, ExitUnreachable, "signed itself: give it with --ca FILE"},
		{"unknown authority", getForeignAuthority, ExitUnreachable, `issued by "CN=Lab Root,O=Lab": give that authority's certificate with --ca FILE`},
		{"certificate with a common name", getNamed(&x509.Certificate{Subject: pkix.Name{CommonName: "esx1"}}),
			ExitUnreachable, `no name but the common name "esx1", which counts no more: pin it with --fingerprint `},
		{"certificate without a name", getNamed(&x509.Certificate{}), ExitUnreachable, "has no name: pin it with --fingerprint "},
		{"certificate for others", getNamed(&x509.Certificate{DNSNames: []string{"a", "b", "c", "d", "e", "f", "g"}}),
			ExitUnreachable, "is for a, b, c, d, e and 2 more: use such a name"},
		{"certificate for another address", getNamed(&x509.Certificate{IPAddresses: []net.IP{net.IPv4(192, 0, 2, 7)}}),
			ExitUnreachable, "is for 192.0.2.7: use such a name"},
		{"version of TLS of old", getOldTLS, ExitUnreachable, "--tls-min"},
		{"wrong name", getWrongName, ExitUnreachable, "the certificate is for example.com, *.example.com, 127.0.0.1, ::1: use such a name in the URL, or pin the certificate with --fingerprint "},
		{"wrong fingerprint", getWrongFingerprint, ExitUnreachable, "new certificate"},
		{"client certificate wanted", getClientCertificate, ExitUnreachable, "--client-cert FILE"},
		{"port in use", listenTwice, ExitFailed, "--addr"},
		{"address of another machine", listenElsewhere, ExitFailed, "address of this machine"},
		{"privileged port", listenDenied, ExitFailed, "below 1024"},
		{"no such file", openMissing, ExitFailed, "check the path"},
		{"unreadable file", openDenied, ExitFailed, "let this user read"},
		{"error of a file that looks like one of the network", func(*testing.T) error { return syscall.EIO }, ExitFailed, ""},
		{"anything else", func(*testing.T) error { return errors.New("odd") }, ExitFailed, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := test.err(t)
			if err == nil {
				t.Fatal("nothing failed")
			}
			got := diagnoseKind(fmt.Errorf("doing it: %w", err))
			if got.code != test.code {
				t.Errorf("exit code of %q is %d, want %d", err, got.code, test.code)
			}
			if !strings.Contains(got.hint, test.hint) || (test.hint == "") != (got.hint == "") {
				t.Errorf("hint of %q is %q, want %q in it", err, got.hint, test.hint)
			}
		})
	}
}

// get requests url and returns why that failed.
func get(t *testing.T, url string, config *tls.Config) error {
	t.Helper()
	transport := &http.Transport{TLSClientConfig: config, DisableKeepAlives: true}
	client := &http.Client{Transport: transport, Timeout: 5 * time.Second}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	return response.Body.Close()
}

// getProtected calls an operation without the credentials that the server wants.
func getProtected(t *testing.T) error {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("WWW-Authenticate", `Basic realm="cimom"`)
		w.WriteHeader(http.StatusUnauthorized)
	}))
	t.Cleanup(server.Close)
	return call(t, server.URL)
}

func getWebServer(t *testing.T) error {
	server := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	return call(t, server.URL)
}

// call returns why an operation on the CIM server at url failed.
func call(t *testing.T, url string) error {
	t.Helper()
	return callWith(t, url, nil)
}

func callWith(t *testing.T, url string, options *cimxml.Options) error {
	t.Helper()
	client, err := cimxml.NewClient(url, options)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	_, err = client.EnumerateClassNames(t.Context(), "", "", false)
	return err
}

// callClosingServer calls a server that reads the request and closes the connection, as sfcb
// does when it is asked for too much.
func callClosingServer(t *testing.T) error { return call(t, closingServer(t)) }

func closingServer(t *testing.T) string {
	t.Helper()
	listener := listen(t)
	go func() {
		for conn, err := listener.Accept(); err == nil; conn, err = listener.Accept() {
			_, _ = http.ReadRequest(bufio.NewReader(conn))
			_ = conn.Close()
		}
	}()
	return "http://" + listener.Addr().String()
}

// callSlowly calls a server that accepts connections and says nothing.
func callSlowly(options *cimxml.Options) func(*testing.T) error {
	return func(t *testing.T) error {
		return callWith(t, "https://"+listen(t).Addr().String(), options)
	}
}

// slowTransport returns options of which the TLS handshake alone has a short time limit.
func slowTransport() *cimxml.Options {
	return &cimxml.Options{HTTP: &http.Client{Transport: &http.Transport{TLSHandshakeTimeout: time.Millisecond}}}
}

// createAtClosingServer calls for a change that the server may have made before it closed.
func createAtClosingServer(t *testing.T) error {
	client, err := cimxml.NewClient(closingServer(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	_, err = client.CreateInstance(t.Context(), "", cim.NewInstance("CIM_Fan"))
	return err
}

// answerTo is the head of an answer to the first request of a client.
const answerTo = `<?xml version="1.0"?><CIM CIMVERSION="2.0" DTDVERSION="2.0"><MESSAGE ID="%d" PROTOCOLVERSION="1.0">` +
	`<SIMPLERSP><IMETHODRESPONSE NAME="EnumerateClassNames"><IRETURNVALUE><CLASSNAME NAME="A"></CLASSNAME>`

// callAnswering calls a server that gives an answer, or the first part of one that is longer.
func callAnswering(t *testing.T, answer string, length int) error {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/xml")
		w.Header().Set("Content-Length", strconv.Itoa(length))
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(server.Close)
	return call(t, server.URL)
}

func callCutServer(t *testing.T) error {
	answer := fmt.Sprintf(answerTo, 1)
	return callAnswering(t, answer, len(answer)+1)
}

func callConfusedServer(t *testing.T) error {
	answer := fmt.Sprintf(answerTo, 7) + "</IRETURNVALUE></IMETHODRESPONSE></SIMPLERSP></MESSAGE></CIM>"
	return callAnswering(t, answer, len(answer))
}

func callLateServer(t *testing.T) error {
	answer := fmt.Sprintf(answerTo, 1) + "<NONSENSE/>"
	return callAnswering(t, answer, len(answer))
}

func badRequest(*testing.T) error {
	return &cimxml.HTTPError{StatusCode: http.StatusBadRequest, CIMError: "header-mismatch"}
}

func callOddServer(t *testing.T) error {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/xml")
		_, _ = io.WriteString(w, "<html><body>Welcome</body></html>")
	}))
	t.Cleanup(server.Close)
	return call(t, server.URL)
}

func compileBroken(*testing.T) error {
	_, err := mof.Compile([]mof.Source{{Name: "a.mof", Text: []byte("class A : B {};")}}, nil)
	return err
}

func openStoreTwice(t *testing.T) error {
	file := filepath.Join(t.TempDir(), "a.db")
	first, err := store.Open(file, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	_, err = store.Open(file, &store.Options{LockTimeout: time.Millisecond})
	return err
}

func openOddStore(t *testing.T) error {
	file := filepath.Join(t.TempDir(), "a.db")
	if err := os.WriteFile(file, []byte(strings.Repeat("text ", 4096)), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := store.Open(file, nil)
	return err
}

func httpStatus(code int) func(*testing.T) error {
	return func(*testing.T) error { return &cimxml.HTTPError{StatusCode: code} }
}

func getClosedPort(t *testing.T) error {
	listener := listen(t)
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	return get(t, "http://"+listener.Addr().String(), nil)
}

// getNoHost asks for a name that RFC 6761 keeps from existing, of a resolver that says so.
func getNoHost(*testing.T) error {
	return &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "esx.invalid", IsNotFound: true}}
}

func getSilentServer(t *testing.T) error {
	listener := listen(t)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+listener.Addr().String(), http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err == nil {
		return response.Body.Close()
	}
	return err
}

// getResettingServer leaves the request unread, so that closing the connection resets it.
func getResettingServer(t *testing.T) error { return getCut(t, 1) }

func getClosingServer(t *testing.T) error { return getCut(t, 4096) }

// getCut asks a server that reads once, at most size bytes, and closes the connection.
func getCut(t *testing.T, size int) error {
	t.Helper()
	listener := listen(t)
	go func() {
		if conn, err := listener.Accept(); err == nil {
			_, _ = conn.Read(make([]byte, size))
			_ = conn.Close()
		}
	}()
	return get(t, "http://"+listener.Addr().String(), nil)
}

func getPlainOverTLS(t *testing.T) error {
	server := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	return get(t, strings.Replace(server.URL, "http://", "https://", 1), nil)
}

func getUnknownAuthority(t *testing.T) error {
	server := startTLS(t, nil)
	err := get(t, server.URL, nil)
	offer := "--fingerprint " + cimxml.FormatFingerprint(sha256.Sum256(server.Certificate().Raw))
	if hint := diagnoseKind(err).hint; !strings.Contains(hint, offer) {
		t.Errorf("hint %q does not offer %s", hint, offer)
	}
	return err
}

// getForeignAuthority gets a certificate that an authority signed, which nobody trusts.
func getForeignAuthority(t *testing.T) error {
	root := newCertificate(t, &x509.Certificate{Subject: pkix.Name{CommonName: "Lab Root", Organization: []string{"Lab"}}, IsCA: true}, nil)
	leaf := newCertificate(t, &x509.Certificate{IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}, root)
	return get(t, startTLS(t, &tls.Config{Certificates: []tls.Certificate{*leaf}}).URL, nil)
}

// getNamed gets a certificate that is trusted, but for its names.
func getNamed(template *x509.Certificate) func(t *testing.T) error {
	return func(t *testing.T) error {
		own := newCertificate(t, template, nil)
		trusted := x509.NewCertPool()
		trusted.AddCert(own.Leaf)
		server := startTLS(t, &tls.Config{Certificates: []tls.Certificate{*own}})
		return get(t, server.URL, &tls.Config{RootCAs: trusted})
	}
}

// getOldTLS calls a server that answers the first message of TLS with one of TLS 1.0.
func getOldTLS(t *testing.T) error {
	listener := listen(t)
	go func() {
		for conn, err := listener.Accept(); err == nil; conn, err = listener.Accept() {
			_, _ = conn.Read(make([]byte, 4096))
			// ServerHello: its version, 32 random bytes, no session, a cipher suite, no compression.
			hello := append([]byte{22, 3, 1, 0, 42, 2, 0, 0, 38, 3, 1}, make([]byte, 32)...)
			_, _ = conn.Write(append(hello, 0, 0, 0x2f, 0))
		}
	}()
	return callWith(t, "https://"+listener.Addr().String(), nil)
}

func getWrongName(t *testing.T) error {
	server := startTLS(t, nil)
	config := server.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	config.ServerName = "esx.example.net"
	return get(t, server.URL, config)
}

func getWrongFingerprint(t *testing.T) error {
	config, err := cimxml.Trust{Fingerprint: strings.Repeat("ab", 32)}.TLSConfig()
	if err != nil {
		t.Fatal(err)
	}
	return get(t, startTLS(t, nil).URL, config)
}

func getClientCertificate(t *testing.T) error {
	server := startTLS(t, &tls.Config{ClientAuth: tls.RequireAnyClientCert, MaxVersion: tls.VersionTLS12})
	config := server.Client().Transport.(*http.Transport).TLSClientConfig
	return get(t, server.URL, config)
}

func listenTwice(t *testing.T) error {
	return listenOn(t, listen(t).Addr().String())
}

func listenElsewhere(t *testing.T) error {
	return listenOn(t, "192.0.2.1:0") // RFC 5737: no machine has it
}

func listenDenied(*testing.T) error {
	return &net.OpError{Op: "listen", Net: "tcp", Err: os.NewSyscallError("bind", syscall.EACCES)}
}

func openMissing(t *testing.T) error {
	_, err := os.Open(filepath.Join(t.TempDir(), "missing"))
	return err
}

// openDenied cannot happen to root, as which tests run in containers.
func openDenied(*testing.T) error {
	return &os.PathError{Op: "open", Path: "secret", Err: syscall.EACCES}
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	return listener
}

// listenOn returns why it is not possible to listen on addr.
func listenOn(t *testing.T, addr string) error {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", addr)
	if err != nil {
		return err
	}
	return listener.Close()
}

// startTLS starts an https server whose failed handshakes are expected, so not logged.
func startTLS(t *testing.T, config *tls.Config) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.TLS = config
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}
