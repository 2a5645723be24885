package listener_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cimwatch/cimwatch/listener"
)

func TestKeepAlive(t *testing.T) {
	k := &keeper{}
	_, addr := start(t, k, nil)
	c := dial(t, addr)
	const backlog = 200
	for n := range backlog {
		c.send(t, post())
		if got := c.receive(t, "POST"); got.StatusCode != 200 || got.Close {
			t.Fatalf("request %d: status %d, close %v", n, got.StatusCode, got.Close)
		}
	}
	c.send(t, withBody("no XML")) // a refusal does not cost the connection
	if got := c.receive(t, "POST"); got.StatusCode != 400 {
		t.Errorf("status %d", got.StatusCode)
	}
	c.send(t, post())
	if got := c.receive(t, "POST"); got.StatusCode != 200 {
		t.Errorf("status %d after a refusal", got.StatusCode)
	}
	if n := len(k.take()); n != backlog+1 {
		t.Errorf("%d were kept, want %d", n, backlog+1)
	}
}

func TestPegasusRequest(t *testing.T) {
	k := &keeper{}
	_, addr := start(t, k, nil)
	got := ask(t, addr, "POST /pegasus HTTP/1.1\r\nHOST: 127.0.0.1:5990\r\n"+
		"Content-Type: application/xml; charset=utf-8\r\n"+fmt.Sprintf("content-length: %010d\r\n", len(alert))+
		"TE: chunked, trailers\r\nCIMExport: MethodRequest\r\nCIMExportMethod: ExportIndication\r\n"+
		"Content-Language: en-US\r\n\r\n"+alert)
	if got.StatusCode != 200 || got.Close || len(k.take()) != 1 {
		t.Errorf("answered\n%s", got.raw)
	}
	checkResponse(t, got.body, true)
}

func TestChunked(t *testing.T) {
	k := &keeper{}
	_, addr := start(t, k, nil)
	half := len(alert) / 2
	head := strings.TrimSuffix(post("-Content-Length", "Transfer-Encoding: chunked"), alert)
	chunks := fmt.Sprintf("%x\r\n%s\r\n%x;ext=1\r\n%s\r\n0\r\nTrailer: x\r\n\r\n",
		half, alert[:half], len(alert)-half, alert[half:])
	c := dial(t, addr)
	for range 2 { // the second shows that the first was read to its end
		c.send(t, head+chunks)
		if got := c.receive(t, "POST"); got.StatusCode != 200 {
			t.Fatalf("answered\n%s", got.raw)
		}
	}
	for _, i := range k.take() {
		if string(i.Raw) != alert {
			t.Errorf("Raw is %q", i.Raw)
		}
	}
}

func TestChunkedGoesWrong(t *testing.T) {
	head := strings.TrimSuffix(post("-Content-Length", "Transfer-Encoding: chunked"), alert)
	for name, test := range map[string]struct {
		chunks, reason string
		status         int
	}{
		"no number": {"xyz\r\n", "cut-short", 400},
		"too large": {strings.Repeat("400\r\n"+strings.Repeat(" ", 0x400)+"\r\n", 40), "too-large", 413},
		"empty":     {"0\r\n\r\n", "request-not-well-formed", 400},
	} {
		t.Run(name, func(t *testing.T) {
			k := &keeper{}
			server, addr := start(t, k, &listener.Options{MaxBody: 32 << 10})
			got := ask(t, addr, head+test.chunks)
			if got.StatusCode != test.status || server.Stats().Answers[test.reason] != 1 {
				t.Errorf("status %d, counted %v", got.StatusCode, server.Stats().Answers)
			}
			if len(k.take()) != 0 {
				t.Error("something was kept")
			}
		})
	}
}

func TestExpectContinue(t *testing.T) {
	k := &keeper{}
	_, addr := start(t, k, nil)
	c := dial(t, addr)
	text := post("Expect: 100-continue")
	head := strings.TrimSuffix(text, alert)
	c.send(t, head)
	if got := c.receive(t, "POST"); got.StatusCode != http.StatusContinue {
		t.Fatalf("status %d, want 100", got.StatusCode)
	}
	c.send(t, alert)
	if got := c.receive(t, "POST"); got.StatusCode != 200 {
		t.Errorf("status %d", got.StatusCode)
	}
}

// TestExpectRefused shows that a sender that asks first is spared sending in vain.
func TestExpectRefused(t *testing.T) {
	_, addr := start(t, &keeper{}, nil)
	c := dial(t, addr)
	c.send(t, strings.TrimSuffix(post("Expect: 100-continue", "-CIMExport"), alert))
	if got := c.receive(t, "POST"); got.StatusCode != 400 {
		t.Errorf("status %d, want 400 without 100", got.StatusCode)
	}
}

func TestSlowBody(t *testing.T) {
	k := &keeper{}
	server, addr := start(t, k, &listener.Options{ReadTimeout: 100 * time.Millisecond})
	c := dial(t, addr)
	text := post()
	c.send(t, text[:len(text)-10])
	got := c.receive(t, "POST")
	if got.StatusCode != http.StatusRequestTimeout || !got.Close || server.Stats().Answers["too-slow"] != 1 {
		t.Errorf("answered\n%s", got.raw)
	}
	if !c.atEnd() || len(k.take()) != 0 {
		t.Error("the connection stays open, or something was kept")
	}
}

