package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/cimwatch/cimwatch/cimxml"
	"github.com/cimwatch/cimwatch/event"
	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/listener"
	"github.com/cimwatch/cimwatch/store"
)

// consumer is the name of the inventory's cursor in the journal.
const consumer = "inventory"

// An inventoryKeeper follows the journal and keeps the inventory.
type inventoryKeeper struct {
	journal *store.Store
	kept    store.Inventory // where the inventory is, with the place in the journal it has come to
	metrics *metrics
	observe *Observer
	log     *slog.Logger
	after   func(time.Duration) <-chan time.Time
	now     func() time.Time
	order   order              // used by follow and drain only
	came    func(*store.Entry) // after it was taken in
	heard   func(*event.Event) // the same, of what could be decoded
	rules   func(host string) inventory.Rules
	has     func(host string) bool // the configuration
	decoder *cimxml.ExportDecoder  // used by follow and drain only, one after the other
	ahead   readAhead              // the same
	cursor  progress               // moved by them
	stands  standstill
	trouble listener.Trouble // the same, for the log

	mark   *mark     // nil: the inventory is in the file of the journal
	marked time.Time // when it was moved; used by follow and drain only
	doubt  *doubt    // the last batch that failed after all of it was done; used by them only

	strangers map[string]bool // hosts of which something was passed over; used by them only
}

// move notes that the inventory has come to a journal entry.
func (k *inventoryKeeper) move(entry uint64) {
	k.metrics.lastProcessed.Set(float64(entry))
	k.cursor.move(entry)
}

// follow takes in journal entries as they come until ctx ends. What fails is tried again:
// the inventory is only behind, nothing is lost.
func (k *inventoryKeeper) follow(ctx context.Context) {
	for ctx.Err() == nil {
		err := k.advance(ctx)
		switch {
		case ctx.Err() != nil || errors.Is(err, store.ErrClosed):
			return
		case err != nil:
			k.note(err)
			select {
			case <-ctx.Done():
			case <-k.after(time.Second):
			}
		default:
			k.note(nil)
		}
	}
}

// note remembers whether following failed.
func (k *inventoryKeeper) note(err error) { k.found(byFollower, err, k.now()) }

// found remembers what somebody found, nil for nothing, and logs when the inventory begins to stand
// still, and when it has followed for a while.
func (k *inventoryKeeper) found(by finder, err error, since time.Time) {
	k.stands.note(by, err, since)
	_, failure := k.stands.now()
	switch begun, over := k.trouble.Note(failure != nil, k.now); {
	case begun:
		k.log.Error("inventory does not follow the journal", "error", failure)
	case over:
		k.log.Info("inventory follows the journal again")
	}
}

// advance waits for entries, or for the end of the wait for missing ones, and takes in a
// batch.
func (k *inventoryKeeper) advance(ctx context.Context) error {
	waiting, cancel := context.WithCancel(ctx)
	defer cancel()
	if wait, ok := k.order.due(k.now()); ok {
		over := k.after(wait)
		go func() {
			select {
			case <-over:
				cancel()
			case <-waiting.Done():
			}
		}()
	}
	if err := k.journal.Wait(waiting, k.cursor.now()); err != nil && (ctx.Err() != nil || waiting.Err() == nil) {
		return err
	}
	_, err := k.batch(ctx)
	return err
}

// drain takes in what the journal has left, without waiting for more. It is called when
// follow has ended. What there is no time for is taken in after the next start.
func (k *inventoryKeeper) drain(ctx context.Context) error {
	for {
		n, err := k.batch(ctx)
		switch {
		case ctx.Err() != nil:
			k.log.Info("rest of the journal is left for the next start", "entry", k.cursor.now())
			return nil //nolint:nilerr // nothing failed, the time is over
		case err != nil:
			return fmt.Errorf("take in the rest of the journal: %w", err)
		case n == 0:
			k.remark(ctx, true)
			return nil
		}
	}
}

