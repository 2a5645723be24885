package storetest

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/store"
)

// ids returns host and ID of components.
func ids(list []inventory.Component) []string {
	var names []string
	for i := range list {
		names = append(names, list[i].Host+" "+list[i].ID)
	}
	return names
}

// testComponents reads components of one host and of all, also where the name of a host
// begins like that of another.
func testComponents(s *subject) {
	s.put("b", upserts(component("b", "1", "")))
	s.put("a", upserts(component("a", "2", ""), component("a", "1", "old")))
	s.put("ab", upserts(component("ab", "9", "")))
	s.put("a", upserts(component("a", "1", "new")))
	s.twice(func() {
		for host, want := range map[string][]string{
			"": {"a 1", "a 2", "ab 9", "b 1"}, "a": {"a 1", "a 2"}, "ab": {"ab 9"}, "none": nil,
		} {
			same(s, fmt.Sprintf("components of %q", host), want, ids(Collect(s, s.Components(s.Context(), host))))
		}
		same(s, "a component that was put twice", component("a", "1", "new"), s.component("a", "1"))
		for _, missing := range [][2]string{{"a", "3"}, {"a", ""}, {"", "1"}, {"none", "1"}, {"a", "\x00"}} {
			if _, err := s.Component(s.Context(), missing[0], missing[1]); !errors.Is(err, store.ErrNotFound) {
				s.Errorf("component %q: got %v, want ErrNotFound", missing, err)
			}
		}
	})
}

// testComponentOrder sorts by bytes, whatever a language would do.
func testComponentOrder(s *subject) {
	odd := []string{
		"\x00", "\x01", "A", "Z", "a", "a\x00", "a\x00b", "a b", "a-b", "ab", "a\x7f", "a\xff", "z", "ß", "é", "e\u0301", "日本", "\U0001F600",
		strings.Repeat("x", 512), "\xc3\x28",
	}
	var d inventory.Delta
	for _, id := range odd {
		d.Upserts = append(d.Upserts, component("h", id, id))
	}
	s.put("h", d)
	slices.Sort(odd)
	s.twice(func() {
		var want []string
		for _, id := range odd {
			want = append(want, "h "+id)
			same(s, fmt.Sprintf("component %.20q", id), component("h", id, id), s.component("h", id))
		}
		same(s, "order", want, ids(Collect(s, s.Components(s.Context(), ""))))
	})
}

// testPieces reads more than one piece, and stops within one.
func testPieces(s *subject) {
	const many = 700
	var d inventory.Delta
	var want []string
	for n := range many {
		id := fmt.Sprintf("%04d", n)
		d.Upserts, d.Changes = append(d.Upserts, component("h", id, id)), append(d.Changes, change("h", id, n))
		want = append(want, "h "+id)
	}
	s.put("h", d)
	s.put("i", upserts(component("i", "1", "")))
	ctx := s.Context()
	same(s, "components", want, ids(Collect(s, s.Components(ctx, "h"))))
	same(s, "components of all hosts", append(want, "i 1"), ids(Collect(s, s.Components(ctx, ""))))
	same(s, "changes", d.Changes, Collect(s, s.History(ctx, "h", "")))
	same(s, "changes of all hosts", d.Changes, Collect(s, s.History(ctx, "", "")))
	read := 0
	for _, err := range s.Components(ctx, "") {
		if read++; err != nil || read == many/2 {
			break
		}
	}
	for _, err := range s.History(ctx, "h", "") {
		if err != nil {
			s.Error(err)
		}
		break
	}
	if read != many/2 {
		s.Errorf("stopped after %d", read)
	}
}

