package store_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"go.etcd.io/bbolt"
	"pgregory.net/rapid"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/store"
	"github.com/cimwatch/cimwatch/store/storetest"
)

// asFormat3 lays out a file as the program did that knew no more than format 3: each change
// lies with its host, and in the index with its own number.
func asFormat3(tx *bbolt.Tx) error {
	changes, history, index := tx.Bucket([]byte("changes")), tx.Bucket([]byte("history")), tx.Bucket([]byte("history-of"))
	var singles [][]byte
	err := index.ForEach(func(k, v []byte) error {
		of, number := k[:len(k)-8], binary.BigEndian.Uint64(k[len(k)-8:])
		host, _, _ := bytes.Cut(of, []byte{0})
		for { // all of a run
			key := binary.BigEndian.AppendUint64(nil, number)
			singles = append(singles, slices.Concat(of, key))
			if change := changes.Get(key); change != nil {
				if err := history.Put(slices.Concat(host, []byte{0}, key), change); err != nil {
					return err
				}
			}
			if len(v) == 0 {
				return nil
			}
			more, size := binary.Uvarint(v)
			number, v = number+more, v[size:]
		}
	})
	meta := tx.Bucket([]byte("meta"))
	last := meta.Get([]byte("runs")) // those behind it are in no run
	if err == nil {
		err = changes.ForEach(func(k, v []byte) error {
			if bytes.Compare(k, last) <= 0 {
				return nil
			}
			host, rest := text(v[1:])
			id, _ := text(rest)
			singles = append(singles, slices.Concat(host, []byte{0}, id, []byte{0}, k))
			return history.Put(slices.Concat(host, []byte{0}, k), v)
		})
	}
	for _, k := range singles {
		if err == nil {
			err = index.Put(k, nil)
		}
	}
	if err == nil {
		err = history.SetSequence(changes.Sequence())
	}
	return firstOf(err, tx.DeleteBucket([]byte("changes")),
		meta.Delete([]byte("runs")), meta.Put([]byte("format"), binary.BigEndian.AppendUint64(nil, 3)))
}

