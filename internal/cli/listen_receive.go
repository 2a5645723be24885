package cli

import (
	"context"
	"errors"
	"net/http"
	"sync"

	"github.com/cimwatch/cimwatch/daemon"
	"github.com/cimwatch/cimwatch/listener"
	"github.com/cimwatch/cimwatch/store"
)

// Why listen does not keep an indication.
var (
	errSlowOutput = errors.New("the output is slower than what arrives")
	errEnough     = errors.New("as many indications as --count asked for have arrived")
)

// receiver is the handler of listen: it keeps what arrives and hands it to the printer. It
// never waits for the printer.
type receiver struct {
	store   *store.Store // nil: what is printed is all that is kept
	printer *printer
	limit   uint          // of indications, 0 for none
	enough  chan struct{} // closed when the last of them has been answered

	mu       sync.Mutex
	admitted uint                             // kept or being kept
	answers  uint                             // of those, answered
	kept     map[*listener.Indication]showing // between being kept and being answered
}

// showing says what of a kept indication is to be printed.
type showing uint8

const (
	showWhole     showing = iota // the printer has room for it
	showDuplicate                // only that it came again
	showNothing                  // the printer had no room
)

// HandleIndication keeps an indication.
func (r *receiver) HandleIndication(ctx context.Context, i *listener.Indication) error {
	if !r.admit() {
		return &listener.Refusal{Status: http.StatusServiceUnavailable, Err: errEnough}
	}
	how, err := r.keep(ctx, i)
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil || how == showDuplicate {
		r.admitted--
	}
	if err != nil {
		return err
	}
	if r.kept == nil {
		r.kept = make(map[*listener.Indication]showing)
	}
	r.kept[i] = how
	return nil
}

// admit counts one indication more, unless that would be too many.
func (r *receiver) admit() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.limit > 0 && r.admitted >= r.limit {
		return false
	}
	r.admitted++
	return true
}

func (r *receiver) keep(ctx context.Context, i *listener.Indication) (showing, error) {
	if r.store == nil {
		if !r.printer.reserve() {
			return showNothing, errSlowOutput
		}
		return showWhole, nil
	}
	_, duplicate, err := r.store.Append(ctx, daemon.NewEntry(i))
	switch {
	case err != nil:
		return showNothing, err
	case duplicate:
		return showDuplicate, nil
	case !r.printer.reserve():
		return showNothing, nil
	default:
		return showWhole, nil
	}
}

// answered has every request printed, once its sender has the answer.
func (r *receiver) answered(a listener.Answer) {
	how, kept := r.takeKept(a.Indication)
	switch {
	case !kept:
		r.printer.printRequest(&a, a.Reason)
	case how == showDuplicate:
		r.printer.printRequest(&a, "duplicate")
		return
	case how == showNothing:
		r.printer.skip()
	default:
		r.printer.printIndication(&a)
	}
	if kept {
		r.count()
	}
}

func (r *receiver) takeKept(i *listener.Indication) (how showing, kept bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	how, kept = r.kept[i]
	delete(r.kept, i)
	return how, kept
}

func (r *receiver) count() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.answers++; r.answers == r.limit {
		close(r.enough)
	}
}
