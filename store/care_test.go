package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cimwatch/cimwatch/store"
)

// filled makes a closed store with some of everything, of which much was dropped.
func filled(t *testing.T, path string) (want string) {
	t.Helper()
	c := newClock()
	s := openAt(t, path, c.options())
	for n := range int64(80) {
		e := entry(n)
		e.Raw = noise(4000)
		keep(t, s, e)
	}
	take(t, s, "esx1", fan("1", 2), fan("2", 6))
	take(t, s, "esx2", fan("1", 2))
	take(t, s, "esx1", fan("1", 3))
	set := func(tx *store.Tx) error {
		return errors.Join(tx.SetCursor("inventory", 50), tx.SetGapCursor("daemon", 0))
	}
	if err := s.Update(t.Context(), set); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Secret(t.Context()); err != nil {
		t.Fatal(err)
	}
	want = contents(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return want
}

// holds fails the test unless the file at path is whole, holds what is wanted, and nobody
// but its owner may read it.
func holds(t *testing.T, path, want string) {
	t.Helper()
	r, err := store.Inspect(t.Context(), path, nil)
	if err != nil || r.Err() != nil || !r.Complete {
		t.Fatalf("%s: %v, %+v", filepath.Base(path), err, r)
	}
	s := openAt(t, path, &store.Options{ReadOnly: true})
	if got := contents(t, s); got != want {
		t.Errorf("%s holds something else", filepath.Base(path))
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

// alone fails the test unless a directory has these files and no other.
func alone(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("the directory has %v, want %v", got, want)
	}
}

func TestInspectCounts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cimwatch.db")
	filled(t, path)
	steps := 0
	r, err := store.Inspect(t.Context(), path, func() { steps++ })
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprint(r.Format, r.Entries, r.Hosts, r.Components, r.Changes, r.Intake, r.Complete, r.Err())
	if want := "4 80 2 3 6 0 true <nil>"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if steps < 2*80 {
		t.Errorf("%d steps", steps)
	}
	if info, err := os.Stat(path); err != nil || r.Bytes != info.Size() {
		t.Errorf("%d bytes, want %d, %v", r.Bytes, info.Size(), err)
	}
}

func TestCompact(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cimwatch.db")
	want := filled(t, path)
	to := filepath.Join(t.TempDir(), "small.db")
	sizes, err := store.Compact(t.Context(), path, to)
	if err != nil || sizes.After >= sizes.Before {
		t.Fatalf("%+v, %v", sizes, err)
	}
	holds(t, to, want)
	holds(t, path, want)
	if _, err := store.Compact(t.Context(), path, to); !errors.Is(err, store.ErrExists) {
		t.Errorf("got %v, want ErrExists", err)
	}
	again, err := store.Compact(t.Context(), path, "")
	if err != nil || again != sizes {
		t.Fatalf("%+v, %v, want %+v", again, err, sizes)
	}
	holds(t, path, want)
	alone(t, filepath.Dir(path), "cimwatch.db")
	alone(t, filepath.Dir(to), "small.db")
	if info, err := os.Stat(path); err != nil || info.Size() != sizes.After {
		t.Errorf("%d bytes, want %d, %v", info.Size(), sizes.After, err)
	}
}

// A compacted file is no larger than a copy of what it was made of, nor than one of itself: nothing
// is kept free at its end.
func TestCompactLeavesNoRoom(t *testing.T) {
	path, dir := filepath.Join(t.TempDir(), "cimwatch.db"), t.TempDir()
	s := openAt(t, path, nil)
	for n := range int64(40) {
		e := entry(n)
		e.Raw = append(e.Raw, noise(10_000)...)
		keep(t, s, e)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	small := filepath.Join(dir, "small.db")
	sizes, err := store.Compact(t.Context(), path, small)
	if err != nil {
		t.Fatal(err)
	}
	for n, of := range []string{path, small} {
		r, err := store.Restore(t.Context(), of, filepath.Join(dir, fmt.Sprint(n)), false)
		if err != nil || r.Bytes < sizes.After {
			t.Errorf("a copy of %s: %+v, %v; compacted it is %+v", of, r, err, sizes)
		}
	}
}

func TestCompactRefuses(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "cimwatch.db")
	if _, err := store.Compact(t.Context(), path, ""); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v, want not exist", err)
	}
	alone(t, dir)
	s := openAt(t, path, nil)
	if _, err := store.Compact(t.Context(), path, ""); !errors.Is(err, store.ErrLocked) {
		t.Errorf("got %v, want ErrLocked", err)
	}
	keep(t, s, entry(0))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := store.Compact(ctx, path, ""); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want canceled", err)
	}
	alone(t, dir, "cimwatch.db")
}

