package cimxml_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
)

// emptyReply is a handler that answers the first request of a client.
func emptyReply(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/xml")
	_, _ = io.WriteString(w, body("<IRETURNVALUE/>")) // the client reads it or fails
}

// names calls an operation on a new client with options.
func names(t *testing.T, url string, o *cimxml.Options) error {
	t.Helper()
	c, err := cimxml.NewClient(url, o)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_, err = c.EnumerateClassNames(t.Context(), "", "", false)
	return err
}

func TestUnixSocket(t *testing.T) {
	file := filepath.Join(t.TempDir(), "cim.sock")
	l, err := net.Listen("unix", file)
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Host != "localhost:5988" {
			t.Errorf("the host is %s", r.Host)
		}
		emptyReply(w, r)
	}))
	s.Listener.Close()
	s.Listener = l
	s.Start()
	t.Cleanup(s.Close)
	if err := names(t, "http://localhost", &cimxml.Options{Socket: file}); err != nil {
		t.Error(err)
	}
	if err := names(t, "http://localhost", &cimxml.Options{Socket: file + "x"}); err == nil || !strings.Contains(err.Error(), "cim.sockx") {
		t.Errorf("no such socket: got %v", err)
	}
}

func TestCompressedReply(t *testing.T) {
	s := raw(t, func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			t.Errorf("Accept-Encoding is %q", r.Header.Get("Accept-Encoding"))
		}
		w.Header().Set("Content-Type", "text/xml")
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		_, _ = io.WriteString(z, body(`<IRETURNVALUE><CLASSNAME NAME="CIM_X"/></IRETURNVALUE>`))
		_ = z.Close()
	})
	if got, err := listNames(t, s.URL); err != nil || len(got) != 1 || got[0] != "CIM_X" {
		t.Errorf("got %v, %v", got, err)
	}
}

// TestProxy goes through a proxy that wants a password, for a host that nobody knows.
func TestProxy(t *testing.T) {
	proxy := raw(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Host != "cim.invalid:5988" {
			t.Errorf("the proxy was asked for %s", r.URL)
		}
		if r.Header.Get("Proxy-Authorization") == "" {
			w.WriteHeader(http.StatusProxyAuthRequired)
			return
		}
		emptyReply(w, r)
	})
	host := strings.TrimPrefix(proxy.URL, "http://")
	if err := names(t, "http://cim.invalid", &cimxml.Options{Proxy: "http://user:" + secret + "@" + host}); err != nil {
		t.Error(err)
	}
	var h *cimxml.HTTPError
	if err := names(t, "http://cim.invalid", &cimxml.Options{Proxy: proxy.URL}); !errors.As(err, &h) || h.StatusCode != http.StatusProxyAuthRequired {
		t.Errorf("no password: got %v", err)
	}
	for _, url := range []string{"ftp://user:" + secret + "@host", "http://user:" + secret + "@", "http://user:" + secret + "@host:x", "host:3128"} {
		if _, err := cimxml.NewClient("http://x", &cimxml.Options{Proxy: url}); err == nil || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: got %v, want an error without the password", url, err)
		}
	}
}

