package listener

import (
	"errors"
	"io"
	"net"
	"net/http"
	"time"
)

// roomAhead is how much of a connection is read at once: nearly every request, with its body.
const roomAhead = 8 << 10

// A state is what serving a connection needs and the next can use again.
type state struct {
	head   plainHead
	buffer [roomAhead]byte
	answer frontAnswer
	body   frontBody
	ctx    *senderContext
}

// A frontConn is a connection at the front.
type frontConn struct {
	*state

	front *front
	conn  net.Conn

	// What was read and not used yet is buffer[start:end]. While a request is watched,
	// end is the watch's.
	start, end int

	began  time.Time // reading the request, or waiting for the first one
	asked  bool      // a request was received before
	broken bool      // serving a request panicked: the state may be in use

	readBy, writeBy deadline
}

func (f *front) connect(conn net.Conn) *frontConn {
	st, ok := f.states.Get().(*state)
	if !ok {
		st = new(state)
		st.head.init()
		st.answer.init()
	}
	c := &frontConn{state: st, front: f, conn: conn, began: time.Now()}
	c.readBy.set, c.writeBy.set = conn.SetReadDeadline, conn.SetWriteDeadline
	c.body.conn = c
	c.head.request.RemoteAddr = conn.RemoteAddr().String()
	c.head.request.Body = &c.body
	return c
}

// release lets go of what belongs to the connection.
func (f *front) release(c *frontConn) {
	st := c.state
	if st.ctx != nil {
		st.ctx.cancel()
	}
	if c.broken {
		return
	}
	st.ctx, st.body = nil, frontBody{}
	st.head.request.Body, st.head.request.RemoteAddr = nil, ""
	st.answer.trim()
	f.states.Put(st)
}

// A reception is what came of waiting for a request.
type reception uint8

const (
	gone     reception = iota // nobody is there any more, or has been silent for too long
	received                  // a plain request, perhaps without all of its body
	notPlain
)

// receive waits for a request and reads its head.
func (c *frontConn) receive() reception {
	if c.compact(); c.end > 0 {
		c.began = time.Now() // of one that was sent together with the last
	}
	for {
		if c.end > 0 {
			switch n := c.head.read(c.buffer[:c.end], c.front.server.opts.MaxBody); {
			case n > 0:
				c.start = n
				return received
			case n < 0 && c.isRequest() || c.end == len(c.buffer):
				return notPlain
			}
		}
		switch err := c.more(); {
		case errors.Is(err, io.EOF) && c.isRequest():
			return notPlain
		case err != nil:
			return gone
		}
	}
}

// isRequest reports whether net/http takes what has come for the beginning of a request: after
// another one less than four bytes are nothing.
func (c *frontConn) isRequest() bool { return c.end >= 4 || c.end > 0 && !c.asked }

// more reads what comes next, as long as the time limits allow.
func (c *frontConn) more() error {
	o, idle := &c.front.server.opts, c.end == 0 && c.asked
	if idle {
		c.readBy.about(time.Now(), o.IdleTimeout)
	} else {
		c.readBy.at(c.began.Add(min(o.HeaderTimeout, o.ReadTimeout)))
	}
	n, err := c.conn.Read(c.buffer[c.end:])
	c.end += n
	if idle {
		c.began = time.Now()
	}
	if n > 0 {
		return nil // an error comes again
	}
	return err
}

// compact makes room for the next request.
func (c *frontConn) compact() {
	c.end = copy(c.buffer[:], c.buffer[c.start:c.end])
	c.start = 0
}

// unread returns what was read and not used.
func (c *frontConn) unread() []byte { return append([]byte(nil), c.buffer[c.start:c.end]...) }

// answer serves the request that was received, and reports whether the connection can be
// used for another one.
func (c *frontConn) answer() bool {
	s, answer := c.front.server, &c.state.answer
	s.guard.follow(c.conn, http.StateActive)
	c.asked = true
	c.body.left, c.body.err = c.head.request.ContentLength, nil
	c.writeBy.about(time.Now(), s.opts.WriteTimeout)
	c.withContext()
	answer.reset()
	s.ServeHTTP(answer, c.head.request)
	there := c.ctx.finish(s.opts.Lend)
	whole := c.body.drain()
	again, err := answer.send(c.conn, c.head.close || !whole)
	switch {
	case err != nil:
		s.opts.Logger.Debug("answer not sent", "remote", c.head.request.RemoteAddr, "error", err)
		return false
	case !whole:
		c.linger()
		return false
	case again && there && c.start == c.end:
		s.guard.follow(c.conn, http.StateIdle)
	}
	return again && there
}

// lingering is how long a sender that goes on with a body has to read the answer.
const lingering = 500 * time.Millisecond

// linger lets the peer read the answer: to close while it still sends would take it away.
func (c *frontConn) linger() {
	if closeWrite(c.conn) == nil {
		c.readBy.at(time.Now().Add(lingering))
		_, _ = io.CopyN(io.Discard, c.conn, c.body.left) // whatever comes of it
	}
}
