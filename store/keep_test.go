package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/cimwatch/cimwatch/store"
)

// keepIn keeps an entry by way of the intake.
func keepIn(t testing.TB, s *store.Store, e store.Entry) {
	t.Helper()
	if err := s.Keep(t.Context(), e); err != nil {
		t.Fatal(err)
	}
}

func flush(t testing.TB, s *store.Store) {
	t.Helper()
	if err := s.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// kept counts what OnKept tells.
type kept struct {
	mu         sync.Mutex
	numbers    []uint64
	duplicates int
}

func (k *kept) on(e *store.Entry, duplicate bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if duplicate {
		k.duplicates++
		return
	}
	k.numbers = append(k.numbers, e.Number)
}

func TestKeep(t *testing.T) {
	told := &kept{}
	path := filepath.Join(t.TempDir(), "cimwatch.db")
	s := openAt(t, path, &store.Options{OnKept: told.on})
	if _, err := os.Stat(path + ".intake"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("an intake before there is an entry: %v", err)
	}
	const senders, each = 8, 40
	var all sync.WaitGroup
	for sender := range senders {
		all.Go(func() {
			for n := range int64(each) {
				e := entry(n)
				e.Path = fmt.Sprint(sender)
				if err := errors.Join(s.Keep(t.Context(), e), s.Keep(t.Context(), e)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	flush(t, s)
	if got := readAll(t, s, 0); len(got) != senders*each {
		t.Errorf("%d entries, want %d", len(got), senders*each)
	}
	told.mu.Lock()
	defer told.mu.Unlock()
	if len(told.numbers) != senders*each || told.duplicates != senders*each {
		t.Errorf("told of %d entries and %d duplicates, want %d of each", len(told.numbers), told.duplicates, senders*each)
	}
	for n, number := range told.numbers {
		if number != uint64(n+1) {
			t.Fatalf("the %d. is entry %d", n+1, number)
		}
	}
	info, err := os.Stat(path + ".intake")
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the intake is %v, %v", info, err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(path + ".intake"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("an intake of a closed store: %v", err)
	}
}

// Entries that are kept and ones that are appended keep their order.
func TestKeepAndAppend(t *testing.T) {
	s := open(t, nil)
	for n := range int64(60) {
		if n%3 == 0 {
			keepIn(t, s, entry(n))
			flush(t, s)
		} else if got := keep(t, s, entry(n)); got != uint64(n+1) {
			t.Errorf("entry %d got number %d", n, got)
		}
	}
	for n, e := range readAll(t, s, 0) {
		if e.Sequence.Number != int64(n) || e.Late {
			t.Errorf("entry %d is %d, late %v", n, e.Sequence.Number, e.Late)
		}
	}
}

// What is too large for the intake waits for the journal instead.
func TestKeepLarge(t *testing.T) {
	told := &kept{}
	s := open(t, &store.Options{OnKept: told.on})
	for n := range int64(3) {
		e := entry(n)
		e.Raw = append(e.Raw, noise(int(n)<<20)...)
		keepIn(t, s, e)
	}
	flush(t, s)
	if got := readAll(t, s, 0); len(got) != 3 || len(got[2].Raw) < 2<<20 {
		t.Errorf("%d entries", len(got))
	}
	if told.mu.Lock(); len(told.numbers) != 3 {
		t.Errorf("told of %v", told.numbers)
	}
	told.mu.Unlock()
}

func TestKeepErrors(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cimwatch.db")
	s := openAt(t, path, nil)
	keepIn(t, s, entry(0))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Keep(t.Context(), entry(1))); !errors.Is(err, store.ErrClosed) {
		t.Errorf("got %v, want ErrClosed", err)
	}
	if err := s.Flush(t.Context()); !errors.Is(err, store.ErrClosed) {
		t.Errorf("got %v, want ErrClosed", err)
	}
	r := openAt(t, path, &store.Options{ReadOnly: true})
	if err := r.Keep(t.Context(), entry(1)); !errors.Is(err, store.ErrReadOnly) {
		t.Errorf("got %v, want ErrReadOnly", err)
	}
	if err := r.Flush(t.Context()); err != nil {
		t.Error(err)
	}
}

// crashed is what a crash leaves: a store that has taken in the first entries, and an
// intake with more of them, one a frame.
func crashed(t *testing.T, taken, more int64, size int) (db, intake []byte) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "cimwatch.db")
	s := openAt(t, path, nil)
	large := func(n int64) store.Entry {
		e := entry(n)
		e.Raw = append(e.Raw, noise(size)...)
		return e
	}
	for n := range taken {
		keepIn(t, s, large(n))
	}
	flush(t, s)
	db = contentOf(t, path)
	for n := range more {
		keepIn(t, s, large(taken+n))
	}
	intake = contentOf(t, path+".intake")
	used := len(bytes.TrimRight(intake, "\x00")) // the file grows ahead
	return db, intake[:(used+4095)/4096*4096]
}

func contentOf(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// restart opens what a crash left and returns the sequence numbers of the entries.
func restart(t *testing.T, db, intake []byte) ([]int64, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "cimwatch.db")
	if err := errors.Join(os.WriteFile(path, db, 0o600), os.WriteFile(path+".intake", intake, 0o600)); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(path, nil)
	if err != nil {
		if !bytes.Equal(contentOf(t, path+".intake"), intake) {
			t.Error("the intake was changed")
		}
		return nil, err
	}
	var numbers []int64
	for _, e := range readAll(t, s, 0) {
		numbers = append(numbers, e.Sequence.Number)
	}
	if _, err := os.Stat(path + ".intake"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the intake is still there: %v", err)
	}
	if err := errors.Join(s.Check(t.Context()), s.Close()); err != nil {
		t.Error(err)
	}
	return numbers, nil
}

func inOrder(numbers []int64) bool {
	for n, number := range numbers {
		if number != int64(n) {
			return false
		}
	}
	return true
}

// TestIntakeAfterCrash cuts the intake anywhere: what is whole is taken in, once.
func TestIntakeAfterCrash(t *testing.T) {
	const taken, more, page = 5, 12, 4096
	db, intake := crashed(t, taken, more, 0)
	step := 512
	if testing.Short() {
		step = 1536
	}
	for size := len(intake); size >= 0; size -= step {
		numbers, err := restart(t, db, intake[:size])
		// Of a frame the last page may be cut where nothing is in it.
		whole, begun := max(size/page-1, taken), max((size+page-1)/page-1, taken)
		if err != nil || len(numbers) < whole || len(numbers) > begun || !inOrder(numbers) {
			t.Fatalf("%d of %d bytes: got %v, %v, want %d to %d entries", size, len(intake), numbers, err, whole, begun)
		}
	}
}

// TestReadOnlyAfterCrash counts what it cannot read, and changes nothing.
func TestReadOnlyAfterCrash(t *testing.T) {
	const taken, more = 3, 5
	db, intake := crashed(t, taken, more, 0)
	path := filepath.Join(t.TempDir(), "cimwatch.db")
	if err := errors.Join(os.WriteFile(path, db, 0o600), os.WriteFile(path+".intake", intake, 0o600)); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(path, &store.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	if got := len(readAll(t, s, 0)); got != taken || s.Stats().Left != more {
		t.Errorf("%d entries, %d left, want %d and %d", got, s.Stats().Left, taken, more)
	}
	if err := s.Close(); err != nil || !bytes.Equal(contentOf(t, path+".intake"), intake) || !bytes.Equal(contentOf(t, path), db) {
		t.Errorf("the files were changed, %v", err)
	}
}

// TestIntakeWrittenAgain fills both halves several times.
func TestIntakeWrittenAgain(t *testing.T) {
	const taken, more = 1200, 30
	db, intake := crashed(t, taken, more, 20_000)
	numbers, err := restart(t, db, intake)
	if err != nil || len(numbers) != taken+more || !inOrder(numbers) {
		t.Errorf("got %d entries, %v, want %d", len(numbers), err, taken+more)
	}
	if len(intake) > 9<<20 {
		t.Errorf("the intake has %d bytes", len(intake))
	}
}

// TestIntakeOfAnotherTime takes in what a store does not know of: one that was made anew
// from a copy, with the intake of its successor.
func TestIntakeOfAnotherTime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cimwatch.db")
	s := openAt(t, path, nil)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	_, intake := crashed(t, 2, 4, 0)
	numbers, err := restart(t, contentOf(t, path), intake)
	if err != nil || len(numbers) != 6 || !inOrder(numbers) {
		t.Errorf("got %v, %v", numbers, err)
	}
}

// TestIntakeIsChecked tells what an intake lacks that has nothing to take in, and is refused for
// nothing that a crash leaves.
func TestIntakeIsChecked(t *testing.T) {
	const page = 4096
	db, intake := crashed(t, 2, 5, 0)
	without := func(from, to int) []byte {
		b := bytes.Clone(intake)
		clear(b[from:to])
		return b
	}
	tests := map[string]struct {
		intake []byte
		want   string
		left   int
		torn   bool
	}{
		"whole":                {intake, "", 5, false},
		"emptied":              {nil, "it is empty: ", 0, false},
		"overwritten shortly":  {[]byte("x"), "it has 1 bytes, and its first page alone 4096: it was cut", 0, false},
		"cut in the page":      {intake[:page-1], "it has 4095 bytes", 0, false},
		"only the page":        {intake[:page], "it ends with entry 0, and the journal has taken in 2 of them", 0, false},
		"a page of none":       {make([]byte, page), "it is no intake of a store", 0, false},
		"nothing but the page": {without(page, len(intake)), "it ends with entry 0, and the journal has taken in 2 of them", 0, false},
		"all that was taken":   {without(page, 3*page), "", 5, false},
		"not the last":         {intake[:7*page], "", 4, false},
		"the last in part":     {without(len(intake)-page+100, len(intake)), "", 4, true},
		"one in the middle":    {without(5*page, 6*page), "the entries 5 to 5 are missing", 0, false},
	}
	for name, tt := range tests {
		path := filepath.Join(t.TempDir(), "cimwatch.db")
		if err := errors.Join(os.WriteFile(path, db, 0o600), os.WriteFile(path+".intake", tt.intake, 0o600)); err != nil {
			t.Fatal(err)
		}
		r, err := store.Inspect(t.Context(), path, nil)
		if err != nil {
			t.Fatal(err)
		}
		switch found := r.Err(); {
		case tt.want == "" && found != nil, tt.want != "" && (found == nil || !strings.Contains(found.Error(), tt.want)):
			t.Errorf("%s: %v, want %q", name, found, tt.want)
		case r.Intake != tt.left || r.Torn != tt.torn:
			t.Errorf("%s: %d entries are left, torn is %v; want %d, %v", name, r.Intake, r.Torn, tt.left, tt.torn)
		}
	}
}

// TestDamagedIntake is refused where something is missing that was answered for.
func TestDamagedIntake(t *testing.T) {
	const page = 4096
	db, intake := crashed(t, 2, 5, 0)
	tests := []struct {
		name string
		at   int
		want string
	}{
		{"name", 3, "it is no intake of a store"},
		{"version", 19, "its format is 254, known is 1"},
		{"identity", 22, "its first page is damaged"},
		{"a frame in the middle", 5*page + 100, "the entries 5 to 5 are missing"},
		{"a frame's head", 4*page + 1, "the entries 4 to 4 are missing"},
	}
	for _, tt := range tests {
		damaged := bytes.Clone(intake)
		damaged[tt.at] ^= 0xFF
		if _, err := restart(t, db, damaged); !errors.Is(err, store.ErrFormat) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %s", tt.name, err, tt.want)
		}
	}
	torn := bytes.Clone(intake)
	torn[7*page+100] ^= 0xFF // the last frame: its sender had no answer
	if numbers, err := restart(t, db, torn); err != nil || len(numbers) != 6 {
		t.Errorf("got %v, %v, want 6 entries", numbers, err)
	}
	old := bytes.Clone(intake)
	old[page+100] ^= 0xFF // taken in already
	if numbers, err := restart(t, db, old); err != nil || len(numbers) != 7 {
		t.Errorf("got %v, %v, want 7 entries", numbers, err)
	}
}
