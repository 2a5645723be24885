package store

import (
	"context"
	"iter"

	"github.com/cimwatch/cimwatch/event"
	"github.com/cimwatch/cimwatch/inventory"
)

// Inventory keeps hosts, their components and what changed, and how far those who follow
// the journal have come: a [Store] does by [Store.Inventory], package store/postgres does in
// a database. The journal itself is always a Store's.
//
// It stands here and not where it is used because Update hands out a transaction, whose type
// all who keep an inventory and all who use one must share. Package store/storetest tests
// what is promised here.
//
// All methods may be called from several goroutines at once, while others read and one after
// the other updates. None but Update changes anything. What was read is the caller's.
type Inventory interface {
	// Hosts returns the hosts, by name.
	Hosts(ctx context.Context) ([]inventory.Host, error)

	// Component returns a component of a host, also one that was removed and is remembered.
	// The error is ErrNotFound when there is none.
	Component(ctx context.Context, host, id string) (inventory.Component, error)

	// Components returns the components of a host that are there, or of all hosts when host
	// is "", sorted by the bytes of host and ID. The sequence ends after the first error. It
	// is read piece by piece: what changes meanwhile may show or not.
	Components(ctx context.Context, host string) iter.Seq2[inventory.Component, error]

	// Removed returns the components of a host that were removed and are remembered, sorted by the
	// bytes of ID. The sequence ends after the first error, and is read piece by piece as well.
	Removed(ctx context.Context, host string) iter.Seq2[inventory.Component, error]

	// Find returns the components that are there and that a query selects, in its order; by
	// the bytes of host and ID where it has none. The sequence ends after the first error,
	// that of a query which does not pass its Check, and is read piece by piece as well.
	Find(ctx context.Context, q inventory.Query) iter.Seq2[inventory.Component, error]

	// Summary returns how many components of a host are there, by kind and health, without
	// reading them. A host that is not known has none.
	Summary(ctx context.Context, host string) (inventory.Summary, error)

	// History returns the changes of a component in the order they were taken in; of all
	// components of a host when id is "", and of all hosts, by host, when host is "" too.
	// The sequence ends after the first error, and is read piece by piece as well.
	History(ctx context.Context, host, id string) iter.Seq2[inventory.Change, error]

	// Cursor returns how far a consumer of the journal has come, 0 for a new one.
	Cursor(ctx context.Context, consumer string) (uint64, error)

	// Cursors returns how far each consumer has come.
	Cursors(ctx context.Context) (map[string]uint64, error)

	// Update runs a transaction: all of what do did is there, and outlives a crash, when
	// Update returns nil; none of it when Update returns an error, which then wraps that of
	// do. Only do may use the transaction, and only until it returns. It calls no method of
	// the Inventory.
	Update(ctx context.Context, do func(InventoryTx) error) error
}

// InventoryTx is a transaction of an [Inventory]. It sees what it has done itself.
type InventoryTx interface {
	// Host returns what is kept of a host, with nothing but its name when it is new.
	Host(name string) (inventory.Host, error)

	// HasHost reports whether there is a host of that name.
	HasHost(name string) (bool, error)

	// PutHost keeps a host under its name, of 1 to 255 bytes without NUL.
	PutHost(h inventory.Host) error

	// Apply brings the inventory of a host up to date: it hands the present state to work
	// and keeps the Delta that comes back. It returns the changes for passing on. A host
	// that was not known is from then on.
	Apply(host string, work func(inventory.View) inventory.Delta) ([]inventory.Change, error)

	// Forget removes a host with its components, also those that are remembered, and its
	// history. A host of that name that comes later starts anew. The error is ErrNotFound when
	// there is no such host, and nothing is done then.
	Forget(host string) error

	// Cursor returns how far a consumer of the journal has come, 0 for a new one.
	Cursor(consumer string) uint64

	// SetCursor moves a consumer on, or back to see entries again.
	SetCursor(consumer string, number uint64) error

	// DeleteCursor forgets a consumer.
	DeleteCursor(consumer string) error
}

// Taken is an entry of the journal that an inventory takes in.
type Taken struct {
	Entry *Entry       // Raw is not looked at
	Event *event.Event // nil when the entry could not be decoded
}

// JournalTx is an [InventoryTx] that is to be told what it takes in, before the first Apply:
// one that keeps an index of the journal, or reads what the events are about at once.
type JournalTx interface {
	InventoryTx

	// TakeIn tells of the next entries.
	TakeIn(entries []Taken) error

	// Drop forgets the entries before a number, which the journal has dropped.
	Drop(before uint64) error
}

// Inventory returns the inventory in the file of the store. It is open as long as the store.
func (s *Store) Inventory() Inventory { return fileInventory{s} }

// fileInventory is a Store that hands out no more of its transactions than all can do.
type fileInventory struct{ *Store }

// Update runs a transaction.
func (f fileInventory) Update(ctx context.Context, do func(InventoryTx) error) error {
	return f.Store.Update(ctx, func(tx *Tx) error { return do(tx) })
}
