package daemon

import (
	"context"
	"sync"
	"time"

	"github.com/cimwatch/cimwatch/store"
)

const (
	watchEvery = 10 * time.Second // is the database asked whether it answers
	watchTime  = 10 * time.Second // for an answer
	stallTime  = 30 * time.Second // without an update that ends, while some run
)

// watchDatabase finds out, until ctx ends, that the database does not answer, or no update comes
// to an end: who updates it only waits.
func (d *Daemon) watchDatabase(ctx context.Context) {
	if d.database == nil {
		return
	}
	for {
		select {
		case <-d.after(watchEvery):
		case <-ctx.Done():
			return
		}
		since, err := d.askDatabase(ctx)
		if ctx.Err() != nil {
			return
		}
		d.inventory.found(byDatabase, err, since)
	}
}

// askDatabase returns why the database does not keep the inventory, and since when; nil: it does.
func (d *Daemon) askDatabase(ctx context.Context) (since time.Time, err error) {
	now := d.now()
	if since, stalled := d.watched.stalled(now); stalled {
		return since, errStalled
	}
	asking, cancel := context.WithTimeout(ctx, watchTime)
	defer cancel()
	_, err = d.database.Cursor(asking, consumer)
	return now, err
}

// A watchedInventory knows whether its updates come to an end.
type watchedInventory struct {
	store.Inventory
	now func() time.Time

	mu      sync.Mutex
	running int       // updates
	moved   time.Time // when one ended, or the first of those that run began
}

// Update implements store.Inventory.
func (w *watchedInventory) Update(ctx context.Context, do func(store.InventoryTx) error) error {
	w.move(1)
	defer w.move(-1)
	return w.Inventory.Update(ctx, do)
}

func (w *watchedInventory) move(by int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if by < 0 || w.running == 0 {
		w.moved = w.now()
	}
	w.running += by
}

// stalled reports whether updates run and none has ended for long, and since when.
func (w *watchedInventory) stalled(at time.Time) (since time.Time, yes bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.moved, w.running > 0 && at.Sub(w.moved) >= stallTime
}
