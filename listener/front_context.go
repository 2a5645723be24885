package listener

import (
	"context"
	"sync"
	"time"
)

// A senderContext is the context of a request at the front. It ends when the sender hangs up,
// which nobody looks for until somebody has waited for it for a while: most handlers are
// faster.
type senderContext struct {
	context.Context //nolint:containedctx // it is a context, and what it wraps makes it one

	cancel context.CancelFunc
	conn   *frontConn

	mu       sync.Mutex    // protects what follows
	timer    *time.Timer   // nil until somebody waits
	watching chan struct{} // closed when the watch has ended; nil: there is none
	over     bool          // the request was served
	lost     bool          // the sender has hung up
}

// unwatched is how long somebody must have waited for the watch to begin.
const unwatched = 50 * time.Millisecond

// withContext gives the request a context, which may be a used one.
func (c *frontConn) withContext() {
	if c.ctx != nil {
		return
	}
	c.ctx = &senderContext{conn: c}
	c.ctx.Context, c.ctx.cancel = context.WithCancel(context.Background()) //nolint:forbidigo // a request comes from outside
	c.head.request = c.head.request.WithContext(c.ctx)
}

// Done has the sender watched when that is worth it.
func (x *senderContext) Done() <-chan struct{} {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.timer == nil && !x.over {
		x.timer = time.AfterFunc(unwatched, x.watch)
	}
	return x.Context.Done()
}

// watch reads what the sender may send after the request, in order to see its end.
func (x *senderContext) watch() {
	x.mu.Lock()
	c := x.conn
	if x.over || c.end == len(c.buffer) {
		x.mu.Unlock()
		return
	}
	x.watching = make(chan struct{})
	defer close(x.watching)
	c.readBy.at(time.Time{})
	x.mu.Unlock()
	n, err := c.conn.Read(c.buffer[c.end:])
	c.end += n
	x.mu.Lock()
	defer x.mu.Unlock()
	if err != nil && !x.over {
		x.lost = true
		x.cancel()
	}
}

// finish ends the watch and reports whether the sender is there. The context is used again
// where it was lent and nobody has waited for it.
func (x *senderContext) finish(lent bool) (there bool) {
	x.mu.Lock()
	timer, watching := x.timer, x.watching
	again := lent && timer == nil
	x.over = !again
	x.mu.Unlock()
	if again {
		return true
	}
	c := x.conn
	if watching != nil {
		c.readBy.at(time.Unix(1, 0)) // long over
		<-watching
	}
	if timer != nil {
		timer.Stop()
	}
	x.cancel()
	c.ctx = nil
	return !x.lost
}
