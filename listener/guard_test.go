package listener_test

import (
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/cimwatch/cimwatch/listener"
)

// cutOff reports whether the server closes a new connection without a word.
func cutOff(t *testing.T, addr string) bool {
	t.Helper()
	c := dial(t, addr)
	c.send(t, post())
	return c.atEnd()
}

// idle returns a connection that has had an answer.
func idle(t *testing.T, server *listener.Server, addr string) *client {
	t.Helper()
	before := server.Stats().Idle
	c := dial(t, addr)
	c.send(t, post())
	if got := c.receive(t, "POST"); got.StatusCode != 200 {
		t.Fatalf("status %d", got.StatusCode)
	}
	until(t, "the connection to be idle", func() bool { return server.Stats().Idle != before })
	return c
}

func TestConnectionsPerAddress(t *testing.T) {
	server, addr := start(t, &keeper{}, &listener.Options{MaxPerAddress: 2})
	first := idle(t, server, addr)
	idle(t, server, addr)
	if !cutOff(t, addr) {
		t.Error("a third connection was served")
	}
	_ = first.Close()
	until(t, "room", func() bool { return server.Stats().Open == 1 })
	if cutOff(t, addr) {
		t.Error("a connection was cut off, though one had closed")
	}
	if n := server.Stats().Connections["address-full"]; n != 1 {
		t.Errorf("counted %d", n)
	}
}

// TestConnectionsInAll fills the room with a silent connection: who comes at once is cut
// off, who comes later takes its place.
func TestConnectionsInAll(t *testing.T) {
	server, addr := start(t, &keeper{}, &listener.Options{MaxConnections: 1})
	silent := idle(t, server, addr)
	since := time.Now()
	if !cutOff(t, addr) && time.Since(since) < time.Second/2 {
		t.Error("a second connection was served at once")
	}
	until(t, "the silent connection to make room", func() bool { return !cutOff(t, addr) })
	if time.Since(since) < time.Second/2 {
		t.Error("the connection made room at once")
	}
	if !silent.atEnd() {
		t.Error("the silent connection is open")
	}
	if stats := server.Stats(); stats.Connections["connections-full"] == 0 || stats.Connections["idle-evicted"] == 0 {
		t.Errorf("%+v", stats)
	}
}

func TestOpeningConnections(t *testing.T) {
	server, addr := start(t, &keeper{}, &listener.Options{MaxOpening: 1})
	silent := dial(t, addr)
	until(t, "the silent connection", func() bool { return server.Stats().Opening == 1 })
	until(t, "the silent connection to make room", func() bool { return !cutOff(t, addr) })
	if !silent.atEnd() {
		t.Error("the silent connection is open")
	}
	stats := server.Stats()
	if stats.Connections["opening-full"] == 0 || stats.Connections["opening-evicted"] != 1 {
		t.Errorf("%+v", stats)
	}
}

func TestIdleConnections(t *testing.T) {
	server, addr := start(t, &keeper{}, &listener.Options{MaxIdle: 2})
	first, second, third := idle(t, server, addr), idle(t, server, addr), dial(t, addr)
	third.send(t, post())
	third.receive(t, "POST")
	if !first.atEnd() {
		t.Error("the oldest is open")
	}
	for _, c := range []*client{second, third} {
		c.send(t, post())
		if got := c.receive(t, "POST"); got.StatusCode != 200 {
			t.Errorf("status %d", got.StatusCode)
		}
	}
	if stats := server.Stats(); stats.Connections["idle-evicted"] != 1 || stats.Open != 2 {
		t.Errorf("%+v", stats)
	}
}

// TestSilence counts connections that end without a request, in TLS or not.
func TestSilence(t *testing.T) {
	server, addr := start(t, &keeper{}, &listener.Options{HeaderTimeout: 20 * time.Millisecond})
	if !dial(t, addr).atEnd() {
		t.Error("a silent connection stays open")
	}
	until(t, "the count", func() bool { return server.Stats().Connections["no-request"] == 1 })
	secure, addr := start(t, &keeper{}, &listener.Options{HeaderTimeout: 20 * time.Millisecond, TLS: testTLS(t)})
	if !dial(t, addr).atEnd() {
		t.Error("a silent connection stays open")
	}
	until(t, "the count", func() bool { return secure.Stats().Connections["handshake-failed"] == 1 })
	if stats := secure.Stats(); stats.Open != 0 || stats.Opening != 0 {
		t.Errorf("%+v", stats)
	}
}

