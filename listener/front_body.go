package listener

import (
	"errors"
	"io"
	"slices"
)

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

// whole returns the body where it lies, until the next request, if all of it has come.
func (b *frontBody) whole() (body []byte, ok bool) {
	c := b.conn
	if b.left == 0 || int64(c.end-c.start) < b.left {
		return nil, false
	}
	body = c.buffer[c.start : c.start+int(b.left)]
	c.start += int(b.left)
	b.left = 0
	return slices.Clip(body), true
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
