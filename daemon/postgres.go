package daemon

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/store"
	"github.com/cimwatch/cimwatch/store/postgres"
)

// openInventory opens the inventory where the configuration has it.
func (d *Daemon) openInventory(ctx context.Context) (store.Inventory, error) {
	config := &d.config.Store.Postgres
	if config.URL == "" {
		return d.store.Inventory(), d.backToFile(ctx)
	}
	var password string
	var err error
	if config.PasswordFile != "" || config.PasswordEnv != "" {
		password, err = d.readSecret(config.PasswordFile, config.PasswordEnv)
	}
	if err != nil {
		return nil, fmt.Errorf("store.postgres: %w", err)
	}
	journal, err := d.store.Lineage(ctx)
	if err != nil {
		return nil, err
	}
	kept, err := d.awaitPostgres(ctx, config.URL, &postgres.Options{
		Password: password, CacheBytes: config.CacheMB << 20, LockTimeout: lockTime,
		Journal: journal, Last: d.store.LastWhole(), OnDoubt: d.doubted,
	})
	if err != nil {
		return nil, err
	}
	d.onClose("the inventory", kept.Close)
	d.database, d.watched = kept, &watchedInventory{Inventory: kept, now: d.now}
	if found := kept.Found(); found != postgres.SameJournal {
		d.log.Warn("inventory was kept of a journal that is not there any more", "component", "inventory", "found", found.String())
	}
	return d.watched, d.forgetHeld(ctx, kept)
}

const (
	lockTime = 3 * time.Second  // for another daemon to end, or for the server to notice that it has
	bootTime = 30 * time.Second // for a server that starts together with the daemon
)

// awaitPostgres opens a database whose server may be about to start.
func (d *Daemon) awaitPostgres(ctx context.Context, url string, opts *postgres.Options) (*postgres.Inventory, error) {
	over := d.after(bootTime)
	for told := false; ; told = true {
		kept, err := postgres.Open(ctx, url, opts)
		if err == nil || !postgres.IsUnreachable(err) {
			return kept, err
		}
		if !told {
			d.log.Warn("database cannot be reached and is tried again", "component", "inventory", "error", err)
		}
		select {
		case <-d.after(time.Second):
		case <-over:
			return nil, err
		case <-ctx.Done():
			return nil, err
		}
	}
}

// condenseEvery is how often some of the history is looked at.
const condenseEvery = 45 * time.Second

// condenseHistory bounds the history in a database, until ctx ends.
func (d *Daemon) condenseHistory(ctx context.Context) {
	r := inventory.Retention{Changes: d.config.Store.HistoryChanges, Age: d.config.Store.HistoryAge}
	if d.database == nil || r == (inventory.Retention{}) {
		return
	}
	for {
		select {
		case <-d.after(condenseEvery):
		case <-ctx.Done():
			return
		}
		dropped, err := d.database.Condense(ctx, r, d.now())
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			d.log.Warn("history cannot be condensed", "component", "inventory", "error", err)
		case dropped > 0:
			d.log.Info("history was condensed", "component", "inventory", "changes", dropped)
		}
	}
}

// forgetHeld forgets what is held back and not in the journal any more, which was put back or has
// dropped it while nobody followed.
func (d *Daemon) forgetHeld(ctx context.Context, kept store.Inventory) error {
	cursors, err := kept.Cursors(ctx)
	if err != nil {
		return err
	}
	first, err := d.store.FirstNumber(ctx)
	if err != nil {
		return err
	}
	if at := cursors[consumer]; at > 0 && at+1 < first {
		d.log.Warn("journal has dropped what the inventory has not taken in", "component", "inventory", "from", at+1, "to", first-1)
	}
	var gone []string
	for name, before := range cursors {
		there := before+1 >= first && before < d.store.LastNumber() && name == heldName(before+1)
		if strings.HasPrefix(name, heldPrefix) && !there {
			gone = append(gone, name)
		}
	}
	if len(gone) == 0 {
		return nil
	}
	return kept.Update(ctx, func(tx store.InventoryTx) error {
		for _, name := range gone {
			if err := tx.DeleteCursor(name); err != nil {
				return err
			}
		}
		return nil
	})
}

// backToFile has the inventory in the file go on from where it was when one in a database took its
// place, and keeps nothing for that one any more.
func (d *Daemon) backToFile(ctx context.Context) error {
	var woken map[string]uint64
	err := d.store.Update(ctx, func(tx *store.Tx) (err error) {
		if woken, err = tx.WakeCursors(); err != nil {
			return err
		}
		return tx.DeleteCursor(markName)
	})
	if err != nil || len(woken) == 0 {
		return err
	}
	d.log.Info("inventory goes on in the file", "component", "inventory", "entry", woken[consumer])
	return d.forgetHeld(ctx, d.store.Inventory())
}

// doubted is told when the database cannot say what became of a transaction, and when it can.
func (d *Daemon) doubted(err error) {
	if d.inventory != nil {
		d.inventory.found(byDoubt, err, d.now())
	}
}

// A mark is in the journal how far an inventory has come that is kept elsewhere, so that nothing
// is dropped that it has not taken in. It follows the inventory, and is never ahead of it.
type mark struct {
	journal *store.Store
	kept    store.Inventory
	dropped uint64 // entries before it are not in the index of the inventory
}

// markName is the name of the mark. It is not that of the cursor of an inventory in the file, which
// stays where that is.
const markName = consumer + " in a database"

// markEvery is how often the mark is moved: each time costs a sync of the journal's file.
const markEvery = 10 * time.Second

// set moves the mark to where the inventory is, and has it forget what the journal has dropped.
func (m *mark) set(ctx context.Context) error {
	cursors, err := m.kept.Cursors(ctx)
	if err != nil {
		return err
	}
	least := cursors[consumer]
	for _, number := range cursors { // of entries that are held back
		least = min(least, number)
	}
	err = m.journal.Update(ctx, func(tx *store.Tx) error { return tx.SetCursor(markName, least) })
	if err != nil {
		return err
	}
	return m.drop(ctx)
}

func (m *mark) drop(ctx context.Context) error {
	first, err := m.journal.FirstNumber(ctx)
	if err != nil || first <= m.dropped {
		return err
	}
	err = m.kept.Update(ctx, func(tx store.InventoryTx) error {
		if j, ok := tx.(store.JournalTx); ok {
			return j.Drop(first)
		}
		return nil
	})
	if err == nil {
		m.dropped = first
	}
	return err
}

// begin sets the mark, and sets an inventory in the file aside: nothing is kept for it.
func (m *mark) begin(ctx context.Context) error {
	cursors, err := m.journal.Cursors(ctx)
	if err != nil {
		return err
	}
	err = m.journal.Update(ctx, func(tx *store.Tx) error {
		for name := range cursors {
			if name != consumer && !strings.HasPrefix(name, heldPrefix) {
				continue
			}
			if err := tx.RestCursor(name); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return m.set(ctx)
}
