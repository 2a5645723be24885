package daemon

import (
	"context"
	"crypto/rand"

	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/store"
	"github.com/cimwatch/cimwatch/web"
)

// An Announced inventory tells those who follow it what is written to it, in the order in which
// that is done. It keeps the latest updates in memory, from when somebody first asked for a place
// among them, and waits for nobody. It is safe for concurrent use.
type Announced struct {
	store.Inventory
	updates
}

// Announce returns an inventory that is written to through what it returns only. Waiting for
// updates ends, besides with its context, when ended is closed; nil is never.
func Announce(kept store.Inventory, ended <-chan struct{}) *Announced {
	return &Announced{Inventory: kept, updates: updates{
		run: rand.Text()[:8], ended: ended, moved: make(chan struct{}),
	}}
}

// Update runs a transaction, and tells what it has written once that is kept.
func (a *Announced) Update(ctx context.Context, do func(store.InventoryTx) error) error {
	if a.asked.Load() {
		return a.announce(ctx, do)
	}
	err := a.Inventory.Update(ctx, do)
	if a.asked.Load() { // whoever asked meanwhile may not have seen what was written
		w := &written{outcome: inDoubt}
		a.expect(w)
		a.settle(w, inDoubt)
	}
	return err
}

func (a *Announced) announce(ctx context.Context, do func(store.InventoryTx) error) error {
	var w *written
	err := a.Inventory.Update(ctx, func(tx store.InventoryTx) error {
		if w != nil {
			a.settle(w, notKept) // it is tried again
			w = nil
		}
		this := new(written)
		if err := do(announce(tx, this)); err != nil {
			return err
		}
		if len(this.all) > 0 {
			w = this
			a.expect(w)
		}
		return nil
	})
	switch {
	case w == nil:
	case err == nil:
		a.settle(w, isKept)
	default:
		a.settle(w, inDoubt)
	}
	return err
}

// written is what a transaction has written.
type written struct {
	all     []web.WrittenUpdate
	outcome outcome
}

// outcome is what has become of what a transaction has written.
type outcome int

const (
	expected outcome = iota
	isKept
	notKept
	inDoubt // it seems to have failed, and may be kept all the same
)

// announce returns a transaction that notes what it writes, of the kind that it is.
func announce(tx store.InventoryTx, w *written) store.InventoryTx {
	noted := notedTx{tx, w}
	if j, ok := tx.(store.JournalTx); ok {
		return notedJournalTx{noted, j}
	}
	return noted
}

type notedTx struct {
	store.InventoryTx
	w *written
}

// Apply notes the changes, and then the components that were written without one.
func (t notedTx) Apply(host string, work func(inventory.View) inventory.Delta) ([]inventory.Change, error) {
	var delta inventory.Delta
	changes, err := t.InventoryTx.Apply(host, func(v inventory.View) inventory.Delta {
		delta = work(v)
		return delta
	})
	if err == nil {
		t.w.note(host, &delta, changes)
	}
	return changes, err
}

// Forget notes that all of a host is gone.
func (t notedTx) Forget(host string) error {
	err := t.InventoryTx.Forget(host)
	if err == nil {
		t.w.all = append(t.w.all, web.WrittenUpdate{Host: host})
	}
	return err
}

func (w *written) note(host string, delta *inventory.Delta, changes []inventory.Change) {
	told := make(map[string]bool, len(changes))
	for n := range changes {
		c := changes[n]  // a copy, which does not hold all of them in memory
		c.Instance = nil // what it was is not shown
		told[c.ID] = true
		w.all = append(w.all, web.WrittenUpdate{Host: host, ID: c.ID, Kind: c.Component, Change: &c})
	}
	for n := range delta.Upserts {
		if c := &delta.Upserts[n]; !told[c.ID] {
			w.all = append(w.all, web.WrittenUpdate{Host: host, ID: c.ID, Kind: c.Kind})
		}
	}
	for _, id := range delta.Removes {
		if !told[id] {
			w.all = append(w.all, web.WrittenUpdate{Host: host, ID: id})
		}
	}
}

type notedJournalTx struct {
	notedTx
	journal store.JournalTx
}

// TakeIn tells of the next entries.
func (t notedJournalTx) TakeIn(entries []store.Taken) error { return t.journal.TakeIn(entries) }

// Drop forgets the entries before a number.
func (t notedJournalTx) Drop(before uint64) error { return t.journal.Drop(before) }