// text takes a text off a record.
func text(record []byte) (text, rest []byte) {
	length, size := binary.Uvarint(record)
	return record[size:][:length], record[size:][length:]
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// aLog is what the history of a store should be: everything in the order it was taken in.
type aLog struct {
	path    string
	options store.Options
	store   *store.Store
	all     []inventory.Change
	now     time.Time
}

func (l *aLog) open(t *rapid.T) {
	s, err := store.Open(l.path, &l.options)
	if err != nil {
		t.Fatal(err)
	}
	l.store = s
}

func (l *aLog) close(t *rapid.T) {
	if err := l.store.Close(); err != nil {
		t.Fatal(err)
	}
}

// sync reads some fans of some hosts in one transaction, several times.
func (l *aLog) sync(t *rapid.T) {
	hosts := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "ab", "b"}), 1, 3).Draw(t, "hosts")
	rounds := rapid.SampledFrom([]int{1, 3, 70, 140}).Draw(t, "rounds")
	var taken []inventory.Change
	err := l.store.Update(t.Context(), func(tx *store.Tx) error {
		for round := range rounds {
			l.now = l.now.Add(time.Minute)
			host := hosts[round%len(hosts)]
			var found []*cim.Instance
			for n := range 3 {
				if n == round%4 {
					continue // it is not there this time
				}
				f := fan(strings.Repeat("1", n+1), 2)
				f.Set("Caption", cim.String(fmt.Sprint(round/3)))
				found = append(found, f)
			}
			changes, err := tx.Apply(host, func(v inventory.View) inventory.Delta {
				return inventory.Sync(v, inventory.Snapshot{Host: host, Instances: found, Started: l.now, Reason: inventory.Resync})
			})
			if err != nil {
				return err
			}
			taken = append(taken, changes...)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	l.all = append(l.all, taken...)
}

// goBack has the file be one of format 3 in between.
func (l *aLog) goBack(t *rapid.T) {
	l.close(t)
	db, err := bbolt.Open(l.path, 0o600, nil)
	if err == nil {
		err = firstOf(db.Update(asFormat3), db.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	readOnly := l.options
	readOnly.ReadOnly = true
	s, err := store.Open(l.path, &readOnly)
	if err != nil {
		t.Fatal(err)
	}
	l.store = s
	l.compare(t)
	l.close(t)
	l.open(t)
}

// condense has the store drop what is too much, and does it by component.
func (l *aLog) condense(t *rapid.T) {
	l.close(t)
	changes := rapid.IntRange(1, 200).Draw(t, "kept")
	l.options.HistoryChanges, l.options.Now = changes, func() time.Time { return l.now }
	l.open(t)
	if _, err := l.store.Maintain(t.Context()); err != nil {
		t.Fatal(err)
	}
	var left []inventory.Change
	for _, of := range l.components() {
		mine := l.of(of.Host, of.ID)
		if done := (inventory.Retention{Changes: changes}).Condense(mine, 0, l.now); done != nil {
			mine[done.At] = done.With
			for _, n := range slices.Backward(done.Drop) {
				mine = slices.Delete(mine, n, n+1)
			}
		}
		left = append(left, mine...)
	}
	// Only the order within a component is known of what a change took the place of.
	l.all = collectHistory(t, l.store, "", "")
	for _, of := range l.components() {
		same(t, left, l.all, of.Host, of.ID)
	}
}

// components returns the host and ID of each component, once.
func (l *aLog) components() (all []inventory.Change) {
	for _, c := range l.all {
		if !slices.ContainsFunc(all, func(k inventory.Change) bool { return k.Host == c.Host && k.ID == c.ID }) {
			all = append(all, inventory.Change{Host: c.Host, ID: c.ID})
		}
	}
	return all
}

func (l *aLog) of(host, id string) []inventory.Change { return historyOf(l.all, host, id) }

func historyOf(all []inventory.Change, host, id string) (of []inventory.Change) {
	for _, c := range all {
		if c.Host == host && (id == "" || c.ID == id) {
			of = append(of, c)
		}
	}
	return of
}

func same(t *rapid.T, want, got []inventory.Change, host, id string) {
	if diff := gocmp.Diff(historyOf(want, host, id), historyOf(got, host, id)); diff != "" {
		t.Fatalf("history of %q of %s (-want +got)\n%s", id, host, diff)
	}
}

func collectHistory(t *rapid.T, s *store.Store, host, id string) (all []inventory.Change) {
	for c, err := range s.History(t.Context(), host, id) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, c)
	}
	return all
}

// compare reads the history in all ways.
func (l *aLog) compare(t *rapid.T) {
	var byHost []inventory.Change
	for _, host := range []string{"a", "ab", "b"} {
		same(t, l.all, collectHistory(t, l.store, host, ""), host, "")
		byHost = append(byHost, l.of(host, "")...)
	}
	for _, of := range l.components() {
		same(t, l.all, collectHistory(t, l.store, of.Host, of.ID), of.Host, of.ID)
	}
	if diff := gocmp.Diff(byHost, collectHistory(t, l.store, "", "")); diff != "" {
		t.Fatalf("whole history (-want +got)\n%s", diff)
	}
	if err := l.store.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// salvage makes a file anew from its records.
func (l *aLog) salvage(t *rapid.T) {
	if len(l.all) == 0 {
		return // there is nothing in it to be found
	}
	l.close(t)
	to := l.path + ".salvaged"
	got, err := store.Salvage(t.Context(), l.path, to, false)
	if err != nil || len(got.Lost) > 0 {
		t.Fatalf("%+v, %v", got, err)
	}
	l.path = to
	l.open(t)
}

// History is what was taken in, in its order, whatever a file's format was meanwhile, however
// often it was condensed, and whoever wrote it.
func TestHistoryIsALog(t *testing.T) {
	dir := t.TempDir()
	round := 0
	rapid.Check(t, func(rt *rapid.T) {
		round++
		l := &aLog{path: filepath.Join(dir, fmt.Sprint(round)), now: start}
		l.open(rt)
		for range rapid.IntRange(1, 5).Draw(rt, "steps") {
			step := rapid.SampledFrom([]func(*rapid.T){l.sync, l.sync, l.goBack, l.condense, l.salvage}).Draw(rt, "step")
			step(rt)
			l.compare(rt)
		}
		l.close(rt)
	})
}

// numbered returns changes of some components of a host in turn.
func numbered(host string, from, to int) (d inventory.Delta) {
	for n := from; n < to; n++ {
		d.Changes = append(d.Changes, inventory.Change{
			Host: host, ID: fmt.Sprint("c", n%3), Kind: inventory.PropertyChanged, Property: "N", New: cim.Uint64(uint64(n)), Time: start, Known: start,
		})
	}
	return d
}

// applyAll keeps what is to be kept of several hosts in one transaction.
func applyAll(t *testing.T, s *store.Store, deltas map[string]inventory.Delta) {
	t.Helper()
	err := s.Update(t.Context(), func(tx *store.Tx) error {
		for host, d := range deltas {
			if _, err := tx.Apply(host, func(inventory.View) inventory.Delta { return d }); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// isNumbered fails the test unless history is that of numbered.
func isNumbered(t *testing.T, s *store.Store, to int, hosts ...string) {
	t.Helper()
	var want []inventory.Change
	for _, host := range hosts {
		all := numbered(host, 0, to).Changes
		want = append(want, all...)
		if diff := gocmp.Diff(all, storetest.Collect(t, s.History(t.Context(), host, ""))); diff != "" {
			t.Errorf("history of %s of %d changes (-want +got)\n%.2000s", host, to, diff)
		}
		if diff := gocmp.Diff(historyOf(all, host, "c1"), storetest.Collect(t, s.History(t.Context(), host, "c1"))); diff != "" {
			t.Errorf("history of one of %d changes (-want +got)\n%.2000s", to, diff)
		}
	}
	if diff := gocmp.Diff(want, storetest.Collect(t, s.History(t.Context(), "", ""))); diff != "" {
		t.Errorf("whole history of %d changes (-want +got)\n%.2000s", to, diff)
	}
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// History is the same while the index is behind and when it has caught up, in one transaction
// or over many; who began to read before goes on as if nothing had happened.
func TestHistoryWhileItsIndexIsBehind(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cimwatch.db")
	s := openAt(t, path, nil)
	runs := func() (n uint64) {
		t.Helper()
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		edit(t, path, func(tx *bbolt.Tx) error {
			n = binary.BigEndian.Uint64(append(tx.Bucket([]byte("meta")).Get([]byte("runs")), make([]byte, 8)...))
			return nil
		})
		s = openAt(t, path, nil)
		return n
	}
	done := 0
	for _, step := range []struct{ to, indexed int }{{10, 0}, {8192, 0}, {8193, 2 * 8193}, {8300, 2 * 8193}, {17000, 2 * 17000}} {
		applyAll(t, s, map[string]inventory.Delta{"a": numbered("a", done, step.to), "b": numbered("b", done, step.to)})
		done = step.to
		if got := runs(); got != uint64(step.indexed) {
			t.Errorf("after %d changes of two hosts %d are in the index, want %d", done, got, step.indexed)
		}
		isNumbered(t, s, done, "a", "b")
	}
	applyAll(t, s, map[string]inventory.Delta{"a": numbered("a", done, done+10)})
	var got []inventory.Change
	for c, err := range s.History(t.Context(), "a", "") {
		if err != nil {
			t.Fatal(err)
		}
		if got = append(got, c); len(got) == 1 { // what is behind comes into the index meanwhile
			applyAll(t, s, map[string]inventory.Delta{"b": numbered("b", done, done+20_000)})
		}
	}
	if diff := gocmp.Diff(numbered("a", 0, done+10).Changes, got); diff != "" {
		t.Errorf("read meanwhile (-want +got)\n%.2000s", diff)
	}
}

// A change of which it cannot be told whose it is fails the reading of what it may belong to, and
// holds up nothing else.
func TestDamagedChangeInTheTail(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cimwatch.db")
	s, err := store.Open(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	applyAll(t, s, map[string]inventory.Delta{"a": numbered("a", 0, 9)})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	edit(t, path, func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte("changes")).Put(binary.BigEndian.AppendUint64(nil, 5), []byte{2, 200})
	})
	if s, err = store.Open(path, nil); err != nil {
		t.Fatal(err)
	}
	for _, err := range s.History(t.Context(), "a", "") {
		if err == nil || err.Error() != "read history: change 5: record ends early" {
			t.Fatalf("got %v", err)
		}
	}
	applyAll(t, s, map[string]inventory.Delta{"b": numbered("b", 0, 17_000)}) // the index passes it over
	if changes := storetest.Collect(t, s.History(t.Context(), "a", "")); len(changes) != 8 {
		t.Errorf("%d changes can be read", len(changes))
	}
	if err := s.Check(t.Context()); err == nil || !strings.Contains(err.Error(), `change "\x00\x00\x00\x00\x00\x00\x00\x05": record ends early`) {
		t.Errorf("check: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// A damaged run holds up neither what comes, nor other components, nor the forgetting of its host.
func TestDamagedRun(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cimwatch.db")
	open := func() *store.Store { // its file is not checked in the end
		t.Helper()
		s, err := store.Open(path, nil)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := open()
	applyAll(t, s, map[string]inventory.Delta{"a": numbered("a", 0, 17_000)})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	edit(t, path, func(tx *bbolt.Tx) error {
		runs := tx.Bucket([]byte("history-of"))
		last, _ := runs.Cursor().Last()
		return runs.Put(last, []byte{0})
	})
	s = open()
	applyAll(t, s, map[string]inventory.Delta{"a": numbered("a", 17_000, 17_001), "b": numbered("b", 0, 20_000)})
	if all := storetest.Collect(t, s.History(t.Context(), "b", "")); len(all) != 20_000 {
		t.Errorf("%d changes of another host", len(all))
	}
	for _, err := range s.History(t.Context(), "a", "c2") {
		if err != nil && !strings.Contains(err.Error(), "it does not say which change follows") {
			t.Error(err)
		}
	}
	if err := s.Check(t.Context()); err == nil || !strings.Contains(err.Error(), "it does not say which change follows") {
		t.Errorf("check: %v", err)
	}
	for _, host := range []string{"b", "a"} {
		if err := s.Update(t.Context(), func(tx *store.Tx) error { return tx.Forget(host) }); err != nil {
			t.Errorf("forget %s: %v", host, err)
		}
	}
	if all := storetest.Collect(t, s.History(t.Context(), "", "")); len(all) != 0 {
		t.Errorf("%d changes are left", len(all))
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// Maintenance writes nothing where nothing has come since the last.
func TestMaintenanceOfNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cimwatch.db")
	c := newClock()
	options := c.options()
	options.HistoryChanges = 10
	s := openAt(t, path, options)
	applyAll(t, s, map[string]inventory.Delta{"a": numbered("a", 0, 3)})
	maintain(t, s)
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	maintain(t, s)
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the file has changed, %v", err)
	}
}
