package store_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
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
			if refused++; !errors.Is(err, store.ErrFormat) {
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

// TestFirstPages tells a store whose first pages are ruined from a file that never was one.
func TestFirstPages(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cimwatch.db")
	filled(t, path)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	ruined := slices.Clone(whole)
	clear(ruined[:2*os.Getpagesize()])
	for name, tt := range map[string]struct {
		content []byte
		intake  bool
		want    bool
	}{
		"whole pages":               {ruined, false, true},
		"two pages":                 {make([]byte, 2*4096), false, true},
		"one page":                  {make([]byte, 4096), false, false},
		"no whole pages":            {ruined[:len(ruined)-1], false, false},
		"no whole pages, an intake": {ruined[:len(ruined)-1], true, true},
		"text":                      {bytes.Repeat([]byte("no store "), 3000), false, false},
	} {
		file := filepath.Join(t.TempDir(), "file.db")
		if err := os.WriteFile(file, tt.content, 0o600); err != nil {
			t.Fatal(err)
		}
		if tt.intake {
			if err := os.WriteFile(file+".intake", nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		for _, readOnly := range []bool{false, true} {
			_, err := store.Open(file, &store.Options{ReadOnly: readOnly})
			if !errors.Is(err, store.ErrFormat) || errors.Is(err, store.ErrFirstPages) != tt.want || errors.Is(err, store.ErrCut) {
				t.Errorf("%s, read only %v: got %v, want ErrFirstPages %v", name, readOnly, err, tt.want)
			}
		}
	}
}

// TestErrorsNameTheFile has what fails under a temporary name fail under that of the file.
func TestErrorsNameTheFile(t *testing.T) {
	dir := t.TempDir()
	path, to := filepath.Join(dir, "cimwatch.db"), filepath.Join(dir, "none", "backup.db")
	filled(t, path)
	_, err := store.BackupFile(t.Context(), path, to)
	failed, ok := errors.AsType[*fs.PathError](err)
	if !ok || failed.Path != to || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want that of %s", err, to)
	}
	to = filepath.Join(dir, "other.db")
	_, err = store.SaveBackup(t.Context(), to, func(io.Writer) error {
		made, globErr := filepath.Glob(to + ".new-*")
		if len(made) != 1 {
			t.Fatalf("%d files are written, %v", len(made), globErr)
		}
		_, err := os.Open(filepath.Join(made[0], "below")) // as anything that fails with it
		return err
	})
	failed, ok = errors.AsType[*fs.PathError](err)
	if want := filepath.Join(to, "below"); !ok || failed.Path != want || !errors.Is(err, syscall.ENOTDIR) {
		t.Errorf("got %v, want that of %s", err, want)
	}
	if strings.Contains(err.Error(), ".new-") {
		t.Errorf("a temporary name shows: %v", err)
	}
}
