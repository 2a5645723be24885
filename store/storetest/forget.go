package storetest

import (
	"errors"
	"slices"

	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/store"
)

// twin returns components and changes that are alike on each host but for its name, with one that
// was removed, and with texts to find them by.
func twin(host string) inventory.Delta {
	disk := component(host, "disk", "")
	disk.Kind, disk.Vendor, disk.Serial, disk.Part, disk.Health = inventory.KindDisk, "ACME", "4A07D3E2", "P-1", inventory.Critical
	disk.Conditions = []inventory.Condition{{Key: "k", Text: "T", Count: 1, Since: moment(1)}}
	gone := component(host, "gone", "")
	gone.Removed = moment(5)
	return inventory.Delta{
		Upserts: []inventory.Component{disk, component(host, "fan", ""), gone},
		Changes: []inventory.Change{change(host, "disk", 1), change(host, "gone", 2), change(host, "disk", 3)},
	}
}

// shown is all that an inventory shows of a host.
type shown struct {
	Known      bool
	Components []inventory.Component
	Gone       bool // is remembered
	Found      []string
	Summary    inventory.Summary
	History    []inventory.Change
	OfDisk     []inventory.Change
}

func (s *subject) shown(host string) (all shown) {
	s.Helper()
	hosts, err := s.Hosts(s.Context())
	all.Known = slices.ContainsFunc(hosts, func(h inventory.Host) bool { return h.Name == host })
	all.Components = Collect(s, s.Components(s.Context(), host))
	_, gone := s.Component(s.Context(), host, "gone")
	all.Gone = !errors.Is(gone, store.ErrNotFound)
	for _, q := range []inventory.Query{
		{Serials: []inventory.Pattern{"4a07d3e2"}}, {Vendors: []inventory.Pattern{"acme"}}, {Parts: []inventory.Pattern{"p-1"}},
		{Kinds: []inventory.Kind{inventory.KindDisk}}, {AtLeast: inventory.Warning}, {Hosts: []inventory.Pattern{inventory.Pattern(host)}}, {},
	} {
		for _, c := range Collect(s, s.Find(s.Context(), q)) {
			if c.Host == host {
				all.Found = append(all.Found, c.ID)
			}
		}
	}
	var serr error
	all.Summary, serr = s.Summary(s.Context(), host)
	all.History, all.OfDisk = Collect(s, s.History(s.Context(), host, "")), Collect(s, s.History(s.Context(), host, "disk"))
	if err := firstError(err, serr); err != nil {
		s.Fatal(err)
	}
	return all
}

// testForget forgets a host, of which nothing is left, and none else.
func testForget(s *subject) {
	names := []string{"a", "ab", "A", "a.b", "b"}
	for _, name := range names {
		s.put(name, twin(name))
	}
	before := map[string]shown{}
	for _, name := range names {
		before[name] = s.shown(name)
	}
	if first := before["a"]; len(first.Found) != 9 || len(first.History) != 3 || !first.Gone {
		s.Fatalf("the test has nothing to forget: %+v", first)
	}
	s.update(func(tx store.InventoryTx) error { return firstError(tx.SetCursor("c", 1), tx.Forget("a")) })
	check := func(a shown) {
		s.Helper()
		s.twice(func() {
			for _, name := range names[1:] {
				same(s, "another host, "+name, before[name], s.shown(name))
			}
			same(s, "the host", a, s.shown("a"))
		})
	}
	check(shown{})
	for _, name := range []string{"a", "never there", ""} {
		err := s.Update(s.Context(), func(tx store.InventoryTx) error { return tx.Forget(name) })
		if !errors.Is(err, store.ErrNotFound) {
			s.Errorf("forget %q: %v, want ErrNotFound", name, err)
		}
	}
	s.put("a", inventory.Delta{Upserts: []inventory.Component{component("a", "disk", "new")}, Changes: []inventory.Change{change("a", "disk", 9)}})
	got := s.shown("a")
	same(s, "what came again", []inventory.Component{component("a", "disk", "new")}, got.Components)
	same(s, "its history", []inventory.Change{change("a", "disk", 9)}, got.OfDisk)
	check(got)
}