// TestMaxConcurrent calls more operations at once than may be, and counts at the server.
func TestMaxConcurrent(t *testing.T) {
	const most, calls = 3, 20
	var now, peak atomic.Int32
	full := make(chan struct{}) // closed once so many are at the server as may be
	s := raw(t, func(w http.ResponseWriter, r *http.Request) {
		n := now.Add(1)
		defer now.Add(-1)
		counted := func(n int32) bool { p := peak.Load(); return n <= p || peak.CompareAndSwap(p, n) }
		for !counted(n) {
			continue // another was counted meanwhile
		}
		if n == most {
			select {
			case <-full:
			default:
				close(full)
			}
		}
		<-full
		req, err := cimxml.ReadRequest(r.Body, cimxml.Limits{})
		if err != nil {
			t.Error(err)
			return
		}
		if err := cimxml.WriteResponse(w, req, result(cimxml.FormName)(req)); err != nil {
			t.Error(err)
		}
	})
	c, err := cimxml.NewClient(s.URL, &cimxml.Options{MaxConcurrent: most})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	var group sync.WaitGroup
	for range calls {
		group.Go(func() {
			if _, err := c.EnumerateClassNames(t.Context(), "", "", false); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if got := peak.Load(); got != most {
		t.Errorf("%d operations ran at once, want %d", got, most)
	}
}

// TestMaxConcurrentWaits has an operation wait for a turn for longer than its time.
func TestMaxConcurrentWaits(t *testing.T) {
	s := serve(t, result(cimxml.FormNamedInstance, cim.EmbeddedInstance(disk("1"))))
	c, err := cimxml.NewClient(s.URL, &cimxml.Options{MaxConcurrent: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	for _, err := range c.EnumerateInstances(t.Context(), "", "CIM_Disk", nil) {
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		_, err := c.GetInstance(ctx, diskPath("1"), nil)
		cancel()
		checkPhase(t, err, cimxml.PhaseQueue)
	}
	if _, err := c.GetInstance(t.Context(), diskPath("1"), nil); err != nil {
		t.Errorf("with a turn free: got %v", err)
	}
}

// A closer is a server by hand that closes each connection after some answers, without
// saying so. It counts the requests that reached it.
type closer struct {
	url      string
	requests atomic.Int32
}

// newCloser starts a closer that answers so many requests of a connection, reads one more
// of those whose method is in unanswered, and closes.
func newCloser(t *testing.T, most int, unanswered string) *closer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &closer{url: "http://" + l.Addr().String()}
	var group sync.WaitGroup
	t.Cleanup(func() { l.Close(); group.Wait() })
	group.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			group.Go(func() {
				defer conn.Close()
				b := bufio.NewReader(conn)
				for range most {
					if !s.answer(conn, b, unanswered) {
						return
					}
				}
			})
		}
	})
	return s
}

func (s *closer) answer(conn net.Conn, b *bufio.Reader, unanswered string) bool {
	r, err := http.ReadRequest(b)
	if err != nil {
		return false
	}
	req, err := cimxml.ReadRequest(r.Body, cimxml.Limits{})
	if err != nil {
		return false
	}
	s.requests.Add(1)
	if req.Method == unanswered {
		return false
	}
	var reply bytes.Buffer
	resp := &cimxml.Response{Form: cimxml.FormNamedInstance}
	if req.Method == "CreateInstance" {
		resp = result(cimxml.FormName, cim.Reference(diskPath("1")))(req)
	}
	if err := cimxml.WriteResponse(&reply, req, resp); err != nil {
		return false
	}
	_, err = fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n%s", reply.Len(), reply.Bytes())
	return err == nil
}

// TestKeepAliveOfServersThatClose reads from a server that closes after ten answers: no
// call fails for it.
func TestKeepAliveOfServersThatClose(t *testing.T) {
	s := newCloser(t, 10, "")
	c := newClient(t, s.url)
	const calls = 95
	for n := range calls {
		if _, err := collect(t, c.EnumerateInstances(t.Context(), "", "CIM_Disk", nil)); err != nil {
			t.Fatalf("call %d: %v", n, err)
		}
	}
	if n := s.requests.Load(); n != calls {
		t.Errorf("%d requests came for %d calls", n, calls)
	}
}

// TestCreateIsSentOnce breaks the connection while the server holds a CreateInstance: it
// may be done, so it is not sent again.
func TestCreateIsSentOnce(t *testing.T) {
	s := newCloser(t, 10, "CreateInstance")
	c := newClient(t, s.url)
	for range 5 {
		if _, err := collect(t, c.EnumerateInstances(t.Context(), "", "CIM_Disk", nil)); err != nil {
			t.Fatal(err)
		}
		before := s.requests.Load()
		if _, err := c.CreateInstance(t.Context(), "", disk("1")); err == nil {
			t.Fatal("no error")
		}
		if n := s.requests.Load() - before; n != 1 {
			t.Errorf("CreateInstance came %d times", n)
		}
	}
}
