package cimxml

import (
	"context"
	"errors"
	"iter"
	"math"
	"net/http"
	"strings"
	"time"

	"github.com/cimwatch/cimwatch/cim"
)

// defaultBatch is how many objects an iteration asks for at once. It bounds what the
// server has to hold; here objects are handed on one by one.
const defaultBatch = 1000

// closeTime bounds how long an iteration that is left early waits to close.
const closeTime = 5 * time.Second

// An iteration enumerates by Open and Pull operations, or by the classic one where the
// server has none.
type iteration[T any] struct {
	open    *Request
	next    string // the Pull operation
	element func(*decoder, *Request) T
	classic iter.Seq2[T, error] // nil: there is none that gives the same
}

// all yields the objects. After an error nothing more is yielded. An enumeration that is
// left early is closed.
func (it iteration[T]) all(ctx context.Context, c *Client) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		if c.pullsNot.Load() && it.classic != nil {
			it.classic(yield)
			return
		}
		begun := false
		each := func(v T) bool {
			begun = true
			return yield(v, nil)
		}
		most := batchOf(it.open)
		var e Enumeration
		for req := it.open; ; req = pullRequest(it.next, e, most) {
			before := e
			var stopped bool
			var err error
			e, stopped, err = pull(ctx, c, req, it.element, each)
			switch {
			case stopped:
				c.leave(ctx, e)
				return
			case err != nil && !begun && it.classic != nil && triesClassic(err):
				if knowsNoPull(err) {
					c.pullsNot.Store(true)
				}
				it.classic(yield)
				return
			case err != nil:
				c.abandon(ctx, before, e, err)
				var none T
				yield(none, err)
				return
			case e.End:
				return
			}
		}
	}
}

func batchOf(open *Request) uint32 {
	n, _ := open.Param("MaxObjectCount").Uint64()
	return uint32(min(n, math.MaxUint32))
}

// leave closes an enumeration that is not read to its end.
func (c *Client) leave(ctx context.Context, e Enumeration) {
	if e.End || e.Context == "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTime)
	defer cancel()
	_ = c.CloseEnumeration(ctx, e) // the server's time-out closes it otherwise
}

// abandon closes an enumeration that failed between the server and here: cancelled, cut,
// or not understood. After an error of the server's there is none (DSP0200 section 5.3.2.24).
func (c *Client) abandon(ctx context.Context, before, after Enumeration, err error) {
	if _, refused := errors.AsType[*cim.Error](err); refused {
		return
	}
	if after.Context == "" {
		after = before
	}
	c.leave(ctx, after)
}

// triesClassic reports whether the classic operation may be tried after Open failed:
// nothing was opened then. Where that fails too, its error is told.
func triesClassic(err error) bool {
	return knowsNoPull(err) || errors.Is(err, cim.StatusFailed)
}

// knowsNoPull reports whether a server has no pull operations, so that none needs to be
// asked for again: it says so, or does not know the method at all, which some tell as a
// failure.
func knowsNoPull(err error) bool {
	if h, ok := errors.AsType[*HTTPError](err); ok {
		return h.StatusCode == http.StatusNotImplemented
	}
	if e, ok := errors.AsType[*cim.Error](err); ok && e.Status == cim.StatusFailed {
		return strings.Contains(strings.ToLower(e.Description), unknownMethod)
	}
	return errors.Is(err, cim.StatusNotSupported) || errors.Is(err, cim.StatusMethodNotFound) ||
		errors.Is(err, cim.StatusMethodNotAvailable)
}

// unknownMethod is how sfcb's status 1 begins for a method that it does not know (observed:
// sfcb 1.3.11).
const unknownMethod = "invalid imethodcall"
