package storetest

import (
	"context"
	"errors"
	"iter"
	"path/filepath"
	"testing"

	"github.com/cimwatch/cimwatch/store"
)

// Open returns a store in a file of its own, which is closed and checked when the test ends. A
// nil opts is the same as for [store.Open].
func Open(t testing.TB, opts *store.Options) *store.Store {
	t.Helper()
	return OpenAt(t, filepath.Join(t.TempDir(), "cimwatch.db"), opts)
}

// OpenAt returns the store in the file at path, which is closed and checked when the test ends.
func OpenAt(t testing.TB, path string, opts *store.Options) *store.Store {
	t.Helper()
	s, err := store.Open(path, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		Check(t, path)
	})
	return s
}

// Check fails the test when the closed store in the file at path is not consistent.
func Check(t testing.TB, path string) {
	t.Helper()
	s, err := store.Open(path, &store.Options{ReadOnly: true})
	if err != nil {
		t.Errorf("open again: %v", err)
		return
	}
	if err := errors.Join(s.Check(context.WithoutCancel(t.Context())), s.Close()); err != nil {
		t.Error(err)
	}
}

// Collect returns the elements of a sequence, which must not fail.
func Collect[T any](t testing.TB, all iter.Seq2[T, error]) []T {
	t.Helper()
	var list []T
	for v, err := range all {
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, v)
	}
	return list
}