// batch takes in the next entries, as many as there are up to batchSize. Where there are
// more, the next ones are read meanwhile.
func (k *inventoryKeeper) batch(ctx context.Context) (int, error) {
	r := k.ahead.take(ctx, k.journal, k.cursor.now())
	if r.err != nil {
		return 0, r.err
	}
	p := k.order.plan(r.entries, k.now())
	if len(r.entries) == 0 && len(p.apply) == 0 {
		return 0, nil
	}
	last := k.cursor.now()
	if len(r.entries) > 0 {
		last = r.entries[len(r.entries)-1].Number
	}
	if r.more {
		defer k.ahead.begin(ctx, k.journal, last)()
	}
	taken, err := k.take(ctx, p, r, last)
	if errors.Is(err, errMoved) {
		return 0, k.resume(ctx)
	}
	if err != nil {
		return 0, err
	}
	k.order.done(p)
	k.tell(taken)
	k.move(last)
	k.remark(ctx, false)
	return len(r.entries), nil
}

// A taken entry is what an entry did.
type taken struct {
	store.Taken
	changes []inventory.Change
}

// take carries out a plan for entries and moves the cursor, in one transaction.
func (k *inventoryKeeper) take(ctx context.Context, p *plan, r *piece, last uint64) ([]taken, error) {
	entries := make([]store.Taken, len(p.apply))
	for i := range p.apply {
		entries[i] = store.Taken{Entry: &p.apply[i], Event: k.event(r, &p.apply[i])}
	}
	all := make([]taken, 0, len(entries))
	passed := map[string]int{} // of hosts that were forgotten
	sent := false
	err := k.kept.Update(ctx, func(tx store.InventoryTx) error {
		all, sent = all[:0], false
		clear(passed)
		if err := p.check(tx); err != nil {
			return err
		}
		if err := k.begin(tx, entries); err != nil {
			return err
		}
		for _, t := range entries {
			if t.Event == nil {
				continue
			}
			if forgotten, err := k.isForgotten(tx, t.Entry.Host); err != nil {
				return err
			} else if forgotten {
				passed[t.Entry.Host]++
				continue
			}
			changes, err := tx.Apply(t.Entry.Host, func(v inventory.View) inventory.Delta {
				return k.rules(t.Entry.Host).Apply(v, *t.Event)
			})
			if err != nil {
				return fmt.Errorf("entry %d: %w", t.Entry.Number, err)
			}
			all = append(all, taken{t, changes})
		}
		if err := k.keepTimes(tx, r.entries); err != nil {
			return err
		}
		if err := p.keep(tx); err != nil {
			return err
		}
		sent = true
		return tx.SetCursor(consumer, last)
	})
	if err != nil && sent {
		k.doubt = &doubt{last, all}
	} else if err == nil {
		k.doubt = nil
		k.pass(passed)
	}
	return all, err
}

// keep has the store know what is held back.
func (p *plan) keep(tx store.InventoryTx) error {
	for i := range p.hold {
		if err := tx.SetCursor(heldName(p.hold[i].Number), p.hold[i].Number-1); err != nil {
			return err
		}
	}
	for i := range p.release {
		if err := tx.DeleteCursor(heldName(p.release[i].Number)); err != nil {
			return err
		}
	}
	return nil
}

// event returns the event of a journal entry, which was decoded when it was read, or is
// now when it was held back; nil when the entry cannot be decoded, which is counted, logged,
// and holds up nothing.
func (k *inventoryKeeper) event(r *piece, e *store.Entry) *event.Event {
	d := r.events[e.Number]
	if d == nil {
		d = decodeEvent(k.decoder, e)
	}
	if d.err != nil {
		k.metrics.undecodable.Inc()
		k.log.Error("journal entry cannot be decoded", "entry", e.Number, "error", d.err)
		return nil
	}
	return &d.event
}

// count counts changes of a host. Readings change without any.
func (k *inventoryKeeper) count(host string, changes []inventory.Change) {
	k.metrics.components.changed(host)
	for _, c := range changes {
		k.metrics.changes.WithLabelValues(c.Kind.String()).Inc()
	}
}
