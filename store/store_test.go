package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.etcd.io/bbolt"
	"go.uber.org/goleak"

	"github.com/cimwatch/cimwatch/event"
	"github.com/cimwatch/cimwatch/store"
	"github.com/cimwatch/cimwatch/store/storetest"
)

func TestMain(m *testing.M) {
	if role := os.Getenv(roleVariable); role != "" {
		os.Exit(play(role))
	}
	goleak.VerifyTestMain(m)
}

var start = time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)

// open returns a store in a file of its own, which is closed and checked in the end.
func open(t testing.TB, opts *store.Options) *store.Store {
	t.Helper()
	return storetest.Open(t, opts)
}

func openAt(t testing.TB, path string, opts *store.Options) *store.Store {
	t.Helper()
	return storetest.OpenAt(t, path, opts)
}

// entry returns an entry of a sequence, as one sender would send it.
func entry(number int64) store.Entry {
	return store.Entry{
		Received: start.Add(time.Duration(number) * time.Second), Remote: "192.0.2.1:4711", Path: "/in", Host: "esx1",
		Class: "OMC_IpmiAlertIndication", MessageID: fmt.Sprint(number + 1000),
		Sequence: &event.Sequence{Context: "c1", Number: number},
		Raw:      fmt.Appendf(nil, `<CIM><MESSAGE ID="%d"><content n="%d"/></MESSAGE></CIM>`, number+1000, number),
	}
}

// keep appends an entry that must be new.
func keep(t testing.TB, s *store.Store, e store.Entry) uint64 {
	t.Helper()
	number, duplicate, err := s.Append(t.Context(), e)
	if err != nil || duplicate {
		t.Fatalf("append: duplicate %v, %v", duplicate, err)
	}
	return number
}

// readAll returns the entries after a number.
func readAll(t testing.TB, s *store.Store, after uint64) []store.Entry {
	t.Helper()
	var all []store.Entry
	for e, err := range s.Read(context.Background(), after) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, e)
	}
	return all
}

func TestOpenMakesAFileForItsOwnerOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cimwatch.db")
	openAt(t, path, nil)
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func TestOpenMakesAnEmptyFileOneForItsOwnerOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cimwatch.db")
	if err := errors.Join(os.WriteFile(path, nil, 0o600), os.Chmod(path, 0o644)); err != nil {
		t.Fatal(err)
	}
	openAt(t, path, nil)
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func TestOpenOfALockedFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cimwatch.db")
	openAt(t, path, nil)
	for _, readOnly := range []bool{false, true} {
		s, err := store.Open(path, &store.Options{LockTimeout: time.Millisecond, ReadOnly: readOnly})
		if !errors.Is(err, store.ErrLocked) {
			t.Errorf("read only %v: got %v, %v, want ErrLocked", readOnly, s, err)
		}
	}
}

func TestOpenRefusesWhatIsNotAStore(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "text")
	if err := os.WriteFile(text, make([]byte, 20000), 0o600); err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(dir, "other")
	edit(t, other, func(tx *bbolt.Tx) error {
		_, err := tx.CreateBucket([]byte("theirs"))
		return err
	})
	newer, older, broken := filepath.Join(dir, "newer"), filepath.Join(dir, "older"), filepath.Join(dir, "broken")
	for _, path := range []string{newer, older, broken} {
		s, err := store.Open(path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for path, version := range map[string]byte{newer: 99, older: 1} {
		edit(t, path, func(tx *bbolt.Tx) error {
			return tx.Bucket([]byte("meta")).Put([]byte("format"), []byte{0, 0, 0, 0, 0, 0, 0, version})
		})
	}
	edit(t, broken, func(tx *bbolt.Tx) error { return tx.DeleteBucket([]byte("history")) })
	for _, path := range []string{text, other, newer, older, broken} {
		for _, readOnly := range []bool{false, true} {
			before, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := store.Open(path, &store.Options{ReadOnly: readOnly}); !errors.Is(err, store.ErrFormat) {
				t.Errorf("%s, read only %v: got %v, want ErrFormat", filepath.Base(path), readOnly, err)
			}
			if after, _ := os.ReadFile(path); string(after) != string(before) {
				t.Errorf("%s, read only %v: the file was changed", filepath.Base(path), readOnly)
			}
		}
	}
}

// edit changes a file behind the store's back.
func edit(t testing.TB, path string, do func(*bbolt.Tx) error) {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.Update(do), db.Close()); err != nil {
		t.Fatal(err)
	}
}

func TestOpenErrorsOfTheSystem(t *testing.T) {
	if _, err := store.Open(filepath.Join(t.TempDir(), "none"), &store.Options{ReadOnly: true}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v, want not exist", err)
	}
	if _, err := store.Open(t.TempDir(), nil); err == nil {
		t.Error("a directory was opened")
	}
}

func TestReadOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cimwatch.db")
	s, err := store.Open(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	keep(t, s, entry(0))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	one, two := openAt(t, path, &store.Options{ReadOnly: true}), openAt(t, path, &store.Options{ReadOnly: true})
	if len(readAll(t, one, 0)) != 1 || two.LastNumber() != 1 {
		t.Error("two readers do not see the entry")
	}
	if _, _, err := one.Append(t.Context(), entry(1)); !errors.Is(err, store.ErrReadOnly) {
		t.Errorf("append: %v", err)
	}
	if err := one.Update(t.Context(), func(*store.Tx) error { return nil }); !errors.Is(err, store.ErrReadOnly) {
		t.Errorf("update: %v", err)
	}
	if after, _ := os.ReadFile(path); string(after) != string(before) {
		t.Error("reading changed the file")
	}
}

func TestClosed(t *testing.T) {
	s := open(t, nil)
	keep(t, s, entry(0))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	_, _, appended := s.Append(t.Context(), entry(1))
	_, hosts := s.Hosts(t.Context())
	_, cursor := s.Cursor(t.Context(), "c")
	var read error
	for _, err := range s.Read(t.Context(), 0) {
		read = err
	}
	for name, err := range map[string]error{
		"append": appended, "hosts": hosts, "cursor": cursor, "read": read,
		"wait":   s.Wait(t.Context(), 1),
		"update": s.Update(t.Context(), func(*store.Tx) error { return nil }),
		"check":  s.Check(t.Context()),
	} {
		if !errors.Is(err, store.ErrClosed) {
			t.Errorf("%s: got %v, want ErrClosed", name, err)
		}
	}
	if err := s.Close(); err != nil {
		t.Errorf("again: %v", err)
	}
}
