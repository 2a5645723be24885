package daemon

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/cimwatch/cimwatch/store"
	"github.com/cimwatch/cimwatch/store/postgres"
)

// Errors of copies of an inventory.
var (
	// ErrUnfinishedCopy says that a daemon does not start, for a copy into its inventory was broken
	// off: it would take in parts of the journal twice, or never.
	ErrUnfinishedCopy = errors.New("a copy into the inventory was broken off")

	// ErrOtherJournal says that an inventory in a database was taken in from another journal than
	// the one in the file.
	ErrOtherJournal = errors.New("the inventory in the database is of another journal")
)

// CopyOptions are what a copy can be given besides.
type CopyOptions struct {
	Password string // of the database's user; "": PGPASSWORD or .pgpass, as for psql
	Replace  bool   // what the target has otherwise is replaced
	Progress func() // called for each record; nil: nobody is told
}

// CopyToDatabase copies the inventory in the file of a journal to a database, with its place in the
// journal, so that a daemon of both goes on there. See [store.Copy] for what is refused, and
// ErrOtherJournal is too, unless o.Replace says otherwise; both before anything is written.
func CopyToDatabase(ctx context.Context, journal *store.Store, url string, o CopyOptions) (done store.Copied, err error) {
	lineage, err := journal.Lineage(ctx)
	if err != nil {
		return done, err
	}
	if err := wakeInventory(ctx, journal); err != nil {
		return done, err
	}
	cursors, err := inventoryCursors(ctx, journal.Inventory())
	if err != nil {
		return done, err
	}
	c := store.CopyOptions{Replace: o.Replace, Cursors: cursors, Owns: isInventoryCursor, Progress: o.Progress}
	if err := checkDatabase(ctx, journal, url, o, c); err != nil {
		return done, err
	}
	to, err := postgres.Open(ctx, url, &postgres.Options{
		Password: o.Password, LockTimeout: lockTime, Journal: lineage, Last: journal.LastWhole(),
	})
	if err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	return store.Copy(ctx, journal.Inventory(), to, c)
}

// checkDatabase looks whether a copy would be refused, before the database is opened to be written,
// which has it forget its place in another journal.
func checkDatabase(ctx context.Context, journal *store.Store, url string, o CopyOptions, c store.CopyOptions) (err error) {
	to, err := postgres.Open(ctx, url, &postgres.Options{Password: o.Password, ReadOnly: true})
	if postgres.IsEmpty(err) {
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	cursors, err := inventoryCursors(ctx, to)
	if err != nil {
		return err
	}
	if len(cursors) > 0 && !o.Replace {
		if _, same, err := shared(ctx, journal, to); err != nil || !same {
			return errors.Join(err, ErrOtherJournal)
		}
	}
	return store.CheckCopy(ctx, journal.Inventory(), to, c)
}

// shared returns the last number that the journal has in common with the one that an inventory was taken
// in from.
func shared(ctx context.Context, journal *store.Store, kept *postgres.Inventory) (last uint64, same bool, err error) {
	lineage, err := journal.Lineage(ctx)
	if err != nil {
		return 0, false, err
	}
	before, err := kept.Journal(ctx)
	if err != nil {
		return 0, false, err
	}
	last, same = lineage.Shared(before)
	if same {
		last = journal.LastWhole()
	}
	return min(last, journal.LastWhole()), same, nil
}

// CopyToFile copies the inventory in a database to the file of the journal that it was taken in
// from, with its place there, so that a daemon without the database goes on in the file. The errors are
// those of [CopyToDatabase]; ErrOtherJournal does not depend on o.Replace.
func CopyToFile(ctx context.Context, url string, journal *store.Store, o CopyOptions) (done store.Copied, err error) {
	if err := findInventory(ctx, url, o.Password); err != nil {
		return done, err
	}
	// Nobody else writes to it meanwhile.
	from, err := postgres.Open(ctx, url, &postgres.Options{Password: o.Password, LockTimeout: lockTime})
	if err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	last, same, err := shared(ctx, journal, from)
	if err != nil {
		return done, err
	}
	if !same && last == 0 {
		return done, ErrOtherJournal
	}
	c := store.CopyOptions{Replace: o.Replace, Owns: isInventoryCursor, Progress: o.Progress}
	if c.Cursors, err = inventoryCursors(ctx, from); err != nil {
		return done, err
	}
	for name, number := range c.Cursors {
		c.Cursors[name] = min(number, last)
	}
	if err := store.CheckCopy(ctx, from, journal.Inventory(), c); err != nil {
		return done, err
	}
	if err := wakeInventory(ctx, journal); err != nil {
		return done, err
	}
	return store.Copy(ctx, from, journal.Inventory(), c)
}

// findInventory fails where a database has no inventory, and makes none.
func findInventory(ctx context.Context, url, password string) error {
	kept, err := postgres.Open(ctx, url, &postgres.Options{Password: password, ReadOnly: true})
	if err != nil {
		return err
	}
	return kept.Close()
}

// wakeInventory has the inventory in a file be where it was when one in a database took its place.
func wakeInventory(ctx context.Context, journal *store.Store) error {
	return journal.Update(ctx, func(tx *store.Tx) error {
		if _, err := tx.WakeCursors(); err != nil {
			return err
		}
		return tx.DeleteCursor(markName)
	})
}

// inventoryCursors returns how far an inventory has come, and what is held back.
func inventoryCursors(ctx context.Context, kept store.Inventory) (map[string]uint64, error) {
	all, err := kept.Cursors(ctx)
	if err != nil {
		return nil, err
	}
	own := map[string]uint64{}
	for name, number := range all {
		if isInventoryCursor(name) {
			own[name] = number
		}
	}
	return own, nil
}

func isInventoryCursor(name string) bool {
	return name == consumer || strings.HasPrefix(name, heldPrefix)
}

// checkCopied fails where a copy into the inventory was broken off.
func (d *Daemon) checkCopied(ctx context.Context) error {
	all, err := d.kept.Cursors(ctx)
	if err != nil {
		return err
	}
	if _, unfinished := all[store.UnfinishedCopy]; unfinished {
		return fmt.Errorf("open inventory: %w", ErrUnfinishedCopy)
	}
	return nil
}