func TestSlowHeader(t *testing.T) {
	_, addr := start(t, &keeper{}, &listener.Options{HeaderTimeout: 50 * time.Millisecond})
	c := dial(t, addr)
	c.send(t, "POST /alerts HTTP/1.1\r\nHost:")
	if rest, err := io.ReadAll(c); err != nil {
		t.Errorf("the connection stays open: %v after %q", err, rest)
	}
}

func TestIdleConnectionIsClosed(t *testing.T) {
	_, addr := start(t, &keeper{}, &listener.Options{IdleTimeout: 50 * time.Millisecond})
	c := dial(t, addr)
	c.send(t, post())
	if got := c.receive(t, "POST"); got.StatusCode != 200 {
		t.Fatalf("status %d", got.StatusCode)
	}
	if _, err := c.r.ReadByte(); !errors.Is(err, io.EOF) {
		t.Errorf("the connection stays open: %v", err)
	}
}

func TestBodyCutShort(t *testing.T) {
	k := &keeper{}
	server, addr := start(t, k, nil)
	c := dial(t, addr)
	text := post()
	c.send(t, text[:len(text)-10])
	tcp, ok := c.Conn.(*net.TCPConn)
	if !ok || tcp.CloseWrite() != nil {
		t.Fatal("cannot close one side")
	}
	if got := c.receive(t, "POST"); got.StatusCode != 400 || server.Stats().Answers["cut-short"] != 1 {
		t.Errorf("answered\n%s", got.raw)
	}
	if len(k.take()) != 0 {
		t.Error("something was kept")
	}
}

func TestLargeHeaderIsRefused(t *testing.T) {
	_, addr := start(t, &keeper{}, nil)
	got := ask(t, addr, post("X-Filler: "+strings.Repeat("x", 64<<10)))
	if got.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("status %d, want 431", got.StatusCode)
	}
}

// TestLargeIndication sends what OpenPegasus sends at its start, 207 kB, and one near the
// limit.
func TestLargeIndication(t *testing.T) {
	k := &keeper{}
	_, addr := start(t, k, nil)
	for _, size := range []int{1, 60 << 10, 70 << 10, 207_000, 4<<20 - 1000} {
		text := strings.Repeat("x", size)
		body := export("CIM_A", `<PROPERTY NAME="Text" TYPE="string"><VALUE>`+text+`</VALUE></PROPERTY>`)
		if got := ask(t, addr, withBody(body)); got.StatusCode != 200 {
			t.Fatalf("%d bytes: status %d %s", size, got.StatusCode, got.body)
		}
		i := k.take()[0]
		if string(i.Raw) != body || i.Instance.Text("Text") != text {
			t.Errorf("%d bytes did not arrive as sent", size)
		}
	}
}

// TestManySenders sends from many connections at once, each with its own indication.
func TestManySenders(t *testing.T) {
	k := &keeper{}
	server, addr := start(t, k, nil)
	const senders, each = 16, 25
	var wg sync.WaitGroup
	for s := range senders {
		wg.Go(func() {
			for n := range each {
				body := export(fmt.Sprintf("CIM_A%d_%d", s, n), "")
				if got := ask(t, addr, withBody(body)); got.StatusCode != 200 {
					t.Errorf("status %d", got.StatusCode)
				}
			}
		})
	}
	wg.Wait()
	classes := map[string]bool{}
	for _, i := range k.take() {
		classes[i.Instance.Class] = true
		if !strings.Contains(string(i.Raw), `"`+i.Instance.Class+`"`) {
			t.Errorf("%s came with the body of another", i.Instance.Class)
		}
	}
	if len(classes) != senders*each || server.Stats().Answers["kept"] != senders*each {
		t.Errorf("%d arrived, want %d; %v", len(classes), senders*each, server.Stats())
	}
}

func TestTLS(t *testing.T) {
	certificate, pool := selfSigned(t)
	k := &keeper{}
	_, addr := start(t, k, &listener.Options{TLS: &tls.Config{Certificates: []tls.Certificate{certificate}}})
	silent := dial(t, addr) // must not hold up the other
	conn, err := (&tls.Dialer{Config: &tls.Config{RootCAs: pool}}).DialContext(t.Context(), "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	c := newClient(t, conn)
	c.send(t, post())
	if got := c.receive(t, "POST"); got.StatusCode != 200 {
		t.Fatalf("status %d", got.StatusCode)
	}
	if i := k.take()[0]; i.TLS == nil || !i.TLS.HandshakeComplete {
		t.Error("the indication does not tell of TLS")
	}
	_ = silent.Close()
}

// selfSigned returns a certificate for 127.0.0.1 and a pool that trusts it.
func selfSigned(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "listener"},
		NotAfter:     time.Now().Add(time.Hour),
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

// TestWithinAnotherServer serves below a mux of net/http, whose connections are not ours.
func TestWithinAnotherServer(t *testing.T) {
	k := &keeper{}
	server := listener.New(k, nil)
	mux := http.NewServeMux()
	mux.Handle("/cim/", server)
	outer := httptest.NewServer(mux)
	defer outer.Close()
	addr := strings.TrimPrefix(outer.URL, "http://")
	if got := ask(t, addr, request("POST /cim/esx1 HTTP/1.1", alert)); got.StatusCode != 200 {
		t.Errorf("status %d", got.StatusCode)
	}
	if i := k.take(); len(i) != 1 || i[0].Path != "/cim/esx1" {
		t.Errorf("kept %v", i)
	}
	if err := server.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	if got := ask(t, addr, request("POST /cim/esx1 HTTP/1.1", alert)); got.StatusCode != 503 {
		t.Errorf("status %d after Shutdown, want 503", got.StatusCode)
	}
}
