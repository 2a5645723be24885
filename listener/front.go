package listener

import (
	"fmt"
	"net"
	"net/http"
	"runtime/debug"
	"sync"
)

// A front serves what senders send nearly always: a plain request, see plainHead, on a
// connection without TLS. It costs half of what net/http needs for it, which has to be ready
// for more. A connection on which anything else comes is handed over to net/http, with the
// bytes that were read of it, for the rest of its life: so there is one reading of what is
// odd, and it is that of net/http.
type front struct {
	server *Server
	states sync.Pool // of *state
	open   *gate     // of connections that are served here
}

// frontListener is what net/http accepts from. It looks after errors of Accept and after the
// closing, while the connections begin at the front.
type frontListener struct {
	net.Listener // guarded

	front *front
	over  *handover
}

// Accept has the front serve connections until one cannot be accepted. It returns those that
// may be more than they look, such as TLS of the listener's own.
func (l *frontListener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		switch c.(type) {
		case *net.TCPConn, *net.UnixConn:
			go l.front.serve(c, l.over)
		default:
			return c, nil
		}
	}
}

// serve answers the requests of a connection until it ends or is handed over.
func (f *front) serve(conn net.Conn, over *handover) {
	if f.open.enter() != nil {
		f.end(conn)
		return
	}
	defer f.open.leave()
	c := f.connect(conn)
	if rest := c.talk(); rest != nil {
		f.release(c)
		over.take(&continued{Conn: conn, ahead: rest})
		return
	}
	f.end(conn)
	f.release(c)
}

func (f *front) end(conn net.Conn) {
	_ = conn.Close()
	f.server.guard.follow(conn, http.StateClosed)
}

// talk answers requests one after the other. It returns what was read of the first one that
// is not plain, nil when the connection is to be closed.
func (c *frontConn) talk() (rest []byte) {
	defer func() {
		if p := recover(); p != nil { // of a hook: those of handlers are answered
			c.front.server.opts.Logger.Error("serving a request panicked",
				"remote", c.head.request.RemoteAddr, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			rest, c.broken = nil, true
		}
	}()
	for {
		switch c.receive() {
		case received:
			if !c.answer() {
				return nil
			}
		case notPlain:
			return c.unread()
		default:
			return nil
		}
	}
}