// testForgetWithin forgets a host in the midst of other work of a transaction, and in one that fails.
func testForgetWithin(s *subject) {
	s.put("h", twin("h"))
	s.put("other", twin("other"))
	before := s.state()
	err := s.Update(s.Context(), func(tx store.InventoryTx) error { return firstError(tx.Forget("h"), errWanted) })
	if !errors.Is(err, errWanted) {
		s.Errorf("got %v", err)
	}
	s.twice(func() { same(s, "all that is kept", before, s.state()) })
	s.update(func(tx store.InventoryTx) error {
		err := firstError(
			tx.PutHost(inventory.Host{Name: "h", URL: "u"}), tx.PutHost(inventory.Host{Name: "brief"}),
			apply(tx, "h", inventory.Delta{Upserts: []inventory.Component{component("h", "new", "")}, Changes: []inventory.Change{change("h", "new", 4)}}),
			apply(tx, "other", inventory.Delta{Changes: []inventory.Change{change("other", "disk", 5)}}),
			tx.Forget("h"), tx.Forget("brief"),
		)
		if again := tx.Forget("h"); !errors.Is(again, store.ErrNotFound) {
			s.Errorf("forget what is forgotten: %v", again)
		}
		if there, err := tx.HasHost("h"); there || err != nil {
			s.Errorf("a forgotten host is there: %v, %v", there, err)
		}
		h, herr := tx.Host("h")
		same(s, "the host", inventory.Host{Name: "h"}, h)
		_, aerr := tx.Apply("h", func(v inventory.View) inventory.Delta {
			if _, ok := v.Component("disk"); ok {
				s.Error("a component is there")
			}
			same(s, "components", 0, len(slices.Collect(v.Components())))
			return inventory.Delta{Upserts: []inventory.Component{component("h", "fan", "2")}, Changes: []inventory.Change{change("h", "fan", 6)}}
		})
		_, verr := tx.Apply("h", func(v inventory.View) inventory.Delta {
			same(s, "components", []inventory.Component{component("h", "fan", "2")}, slices.Collect(v.Components()))
			return inventory.Delta{}
		})
		return firstError(err, herr, aerr, verr)
	})
	s.twice(func() {
		same(s, "hosts", []string{"h", "other"}, s.names())
		same(s, "history", "h/fan/6 ", numbers(Collect(s, s.History(s.Context(), "h", ""))))
		same(s, "history of another", "other/disk/1 other/gone/2 other/disk/3 other/disk/5 ", numbers(Collect(s, s.History(s.Context(), "other", ""))))
		same(s, "components", []inventory.Component{component("h", "fan", "2")}, Collect(s, s.Components(s.Context(), "h")))
	})
}

// testForgetMany forgets more than one piece, also with all that there is, and with more that comes
// in the same transaction.
func testForgetMany(s *subject) {
	const many = 2500
	var d inventory.Delta
	for n := range many {
		c := component("h", string(rune('a'+n%26))+moment(n).String(), "")
		d.Upserts, d.Changes = append(d.Upserts, c), append(d.Changes, change("h", c.ID, n))
	}
	s.put("h", d)
	s.put("i", twin("i"))
	want := s.shown("i")
	s.update(func(tx store.InventoryTx) error { return tx.Forget("h") })
	s.twice(func() {
		same(s, "the host", shown{}, s.shown("h"))
		same(s, "another", want, s.shown("i"))
	})
	s.put("h", d)
	s.update(func(tx store.InventoryTx) error { return firstError(tx.Forget("i"), tx.Forget("h"), apply(tx, "h", d)) })
	s.twice(func() {
		same(s, "history", d.Changes, Collect(s, s.History(s.Context(), "h", "")))
		same(s, "components", many, len(Collect(s, s.Components(s.Context(), "h"))))
		same(s, "another", shown{}, s.shown("i"))
	})
}

// names returns the names of the hosts.
func (s *subject) names() (names []string) {
	s.Helper()
	hosts, err := s.Hosts(s.Context())
	if err != nil {
		s.Fatal(err)
	}
	for i := range hosts {
		names = append(names, hosts[i].Name)
	}
	return names
}