// A backup is of one moment: what is appended while it is read is not in it, and all that
// was kept before is.
func TestBackupOfOpenStore(t *testing.T) {
	s := open(t, nil)
	for n := range int64(50) {
		if err := s.Keep(t.Context(), entry(n)); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	size := int64(0)
	err := s.Backup(t.Context(), func(n int64) (io.Writer, error) {
		size = n
		keep(t, s, entry(50)) // commits go on
		return &b, nil
	})
	if err != nil || size != int64(b.Len()) {
		t.Fatalf("%d bytes of %d, %v", b.Len(), size, err)
	}
	path := filepath.Join(t.TempDir(), "copy.db")
	r, err := store.SaveBackup(t.Context(), path, func(w io.Writer) error {
		_, err := w.Write(b.Bytes())
		return err
	})
	if err != nil || r.Entries != 50 {
		t.Fatalf("%+v, %v", r, err)
	}
	alone(t, filepath.Dir(path), "copy.db")
	one, err := s.Secret(t.Context())
	if err != nil || len(readAll(t, s, 0)) != 51 {
		t.Fatal(err)
	}
	copied := openAt(t, path, nil)
	if n := keep(t, copied, entry(50)); n != 51 {
		t.Errorf("the copy goes on with %d", n)
	}
	if two, err := copied.Secret(t.Context()); err != nil || bytes.Equal(one, two) {
		t.Errorf("a secret that was made after the backup is in it, %v", err)
	}
}

func TestSaveKeepsNothingHalf(t *testing.T) {
	whole := filepath.Join(t.TempDir(), "cimwatch.db")
	filled(t, whole)
	content, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	broken := errors.New("the line broke")
	dir := t.TempDir()
	path := filepath.Join(dir, "copy.db")
	for name, tt := range map[string]struct {
		content []byte
		failed  error
		want    error
	}{
		"failed":  {content, broken, broken},
		"cut":     {content[:len(bytes.TrimRight(content, "\x00"))/2], nil, store.ErrDamaged},
		"nothing": {nil, nil, store.ErrFormat},
		"text":    {bytes.Repeat([]byte("no store "), 3000), nil, store.ErrFormat},
	} {
		_, err := store.SaveBackup(t.Context(), path, func(w io.Writer) error {
			_, err := w.Write(tt.content)
			return errors.Join(err, tt.failed)
		})
		if !errors.Is(err, tt.want) || strings.Contains(err.Error(), ".new-") {
			t.Errorf("%s: got %v, want %v of %s", name, err, tt.want, path)
		}
		alone(t, dir)
	}
}

func TestBackupFileAndRestore(t *testing.T) {
	ctx, dir := t.Context(), t.TempDir()
	path, backup, to := filepath.Join(dir, "cimwatch.db"), filepath.Join(dir, "backup"), filepath.Join(dir, "restored.db")
	want := filled(t, path)
	if _, err := store.BackupFile(ctx, path, backup); err != nil {
		t.Fatal(err)
	}
	holds(t, backup, want)
	if _, err := store.BackupFile(ctx, path, backup); !errors.Is(err, store.ErrExists) {
		t.Errorf("got %v, want ErrExists", err)
	}
	if r, err := store.Restore(ctx, backup, to, false); err != nil || r.Entries != 80 {
		t.Fatalf("%+v, %v", r, err)
	}
	holds(t, to, want)
	if _, err := store.Restore(ctx, backup, to, false); !errors.Is(err, store.ErrExists) {
		t.Errorf("got %v, want ErrExists", err)
	}
	s := openAt(t, to, nil)
	keep(t, s, entry(1000))
	if _, err := store.Restore(ctx, backup, to, true); !errors.Is(err, store.ErrLocked) {
		t.Errorf("got %v, want ErrLocked", err)
	}
	if _, err := store.BackupFile(ctx, to, filepath.Join(dir, "other")); !errors.Is(err, store.ErrLocked) {
		t.Errorf("got %v, want ErrLocked", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Restore(ctx, backup, to, true); err != nil {
		t.Fatal(err)
	}
	holds(t, to, want)
	if err := os.WriteFile(to, []byte("ruined"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Restore(ctx, to, backup, true); !errors.Is(err, store.ErrFormat) {
		t.Errorf("got %v, want ErrFormat", err)
	}
	holds(t, backup, want)
	if _, err := store.Restore(ctx, backup, to, true); err != nil {
		t.Fatal(err)
	}
	holds(t, to, want)
	if _, err := store.Restore(ctx, to, to, true); err == nil {
		t.Error("a file was restored from itself")
	}
	alone(t, dir, "backup", "cimwatch.db", "restored.db")
}

// TestCompactOfNothing refuses a file that holds no store.
func TestCompactOfNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "empty.db")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Compact(t.Context(), path, ""); !errors.Is(err, store.ErrFormat) {
		t.Errorf("got %v", err)
	}
	if info, err := os.Stat(path); err != nil || info.Size() != 0 {
		t.Errorf("the file was changed: %v, %v", info, err)
	}
}
