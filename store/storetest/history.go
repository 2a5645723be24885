package storetest

import (
	"fmt"

	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/store"
)

// testHistoryOrder reads changes in the order they were taken in, not that of their times,
// which run backwards here; of all hosts by host.
func testHistoryOrder(s *subject) {
	n := 0
	next := func(host, id string) inventory.Change { n++; return change(host, id, n) }
	s.put("b", inventory.Delta{Changes: []inventory.Change{next("b", "y"), next("b", "x")}})
	s.update(func(tx store.InventoryTx) error { // several hosts take turns in one transaction
		return firstError(
			apply(tx, "a", inventory.Delta{Changes: []inventory.Change{next("a", "x")}}),
			apply(tx, "ab", inventory.Delta{Changes: []inventory.Change{next("ab", "x")}}),
			apply(tx, "b", inventory.Delta{Changes: []inventory.Change{next("b", "x")}}),
			apply(tx, "a", inventory.Delta{Changes: []inventory.Change{next("a", "y"), next("a", "x")}}),
		)
	})
	s.reopen()
	s.put("a", inventory.Delta{Changes: []inventory.Change{next("a", "x")}})
	s.twice(func() {
		for _, tt := range []struct{ host, id, want string }{
			{"", "", "a/x/3 a/y/6 a/x/7 a/x/8 ab/x/4 b/y/1 b/x/2 b/x/5 "},
			{"a", "", "a/x/3 a/y/6 a/x/7 a/x/8 "},
			{"b", "", "b/y/1 b/x/2 b/x/5 "},
			{"a", "x", "a/x/3 a/x/7 a/x/8 "},
			{"none", "", ""}, {"none", "x", ""}, {"a", "none", ""},
		} {
			if got := numbers(Collect(s, s.History(s.Context(), tt.host, tt.id))); got != tt.want {
				s.Errorf("history of %q of %q: %s, want %s", tt.id, tt.host, got, tt.want)
			}
		}
	})
}

// testHistoryOfOne tells components apart whose IDs begin alike, over several pieces.
func testHistoryOfOne(s *subject) {
	list := []string{"a", "a\x00", "a\x00\x00\x00\x00\x00\x00\x00\x00\x01", "aa", "A"}
	want := map[string][]inventory.Change{}
	var d inventory.Delta
	for n := range 1500 {
		id := list[n%len(list)]
		d.Changes = append(d.Changes, change("h", id, n))
		want[id] = append(want[id], change("h", id, n))
	}
	s.put("h", d)
	for _, id := range list {
		same(s, fmt.Sprintf("history of %q", id), want[id], Collect(s, s.History(s.Context(), "h", id)))
	}
}
