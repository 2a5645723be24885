package listener_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// BenchmarkKeepAlive compares the listener with a server of net/http that only drains
// the body and answers, over connections that stay open.
func BenchmarkKeepAlive(b *testing.B) {
	b.Run("listener", func(b *testing.B) { benchmarkOpen(b, listenerAddr(b)) })
	b.Run("drain", func(b *testing.B) { benchmarkOpen(b, drainAddr(b)) })
}

// BenchmarkConnect does the same with a connection for each indication, as sfcb does.
func BenchmarkConnect(b *testing.B) {
	b.Run("listener", func(b *testing.B) { benchmarkConnect(b, listenerAddr(b)) })
	b.Run("drain", func(b *testing.B) { benchmarkConnect(b, drainAddr(b)) })
}

func listenerAddr(b *testing.B) string {
	_, addr := start(b, failing(nil), nil)
	return addr
}

func drainAddr(b *testing.B) string {
	answer := strings.Repeat("x", 250)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Length", fmt.Sprint(len(answer)))
		_, _ = io.WriteString(w, answer)
	}))
	b.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://")
}

// benchmarkRequest is an alert that sfcb sent, 2.8 kB.
func benchmarkRequest(b *testing.B) string {
	b.Helper()
	text, err := capturedExport(filepath.Join("testdata", "captures", "twohandlers-001.http"))
	if err != nil || text == nil {
		b.Fatalf("%v", err)
	}
	return string(text)
}

func benchmarkOpen(b *testing.B, addr string) {
	text := benchmarkRequest(b)
	b.SetParallelism(32)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		c := dial(b, addr)
		_ = c.SetDeadline(time.Time{})
		for pb.Next() {
			exchangeFast(b, c, text)
		}
	})
}

func benchmarkConnect(b *testing.B, addr string) {
	text := benchmarkRequest(b)
	b.SetParallelism(8)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			c := dial(b, addr)
			exchangeFast(b, c, text)
			_ = c.Close()
		}
	})
}

// exchangeFast sends and reads without the cost of an HTTP client: the answer of either
// server comes in one piece.
func exchangeFast(b *testing.B, c *client, text string) {
	if _, err := io.WriteString(c, text); err != nil {
		b.Error(err)
		return
	}
	var buf [4 << 10]byte
	n, err := c.Read(buf[:])
	if err != nil || !strings.HasPrefix(string(buf[:n]), "HTTP/1.1 200") {
		b.Errorf("%v: %q", err, buf[:n])
	}
}
