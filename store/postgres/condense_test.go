package postgres_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/store"
	"github.com/cimwatch/cimwatch/store/postgres"
)

// history returns how a component came, and changes of one property.
func history(host, id string, changes int) []inventory.Change {
	list := []inventory.Change{{
		Host: host, ID: id, Kind: inventory.Appeared, Time: start, Known: start,
		Instance: cim.NewInstance("CIM_Fan", cim.Prop("N", cim.Sint64(0))),
	}}
	for n := range changes {
		at := start.Add(time.Duration(n+1) * time.Minute)
		list = append(list, inventory.Change{
			Host: host, ID: id, Kind: inventory.PropertyChanged, Property: "N", Time: at, Known: at,
			Old: cim.Sint64(int64(n)), New: cim.Sint64(int64(n + 1)),
		})
	}
	return list
}

// told returns the changes of a component as text.
func told(t *testing.T, s *postgres.Inventory, host, id string) []string {
	t.Helper()
	var list []string
	for c, err := range s.History(t.Context(), host, id) {
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, fmt.Sprint(c.Kind, c.Old, c.New, c.Known))
	}
	return list
}

// TestCondense drops of each component what inventory.Retention says, and nothing else, from one
// call to the next.
func TestCondense(t *testing.T) {
	url := database(t)
	s := open(t, url, nil)
	r := inventory.Retention{Changes: 10}
	now := start.AddDate(0, 0, 1)
	want := map[string][]string{}
	for _, host := range []string{"a", "ab", "b\xff"} {
		for id, count := range map[string]int{"few": 5, "many": 40, "many\x00more": 700} {
			changes := history(host, id, count)
			err := s.Update(t.Context(), func(tx store.InventoryTx) error {
				_, err := tx.Apply(host, func(inventory.View) inventory.Delta { return inventory.Delta{Changes: changes} })
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			want[host+" "+id] = told(t, s, host, id)
			if done := r.Condense(changes, 0, now); done != nil {
				changes[done.At] = done.With
				for _, n := range slices.Backward(done.Drop) {
					changes = slices.Delete(changes, n, n+1)
				}
				want[host+" "+id] = nil
				for _, c := range changes {
					want[host+" "+id] = append(want[host+" "+id], fmt.Sprint(c.Kind, c.Old, c.New, c.Known))
				}
			}
		}
	}
	dropped, err := s.Condense(t.Context(), r, now)
	if err != nil || dropped != 3*(40-10-1+700-10-1) {
		t.Errorf("dropped %d, %v", dropped, err)
	}
	check := func() {
		t.Helper()
		for _, host := range []string{"a", "ab", "b\xff"} {
			for _, id := range []string{"few", "many", "many\x00more"} {
				if diff := cmp.Diff(want[host+" "+id], told(t, s, host, id)); diff != "" {
					t.Errorf("%q of %q (-want +got):\n%s", id, host, diff)
				}
			}
		}
	}
	check()
	if dropped, err := s.Condense(t.Context(), r, now); err != nil || dropped != 0 {
		t.Errorf("again: dropped %d, %v", dropped, err)
	}
	check()
	if n := one[int](t, url, "SELECT count(*) FROM cimwatch.changes WHERE kind = 'condensed'"); n != 6 {
		t.Errorf("%d rows are condensed", n)
	}
	if dropped, err := s.Condense(t.Context(), inventory.Retention{}, now); err != nil || dropped != 0 {
		t.Errorf("without limits: dropped %d, %v", dropped, err)
	}
}
