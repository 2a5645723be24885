// Package storetest tests implementations of [store.Inventory]: all that its comments promise.
//
// A test of an implementation says how to open it, and how to open it again:
//
//	func TestInventory(t *testing.T) {
//		storetest.Run(t, func(t testing.TB) storetest.Opener {
//			path := filepath.Join(t.TempDir(), "cimwatch.db")
//			return func() (store.Inventory, func() error, error) { ... }
//		})
//	}
//
// It uses exported names only, so that implementations outside this module can be tested.
package storetest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/store"
)

// Entries is how many entries the journal beside an inventory under test must have, where
// there is one: cursors move within it.
const Entries = 16

// Opener opens the inventory of a test: an empty one at first, and the same one again after
// what was opened has been closed. From the beginning of close on, reads and updates fail
// with [store.ErrClosed]; close waits for those that have begun.
type Opener func() (kept store.Inventory, closeIt func() error, err error)

// Run runs all tests as subtests. fresh returns the Opener of an inventory that no other
// test has.
func Run(t *testing.T, fresh func(t testing.TB) Opener) {
	t.Helper()
	for _, test := range []struct {
		name string
		run  func(*subject)
	}{
		{"hosts", testHosts}, {"host names", testHostNames},
		{"components", testComponents}, {"component order", testComponentOrder}, {"pieces", testPieces}, {"queries", testFind},
		{"view", testView}, {"removed and forgotten", testRemoved}, {"removed in pieces", testRemovedPieces}, {"ownership", testOwnership},
		{"values", testValues}, {"texts", testTexts}, {"times", testTimes}, {"large", testLarge}, {"changes", testChanges},
		{"history order", testHistoryOrder}, {"history of one", testHistoryOfOne},
		{"forgotten hosts", testForget}, {"forgotten within a transaction", testForgetWithin}, {"forgotten in pieces", testForgetMany},
		{"all or nothing", testAllOrNothing}, {"refused deltas", testRefused}, {"own work", testOwnWork}, {"contexts", testContexts},
		{"cursors", testCursors}, {"taken entries", testTakeIn},
		{"writers", testWriters}, {"readers", testReaders}, {"closing", testClosing}, {"closed", testClosed},
		{"random", testRandom},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := &subject{T: t, open: fresh(t)}
			s.reopen()
			t.Cleanup(s.close)
			test.run(s)
		})
	}
}

// subject is the inventory that a test has open.
type subject struct {
	*testing.T
	store.Inventory
	open    Opener
	closeIt func() error
}

// reopen closes the inventory, where it is open, and opens it again.
func (s *subject) reopen() {
	s.Helper()
	s.close()
	var err error
	if s.Inventory, s.closeIt, err = s.open(); err != nil {
		s.Fatal(err)
	}
}

func (s *subject) close() {
	s.Helper()
	if s.closeIt == nil {
		return
	}
	if err := s.closeIt(); err != nil {
		s.Error(err)
	}
	s.closeIt = nil
}

// update runs a transaction that must succeed.
func (s *subject) update(do func(tx store.InventoryTx) error) {
	s.Helper()
	if err := s.Update(s.Context(), do); err != nil {
		s.Fatal(err)
	}
}

// put keeps components as they are, and changes.
func (s *subject) put(host string, d inventory.Delta) {
	s.Helper()
	s.update(func(tx store.InventoryTx) error { return apply(tx, host, d) })
}

func apply(tx store.InventoryTx, host string, d inventory.Delta) error {
	_, err := tx.Apply(host, func(inventory.View) inventory.Delta { return d })
	return err
}

// component returns a component that must be there.
func (s *subject) component(host, id string) inventory.Component {
	s.Helper()
	c, err := s.Component(s.Context(), host, id)
	if err != nil {
		s.Fatal(err)
	}
	return c
}

// twice runs a check of what was kept on the inventory as it is, and opened again.
func (s *subject) twice(check func()) {
	s.Helper()
	check()
	s.reopen()
	check()
}

// same fails the test when two records differ. CIM objects compare by their own notion of it;
// an empty list is the same as none.
func same(t testing.TB, what string, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got, equal()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func equal() cmp.Option {
	return cmp.Options{
		cmpopts.EquateEmpty(),
		cmp.Comparer(func(a, b cim.Value) bool { return a.Equal(b) }),
		cmp.Comparer(func(a, b cim.ObjectPath) bool { return a.Equal(b) }),
		cmp.Comparer(func(a, b *cim.Instance) bool { return a.Equal(b) }),
	}
}

// moment returns a time that none of the others is.
func moment(n int) time.Time {
	return time.Date(2026, 11, 20, 8, 0, 0, 5, time.UTC).Add(time.Duration(n) * time.Second)
}

// component returns one with a text of its own.
func component(host, id, text string) inventory.Component {
	return inventory.Component{
		Host: host, ID: id, Class: "CIM_Fan", Kind: inventory.KindFan, Name: "name of " + id,
		Health: inventory.OK, Since: moment(0), FirstSeen: moment(0), LastSeen: moment(1),
		Properties: cim.PropertyMap{cim.Prop("Text", cim.String(text))},
	}
}

// change returns one that is told by its number.
func change(host, id string, n int) inventory.Change {
	return inventory.Change{
		Host: host, ID: id, Component: inventory.KindFan, Name: "name of " + id, Time: moment(-n),
		Kind: inventory.PropertyChanged, Property: "N", Old: cim.Sint64(int64(n - 1)), New: cim.Sint64(int64(n)),
		Known: moment(n), Cause: inventory.Cause{Reason: inventory.Indication, Class: "CIM_InstModification", Entry: uint64(n)},
	}
}

// numbers returns what change was called with.
func numbers(changes []inventory.Change) string {
	var text strings.Builder
	for i := range changes {
		n, _ := changes[i].New.Int64()
		fmt.Fprintf(&text, "%s/%s/%d ", changes[i].Host, changes[i].ID, n)
	}
	return text.String()
}

func upserts(list ...inventory.Component) inventory.Delta { return inventory.Delta{Upserts: list} }
