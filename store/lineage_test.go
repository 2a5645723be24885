package store_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/cimwatch/cimwatch/store"
	"github.com/cimwatch/cimwatch/store/storetest"
)

// lineage opens a store and returns what its journal is and was.
func lineage(t *testing.T, path string) store.Lineage {
	t.Helper()
	s := openAt(t, path, nil)
	l, err := s.Lineage(t.Context())
	if err := errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}
	parsed, err := store.ParseLineage(l.Bytes())
	if err != nil || !bytes.Equal(parsed.Bytes(), l.Bytes()) {
		t.Errorf("parsed %v, %v, want %v", parsed, err, l)
	}
	return l
}

// appendTo appends entries to a closed store.
func appendTo(t *testing.T, path string, from, to int64) {
	t.Helper()
	s := openAt(t, path, nil)
	for n := from; n < to; n++ {
		keep(t, s, entry(n))
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestLineage puts a store back from backups, one of them beside what a crash left in its intake:
// each time it is another journal, which shares with others what both had before that.
func TestLineage(t *testing.T) {
	dir := t.TempDir()
	path, backup := filepath.Join(dir, "a.db"), filepath.Join(dir, "backup.db")
	appendTo(t, path, 0, 5)
	first := lineage(t, path)
	if _, err := store.BackupFile(t.Context(), path, backup); err != nil {
		t.Fatal(err)
	}
	if _, same := first.Shared(lineage(t, path)); !same {
		t.Error("a journal is another one after it was backed up")
	}
	appendTo(t, path, 5, 9)
	crashWithIntake(t, path, 9, 12)
	restoreTo := func() store.Lineage {
		t.Helper()
		if _, err := store.Restore(t.Context(), backup, path, true); err != nil {
			t.Fatal(err)
		}
		return lineage(t, path)
	}
	second := restoreTo()
	s := openAt(t, path, nil)
	if last := s.LastNumber(); last != 8 {
		t.Errorf("the last entry is %d, want 5 of the backup and 3 of the intake", last)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	third := restoreTo()
	for name, tt := range map[string]struct {
		a, b store.Lineage
		last uint64
	}{
		"the one before": {first, second, 5}, "the one after": {second, first, 5}, "a brother": {second, third, 5},
		"a stranger": {first, store.Lineage{{ID: [16]byte{1}}}, 0}, "none": {first, nil, 0},
	} {
		if last, same := tt.a.Shared(tt.b); same || last != tt.last {
			t.Errorf("%s: shared up to %d, want %d; same %v", name, last, tt.last, same)
		}
	}
	storetest.Check(t, path)
	salvaged := filepath.Join(dir, "salvaged.db")
	if _, err := store.Salvage(t.Context(), path, salvaged, false); err != nil {
		t.Fatal(err)
	}
	if last, same := third.Shared(lineage(t, salvaged)); same || last != 5 {
		t.Errorf("what was salvaged shares up to %d, want 5; same %v", last, same)
	}
}

// crashWithIntake leaves entries in the intake of a store, as if it had been killed.
func crashWithIntake(t *testing.T, path string, from, to int64) {
	t.Helper()
	s := openAt(t, path, nil)
	for n := from; n < to; n++ {
		if err := s.Keep(t.Context(), entry(n)); err != nil {
			t.Fatal(err)
		}
	}
	content, err := os.ReadFile(path + ".intake")
	if err := errors.Join(err, s.Close(), os.WriteFile(path+".intake", content, 0o600)); err != nil {
		t.Fatal(err)
	}
}

// TestRestingCursors has entries dropped that only a consumer has not taken that was set aside.
func TestRestingCursors(t *testing.T) {
	s := open(t, nil)
	for n := range int64(3) {
		keep(t, s, entry(n))
	}
	update := func(do func(tx *store.Tx) error) map[string]uint64 {
		t.Helper()
		if err := s.Update(t.Context(), do); err != nil {
			t.Fatal(err)
		}
		cursors, err := s.Cursors(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return cursors
	}
	cursors := update(func(tx *store.Tx) error {
		return errors.Join(tx.SetCursor("a", 2), tx.RestCursor("a"), tx.RestCursor("b"))
	})
	if len(cursors) != 0 {
		t.Errorf("entries are kept for %v", cursors)
	}
	for range 2 {
		cursors = update(func(tx *store.Tx) error {
			_, err := tx.WakeCursors()
			return err
		})
		if len(cursors) != 1 || cursors["a"] != 2 {
			t.Errorf("cursors %v, want a at 2", cursors)
		}
	}
}
