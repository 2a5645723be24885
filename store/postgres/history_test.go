package postgres_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/store"
	"github.com/cimwatch/cimwatch/store/postgres"
)

// What is too much of the history goes, a component at a time, and one change stands for it, in
// all columns; what is left leads to the same state.
func TestCondense(t *testing.T) {
	url := database(t)
	s := open(t, url, nil)
	began := time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)
	sync := func(host string, minutes int, found ...*cim.Instance) {
		t.Helper()
		err := s.Update(t.Context(), func(tx store.InventoryTx) error {
			_, err := tx.Apply(host, func(v inventory.View) inventory.Delta {
				return inventory.Sync(v, inventory.Snapshot{
					Host: host, Instances: found, Started: began.Add(time.Duration(minutes) * time.Minute), Reason: inventory.Resync,
				})
			})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	captioned := func(id string, n int) *cim.Instance {
		i := fan(id, 2)
		i.Set("Caption", cim.String(fmt.Sprint(n)))
		return i
	}
	const rounds = 20
	for n := range rounds {
		sync("a", n, captioned("1", n), captioned("2", n))
		sync("b", n, captioned("1", 0))
	}
	condense := func(r inventory.Retention, want int) {
		t.Helper()
		if n, err := s.Condense(t.Context(), r, began.Add(24*time.Hour)); n != want || err != nil {
			t.Errorf("%+v: %d changes were dropped, %v; want %d", r, n, err, want)
		}
	}
	condense(inventory.Retention{}, 0)
	condense(inventory.Retention{Changes: rounds}, 0)
	condense(inventory.Retention{Changes: 4}, 2*(rounds-1-4-1))
	condense(inventory.Retention{Changes: 4}, 0)
	var got []string
	for c, err := range s.History(t.Context(), "a", "") {
		if err != nil {
			t.Fatal(err)
		}
		if c.Name == "Fan 2" {
			got = append(got, fmt.Sprint(c.Kind, " ", c.New))
		}
	}
	want := []string{"appeared NULL", "condensed 15", "property 16", "property 17", "property 18", "property 19"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("history (-want +got):\n%s", diff)
	}
	shown := one[string](t, url, `SELECT string_agg(kind || ' ' || coalesce(new_value::text, ''), ', ' ORDER BY number)
		FROM cimwatch_data.changes WHERE host = 'a' AND name = 'Fan 1'`)
	if shown != `appeared , condensed 15, property "16", property "17", property "18", property "19"` {
		t.Errorf("in columns: %s", shown)
	}
	past, err := inventory.At(s.History(t.Context(), "", ""), began.Add(time.Hour))
	if err != nil || len(past.Components) != 3 || past.Components[1].Instance().Text("Caption") != "19" {
		t.Errorf("it leads to %+v, %v", past, err)
	}
	sync("b", rounds) // its fan is gone
	condense(inventory.Retention{Age: time.Hour}, 2+2*4)
	if left := one[int64](t, url, "SELECT count(*) FROM cimwatch_data.changes"); left != 4 {
		t.Errorf("%d changes are left", left)
	}
	reader := open(t, url, &postgres.Options{ReadOnly: true})
	if _, err := reader.Condense(t.Context(), inventory.Retention{Changes: 1}, began); !errors.Is(err, store.ErrReadOnly) {
		t.Errorf("a reader: %v", err)
	}
}
