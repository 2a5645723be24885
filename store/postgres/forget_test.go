package postgres_test

import (
	"testing"

	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/store"
)

// keepHistory keeps changes of a host's components.
func keepHistory(t *testing.T, s store.Inventory, host string, changes []inventory.Change) {
	t.Helper()
	err := s.Update(t.Context(), func(tx store.InventoryTx) error {
		_, err := tx.Apply(host, func(inventory.View) inventory.Delta { return inventory.Delta{Changes: changes} })
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func forget(t *testing.T, s store.Inventory, host string) {
	t.Helper()
	if err := s.Update(t.Context(), func(tx store.InventoryTx) error { return tx.Forget(host) }); err != nil {
		t.Fatal(err)
	}
}

// TestForgetNumbers gives no number of a change twice, also when those with the highest are
// forgotten and the database is opened again, for there are readers that go on behind a number.
func TestForgetNumbers(t *testing.T) {
	url := database(t)
	s := open(t, url, nil)
	keepHistory(t, s, "a", history("a", "1", 4))
	keepHistory(t, s, "b", history("b", "1", 9))
	const highest = "SELECT coalesce(max(number), 0) FROM cimwatch.changes"
	last := one[int64](t, url, highest)
	forget(t, s, "b")
	forget(t, s, "a") // which knows of fewer
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if n := one[int64](t, url, highest); n != 0 {
		t.Errorf("change %d is left", n)
	}
	s = open(t, url, nil)
	keepHistory(t, s, "c", history("c", "1", 0))
	if n := one[int64](t, url, highest); n != last+1 {
		t.Errorf("the next change has number %d, the last one had %d", n, last)
	}
	for _, table := range []string{"hosts", "components", "conditions", "changes"} {
		if n := one[int](t, url, "SELECT count(*) FROM cimwatch_data."+table+" WHERE host_key <> 'c'"); n != 0 {
			t.Errorf("%d %s are left", n, table)
		}
	}
}

// TestForgetWhileCondensing forgets a host whose history was read to be condensed and is not yet
// written: nothing of it comes back.
func TestForgetWhileCondensing(t *testing.T) {
	url := database(t)
	s := open(t, url, nil)
	keepHistory(t, s, "a", history("a", "1", 40))
	type result struct {
		dropped uint64
		err     error
	}
	done := make(chan result, 1)
	err := s.Update(t.Context(), func(tx store.InventoryTx) error { // Condense waits for it
		go func() {
			dropped, err := s.Condense(t.Context(), inventory.Retention{Changes: 10}, start)
			done <- result{dropped, err}
		}()
		for read := 0; read == 0; {
			read = one[int](t, url, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND "+
				"query LIKE 'SELECT CASE WHEN row_number%' AND state = 'idle'")
		}
		return tx.Forget("a")
	})
	if err != nil {
		t.Fatal(err)
	}
	if r := <-done; r.err != nil || r.dropped != 0 {
		t.Errorf("dropped %d, %v", r.dropped, r.err)
	}
	if n := one[int](t, url, "SELECT count(*) FROM cimwatch_data.changes"); n != 0 {
		t.Errorf("%d changes are left", n)
	}
}