// testRemoved remembers a component that was removed, and forgets it.
func testRemoved(s *subject) {
	gone := component("h", "gone", "")
	gone.Removed = moment(5)
	s.put("h", inventory.Delta{
		Upserts: []inventory.Component{gone, component("h", "here", "")}, Changes: []inventory.Change{change("h", "gone", 1)},
	})
	s.twice(func() {
		same(s, "components", []string{"h here"}, ids(Collect(s, s.Components(s.Context(), ""))))
		same(s, "the removed one", gone, s.component("h", "gone"))
		same(s, "removed components", []inventory.Component{gone}, Collect(s, s.Removed(s.Context(), "h")))
		same(s, "removed components of others", 0, len(Collect(s, s.Removed(s.Context(), "hh")))+len(Collect(s, s.Removed(s.Context(), ""))))
	})
	s.put("h", inventory.Delta{Removes: []string{"gone", "never there"}})
	s.twice(func() {
		if _, err := s.Component(s.Context(), "h", "gone"); !errors.Is(err, store.ErrNotFound) {
			s.Errorf("the forgotten one: %v", err)
		}
		same(s, "its history", []inventory.Change{change("h", "gone", 1)}, Collect(s, s.History(s.Context(), "h", "gone")))
	})
	s.put("h", inventory.Delta{Upserts: []inventory.Component{gone}, Removes: []string{"gone"}}) // Removes come after
	if _, err := s.Component(s.Context(), "h", "gone"); !errors.Is(err, store.ErrNotFound) {
		s.Errorf("put and forgotten at once: %v", err)
	}
}

// testView shows a function the present state, removed components included, in order.
func testView(s *subject) {
	gone := component("h", "b", "gone")
	gone.Removed = moment(5)
	s.put("h", upserts(component("h", "c", "C"), gone, component("h", "a", "A")))
	s.put("hh", upserts(component("hh", "a", "other")))
	for range 2 { // also from what is remembered
		s.update(func(tx store.InventoryTx) error {
			_, err := tx.Apply("h", func(v inventory.View) inventory.Delta {
				same(s, "one component", component("h", "a", "A"), mustHave(s, v, "a"))
				if _, ok := v.Component("none"); ok {
					s.Error("the view has a component that is not there")
				}
				same(s, "all", []inventory.Component{component("h", "a", "A"), gone, component("h", "c", "C")}, slices.Collect(v.Components()))
				same(s, "one more", gone, mustHave(s, v, "b"))
				for range v.Components() {
					break
				}
				return inventory.Delta{}
			})
			return err
		})
	}
	s.update(func(tx store.InventoryTx) error {
		_, err := tx.Apply("new", func(v inventory.View) inventory.Delta {
			same(s, "a new host", 0, len(slices.Collect(v.Components())))
			return inventory.Delta{}
		})
		return err
	})
}

// testRemovedPieces reads more removed components than one piece has, in order.
func testRemovedPieces(s *subject) {
	const many = 700
	var d inventory.Delta
	var want []string
	for n := range many {
		c := component("h", fmt.Sprintf("%04d", n), "")
		if n%5 > 0 {
			c.Removed = moment(n)
			want = append(want, "h "+c.ID)
		}
		d.Upserts = append(d.Upserts, c)
	}
	s.put("h", d)
	gone := component("hi", "0", "")
	gone.Removed = moment(1)
	s.put("hi", upserts(gone))
	s.twice(func() { same(s, "removed components", want, ids(Collect(s, s.Removed(s.Context(), "h")))) })
	read := 0
	for _, err := range s.Removed(s.Context(), "h") {
		if read++; err != nil || read == many/2 {
			break
		}
	}
	if read != many/2 {
		s.Errorf("stopped after %d", read)
	}
}

func mustHave(s *subject, v inventory.View, id string) inventory.Component {
	s.Helper()
	c, ok := v.Component(id)
	if !ok {
		s.Errorf("the view has no component %s", id)
	}
	return c
}

// testOwnership changes what was read, which is nobody else's.
func testOwnership(s *subject) {
	want := component("h", "a", "A")
	want.Conditions = []inventory.Condition{{Key: "k", Text: "T", Count: 1, Since: moment(1)}}
	given := component("h", "a", "A")
	given.Conditions = slices.Clone(want.Conditions)
	s.put("h", upserts(given))
	spoil := func(c *inventory.Component) {
		c.Properties[0], c.Conditions[0] = cim.Prop("Spoilt", cim.Boolean(true)), inventory.Condition{Key: "spoilt"}
	}
	spoil(&given)
	for range 2 {
		c := s.component("h", "a")
		same(s, "a component", want, c)
		spoil(&c)
		for _, c := range Collect(s, s.Components(s.Context(), "h")) {
			spoil(&c)
		}
	}
	s.update(func(tx store.InventoryTx) error {
		_, err := tx.Apply("h", func(v inventory.View) inventory.Delta {
			same(s, "a component of a view", want, mustHave(s, v, "a"))
			return inventory.Delta{}
		})
		return err
	})
}