// TestHandshakesApart has silent clients of TLS while another is served.
func TestHandshakesApart(t *testing.T) {
	_, addr := start(t, &keeper{}, &listener.Options{TLS: testTLS(t)})
	for range 50 {
		dial(t, addr)
	}
	c := dialTLS(t, addr, nil)
	c.send(t, post())
	if got := c.receive(t, "POST"); got.StatusCode != 200 {
		t.Errorf("status %d", got.StatusCode)
	}
}

func TestAllow(t *testing.T) {
	loopback, elsewhere := netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("192.0.2.0/24")
	all := func(netip.Addr) bool { return true }
	none := func(netip.Addr) bool { return false }
	for name, test := range map[string]struct {
		options listener.Options
		allowed bool
	}{
		"any":             {listener.Options{}, true},
		"within":          {listener.Options{Allow: []netip.Prefix{elsewhere, loopback}}, true},
		"elsewhere":       {listener.Options{Allow: []netip.Prefix{elsewhere}}, false},
		"by the function": {listener.Options{Allow: []netip.Prefix{elsewhere}, AllowFunc: all}, true},
		"by neither":      {listener.Options{Allow: []netip.Prefix{elsewhere}, AllowFunc: none}, false},
		"function alone":  {listener.Options{AllowFunc: none}, false},
	} {
		t.Run(name, func(t *testing.T) {
			server, addr := start(t, &keeper{}, &test.options)
			if got := !cutOff(t, addr); got != test.allowed {
				t.Errorf("allowed is %v", got)
			}
			if n := server.Stats().Connections["address-not-allowed"]; (n == 0) != test.allowed {
				t.Errorf("counted %d", n)
			}
		})
	}
}

// TestAllowWithinAnotherServer refuses by request where connections are not its own.
func TestAllowWithinAnotherServer(t *testing.T) {
	server := listener.New(&keeper{}, &listener.Options{AllowFunc: func(netip.Addr) bool { return false }})
	got := ask(t, serveElsewhere(t, server), post())
	if got.StatusCode != 403 || !got.Close || server.Stats().Answers["address-not-allowed"] != 1 {
		t.Errorf("answered\n%s", got.raw)
	}
}

// TestBurst has more connect at once than are accepted at once, each for one request.
func TestBurst(t *testing.T) {
	const senders = 500
	k := &keeper{}
	_, addr := start(t, k, nil)
	conns := make([]net.Conn, senders)
	for n := range conns {
		conns[n] = dial(t, addr)
	}
	for _, c := range conns {
		newClient(t, c).send(t, post("Connection: close"))
	}
	for _, c := range conns {
		if got := newClient(t, c).receive(t, "POST"); got.StatusCode != 200 {
			t.Fatalf("status %d", got.StatusCode)
		}
	}
	if n := len(k.take()); n != senders {
		t.Errorf("%d were kept", n)
	}
}

// TestDrainAnnouncesClose has a sender that goes on right after an answer that was given
// before the shutdown: it is answered, and told that the connection closes.
func TestDrainAnnouncesClose(t *testing.T) {
	server, addr := start(t, &keeper{}, nil)
	c := idle(t, server, addr)
	down := make(chan error, 1)
	go func() { down <- server.Shutdown(t.Context()) }()
	c.send(t, post())
	got := c.receive(t, "POST")
	for n := 0; n < 10_000 && got.StatusCode == 200 && !got.Close; n++ { // it came before Shutdown began
		c.send(t, post())
		got = c.receive(t, "POST")
	}
	if !got.Close {
		t.Errorf("answered\n%s", got.raw)
	}
	if err := <-down; err != nil {
		t.Error(err)
	}
}
