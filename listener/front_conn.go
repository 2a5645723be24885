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

	began time.Time // reading the request, or waiting for the first one
	asked bool      // a request was answered

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
	if c.ctx != nil {
		c.ctx.cancel()
	}
	st := c.state
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
	c.compact()
	for {
		if c.end > c.start {
			switch n := c.head.read(c.buffer[c.start:c.end], c.front.server.opts.MaxBody); {
			case n > 0:
				c.start += n
				return received
			case n < 0 || c.end == len(c.buffer):
				return notPlain
			}
		}
		if !c.more() {
			return gone
		}
	}
}

// more reads what comes next, as long as the time limits allow.
func (c *frontConn) more() bool {
	o, first := &c.front.server.opts, c.end == c.start
	if first && c.asked {
		c.readBy.about(time.Now(), o.IdleTimeout)
	} else {
		c.readBy.at(c.began.Add(min(o.HeaderTimeout, o.ReadTimeout)))
	}
	n, err := c.conn.Read(c.buffer[c.end:])
	c.end += n
	if n > 0 && first && c.asked {
		c.began = time.Now()
	}
	return n > 0 || err == nil
}

// compact makes room for the next request.
func (c *frontConn) compact() {
	if c.start > 0 {
		c.end = copy(c.buffer[:], c.buffer[c.start:c.end])
		c.start = 0
	}
}

// unread returns what was read and not used.
func (c *frontConn) unread() []byte { return append([]byte(nil), c.buffer[c.start:c.end]...) }

// answer serves the request that was received, and reports whether the connection can be
// used for another one.
func (c *frontConn) answer() bool {
	s := c.front.server
	s.guard.follow(c.conn, http.StateActive)
	c.asked = true
	c.body.left, c.body.err = c.head.request.ContentLength, nil
	c.writeBy.about(c.began, s.opts.WriteTimeout)
	c.withContext()
	c.state.answer.reset()
	s.ServeHTTP(&c.state.answer, c.head.request)
	heard := c.ctx.finish(!s.opts.Lend)
	whole := c.body.drain()
	again := c.state.answer.send(c.conn, c.head.close || !whole) && heard
	switch {
	case !whole:
		c.linger()
		return false
	case again && c.start == c.end:
		s.guard.follow(c.conn, http.StateIdle)
	}
	return again
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

// A frontBody is the body of a request: what was read of it together with the head, then
// what comes.
type frontBody struct {
	conn *frontConn
	left int64
	err  error
}

// Read reads from the body. What cannot be read ends with net/http's errors.
func (b *frontBody) Read(p []byte) (int, error) {
	switch {
	case b.err != nil:
		return 0, b.err
	case b.left == 0:
		return 0, io.EOF
	}
	c := b.conn
	p = p[:min(int64(len(p)), b.left)]
	n := copy(p, c.buffer[c.start:c.end])
	c.start += n
	if n == 0 && len(p) > 0 {
		c.readBy.at(c.began.Add(c.front.server.opts.ReadTimeout))
		n, b.err = c.conn.Read(p)
		if errors.Is(b.err, io.EOF) {
			b.err = io.ErrUnexpectedEOF
		}
	}
	b.left -= int64(n)
	return n, b.err
}

// Close does nothing: what is left is drained after the request was served.
func (b *frontBody) Close() error { return nil }

// drain reads what the handler has left, and reports whether all has come.
func (b *frontBody) drain() bool {
	if b.left > 0 {
		_, _ = io.Copy(io.Discard, b)
	}
	return b.left == 0
}

// A deadline sets that of a connection, no more often than needed, since each time costs as
// much as a small system call.
type deadline struct {
	set   func(time.Time) error
	until time.Time
}

// at sets it to a time.
func (d *deadline) at(t time.Time) {
	if !d.until.Equal(t) {
		d.until = t
		_ = d.set(t) // of a closed connection: the next call says so
	}
}

// about sets it to be over when a duration, or at most an eighth more of it, has passed.
func (d *deadline) about(now time.Time, after time.Duration) {
	earliest := now.Add(after)
	if d.until.Before(earliest) || d.until.After(earliest.Add(after/8)) {
		d.at(earliest.Add(after / 8))
	}
}
