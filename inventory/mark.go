package inventory

import (
	"math"
	"time"

	"github.com/cimwatch/cimwatch/event"
)

// Mark is when and in which order an indication came.
type Mark struct {
	Received time.Time       // by this machine's clock
	Time     time.Time       // by the sender's clock
	Sequence *event.Sequence // nil when the sender gave none
}

const (
	// retries is how long a sender tries to deliver an indication: attempts x interval with
	// the defaults of DSP1054 (and of sfcb and OpenPegasus), and some to spare.
	retries = 2 * time.Minute

	// lateness is how long after a newer one an older indication can arrive at all: attempts
	// x interval x 10 (DSP1054).
	lateness = 3 * 30 * time.Second * 10
)

func markOf(e *event.Event) Mark {
	return Mark{Received: e.Received, Time: e.Time, Sequence: e.Sequence}
}

// outdates reports whether e comes from before what m marks, delayed by at most a while.
// Numbers of different contexts say that the server or the handler is another one, whose
// retries do not outlive it, so that order of arrival counts: alerts of an element come by
// one handler.
func (m Mark) outdates(e *event.Event, within time.Duration) bool {
	switch {
	case e.Received.Sub(m.Received) > within:
		return false
	case m.Sequence != nil && e.Sequence != nil:
		return m.Sequence.Context == e.Sequence.Context && m.outnumbers(e, within)
	default:
		return m.after(e, within)
	}
}

// outdatesLifecycle is outdates for events that come by several handlers, as creations and
// deletions do, each of which retries on its own: their times tell the order then.
func (m Mark) outdatesLifecycle(e *event.Event) bool {
	if m.Sequence != nil && e.Sequence != nil && m.Sequence.Context != e.Sequence.Context {
		return e.Received.Sub(m.Received) <= lateness && m.after(e, lateness)
	}
	return m.outdates(e, lateness)
}

func (m Mark) after(e *event.Event, within time.Duration) bool {
	return e.Time.Before(m.Time) && m.Time.Sub(e.Time) <= within
}

// outnumbers reports whether e has a lower number and no time that contradicts it: a lower
// number with a later time is that of a counter that was reset.
func (m Mark) outnumbers(e *event.Event, within time.Duration) bool {
	if !precedes(e.Sequence.Number, m.Sequence.Number) {
		return false
	}
	dated := !e.Time.Equal(e.Received)
	return !dated || e.Time.Equal(m.Time) || m.after(e, within)
}

// precedes compares numbers that wrap around at the top of sint64 (DSP1054).
func precedes(a, b int64) bool {
	ahead := (b - a) & math.MaxInt64
	return 0 < ahead && ahead < 1<<62
}
