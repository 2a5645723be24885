package storetest

import (
	"slices"
	"strings"

	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/store"
)

// testHosts keeps hosts and finds them by name, with all that they have.
func testHosts(s *subject) {
	full := inventory.Host{
		Name: "b", URL: "https://b:5989", Interop: "root/interop", Subscription: "subscribed", Error: "odd \x00\xff text",
		FirstSeen: moment(1), LastSync: moment(2), LastIndication: moment(3),
	}
	has := func(tx store.InventoryTx, name string, want bool) {
		if got, err := tx.HasHost(name); got != want || err != nil {
			s.Errorf("there is a host %s: %v, %v, want %v", name, got, err, want)
		}
	}
	s.update(func(tx store.InventoryTx) error {
		has(tx, "b", false)
		fresh, err := tx.Host("b")
		if err != nil || fresh != (inventory.Host{Name: "b"}) {
			s.Errorf("a new host: %+v, %v", fresh, err)
		}
		if err := tx.PutHost(full); err != nil {
			return err
		}
		has(tx, "b", true)
		if err := apply(tx, "b", inventory.Delta{}); err != nil { // leaves the host alone
			return err
		}
		has(tx, "B", false)
		err = apply(tx, "B", inventory.Delta{}) // another one
		has(tx, "B", true)
		return err
	})
	want := []inventory.Host{{Name: "B"}, full}
	s.twice(func() {
		got, err := s.Hosts(s.Context())
		if err != nil {
			s.Fatal(err)
		}
		same(s, "hosts", want, got)
	})
	s.update(func(tx store.InventoryTx) error {
		has(tx, "b", true)
		has(tx, "B", true) // with nothing but its name
		has(tx, "c", false)
		got, err := tx.Host("b")
		same(s, "a known host", full, got)
		full.Error, full.LastSync = "", moment(9)
		want[1] = full
		return firstError(err, tx.PutHost(full))
	})
	s.twice(func() {
		got, err := s.Hosts(s.Context())
		if err != nil {
			s.Fatal(err)
		}
		same(s, "hosts after a change", want, got)
	})
}

// testHostNames tries names at the limits.
func testHostNames(s *subject) {
	for _, name := range []string{"", "a\x00b", "\x00", strings.Repeat("x", 256), strings.Repeat("é", 128)} {
		for what, do := range map[string]func(store.InventoryTx) error{
			"PutHost": func(tx store.InventoryTx) error { return tx.PutHost(inventory.Host{Name: name}) },
			"Apply":   func(tx store.InventoryTx) error { return apply(tx, name, inventory.Delta{}) },
		} {
			if err := s.Update(s.Context(), do); err == nil {
				s.Errorf("%s kept a host named %.20q of %d bytes", what, name, len(name))
			}
		}
	}
	odd := []string{" ", "A", "a", "a\tb", "a b", "b", strings.Repeat("x", 255), strings.Repeat("é", 127), "日本", "\xff\xfe"}
	s.update(func(tx store.InventoryTx) error {
		for _, name := range slices.Backward(odd) {
			if err := apply(tx, name, upserts(component(name, "id", name))); err != nil {
				return err
			}
		}
		return nil
	})
	s.twice(func() {
		hosts, err := s.Hosts(s.Context())
		if err != nil || len(hosts) != len(odd) {
			s.Fatalf("%d hosts, %v", len(hosts), err)
		}
		for i, name := range odd {
			if hosts[i].Name != name {
				s.Errorf("host %d is %q, want %q", i, hosts[i].Name, name)
			}
			same(s, "component of "+name, component(name, "id", name), s.component(name, "id"))
		}
	})
}

// firstError returns the first error that is none.
func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
