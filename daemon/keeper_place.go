package daemon

import (
	"context"
	"errors"
	"fmt"

	"github.com/cimwatch/cimwatch/store"
)

// errMoved says that the inventory is not where this process left it: it was put back from a
// backup, or another process had it, or what became of a transaction was not known.
var errMoved = errors.New("the inventory is at another place in the journal")

// begin tells a transaction what is taken in, where it wants to know, and sees to it that the
// inventory is where it is thought to be: else entries would be taken in twice, or never.
func (k *inventoryKeeper) begin(tx store.InventoryTx, entries []store.Taken) error {
	if at := tx.Cursor(consumer); at != k.cursor.now() {
		return fmt.Errorf("%w: %d, not %d", errMoved, at, k.cursor.now())
	}
	if j, ok := tx.(store.JournalTx); ok {
		return j.TakeIn(entries)
	}
	return nil
}

// check sees to it that what is released is held, for the same reason: the cursor need not have moved.
func (p *plan) check(tx store.InventoryTx) error {
	for i := range p.release {
		before := p.release[i].Number - 1
		if at := tx.Cursor(heldName(p.release[i].Number)); at != before {
			return fmt.Errorf("%w: entry %d is not held back", errMoved, before+1)
		}
	}
	return nil
}

// A doubt is a batch that may be in the inventory though taking it in failed.
type doubt struct {
	last  uint64 // where it leads to
	taken []taken
}

// tell tells all who want to know of entries that were taken in.
func (k *inventoryKeeper) tell(all []taken) {
	for i := range all {
		t := &all[i]
		k.came(t.Entry)
		k.heard(t.Event)
		k.count(t.Entry.Host, t.changes)
		k.observe.applied(*t.Entry, *t.Event, t.changes)
	}
}

// resume goes on from where the inventory is. Of a batch that is there though it seemed to have
// failed, it tells; what else is new it cannot know, and has every host counted again.
func (k *inventoryKeeper) resume(ctx context.Context) error {
	cursor, err := k.kept.Cursor(ctx, consumer)
	if err != nil {
		return err
	}
	hosts, err := k.kept.Hosts(ctx)
	if err != nil {
		return err
	}
	k.log.Warn("inventory goes on from another place in the journal", "entry", cursor, "before", k.cursor.now())
	for i := range hosts {
		k.metrics.components.changed(hosts[i].Name)
	}
	if k.doubt != nil && k.doubt.last == cursor {
		k.tell(k.doubt.taken)
	}
	k.doubt = nil
	k.order = order{window: k.order.window}
	k.move(cursor)
	return k.restore(ctx)
}

// remark moves the mark in the journal, when it is time to or there will be none. That it cannot be
// moved now costs room in the journal and nothing else: it is tried again.
func (k *inventoryKeeper) remark(ctx context.Context, last bool) {
	if k.mark == nil || !last && k.now().Sub(k.marked) < markEvery {
		return
	}
	k.marked = k.now()
	if err := k.mark.set(ctx); err != nil {
		k.log.Debug("place of the inventory cannot be noted in the journal", "error", err)
	}
}
