package cimxml

import (
	"context"
	"errors"
	"iter"
	"math"
	"net/http"
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
			var stopped bool
			var err error
			e, stopped, err = pull(ctx, c, req, it.element, each)
			switch {
			case stopped:
				c.leave(ctx, e)
				return
			case err != nil && !begun && it.classic != nil && knowsNoPull(err):
				c.pullsNot.Store(true)
				it.classic(yield)
				return
			case err != nil:
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

// knowsNoPull reports whether a server has no pull operations: it says so, or does not
// know the method at all, which some tell as a failure (observed: sfcb, status 1 with
// "invalid imethodcall payload"). Nothing was opened then, so the classic operation may be
// tried; where that fails too, its error is told.
func knowsNoPull(err error) bool {
	if h, ok := errors.AsType[*HTTPError](err); ok {
		return h.StatusCode == http.StatusNotImplemented
	}
	return errors.Is(err, cim.StatusFailed) || errors.Is(err, cim.StatusNotSupported) || errors.Is(err, cim.StatusMethodNotFound) ||
		errors.Is(err, cim.StatusMethodNotAvailable)
}
