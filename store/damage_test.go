package store_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/cimwatch/cimwatch/store"
)

// However much of a file is cut off, opening it ends with an error or with all entries.
func TestCutFile(t *testing.T) {
	whole := filepath.Join(t.TempDir(), "cimwatch.db")
	s := openAt(t, whole, nil)
	const entries = 40
	for n := range int64(entries) {
		keep(t, s, entry(n))
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	used := int64(len(bytes.TrimRight(content, "\x00")))
	path := filepath.Join(t.TempDir(), "cut.db")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	refused := 0
	for size := min(int64(len(content)), used+64<<10) / 512 * 512; size > 0; size -= 512 {
		if err := os.Truncate(path, size); err != nil {
			t.Fatal(err)
		}
		cut, err := store.Open(path, &store.Options{ReadOnly: true})
		if err != nil {
			if refused++; size >= 64<<10 && !errors.Is(err, store.ErrFormat) {
				t.Fatalf("%d bytes: got %v, want ErrFormat", size, err)
			}
			continue
		}
		if got := len(readAll(t, cut, 0)); got != entries {
			t.Errorf("%d bytes: %d entries, want %d", size, got, entries)
		}
		if err := errors.Join(cut.Check(t.Context()), cut.Close()); err != nil {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
	if refused < int(used)/512 {
		t.Errorf("only %d sizes of a file with %d bytes in use were refused", refused, used)
	}
}

func TestSecretStays(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cimwatch.db")
	s := openAt(t, path, nil)
	first, err := s.Secret(t.Context())
	if err != nil || len(first) != 32 {
		t.Fatalf("%d bytes, %v", len(first), err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := openAt(t, path, nil).Secret(t.Context())
	if err != nil || !bytes.Equal(first, again) {
		t.Errorf("another one, %v", err)
	}
	other, err := open(t, nil).Secret(t.Context())
	if err != nil || bytes.Equal(first, other) {
		t.Errorf("two files have the same, %v", err)
	}
}
