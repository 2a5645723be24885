package store_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/store"
	"github.com/cimwatch/cimwatch/store/storetest"
)

func fan(id string, status uint16) *cim.Instance {
	i := cim.NewInstance("CIM_Fan", cim.Prop("ElementName", cim.String("Fan "+id)),
		cim.Prop("OperationalStatus", cim.Uint16s(status)))
	i.Path = cim.InstancePath("root/cimv2", "CIM_Fan", cim.Key{Name: "DeviceID", Value: cim.String(id)})
	return i
}

func idOf(i *cim.Instance) string { return i.Path.Relative().Canonical() }

// take brings a host's inventory to what was found.
func take(t *testing.T, s *store.Store, host string, found ...*cim.Instance) []inventory.Change {
	t.Helper()
	var changes []inventory.Change
	err := s.Update(t.Context(), func(tx *store.Tx) error {
		var err error
		changes, err = tx.Apply(host, func(v inventory.View) inventory.Delta {
			return inventory.Sync(v, inventory.Snapshot{Host: host, Instances: found, Started: start, Reason: inventory.Resync})
		})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return changes
}

func names(components []inventory.Component) string {
	var list []string
	for _, c := range components {
		list = append(list, c.Host+" "+c.Name+" "+c.Health.String())
	}
	return strings.Join(list, ", ")
}

func kinds(changes []inventory.Change) string {
	var list []string
	for _, c := range changes {
		list = append(list, c.Host+" "+c.Name+" "+c.Kind.String())
	}
	return strings.Join(list, ", ")
}

func TestInventory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cimwatch.db")
	s := openAt(t, path, nil)
	take(t, s, "b", fan("1", 2))
	take(t, s, "a", fan("1", 2), fan("2", 6))
	take(t, s, "a", fan("1", 3))
	take(t, s, "ab", fan("9", 2))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openAt(t, path, &store.Options{ReadOnly: true})
	ctx := t.Context()

	for _, tt := range []struct{ host, want string }{
		{"", "a Fan 1 warning, ab Fan 9 ok, b Fan 1 ok"}, {"a", "a Fan 1 warning"}, {"none", ""},
	} {
		if got := names(storetest.Collect(t, s.Components(ctx, tt.host))); got != tt.want {
			t.Errorf("components of %q: %s, want %s", tt.host, got, tt.want)
		}
	}
	for _, tt := range []struct{ host, id, want string }{
		{"b", "", "b Fan 1 appeared"},
		{"a", "", "a Fan 1 appeared, a Fan 2 appeared, a Fan 2 disappeared, a Fan 1 property, a Fan 1 health"},
		{"a", idOf(fan("1", 0)), "a Fan 1 appeared, a Fan 1 property, a Fan 1 health"},
		{"a", idOf(fan("2", 0)), "a Fan 2 appeared, a Fan 2 disappeared"},
		{"a", "none", ""},
	} {
		if got := kinds(storetest.Collect(t, s.History(ctx, tt.host, tt.id))); got != tt.want {
			t.Errorf("history of %q in %s: %s, want %s", tt.id, tt.host, got, tt.want)
		}
	}
	if got := len(storetest.Collect(t, s.History(ctx, "", ""))); got != 7 {
		t.Errorf("%d changes in all, want 7", got)
	}
	if c, err := s.Component(ctx, "a", idOf(fan("2", 0))); err != nil || c.Removed.IsZero() {
		t.Errorf("the removed one: %+v, %v", c, err)
	}
	if _, err := s.Component(ctx, "a", "none"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
	hosts, err := s.Hosts(ctx)
	if err != nil || len(hosts) != 3 || hosts[1].Name != "ab" {
		t.Errorf("hosts %v, %v", hosts, err)
	}
}

func TestComponentComesBackAsItWas(t *testing.T) {
	s := open(t, nil)
	take(t, s, "a", fan("1", 2))
	got, err := s.Component(t.Context(), "a", idOf(fan("1", 2)))
	if err != nil {
		t.Fatal(err)
	}
	want := inventory.Sync(noView{}, inventory.Snapshot{
		Host: "a", Instances: []*cim.Instance{fan("1", 2)}, Started: start, Reason: inventory.Resync,
	}).Upserts[0]
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b cim.Value) bool { return a.Equal(b) })); diff != "" {
		t.Error(diff)
	}
}

