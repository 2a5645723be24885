package daemon

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// TestSilentHostLosesSlot has one slot for work: who is heard keeps it, who falls silent
// makes room, and who gives it up twice makes room once.
func TestSilentHostLosesSlot(t *testing.T) {
	s := newSlots(1)
	s.patience = time.Hour
	talker, err := s.take(t.Context(), s.work)
	if err != nil {
		t.Fatal(err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.take(ended, s.work); !errors.Is(err, context.Canceled) {
		t.Fatalf("a second slot: %v", err)
	}
	talker.patience = time.Millisecond // from its next word on
	talker.heard()
	next, err := s.take(t.Context(), s.work) // when the first is silent for too long
	if err != nil {
		t.Fatal(err)
	}
	talker.heard()
	talker.done()
	if len(s.work) != 1 {
		t.Errorf("%d slots are taken, want that of the second", len(s.work))
	}
	next.own() // for as long as it takes
	next.done()
	next.done()
	if len(s.work) != 0 {
		t.Errorf("%d slots are taken at the end", len(s.work))
	}
}

// TestConnectTime gives up a server that takes connections and goes no further.
func TestConnectTime(t *testing.T) {
	ln, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	transport := &http.Transport{TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12}}
	defer transport.CloseIdleConnections()
	l := line{next: transport, within: 20 * time.Millisecond, heard: func() {}}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+ln.Addr().String(), http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := l.RoundTrip(r)
	if err == nil {
		_ = resp.Body.Close()
	}
	if timeout, ok := errors.AsType[net.Error](err); !ok || !timeout.Timeout() || !errors.Is(err, errConnect) {
		t.Errorf("error %v, want that of a connection that takes too long", err)
	}
}

// TestSlowAnswer waits longer for an answer than for a connection.
func TestSlowAnswer(t *testing.T) {
	const within = 50 * time.Millisecond
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-time.After(4 * within):
		case <-r.Context().Done():
		}
		w.WriteHeader(http.StatusTeapot)
	}))
	defer server.Close()
	heard := 0
	l := line{next: server.Client().Transport, within: within, heard: func() { heard++ }}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := l.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusTeapot || heard != 2 {
		t.Errorf("status %d, heard %d times; want 418, twice", resp.StatusCode, heard)
	}
}
