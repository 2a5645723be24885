package store_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/store"
	"github.com/cimwatch/cimwatch/store/storetest"
)

// openSource returns an inventory of some hosts, one with more history than a transaction takes.
func openSource(t *testing.T) *store.Store {
	t.Helper()
	s := openAt(t, filepath.Join(t.TempDir(), "source.db"), nil)
	if err := storetest.Fill(t.Context(), s.Inventory()); err != nil {
		t.Fatal(err)
	}
	return s
}

func openTarget(t *testing.T) *store.Store {
	t.Helper()
	s := openAt(t, filepath.Join(t.TempDir(), "target.db"), nil)
	for n := range int64(20) {
		if _, _, err := s.Append(t.Context(), entry(n)); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// copyOptions have two cursors.
func copyOptions() store.CopyOptions {
	return store.CopyOptions{
		Cursors: map[string]uint64{"inventory": 7, "inventory holds 3": 2},
		Owns:    func(name string) bool { return strings.HasPrefix(name, "inventory") },
	}
}

func cursorsOf(t *testing.T, kept store.Inventory) map[string]uint64 {
	t.Helper()
	all, err := kept.Cursors(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestCopy copies everything, once: the second time there is nothing to do.
func TestCopy(t *testing.T) {
	from, target := openSource(t).Inventory(), openTarget(t)
	to := target.Inventory()
	setCursors(t, to, map[string]uint64{"inventory": 1, "inventory holds 9": 8, "reader": 5})
	take(t, target, "only here", fan("1", 2))
	done, err := store.Copy(t.Context(), from, to, copyOptions())
	if err != nil || done.Hosts != storetest.FilledHosts || done.Same+done.Replaced > 0 {
		t.Errorf("%+v, %v", done, err)
	}
	want := map[string]uint64{"inventory": 7, "inventory holds 3": 2, "reader": 5}
	if diff := cmp.Diff(want, cursorsOf(t, to)); diff != "" {
		t.Errorf("cursors (-want +got):\n%s", diff)
	}
	if err := target.Update(t.Context(), func(tx *store.Tx) error { return tx.Forget("only here") }); err != nil {
		t.Fatal(err)
	}
	storetest.Same(t, from, to)
	written := &counting{Inventory: to}
	done, err = store.Copy(t.Context(), from, written, copyOptions())
	if err != nil || done != (store.Copied{Same: storetest.FilledHosts}) || written.updates > 0 {
		t.Errorf("again: %+v, %v, with %d updates", done, err, written.updates)
	}
}

func setCursors(t *testing.T, kept store.Inventory, cursors map[string]uint64) {
	t.Helper()
	err := kept.Update(t.Context(), func(tx store.InventoryTx) error {
		for name, number := range cursors {
			if err := tx.SetCursor(name, number); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// counting counts updates, and fails those after the first so many.
type counting struct {
	store.Inventory
	updates, most int
}

var errBroken = errors.New("the test broke it off")

func (c *counting) Update(ctx context.Context, do func(store.InventoryTx) error) error {
	if c.updates++; c.most > 0 && c.updates > c.most {
		return errBroken
	}
	return c.Inventory.Update(ctx, do)
}

// TestCopyBrokenOff breaks a copy off after each of its transactions, and goes on.
func TestCopyBrokenOff(t *testing.T) {
	from := openSource(t).Inventory()
	to := openTarget(t).Inventory()
	rounds := 0
	for ; ; rounds++ {
		_, err := store.Copy(t.Context(), from, &counting{Inventory: to, most: 1}, copyOptions())
		if err == nil {
			break
		}
		if !errors.Is(err, errBroken) {
			t.Fatal(err)
		}
		cursors := cursorsOf(t, to)
		if _, marked := cursors[store.UnfinishedCopy]; !marked || len(cursors) != 1 {
			t.Fatalf("round %d: cursors %v", rounds, cursors)
		}
	}
	if rounds < 4 {
		t.Errorf("%d transactions", rounds)
	}
	storetest.Same(t, from, to)
	if diff := cmp.Diff(copyOptions().Cursors, cursorsOf(t, to)); diff != "" {
		t.Errorf("cursors (-want +got):\n%s", diff)
	}
}

// TestCopyConflict refuses a target that has a host otherwise, in any part, and replaces it where that
// is wanted.
func TestCopyConflict(t *testing.T) {
	from := openSource(t).Inventory()
	upsert := func(c inventory.Component) func(tx store.InventoryTx) error {
		c.Host = storetest.FilledHost
		return func(tx store.InventoryTx) error { return spoil(tx, inventory.Delta{Upserts: []inventory.Component{c}}) }
	}
	for name, test := range map[string]struct {
		complete bool // there is a whole copy already
		spoil    func(tx store.InventoryTx) error
	}{
		"its state": {false, func(tx store.InventoryTx) error {
			return tx.PutHost(inventory.Host{Name: storetest.FilledHost, URL: "https://other"})
		}},
		"component 0001 is not the same": {true, upsert(inventory.Component{ID: "0001", Name: "other"})},
		"component zzz":                  {false, upsert(inventory.Component{ID: "zzz"})},
		"component gone":                 {true, upsert(inventory.Component{ID: "gone", Removed: start})},
		"of its history": {false, func(tx store.InventoryTx) error {
			return spoil(tx, inventory.Delta{Changes: []inventory.Change{{Host: storetest.FilledHost, ID: "0001", Time: start}}})
		}},
		"change 5 of its history": {true, func(tx store.InventoryTx) error {
			return spoil(tx, inventory.Delta{Changes: []inventory.Change{{Host: storetest.FilledHost, ID: "0001", Time: start}}})
		}},
	} {
		t.Run(name, func(t *testing.T) {
			to := openTarget(t).Inventory()
			if test.complete {
				if _, err := store.Copy(t.Context(), from, to, store.CopyOptions{}); err != nil {
					t.Fatal(err)
				}
			}
			if err := to.Update(t.Context(), test.spoil); err != nil {
				t.Fatal(err)
			}
			checkConflict(t, from, to, name)
			o := copyOptions()
			o.Replace = true
			if done, err := store.Copy(t.Context(), from, to, o); err != nil || done.Replaced != 1 {
				t.Errorf("%+v, %v", done, err)
			}
			storetest.Same(t, from, to)
		})
	}
}

// checkConflict has a copy refused for a reason, and nothing done.
func checkConflict(t *testing.T, from, to store.Inventory, why string) {
	t.Helper()
	target := &counting{Inventory: to}
	_, err := store.Copy(t.Context(), from, target, copyOptions())
	conflict, ok := errors.AsType[*store.CopyConflict](err)
	if !ok || len(conflict.Hosts) != 1 || conflict.Hosts[0] != storetest.FilledHost || !strings.Contains(err.Error(), why) {
		t.Fatalf("got %v", err)
	}
	if checked := store.CheckCopy(t.Context(), from, target, copyOptions()); checked == nil || checked.Error() != err.Error() {
		t.Errorf("the check says %v", checked)
	}
	if target.updates > 0 {
		t.Errorf("%d updates", target.updates)
	}
}

func spoil(tx store.InventoryTx, d inventory.Delta) error {
	_, err := tx.Apply(storetest.FilledHost, func(inventory.View) inventory.Delta { return d })
	return err
}

// TestCopyConflicts names a few of many hosts.
func TestCopyConflicts(t *testing.T) {
	from, to := openTarget(t), openTarget(t)
	for n := range 9 {
		putState(t, from, fmt.Sprint("h", n), start)
		putState(t, to, fmt.Sprint("h", n), start.Add(time.Hour))
	}
	_, err := store.Copy(t.Context(), from.Inventory(), to.Inventory(), store.CopyOptions{})
	if err == nil || !strings.Contains(err.Error(), "h0, h1, h2, h3, h4 and 4 more (h0: ") {
		t.Errorf("got %v", err)
	}
}

func putState(t *testing.T, s *store.Store, host string, at time.Time) {
	t.Helper()
	err := s.Update(t.Context(), func(tx *store.Tx) error { return tx.PutHost(inventory.Host{Name: host, LastSync: at}) })
	if err != nil {
		t.Fatal(err)
	}
}
