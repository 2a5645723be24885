package storetest

import (
	"context"
	"errors"
	"slices"

	"github.com/cimwatch/cimwatch/event"
	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/store"
)

var errWanted = errors.New("the test wants it to fail")

// state is all that an inventory shows.
type state struct {
	Hosts      []inventory.Host
	Components []inventory.Component
	History    []inventory.Change
	Cursors    map[string]uint64
}

func (s *subject) state() state {
	s.Helper()
	hosts, err := s.Hosts(s.Context())
	cursors, cerr := s.Cursors(s.Context())
	if err := errors.Join(err, cerr); err != nil {
		s.Fatal(err)
	}
	return state{hosts, Collect(s, s.Components(s.Context(), "")), Collect(s, s.History(s.Context(), "", "")), cursors}
}

// testAllOrNothing has a transaction do one of each and fail.
func testAllOrNothing(s *subject) {
	gone := component("h", "gone", "")
	s.put("h", upserts(component("h", "id", "before"), gone))
	s.update(func(tx store.InventoryTx) error {
		return firstError(tx.SetCursor("kept", 1), tx.SetCursor("deleted", 2), tx.PutHost(inventory.Host{Name: "h", URL: "before"}))
	})
	before := s.state()
	err := s.Update(s.Context(), func(tx store.InventoryTx) error {
		err := firstError(
			tx.PutHost(inventory.Host{Name: "h", URL: "after"}), tx.PutHost(inventory.Host{Name: "new"}),
			apply(tx, "h", inventory.Delta{
				Upserts: []inventory.Component{component("h", "id", "after"), component("h", "new", "")},
				Removes: []string{"gone"}, Changes: []inventory.Change{change("h", "id", 1)},
			}),
			apply(tx, "newer", upserts(component("newer", "id", ""))),
			tx.SetCursor("kept", 3), tx.SetCursor("new", 4), tx.DeleteCursor("deleted"),
		)
		if err != nil {
			s.Error(err)
		}
		return errWanted
	})
	if !errors.Is(err, errWanted) {
		s.Errorf("got %v", err)
	}
	s.update(func(tx store.InventoryTx) error { // nor is anything of it remembered
		_, err := tx.Apply("h", func(v inventory.View) inventory.Delta {
			same(s, "component", component("h", "id", "before"), mustHave(s, v, "id"))
			same(s, "components", []inventory.Component{gone, component("h", "id", "before")}, slices.Collect(v.Components()))
			return inventory.Delta{}
		})
		if n := tx.Cursor("kept"); n != 1 {
			s.Errorf("the cursor is %d in the next transaction", n)
		}
		return err
	})
	s.twice(func() { same(s, "all that is kept", before, s.state()) })
}

// testRefused has deltas that do not fit their host fail as a whole.
func testRefused(s *subject) {
	s.put("h", upserts(component("h", "id", "")))
	before := s.state()
	for range 2 {
		err := s.Update(s.Context(), func(tx store.InventoryTx) error {
			return firstError(apply(tx, "h", upserts(component("h", "id", "after"))),
				apply(tx, "h", upserts(component("h", "new", ""), component("other", "x", ""))))
		})
		if err == nil {
			s.Error("a component of another host was kept")
		}
	}
	s.twice(func() { same(s, "all that is kept", before, s.state()) })
}

// testOwnWork has a transaction see what it did before.
func testOwnWork(s *subject) {
	s.put("h", upserts(component("h", "a", "1"), component("h", "b", "1")))
	s.update(func(tx store.InventoryTx) error {
		first := inventory.Delta{
			Upserts: []inventory.Component{component("h", "a", "2"), component("h", "c", "2")}, Removes: []string{"b"},
			Changes: []inventory.Change{change("h", "a", 1)},
		}
		changes, err := tx.Apply("h", func(inventory.View) inventory.Delta { return first })
		same(s, "changes for passing on", first.Changes, changes)
		if err := firstError(err, tx.SetCursor("c", 7), tx.PutHost(inventory.Host{Name: "h", URL: "u"})); err != nil {
			return err
		}
		_, err = tx.Apply("h", func(v inventory.View) inventory.Delta {
			same(s, "one", component("h", "a", "2"), mustHave(s, v, "a"))
			if _, ok := v.Component("b"); ok {
				s.Error("the view has what was forgotten")
			}
			same(s, "all", first.Upserts, slices.Collect(v.Components()))
			return inventory.Delta{Upserts: []inventory.Component{component("h", "b", "3"), component("h", "a", "3")}}
		})
		h, herr := tx.Host("h")
		same(s, "host", inventory.Host{Name: "h", URL: "u"}, h)
		if n := tx.Cursor("c"); n != 7 {
			s.Errorf("cursor %d", n)
		}
		return firstError(err, herr)
	})
	want := []inventory.Component{component("h", "a", "3"), component("h", "b", "3"), component("h", "c", "2")}
	s.twice(func() { same(s, "in the end", want, Collect(s, s.Components(s.Context(), "h"))) })
}

