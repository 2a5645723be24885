package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cimwatch/cimwatch/store"
	"github.com/cimwatch/cimwatch/store/storetest"
)

// A whole file is salvaged as it is.
func TestSalvageOfAWholeFile(t *testing.T) {
	dir := t.TempDir()
	path, to := filepath.Join(dir, "cimwatch.db"), filepath.Join(dir, "salvaged.db")
	want := filled(t, path)
	got, err := store.Salvage(t.Context(), path, to, false)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Lost) > 0 || got.LostEntries > 0 || got.Strays > 0 {
		t.Errorf("lost: %v, %d entries; %d strays", got.Lost, got.LostEntries, got.Strays)
	}
	holds(t, to, want)
	alone(t, dir, "cimwatch.db", "salvaged.db")
	for _, path := range []string{path, to} {
		s := openAt(t, path, nil)
		if n := keep(t, s, entry(1000)); n != 81 {
			t.Errorf("%s goes on with %d", filepath.Base(path), n)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := store.Salvage(t.Context(), path, to, false); !errors.Is(err, store.ErrExists) {
		t.Errorf("got %v, want ErrExists", err)
	}
	s := openAt(t, path, nil)
	if _, err := store.Salvage(t.Context(), path, to, true); !errors.Is(err, store.ErrLocked) {
		t.Errorf("got %v, want ErrLocked", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// salvageable are the entries of filled by number, and its bytes.
func salvageable(t *testing.T) (content []byte, entries map[uint64]store.Entry) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "cimwatch.db")
	filled(t, path)
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	s := openAt(t, path, &store.Options{ReadOnly: true})
	entries = map[uint64]store.Entry{}
	for _, e := range readAll(t, s, 0) {
		entries[e.Number] = e
	}
	return content, entries
}

// salvage salvages a damaged file and compares what is in it with what was. It returns the
// number of entries.
func salvage(t *testing.T, what string, damaged []byte, entries map[uint64]store.Entry) int {
	t.Helper()
	dir := t.TempDir()
	path, to := filepath.Join(dir, "damaged.db"), filepath.Join(dir, "salvaged.db")
	if err := os.WriteFile(path, damaged, 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := store.Salvage(t.Context(), path, to, false)
	if errors.Is(err, store.ErrDamaged) {
		return 0
	}
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	s := openAt(t, to, nil)
	found := readAll(t, s, 0)
	for _, e := range found {
		if diff := cmp.Diff(entries[e.Number], e); diff != "" {
			t.Fatalf("%s: entry %d (-was +is)\n%s", what, e.Number, diff)
		}
	}
	first, err := s.FirstNumber(t.Context())
	if err != nil || s.LastNumber()-first+1 != uint64(len(found))+got.LostEntries {
		t.Errorf("%s: entries %d to %d, %d found, %d lost, %v", what, first, s.LastNumber(), len(found), got.LostEntries, err)
	}
	fresh := entry(1000)
	if n := keep(t, s, fresh); n <= uint64(len(found)) {
		t.Errorf("%s: it goes on with %d", what, n)
	}
	take(t, s, "esx1", fan("1", 6), fan("9", 2))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	storetest.Check(t, to)
	return len(found)
}

// However much of a file is cut off, what is left is salvaged.
func TestSalvageOfACutFile(t *testing.T) {
	content, entries := salvageable(t)
	used := len(bytes.TrimRight(content, "\x00"))
	step := used / 8
	if testing.Short() {
		step = used / 5
	}
	for size := used - 4096; size > 0; size -= step {
		got := salvage(t, fmt.Sprint(size, " bytes"), content[:size], entries)
		if least := len(entries) * (size - 200<<10) / used; got < least {
			t.Errorf("%d of %d bytes: %d entries, want %d or more", size, used, got, least)
		}
	}
}

// Whatever pages are damaged, all else is salvaged.
func TestSalvageOfDamagedPages(t *testing.T) {
	content, entries := salvageable(t)
	random := rand.New(rand.NewPCG(5, 6))
	used := len(bytes.TrimRight(content, "\x00")) / 4096
	rounds, found := 12, 0
	if testing.Short() {
		rounds = 3
	}
	for round := range rounds {
		damaged := bytes.Clone(content)
		page := 2 + random.IntN(used-2)
		if round == 0 {
			page = 0
		}
		for at := range 4096 {
			damaged[page*4096+at] = byte(random.Uint32())
		}
		found += salvage(t, fmt.Sprint("page ", page), damaged, entries)
	}
	if found < rounds*len(entries)*9/10 {
		t.Errorf("%d entries in %d rounds of %d", found, rounds, len(entries))
	}
	damaged := bytes.Clone(content)
	clear(damaged[:8192]) // nothing says where anything is
	if got := salvage(t, "no meta", damaged, entries); got < len(entries)*9/10 {
		t.Errorf("without a meta: %d of %d entries", got, len(entries))
	}
	clear(damaged)
	if got := salvage(t, "nothing", damaged, entries); got != 0 {
		t.Errorf("%d entries of nothing", got)
	}
}
