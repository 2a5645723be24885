package daemon_test

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cimwatch/cimwatch/daemon"
	"github.com/cimwatch/cimwatch/internal/pgtest"
	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/store"
	"github.com/cimwatch/cimwatch/store/storetest"
)

// inventoryCursors returns the cursors that an inventory follows the journal by.
func inventoryCursors(t *testing.T, kept store.Inventory) map[string]uint64 {
	t.Helper()
	all, err := kept.Cursors(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for name := range all {
		if name != "inventory" && !strings.HasPrefix(name, "inventory holds ") {
			delete(all, name)
		}
	}
	return all
}

// entriesOf returns the entries of the journal that a history names for what was raised.
func entriesOf(t *testing.T, kept store.Inventory) (entries []uint64) {
	t.Helper()
	for c, err := range kept.History(t.Context(), hostName, "") {
		if err != nil {
			t.Fatal(err)
		}
		if c.Kind == inventory.ConditionRaised {
			entries = append(entries, c.Cause.Entry)
		}
	}
	return entries
}

// TestCopyThereAndBack moves an inventory to a database and back: the daemon goes on where it was, with
// what was held back, and takes in each entry once.
func TestCopyThereAndBack(t *testing.T) {
	url := pgtest.New(t, pgtest.Options{}).URL("tester", "postgres")
	h := startHost(t, nil)
	config := configFor(t, h.url)
	config.Store.OrderWindow = 10 * time.Minute
	phase := func(url string, numbers, taken []int64) {
		t.Helper()
		config.Store.Postgres.URL = url
		d := start(t, config, nil)
		config.Listener.Address = d.ListenerAddr().String()
		d.awaitSubscribed(hostName)
		for _, n := range numbers {
			d.send(h.destinations(t)[0], "c", n)
		}
		d.awaitOrder(taken...)
		h.play(t, d, "case-opened", "case-closed")
		if err := d.stop(); err != nil {
			t.Fatal(err)
		}
	}
	phase("", []int64{0, 2, 3}, []int64{0})
	withStore(t, config.Store.File, func(s *store.Store) {
		done, err := daemon.CopyToDatabase(t.Context(), s, url, daemon.CopyOptions{})
		if err != nil || done.Hosts != 1 || done.Components < 50 {
			t.Errorf("%+v, %v", done, err)
		}
		copied := openPostgres(t, url)
		storetest.Same(t, s.Inventory(), copied)
		if diff := cmp.Diff(inventoryCursors(t, s.Inventory()), inventoryCursors(t, copied)); diff != "" || len(inventoryCursors(t, copied)) != 3 {
			t.Errorf("cursors (-file +database):\n%s", diff)
		}
		if done, err := daemon.CopyToDatabase(t.Context(), s, url, daemon.CopyOptions{}); err != nil || done != (store.Copied{Same: 1}) {
			t.Errorf("again: %+v, %v", done, err)
		}
	})
	phase(url, []int64{1, 5}, []int64{1, 2, 3})
	withStore(t, config.Store.File, func(s *store.Store) {
		_, err := daemon.CopyToFile(t.Context(), url, s, daemon.CopyOptions{})
		if _, ok := errors.AsType[*store.CopyConflict](err); !ok {
			t.Errorf("over what the file has: %v", err)
		}
		done, err := daemon.CopyToFile(t.Context(), url, s, daemon.CopyOptions{Replace: true})
		if err != nil || done.Replaced != 1 {
			t.Errorf("%+v, %v", done, err)
		}
		copied := openPostgres(t, url)
		storetest.Same(t, copied, s.Inventory())
		if diff := cmp.Diff(inventoryCursors(t, copied), inventoryCursors(t, s.Inventory())); diff != "" || len(inventoryCursors(t, copied)) != 2 {
			t.Errorf("cursors (-database +file):\n%s", diff)
		}
	})
	phase("", []int64{4}, []int64{4, 5})
	withStore(t, config.Store.File, func(s *store.Store) {
		raised := entriesOf(t, s.Inventory())
		if len(raised) != 3 || !slices.IsSorted(raised) || len(slices.Compact(slices.Clone(raised))) != 3 {
			t.Errorf("conditions were raised by the entries %v, want three", raised)
		}
		if at := inventoryCursors(t, s.Inventory()); len(at) != 1 || at["inventory"] != s.LastNumber() {
			t.Errorf("cursors %v, and there are %d entries", at, s.LastNumber())
		}
	})
}

// TestCopyOfOtherJournal refuses a database that is of another journal, before anything is done.
func TestCopyOfOtherJournal(t *testing.T) {
	url := pgtest.New(t, pgtest.Options{}).URL("tester", "postgres")
	first, second := journalOf(t, "a"), journalOf(t, "b")
	if _, err := daemon.CopyToFile(t.Context(), url, first, daemon.CopyOptions{}); err == nil || !strings.Contains(err.Error(), "no inventory in it") {
		t.Errorf("an empty database: %v", err)
	}
	if _, err := daemon.CopyToDatabase(t.Context(), first, url, daemon.CopyOptions{}); err != nil {
		t.Fatal(err)
	}
	generation := pgtest.Ask[int](t, url, "SELECT generation FROM cimwatch_data.state")
	if _, err := daemon.CopyToDatabase(t.Context(), second, url, daemon.CopyOptions{}); !errors.Is(err, daemon.ErrOtherJournal) {
		t.Errorf("to the database: %v", err)
	}
	if _, err := daemon.CopyToFile(t.Context(), url, second, daemon.CopyOptions{Replace: true}); !errors.Is(err, daemon.ErrOtherJournal) {
		t.Errorf("to the file: %v", err)
	}
	storetest.Same(t, first.Inventory(), openPostgres(t, url))
	if n := pgtest.Ask[int](t, url, "SELECT generation FROM cimwatch_data.state"); n != generation {
		t.Errorf("generation %d, it was %d", n, generation)
	}
	if _, err := daemon.CopyToDatabase(t.Context(), second, url, daemon.CopyOptions{Replace: true}); err != nil {
		t.Error(err)
	}
	if at := inventoryCursors(t, openPostgres(t, url)); at["inventory"] != second.LastNumber() || len(at) != 1 {
		t.Errorf("cursors %v", at)
	}
}

// journalOf returns a journal of some entries with an inventory of one host.
func journalOf(t *testing.T, host string) *store.Store {
	t.Helper()
	s, err := store.Open(filepath.Join(t.TempDir(), host+".db"), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	for range 3 + len(host) {
		e := store.Entry{Received: time.Now(), Host: host, Path: "/in/" + host, Raw: []byte(time.Now().String())}
		if _, _, err := s.Append(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	err = s.Update(t.Context(), func(tx *store.Tx) error {
		return errors.Join(tx.PutHost(inventory.Host{Name: host, URL: "https://" + host}), tx.SetCursor("inventory", s.LastNumber()))
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestUnfinishedCopy does not start a daemon with a part of an inventory.
func TestUnfinishedCopy(t *testing.T) {
	config := configFor(t, "http://127.0.0.1:1")
	withStore(t, config.Store.File, func(s *store.Store) {
		if err := s.Update(t.Context(), func(tx *store.Tx) error { return tx.SetCursor(store.UnfinishedCopy, 0) }); err != nil {
			t.Fatal(err)
		}
	})
	d, err := daemon.New(t.Context(), config, nil)
	if !errors.Is(err, daemon.ErrUnfinishedCopy) {
		t.Fatalf("%v, %v", d, err)
	}
}
