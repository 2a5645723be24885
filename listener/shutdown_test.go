package listener_test

import (
	"context"
	"errors"
	"net"
	"testing"
	"time"

	"github.com/cimwatch/cimwatch/listener"
)

// A blocker is a handler that waits within until it is released.
type blocker struct{ entered, release chan struct{} }

func newBlocker() *blocker {
	return &blocker{entered: make(chan struct{}, 10), release: make(chan struct{})}
}

func (b *blocker) HandleIndication(context.Context, *listener.Indication) error {
	b.entered <- struct{}{}
	<-b.release
	return nil
}

// until calls f, which takes its time on the network, until it returns true.
func until(t *testing.T, what string, f func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for !f() {
		if time.Now().After(deadline) {
			t.Fatalf("waiting for %s in vain", what)
		}
	}
}

// TestShutdownDrains has a request in the handler while the server shuts down: that one
// is answered 200, what comes in the meantime 503, and then the port closes.
func TestShutdownDrains(t *testing.T) {
	b := newBlocker()
	server, addr := start(t, b, nil)
	running, late := dial(t, addr), dial(t, addr)
	running.send(t, post())
	<-b.entered
	half := post()
	late.send(t, half[:40])
	down := make(chan error, 1)
	go func() { down <- server.Shutdown(t.Context()) }()
	until(t, "a request to be answered 503", func() bool {
		c := dial(t, addr)
		c.send(t, withBody("no XML")) // 400 until then
		return c.receive(t, "POST").StatusCode == 503
	})
	late.send(t, half[40:])
	got := late.receive(t, "POST")
	if got.StatusCode != 503 || got.body != "shutting-down\n" || got.Header.Get("Retry-After") == "" || !got.Close {
		t.Errorf("answered\n%s", got.raw)
	}
	select {
	case err := <-down:
		t.Fatalf("Shutdown did not wait: %v", err)
	default:
	}
	close(b.release)
	if got := running.receive(t, "POST"); got.StatusCode != 200 || !got.Close {
		t.Errorf("status %d, close %v for the running request", got.StatusCode, got.Close)
	}
	if err := <-down; err != nil {
		t.Errorf("shutdown: %v", err)
	}
	if _, err := new(net.Dialer).DialContext(t.Context(), "tcp", addr); err == nil {
		t.Error("the port is open after Shutdown")
	}
	if stats := server.Stats(); stats.Answers["kept"] != 1 || stats.Answers["shutting-down"] != 2 || stats.Serving != 0 {
		t.Errorf("%+v", stats)
	}
}

func TestShutdownGivesUp(t *testing.T) {
	b := newBlocker()
	ln, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := listener.New(b, nil)
	served := make(chan error, 1)
	go func() { served <- server.Serve(ln) }()
	c := dial(t, ln.Addr().String())
	c.send(t, post())
	<-b.entered
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := server.Shutdown(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("shutdown: %v", err)
	}
	if !c.atEnd() {
		t.Error("the connection stays open")
	}
	if err := <-served; err != nil {
		t.Errorf("serve: %v", err)
	}
	close(b.release)
	if err := server.Shutdown(t.Context()); err != nil {
		t.Errorf("second shutdown: %v", err)
	}
}

// TestShutdownWithinAnotherServer waits for requests on connections that are not its own.
func TestShutdownWithinAnotherServer(t *testing.T) {
	b := newBlocker()
	inner := listener.New(b, nil)
	addr := serveElsewhere(t, inner)
	c := dial(t, addr)
	c.send(t, post())
	<-b.entered
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := inner.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("shutdown while serving: %v", err)
	}
	close(b.release)
	if got := c.receive(t, "POST"); got.StatusCode != 200 {
		t.Errorf("status %d", got.StatusCode)
	}
	if err := inner.Shutdown(t.Context()); err != nil {
		t.Errorf("shutdown: %v", err)
	}
}

func TestListenAndServe(t *testing.T) {
	k := &keeper{}
	server := listener.New(k, nil)
	ctx, cancel := context.WithCancel(t.Context())
	addr := freeAddr(t)
	done := make(chan error, 1)
	go func() { done <- server.ListenAndServe(ctx, addr) }()
	until(t, "the server to listen", func() bool {
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", addr)
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	})
	if got := ask(t, addr, post()); got.StatusCode != 200 {
		t.Errorf("status %d", got.StatusCode)
	}
	cancel()
	if err := <-done; err != nil {
		t.Errorf("%v", err)
	}
}

func TestListenAndServeFails(t *testing.T) {
	_, addr := start(t, &keeper{}, nil)
	err := listener.New(&keeper{}, nil).ListenAndServe(t.Context(), addr)
	if opError, ok := errors.AsType[*net.OpError](err); !ok || opError.Op != "listen" {
		t.Errorf("%v, want an error of listen", err)
	}
}

func TestServeFails(t *testing.T) {
	ln, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = ln.Close()
	if err := listener.New(&keeper{}, nil).Serve(ln); !errors.Is(err, net.ErrClosed) {
		t.Errorf("%v, want net.ErrClosed", err)
	}
}

func TestServeAfterShutdown(t *testing.T) {
	server := listener.New(&keeper{}, nil)
	if err := server.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	ln, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Serve(ln); err != nil {
		t.Errorf("%v", err)
	}
	if _, err := ln.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("the listener is not closed: %v", err)
	}
}

// freeAddr returns an address that was free a moment ago.
func freeAddr(t *testing.T) string {
	t.Helper()
	ln, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().String()
}
