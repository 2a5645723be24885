package listener

import (
	"crypto/tls"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// A guard bounds the connections of a Server: how many there are, how many come from one
// address, how many have sent nothing yet, and how many wait for their next request.
//
// Who has just connected is refused when there is no room; who has been silent for a
// while makes room instead. A refused sender is cut off without a word and comes again,
// which costs less than an answer.
type guard struct {
	most    room
	allowed func(netip.Addr) bool
	counts  [endCount]atomic.Uint64

	mu      sync.Mutex            // protects what follows
	conns   map[net.Conn]*tracked // by what lies below TLS
	by      map[netip.Addr]int    // open, by what keyOf makes of an address
	opening line
	idle    line
	closed  bool // no connection may be silent any more
}

// room is how many connections there may be.
type room struct{ total, address, opening, idle int }

// settled is how long a connection must have been silent to make room for another.
const settled = time.Second

// An end is why a connection was refused or closed before its time, or that it was not.
type end uint8

const (
	accepted end = iota
	addressNotAllowed
	addressFull
	connectionsFull
	openingFull
	openingEvicted
	idleEvicted
	handshakeFailed
	noRequest

	endCount
)

var endNames = [endCount]string{
	accepted:          "accepted",
	addressNotAllowed: "address-not-allowed",
	addressFull:       "address-full",
	connectionsFull:   "connections-full",
	openingFull:       "opening-full",
	openingEvicted:    "opening-evicted",
	idleEvicted:       "idle-evicted",
	handshakeFailed:   "handshake-failed",
	noRequest:         "no-request",
}

// A tracked connection is in at most one line.
type tracked struct {
	conn  net.Conn // below TLS
	key   netip.Addr
	since time.Time // it is in line
	began bool      // its first request has begun

	in         *line
	prev, next *tracked
}

func newGuard(most room, allowed func(netip.Addr) bool) *guard {
	return &guard{
		most: most, allowed: allowed,
		conns: make(map[net.Conn]*tracked), by: make(map[netip.Addr]int),
	}
}

// guardedListener accepts the connections that the guard admits.
type guardedListener struct {
	net.Listener

	guard *guard
}

// Accept waits for the next connection that there is room for.
func (l guardedListener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil || l.guard.admit(c) {
			return c, err
		}
		_ = below(c).Close() // it is nobody's yet
	}
}

// admit takes a connection in, or counts why not.
func (g *guard) admit(c net.Conn) bool {
	addr := addrOf(c.RemoteAddr())
	if !g.allowed(addr) {
		g.counts[addressNotAllowed].Add(1)
		return false
	}
	now := time.Now()
	t := &tracked{conn: below(c), key: keyOf(addr)}
	g.mu.Lock()
	verdict, victim := g.judge(t, now)
	if g.closed {
		verdict = connectionsFull
	}
	if verdict == accepted {
		g.conns[t.conn] = t
		g.by[t.key]++
		g.opening.push(t, now)
	}
	g.mu.Unlock()
	g.counts[verdict].Add(1)
	if victim != nil {
		_ = victim.Close() // net/http finds out and cleans up
	}
	return verdict == accepted
}

// judge says whether there is room, and which connection is to be closed to make it.
func (g *guard) judge(t *tracked, now time.Time) (end, net.Conn) {
	switch {
	case g.by[t.key] >= g.most.address:
		return addressFull, nil
	case g.opening.length >= g.most.opening:
		if victim := g.evict(&g.opening, openingEvicted, now); victim != nil {
			return accepted, victim
		}
		return openingFull, nil
	case len(g.conns) >= g.most.total:
		victim := g.evict(&g.idle, idleEvicted, now)
		if victim == nil {
			victim = g.evict(&g.opening, openingEvicted, now)
		}
		if victim == nil {
			return connectionsFull, nil
		}
		return accepted, victim
	}
	return accepted, nil
}

// evict takes the first out of a line if it has been there for a while.
func (g *guard) evict(l *line, why end, now time.Time) net.Conn {
	first := l.first
	if first == nil || now.Sub(first.since) < settled {
		return nil
	}
	return g.drop(first, why)
}

func (g *guard) drop(t *tracked, why end) net.Conn {
	t.leave()
	g.forget(t)
	g.counts[why].Add(1)
	return t.conn
}

func (g *guard) forget(t *tracked) {
	delete(g.conns, t.conn)
	if g.by[t.key]--; g.by[t.key] == 0 {
		delete(g.by, t.key)
	}
}

// follow is the ConnState of the http.Server.
func (g *guard) follow(c net.Conn, state http.ConnState) {
	var victim net.Conn
	g.mu.Lock()
	if t := g.conns[below(c)]; t != nil {
		victim = g.move(t, c, state)
	}
	g.mu.Unlock()
	if victim != nil {
		_ = victim.Close() // net/http finds out and cleans up
	}
}

// move puts a connection where its new state belongs.
func (g *guard) move(t *tracked, c net.Conn, state http.ConnState) (victim net.Conn) {
	switch state {
	case http.StateActive:
		t.leave()
		t.began = true
	case http.StateIdle:
		g.idle.push(t, time.Now())
		if g.idle.length > g.most.idle || g.closed {
			return g.drop(g.idle.first, idleEvicted)
		}
	case http.StateClosed, http.StateHijacked:
		t.leave()
		g.forget(t)
		if !t.began {
			g.counts[silence(c)].Add(1)
		}
	}
	return nil
}

// closeSilent closes the connections that have sent no request, or wait for their next, and
// has all others closed when they come to that.
func (g *guard) closeSilent() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed = true
	for _, l := range []*line{&g.opening, &g.idle} {
		for t := l.first; t != nil; t = t.next {
			_ = t.conn.Close() // who serves it finds out and cleans up
		}
	}
}

// closeAll closes all connections.
func (g *guard) closeAll() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed = true
	for c := range g.conns {
		_ = c.Close() // who serves it finds out and cleans up
	}
}

// silence tells why a connection has ended without a request.
func silence(c net.Conn) end {
	if t, ok := c.(*tls.Conn); ok && !t.ConnectionState().HandshakeComplete {
		return handshakeFailed
	}
	return noRequest
}

// lastIdle returns when a connection last began to wait for its next request; ok is false
// when none does.
func (g *guard) lastIdle() (since time.Time, ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.idle.last == nil {
		return time.Time{}, false
	}
	return g.idle.last.since, true
}

// fill reports the counts.
func (g *guard) fill(stats *Stats) {
	stats.Connections = make(map[string]uint64, endCount)
	for e, name := range endNames {
		stats.Connections[name] = g.counts[e].Load()
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	stats.Open, stats.Opening, stats.Idle = len(g.conns), g.opening.length, g.idle.length
}

// below returns the connection that TLS runs on. To close that one does not wait for the
// peer.
func below(c net.Conn) net.Conn {
	switch c := c.(type) {
	case *tls.Conn:
		return c.NetConn()
	case *continued:
		return c.Conn
	default:
		return c
	}
}

func addrOf(a net.Addr) netip.Addr {
	if tcp, ok := a.(*net.TCPAddr); ok {
		addr, _ := netip.AddrFromSlice(tcp.IP)
		return addr.Unmap()
	}
	return netip.Addr{}
}

// keyOf returns what counts as one address: of IPv6, a network of 64 bits, in which one
// host may have any.
func keyOf(addr netip.Addr) netip.Addr {
	if !addr.Is6() {
		return addr
	}
	network, err := addr.WithZone("").Prefix(64)
	if err != nil {
		return addr
	}
	return network.Addr()
}