// testContexts ends contexts before and during an update and a reading.
func testContexts(s *subject) {
	s.put("h", upserts(component("h", "a", "1"), component("h", "b", "1")))
	ctx, cancel := context.WithCancel(s.Context())
	read := 0
	for _, err := range s.Components(ctx, "") {
		if read++; err != nil && !errors.Is(err, context.Canceled) {
			s.Errorf("components: %v", err)
		}
		cancel() // the piece that was read may still come, then an error
	}
	if read == 0 {
		s.Error("nothing was read")
	}
	ended := 0
	for _, err := range s.Components(ctx, "h") {
		if ended++; !errors.Is(err, context.Canceled) {
			s.Errorf("components: %v", err)
		}
	}
	for _, err := range s.History(ctx, "h", "") {
		if ended++; !errors.Is(err, context.Canceled) {
			s.Errorf("history: %v", err)
		}
	}
	_, herr := s.Hosts(ctx)
	_, cerr := s.Component(ctx, "h", "a")
	_, nerr := s.Cursor(ctx, "c")
	_, aerr := s.Cursors(ctx)
	err := s.Update(ctx, func(store.InventoryTx) error { s.Error("a function was called"); return nil })
	for _, err := range []error{herr, cerr, nerr, aerr, err} {
		if !errors.Is(err, context.Canceled) {
			s.Errorf("got %v", err)
		}
	}
	if ended != 2 {
		s.Errorf("%d errors of sequences", ended)
	}
	ctx, cancel = context.WithCancel(s.Context())
	before := s.state()
	err = s.Update(ctx, func(tx store.InventoryTx) error {
		cancel()
		return apply(tx, "h", upserts(component("h", "a", "2")))
	})
	if err != nil {
		same(s, "after an update that ended early", before, s.state())
	} else {
		same(s, "after an update that was done", component("h", "a", "2"), s.component("h", "a"))
	}
	s.put("h", upserts(component("h", "a", "3"))) // it can be used on
	same(s, "afterwards", component("h", "a", "3"), s.component("h", "a"))
}

// testCursors moves cursors with and without other work.
func testCursors(s *subject) {
	s.update(func(tx store.InventoryTx) error {
		if n := tx.Cursor("c"); n != 0 {
			s.Errorf("a new cursor is %d", n)
		}
		return firstError(tx.SetCursor("c", 5), tx.SetCursor("inventory holds 7", 6), tx.SetCursor("odd é\n", Entries),
			tx.SetCursor("zero", 0), tx.DeleteCursor("never there"))
	})
	check := func(want map[string]uint64) {
		s.Helper()
		s.twice(func() {
			all, err := s.Cursors(s.Context())
			if err != nil {
				s.Fatal(err)
			}
			same(s, "cursors", want, all)
			for _, name := range []string{"c", "zero", "none"} {
				if n, err := s.Cursor(s.Context(), name); err != nil || n != want[name] {
					s.Errorf("cursor %s: %d, %v", name, n, err)
				}
			}
		})
	}
	check(map[string]uint64{"c": 5, "inventory holds 7": 6, "odd é\n": Entries, "zero": 0})
	s.update(func(tx store.InventoryTx) error {
		if n := tx.Cursor("c"); n != 5 {
			s.Errorf("cursor in a transaction: %d", n)
		}
		return firstError(tx.SetCursor("c", 2), tx.DeleteCursor("inventory holds 7"), tx.SetCursor("new", 1), tx.DeleteCursor("new"),
			tx.DeleteCursor("zero"), tx.SetCursor("zero", 3))
	})
	check(map[string]uint64{"c": 2, "odd é\n": Entries, "zero": 3})
}

// testTakeIn tells a transaction what it takes in, where it wants to know, which changes
// nothing else.
func testTakeIn(s *subject) {
	s.put("h", upserts(component("h", "a", "1")))
	entry := store.Entry{
		Number: 1, Received: moment(1), Remote: "192.0.2.1:4711", Path: "/in", Host: "h", Class: "odd \x00\xff",
		Sequence: &event.Sequence{Context: "c\x00", Number: -1},
	}
	about := event.Event{Host: "h", Entry: 1, Class: "CIM_AlertIndication", Kind: event.KindAlert, Element: somePath()}
	for range 2 { // a batch that is taken in again after it was rolled back, or by order
		s.update(func(tx store.InventoryTx) error {
			j, ok := tx.(store.JournalTx)
			if !ok {
				s.Skip("it keeps no index of the journal")
			}
			late := store.Entry{Number: 2, Host: "unknown", Received: moment(2)}
			err := j.TakeIn([]store.Taken{{Entry: &entry, Event: &about}, {Entry: &late}, {Entry: &entry, Event: &about}})
			if err != nil {
				return err
			}
			_, err = tx.Apply("h", func(v inventory.View) inventory.Delta {
				same(s, "component", component("h", "a", "1"), mustHave(s, v, "a"))
				same(s, "all", 1, len(slices.Collect(v.Components())))
				return inventory.Delta{}
			})
			return err
		})
	}
	hosts, err := s.Hosts(s.Context())
	if err != nil || len(hosts) != 1 {
		s.Errorf("hosts %v, %v", hosts, err)
	}
}
