package daemon

import (
	"context"
	"sync"
	"time"
)

// slots bound how many hosts are attended at once. A host that is dead takes up no slot
// that a living one needs: each turn begins with a first contact, for which there are many
// slots, and those of hosts that failed before are apart; only who answers gets one of
// the few in which the work is done. And who falls silent loses its slot.
type slots struct {
	first chan struct{} // contacts with hosts that were well or are new
	again chan struct{} // contacts with hosts that failed before
	work  chan struct{}
	brief chan struct{} // readings of single elements, which wait for no long work

	patience time.Duration // with the silence of who has a slot
}

const (
	contactsPerWork = 4
	patience        = 2 * time.Second
)

// newSlots returns slots for so many hosts at work.
func newSlots(work int) *slots {
	return &slots{
		first:    make(chan struct{}, work*contactsPerWork),
		again:    make(chan struct{}, work*contactsPerWork),
		work:     make(chan struct{}, work),
		brief:    make(chan struct{}, max(1, work/contactsPerWork)),
		patience: patience,
	}
}

// take waits for one of the slots of a kind, or until ctx ends.
func (p *slots) take(ctx context.Context, kind chan struct{}) (*slot, error) {
	select {
	case kind <- struct{}{}:
		taken := &slot{patience: p.patience, leave: sync.OnceFunc(func() { <-kind })}
		taken.timer = time.AfterFunc(p.patience, taken.leave)
		return taken, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// A slot is what a host holds while it is attended.
type slot struct {
	patience time.Duration
	timer    *time.Timer // gives the slot up when the host is silent
	leave    func()
}

// heard notes that the host said something, or is asked anew.
func (p *slot) heard() { p.timer.Reset(p.patience) }

// own keeps the slot while the daemon is busy with what the host said.
func (p *slot) own() { p.timer.Stop() }

// done gives the slot up, if it is still held.
func (p *slot) done() {
	p.timer.Stop()
	p.leave()
}
