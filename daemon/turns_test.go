package daemon_test

import (
	"testing"
	"time"
)

// turns are the clock of a daemon whose pauses end when a test says so.
type turns struct {
	asked chan time.Duration // each pause that began
	over  chan time.Time
}

func newTurns() *turns {
	return &turns{asked: make(chan time.Duration, 100), over: make(chan time.Time)}
}

// after stands in for time.After.
func (c *turns) after(d time.Duration) <-chan time.Time {
	c.asked <- d
	return c.over
}

// pause waits until a pause begins and returns how long it would take.
func (c *turns) pause(t testing.TB) time.Duration {
	t.Helper()
	select {
	case d := <-c.asked:
		return d
	case <-time.After(patience):
		t.Fatal("no pause began")
		return 0
	}
}

// next ends a pause.
func (c *turns) next(t testing.TB) {
	t.Helper()
	select {
	case c.over <- time.Now():
	case <-time.After(patience):
		t.Fatal("nothing waits for the end of a pause")
	}
}
