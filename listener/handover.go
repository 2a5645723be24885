package listener

import (
	"net"
	"net/http"
	"sync"
)

// A handover is a net.Listener that yields the connections that the front leaves to net/http.
type handover struct {
	addr  net.Addr
	guard *guard
	conns chan net.Conn

	closing sync.Once
	closed  chan struct{}
}

func newHandover(addr net.Addr, g *guard) *handover {
	return &handover{addr: addr, guard: g, conns: make(chan net.Conn), closed: make(chan struct{})}
}

// take hands a connection over, or closes it when nobody serves it any more.
func (h *handover) take(c net.Conn) {
	select {
	case h.conns <- c:
	case <-h.closed:
		_ = c.Close()
		h.guard.follow(c, http.StateClosed)
	}
}

// Accept waits for the next connection.
func (h *handover) Accept() (net.Conn, error) {
	select {
	case c := <-h.conns:
		return c, nil
	case <-h.closed:
		return nil, net.ErrClosed
	}
}

// Close ends Accept. It may be called again.
func (h *handover) Close() error {
	h.closing.Do(func() { close(h.closed) })
	return nil
}

// Addr returns the address that the connections came to.
func (h *handover) Addr() net.Addr { return h.addr }

// A continued connection begins with what was read of it before.
type continued struct {
	net.Conn

	ahead []byte
}

// Read reads what is ahead, then from the connection.
func (c *continued) Read(b []byte) (int, error) {
	if len(c.ahead) == 0 {
		return c.Conn.Read(b)
	}
	n := copy(b, c.ahead)
	c.ahead = c.ahead[n:]
	return n, nil
}

// CloseWrite is for net/http, which lets the peer read an answer before it closes.
func (c *continued) CloseWrite() error { return closeWrite(c.Conn) }

// closeWrite says that nothing more is sent, where the connection has a way to.
func closeWrite(c net.Conn) error {
	if half, ok := c.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}
