package listener_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cimwatch/cimwatch/listener"
)

// FuzzSocket sends raw bytes over a connection. What comes back must be answers of HTTP
// and nothing else, and for each indication that was kept one must say so. TestMain checks
// that no goroutine stays behind.
func FuzzSocket(f *testing.F) {
	names, err := filepath.Glob(filepath.Join("testdata", "captures", "*.http"))
	if err != nil || len(names) == 0 {
		f.Fatalf("no captures: %v", err)
	}
	for _, name := range names[:4] {
		text, err := capturedExport(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	chunked := strings.TrimSuffix(post("-Content-Length", "Transfer-Encoding: chunked"), alert)
	for _, text := range []string{
		post() + post(), post("Expect: 100-continue"), post("Connection: close") + post(), batchRequest(),
		post("Content-Length: 10"), post("Content-Length: 100000"), post("Content-Length: -1"),
		post("Content-Length: 1\r\nContent-Length: 2"), post("Transfer-Encoding: chunked"),
		chunked + "5\r\nhello\r\n0\r\n\r\n", chunked + "ffffffffffffffff\r\n",
		request("POST /alerts HTTP/1.0", alert), request("M-POST * HTTP/1.1", alert), "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
		"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n", "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
		"\x16\x03\x01\x00\xa5\x01\x00", "", "\r\n\r\n", "POST", strings.Repeat("A", 40<<10),
	} {
		f.Add([]byte(text))
	}
	var kept atomic.Int64
	_, addr := start(f, listener.HandlerFunc(func(context.Context, *listener.Indication) error {
		kept.Add(1)
		return nil
	}), &listener.Options{MaxBody: 64 << 10, HeaderTimeout: time.Second, ReadTimeout: time.Second})
	f.Fuzz(func(t *testing.T, sent []byte) {
		kept.Store(0)
		got := converse(t, addr, sent)
		checkConversation(t, sent, got, int(kept.Load()))
	})
}

// converse sends bytes, and that they are all, and returns what comes back.
func converse(t *testing.T, addr string, sent []byte) []byte {
	t.Helper()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	received := make(chan []byte, 1)
	go func() {
		got, _ := io.ReadAll(conn) // it may end by a reset when the server has enough
		received <- got
	}()
	_, _ = conn.Write(sent) // the server may have closed
	_ = conn.(*net.TCPConn).CloseWrite()
	return <-received
}

func checkConversation(t *testing.T, sent, got []byte, kept int) {
	t.Helper()
	if n := bytes.Count(got, []byte("<IRETURNVALUE>")); n != kept {
		t.Errorf("%d indications were kept and %d acknowledged:\n%s", kept, n, got)
	}
	if bytes.Contains(sent, []byte("HEAD")) {
		return // its answer has a length and no body
	}
	for r := bufio.NewReader(bytes.NewReader(got)); ; {
		if _, err := r.Peek(1); err != nil {
			return
		}
		answer, err := http.ReadResponse(r, nil)
		if err != nil {
			t.Fatalf("no answer of HTTP: %v\n%s", err, got)
		}
		_, err = io.Copy(io.Discard, answer.Body)
		answer.Body.Close()
		if err != nil {
			t.Fatalf("the answer is cut short: %v\n%s", err, got)
		}
		if answer.StatusCode != http.StatusContinue && (answer.StatusCode < 200 || answer.StatusCode > 510) {
			t.Errorf("status %d", answer.StatusCode)
		}
	}
}
