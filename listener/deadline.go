package listener

import (
	"context"
	"sync"
	"time"
)

// A limited context is what context.WithDeadline makes, made when somebody waits for it:
// a handler that keeps what it is given at once costs no timer.
type limited struct {
	context.Context //nolint:containedctx // it is a context, and what it wraps is its parent

	deadline time.Time

	mu     sync.Mutex      // protects what follows
	timed  context.Context //nolint:containedctx // nil until somebody waits
	cancel context.CancelFunc
}

// Deadline returns the earlier of both deadlines.
func (c *limited) Deadline() (time.Time, bool) {
	if earlier, ok := c.Context.Deadline(); ok && earlier.Before(c.deadline) {
		return earlier, true
	}
	return c.deadline, true
}

// Done starts the timer.
func (c *limited) Done() <-chan struct{} { return c.wait().Done() }

// Err returns why the context has ended.
func (c *limited) Err() error {
	c.mu.Lock()
	timed := c.timed
	c.mu.Unlock()
	switch {
	case timed != nil:
		return timed.Err()
	case c.Context.Err() != nil:
		return c.Context.Err()
	case !time.Now().Before(c.deadline):
		return context.DeadlineExceeded
	}
	return nil
}

func (c *limited) wait() context.Context {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.timed == nil {
		c.timed, c.cancel = context.WithDeadline(c.Context, c.deadline)
	}
	return c.timed
}

// end cancels the context, as its maker must, where anybody can tell. The request's
// context, which ends with the request, does it for all others. It reports whether
// nobody has waited.
func (c *limited) end() (unused bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cancel != nil {
		c.cancel()
	}
	return c.cancel == nil
}
