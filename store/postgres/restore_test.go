package postgres_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/cimwatch/cimwatch/store"
	"github.com/cimwatch/cimwatch/store/postgres"
)

// TestRestoredJournal puts a journal back from a backup beside the intake of a crash. What the
// intake has gets numbers that the database knows of others: it is taken in all the same, however
// far the journal has come until then.
func TestRestoredJournal(t *testing.T) {
	for name, kept := range map[string]int{"shorter": 3, "as long": 15, "longer": 20} {
		t.Run(name, func(t *testing.T) {
			dir, url := t.TempDir(), database(t)
			path, backup := filepath.Join(dir, "a.db"), filepath.Join(dir, "backup.db")
			appendEntries(t, path, 0, 5)
			if _, err := store.BackupFile(t.Context(), path, backup); err != nil {
				t.Fatal(err)
			}
			appendEntries(t, path, 5, 20)
			if at, found := cursorIn(t, path, url); at != 0 || found != postgres.SameJournal {
				t.Fatalf("cursor %d, found %v", at, found)
			}
			crash(t, path, 20, 20+kept)
			if _, err := store.Restore(t.Context(), backup, path, true); err != nil {
				t.Fatal(err)
			}
			if at, found := cursorIn(t, path, url); at != 5 || found != postgres.EarlierJournal {
				t.Errorf("cursor %d, found %v, want 5: what the intake had comes after it", at, found)
			}
			if at, found := cursorIn(t, path, url); at != uint64(5+kept) || found != postgres.SameJournal {
				t.Errorf("cursor %d, found %v the next time", at, found)
			}
		})
	}
}

// cursorIn opens a database for the journal at a path and returns its cursor, which is at the end
// afterwards.
func cursorIn(t *testing.T, path, url string) (uint64, postgres.Found) {
	t.Helper()
	journal := openJournal(t, path)
	lineage, err := journal.Lineage(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s, err := postgres.Open(t.Context(), url, &postgres.Options{Journal: lineage, Last: journal.LastWhole()})
	if err != nil {
		t.Fatal(err)
	}
	at, err := s.Cursor(t.Context(), "c")
	moved := s.Update(t.Context(), func(tx store.InventoryTx) error { return tx.SetCursor("c", journal.LastNumber()) })
	if err := errors.Join(err, moved, s.Close(), journal.Close()); err != nil {
		t.Fatal(err)
	}
	return at, s.Found()
}

func openJournal(t *testing.T, path string) *store.Store {
	t.Helper()
	journal, err := store.Open(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := journal.Secret(t.Context()); err != nil {
		t.Fatal(err)
	}
	return journal
}

func entryOf(n int) store.Entry {
	return store.Entry{Received: start, Remote: "192.0.2.1:1", Path: "/in", Host: "a", MessageID: fmt.Sprint(n), Raw: fmt.Appendf(nil, `<a n="%d"/>`, n)}
}

func appendEntries(t *testing.T, path string, from, to int) {
	t.Helper()
	journal := openJournal(t, path)
	for n := from; n < to; n++ {
		if _, _, err := journal.Append(t.Context(), entryOf(n)); err != nil {
			t.Fatal(err)
		}
	}
	if err := journal.Close(); err != nil {
		t.Fatal(err)
	}
}

// crash leaves entries in the intake of a journal.
func crash(t *testing.T, path string, from, to int) {
	t.Helper()
	journal := openJournal(t, path)
	for n := from; n < to; n++ {
		if err := journal.Keep(t.Context(), entryOf(n)); err != nil {
			t.Fatal(err)
		}
	}
	content, err := os.ReadFile(path + ".intake")
	if err := errors.Join(err, journal.Close(), os.WriteFile(path+".intake", content, 0o600)); err != nil {
		t.Fatal(err)
	}
}
