package cimxml_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
)

// checkPhase sees to it that an error is that the time ran out in a phase.
func checkPhase(t *testing.T, err error, want cimxml.Phase) {
	t.Helper()
	timeout, ok := errors.AsType[*cimxml.TimeoutError](err)
	if !ok || timeout.Phase != want || !errors.Is(err, context.DeadlineExceeded) || !timeout.Timeout() {
		t.Errorf("got %v, want a time-out while %s", err, want)
		return
	}
	if n := strings.Count(err.Error(), want.String()); n != 1 {
		t.Errorf("%q says %q %d times", err, want, n)
	}
}

// TestPhases asks servers that stall, each at another point, which a busy machine must
// reach before the time is over.
func TestPhases(t *testing.T) {
	big := cim.NewInstance("X", cim.Prop("P", cim.String(strings.Repeat("x", 32<<20)))) // more than sockets take
	for _, c := range []struct {
		phase  cimxml.Phase
		scheme string
		server func(net.Conn)
		call   func(context.Context, *cimxml.Client) error
	}{
		{cimxml.PhaseTLS, "https", stall, readNames},
		{cimxml.PhaseSend, "http", stall, func(ctx context.Context, c *cimxml.Client) error {
			_, err := c.CreateInstance(ctx, "", big)
			return err
		}},
		{cimxml.PhaseWait, "http", func(conn net.Conn) { takeRequest(conn); stall(conn) }, readNames},
		{cimxml.PhaseRead, "http", func(conn net.Conn) {
			takeRequest(conn)
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 1000\r\n\r\n<?xml version='1.0'?><CIM ")
			stall(conn)
		}, readNames},
	} {
		t.Run(c.phase.String(), func(t *testing.T) {
			t.Parallel()
			client, err := cimxml.NewClient(c.scheme+"://"+serveByHand(t, c.server), &cimxml.Options{Timeout: 2 * time.Second})
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
			checkPhase(t, c.call(t.Context(), client), c.phase)
		})
	}
}

// TestPhaseConnect dials where nothing answers.
func TestPhaseConnect(t *testing.T) {
	silent := func(ctx context.Context, _, _ string) (net.Conn, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	c, err := cimxml.NewClient("http://x", &cimxml.Options{
		HTTP: &http.Client{Transport: &http.Transport{DialContext: silent}}, Timeout: 10 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	checkPhase(t, readNames(t.Context(), c), cimxml.PhaseConnect)
}

// TestCancelIsNoTimeout ends an operation from outside.
func TestCancelIsNoTimeout(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	c := newClient(t, "http://"+serveByHand(t, func(conn net.Conn) { takeRequest(conn); cancel(); stall(conn) }))
	err := readNames(ctx, c)
	if _, ok := errors.AsType[*cimxml.TimeoutError](err); ok || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want that it was cancelled", err)
	}
}

func TestPhaseString(t *testing.T) {
	if got := cimxml.Phase(99).String(); got != "Phase(99)" {
		t.Errorf("got %s", got)
	}
}

func readNames(ctx context.Context, c *cimxml.Client) error {
	_, err := c.EnumerateClassNames(ctx, "", "", false)
	return err
}

// stall reads nothing and says nothing. The connection stays open.
func stall(net.Conn) {}

func takeRequest(conn net.Conn) {
	if r, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
		_, _ = io.Copy(io.Discard, r.Body)
	}
}

// serveByHand has serve handle each connection; it stays open until the test is over.
func serveByHand(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() { l.Close(); <-done })
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			defer conn.Close()
			serve(conn)
		}
	}()
	return l.Addr().String()
}
