package daemon_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cimwatch/cimwatch/daemon"
	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/store"
	"github.com/cimwatch/cimwatch/store/storetest"
	"github.com/cimwatch/cimwatch/web"
)

// TestAnnouncedContract holds an inventory that tells of what is written to what store.Inventory promises.
func TestAnnouncedContract(t *testing.T) {
	storetest.Run(t, func(t testing.TB) storetest.Opener {
		path := filepath.Join(t.TempDir(), "cimwatch.db")
		return func() (store.Inventory, func() error, error) {
			s, err := store.Open(path, nil)
			if err != nil {
				return nil, nil, err
			}
			for n := s.LastNumber(); n < storetest.Entries; n++ {
				if err := s.Keep(t.Context(), store.Entry{MessageID: fmt.Sprint(n), Raw: []byte(fmt.Sprint(n))}); err != nil {
					return nil, nil, err
				}
			}
			return daemon.Announce(s.Inventory(), nil), s.Close, s.Flush(t.Context())
		}
	})
}

// openAnnounced opens an inventory that tells of what is written to it, through a layer over the file's.
func openAnnounced(t *testing.T, layer func(store.Inventory) store.Inventory) *daemon.Announced {
	t.Helper()
	s := storetest.Open(t, nil)
	return daemon.Announce(layer(s.Inventory()), nil)
}

func plain(kept store.Inventory) store.Inventory { return kept }

// apply writes to a host.
func apply(ctx context.Context, kept store.Inventory, host string, d inventory.Delta) error {
	return kept.Update(ctx, func(tx store.InventoryTx) error {
		_, err := tx.Apply(host, func(inventory.View) inventory.Delta { return d })
		return err
	})
}

// after returns all updates behind a cursor, and the cursor behind them.
func after(a *daemon.Announced, cursor string) (all []web.WrittenUpdate, last string) {
	for {
		some := a.After(cursor)
		if len(some) == 0 {
			return all, cursor
		}
		all, cursor = append(all, some...), some[len(some)-1].Cursor
	}
}

// Who reads all, and then again what each update tells of, has what the inventory has.
func TestUpdatesTellOfAllThatIsWritten(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	a := openAnnounced(t, plain)
	mirror := map[[2]string]inventory.Component{}
	cursor, _ := a.Seek("")
	for range 100 {
		host := fmt.Sprint("h", r.IntN(3))
		var d inventory.Delta
		for range r.IntN(5) {
			d.Upserts = append(d.Upserts, inventory.Component{Host: host, ID: fmt.Sprint(r.IntN(9)), Kind: inventory.KindFan, Name: fmt.Sprint(r.Int())})
		}
		for range r.IntN(3) {
			d.Removes = append(d.Removes, fmt.Sprint(r.IntN(9)))
		}
		if err := apply(t.Context(), a, host, d); err != nil {
			t.Fatal(err)
		}
		if r.IntN(20) == 0 {
			if err := a.Update(t.Context(), func(tx store.InventoryTx) error { return tx.Forget(host) }); err != nil {
				t.Fatal(err)
			}
		}
		if r.IntN(3) > 0 {
			continue
		}
		var all []web.WrittenUpdate
		all, cursor = after(a, cursor)
		for _, u := range all {
			if u.ID == "" {
				maps.DeleteFunc(mirror, func(key [2]string, _ inventory.Component) bool { return key[0] == u.Host })
				continue
			}
			c, err := a.Component(t.Context(), u.Host, u.ID)
			if key := [2]string{u.Host, u.ID}; errors.Is(err, store.ErrNotFound) {
				delete(mirror, key)
			} else if mirror[key] = c; err != nil {
				t.Fatal(err)
			}
		}
		there := map[[2]string]inventory.Component{}
		for c, err := range a.Components(t.Context(), "") {
			if err != nil {
				t.Fatal(err)
			}
			there[[2]string{c.Host, c.ID}] = c
		}
		if diff := cmp.Diff(there, mirror); diff != "" {
			t.Fatalf("(-inventory +mirror)\n%s", diff)
		}
	}
	if _, missed := a.Seek(cursor); missed {
		t.Error("updates are missed")
	}
}