// noView is the inventory of a host that has none.
type noView struct{}

func (noView) Component(string) (inventory.Component, bool) { return inventory.Component{}, false }
func (noView) Components() iter.Seq[inventory.Component] {
	return func(func(inventory.Component) bool) {}
}

func TestManyComponents(t *testing.T) {
	s := open(t, nil)
	var found []*cim.Instance
	for n := range 600 { // several pieces
		found = append(found, fan(fmt.Sprintf("%03d", n), 2))
	}
	take(t, s, "a", found...)
	take(t, s, "b", found[:2]...)
	components := storetest.Collect(t, s.Components(t.Context(), "a"))
	if len(components) != 600 || components[599].Name != "Fan 599" {
		t.Errorf("%d components", len(components))
	}
	if got := len(storetest.Collect(t, s.Components(t.Context(), ""))); got != 602 {
		t.Errorf("%d components in all", got)
	}
	if got := len(storetest.Collect(t, s.History(t.Context(), "a", ""))); got != 600 {
		t.Errorf("%d changes", got)
	}
	for _, err := range s.Components(t.Context(), "a") {
		if err != nil {
			t.Error(err)
		}
		break
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, err := range s.Components(ctx, "a") {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	}
}

func TestUpdateIsAllOrNothing(t *testing.T) {
	s := open(t, nil)
	keep(t, s, entry(0))
	failure := errors.New("no")
	err := s.Update(t.Context(), func(tx *store.Tx) error {
		if err := errors.Join(tx.SetCursor("c", 1), tx.PutHost(inventory.Host{Name: "h"})); err != nil {
			return err
		}
		if tx.Cursor("c") != 1 {
			t.Error("a transaction does not see its own cursor")
		}
		return failure
	})
	if !errors.Is(err, failure) {
		t.Errorf("got %v", err)
	}
	cursor, err := s.Cursor(t.Context(), "c")
	hosts, herr := s.Hosts(t.Context())
	if cursor != 0 || len(hosts) != 0 || err != nil || herr != nil {
		t.Errorf("cursor %d, hosts %v, %v, %v", cursor, hosts, err, herr)
	}
}

func TestUpdateRefuses(t *testing.T) {
	s := open(t, nil)
	upsert := func(c inventory.Component) func(tx *store.Tx) error {
		return func(tx *store.Tx) error {
			_, err := tx.Apply("h", func(inventory.View) inventory.Delta {
				return inventory.Delta{Upserts: []inventory.Component{c}}
			})
			return err
		}
	}
	tests := map[string]func(*store.Tx) error{
		"a cursor beyond the journal": func(tx *store.Tx) error { return tx.SetCursor("c", 1) },
		"a host without a name":       func(tx *store.Tx) error { return tx.PutHost(inventory.Host{}) },
		"a host with NUL":             func(tx *store.Tx) error { return tx.PutHost(inventory.Host{Name: "a\x00b"}) },
		"a long host name":            func(tx *store.Tx) error { return tx.PutHost(inventory.Host{Name: strings.Repeat("x", 256)}) },
		"another host's component":    upsert(inventory.Component{Host: "other", ID: "x"}),
	}
	for name, do := range tests {
		if err := s.Update(t.Context(), do); err == nil {
			t.Errorf("%s was kept", name)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Update(ctx, func(*store.Tx) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestHostsAreKept(t *testing.T) {
	s := open(t, nil)
	want := inventory.Host{Name: "h", URL: "https://h:5989", Interop: "root/interop", LastSync: start}
	err := s.Update(t.Context(), func(tx *store.Tx) error {
		fresh, err := tx.Host("h")
		if err != nil || fresh != (inventory.Host{Name: "h"}) {
			t.Errorf("a new host: %+v, %v", fresh, err)
		}
		if err := tx.PutHost(want); err != nil {
			return err
		}
		_, err = tx.Apply("h", func(inventory.View) inventory.Delta { return inventory.Delta{} })
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	hosts, err := s.Hosts(t.Context())
	if diff := cmp.Diff([]inventory.Host{want}, hosts); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
}