// Updates come in the order of the transactions, which is that of the history, whoever writes.
func TestUpdatesAreInOrder(t *testing.T) {
	a := openAnnounced(t, plain)
	cursor, _ := a.Seek("")
	var writers sync.WaitGroup
	for w := range 4 {
		writers.Go(func() {
			for n := range 25 {
				change := inventory.Change{Host: "h", ID: "1", Kind: inventory.Appeared, Name: fmt.Sprint(w, "/", n), Time: time.Unix(1, 0).UTC(), Known: time.Unix(2, 0).UTC()}
				if err := apply(t.Context(), a, "h", inventory.Delta{Changes: []inventory.Change{change}}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	writers.Wait()
	all, _ := after(a, cursor)
	var told, history []string
	for _, u := range all {
		told = append(told, u.Change.Name)
	}
	for c, err := range a.History(t.Context(), "h", "1") {
		if err != nil {
			t.Fatal(err)
		}
		history = append(history, c.Name)
	}
	if diff := cmp.Diff(history, told); diff != "" || len(told) != 100 {
		t.Errorf("%d updates (-history +told)\n%s", len(told), diff)
	}
}

// unsure is an inventory that keeps what is written, and then says that it failed, or tries it again.
type unsure struct {
	store.Inventory
	err   error
	twice bool
}

// Update runs a transaction.
func (u *unsure) Update(ctx context.Context, do func(store.InventoryTx) error) error {
	if u.twice {
		errAgain := errors.New("again")
		err := u.Inventory.Update(ctx, func(tx store.InventoryTx) error { return errors.Join(do(tx), errAgain) })
		if !errors.Is(err, errAgain) {
			return err
		}
	}
	return errors.Join(u.Inventory.Update(ctx, do), u.err)
}

// What may be kept though it seems to have failed is as if it was missed; what was not kept is not told.
func TestUpdatesInDoubt(t *testing.T) {
	u := &unsure{}
	a := openAnnounced(t, func(kept store.Inventory) store.Inventory { u.Inventory = kept; return u })
	cursor, _ := a.Seek("")
	fan := func(id string) inventory.Delta {
		return inventory.Delta{Upserts: []inventory.Component{{Host: "h", ID: id, Kind: inventory.KindFan}}}
	}
	write := func(id string, want error) {
		t.Helper()
		if err := apply(t.Context(), a, "h", fan(id)); !errors.Is(err, want) {
			t.Fatalf("%v, want %v", err, want)
		}
	}
	write("1", nil)
	u.twice = true
	write("2", nil)
	u.twice = false
	failed := errors.New("failed")
	err := a.Update(t.Context(), func(tx store.InventoryTx) error {
		_, err := tx.Apply("h", func(inventory.View) inventory.Delta { return fan("3") })
		return errors.Join(err, failed)
	})
	if !errors.Is(err, failed) {
		t.Fatal(err)
	}
	all, cursor := after(a, cursor)
	if len(all) != 2 || all[0].ID != "1" || all[1].ID != "2" {
		t.Errorf("told of %+v", all)
	}
	if _, missed := a.Seek(cursor); missed {
		t.Error("what was not kept is missed")
	}
	u.err = failed
	write("4", failed)
	if err := a.Wait(t.Context(), cursor); err != nil {
		t.Error(err)
	}
	place, missed := a.Seek(cursor)
	if !missed {
		t.Error("what may be kept is not missed")
	}
	u.err = nil
	write("5", nil)
	if all, _ := after(a, place); len(all) != 1 || all[0].ID != "5" {
		t.Errorf("behind the doubt it tells of %+v", all)
	}
}

// For as long as nobody asks, nothing is kept. Who asks while something is written may have read what was
// before, and is told that it has missed some.
func TestUpdatesForNobody(t *testing.T) {
	a := openAnnounced(t, plain)
	fan := func(id string) inventory.Delta {
		return inventory.Delta{Upserts: []inventory.Component{{Host: "h", ID: id, Kind: inventory.KindFan}}}
	}
	if err := apply(t.Context(), a, "h", fan("1")); err != nil {
		t.Fatal(err)
	}
	var cursor string
	err := a.Update(t.Context(), func(tx store.InventoryTx) error {
		cursor, _ = a.Seek("")
		_, err := tx.Apply("h", func(inventory.View) inventory.Delta { return fan("2") })
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	place, missed := a.Seek(cursor)
	if !missed {
		t.Error("what was written when somebody first asked is not missed")
	}
	if err := apply(t.Context(), a, "h", fan("3")); err != nil {
		t.Fatal(err)
	}
	if all, _ := after(a, place); len(all) != 1 || all[0].ID != "3" {
		t.Errorf("kept are %+v", all)
	}
}

// Only the latest updates are kept, by count and by the length of their texts.
func TestUpdatesAreBounded(t *testing.T) {
	a := openAnnounced(t, plain)
	begin, _ := a.Seek("")
	var d inventory.Delta
	for n := range 8193 {
		d.Removes = append(d.Removes, fmt.Sprint(n))
	}
	if err := apply(t.Context(), a, "h", d); err != nil {
		t.Fatal(err)
	}
	place, missed := a.Seek(begin)
	if all, _ := after(a, place); !missed || len(all) != 8192 || all[0].ID != "1" {
		t.Errorf("missed %v, %d kept", missed, len(all))
	}
	d = inventory.Delta{}
	for n := range 300 {
		d.Removes = append(d.Removes, fmt.Sprintf("%030000d", n))
	}
	if err := apply(t.Context(), a, "h", d); err != nil {
		t.Fatal(err)
	}
	place, missed = a.Seek(begin)
	if all, _ := after(a, place); !missed || len(all) != 8<<20/30_000 {
		t.Errorf("missed %v, %d long ones kept", missed, len(all))
	}
}

// Who first asks while something is written, and may have read the inventory without it, is told
// that something is missed; what was written before is of no account.
func TestUpdatesFirstAskedForMeanwhile(t *testing.T) {
	a := openAnnounced(t, plain)
	one := inventory.Delta{Upserts: []inventory.Component{{Host: "h", ID: "1"}}}
	if err := apply(t.Context(), a, "h", one); err != nil {
		t.Fatal(err)
	}
	var place string
	err := a.Update(t.Context(), func(tx store.InventoryTx) error {
		place, _ = a.Seek("")
		_, err := tx.Apply("h", func(inventory.View) inventory.Delta { return one })
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	again, missed := a.Seek(place)
	if !missed || again == place {
		t.Errorf("behind %s comes %s, missed %v", place, again, missed)
	}
	if err := apply(t.Context(), a, "h", one); err != nil {
		t.Fatal(err)
	}
	if all, _ := after(a, again); len(all) != 1 || all[0].ID != "1" {
		t.Errorf("then %+v", all)
	}
}
