package store_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cimwatch/cimwatch/store"
)

// playCare compacts a file, or replaces it by another, for ever, and prints when it begins;
// or tries both where there is no room for another file.
func playCare(role, path, backup string) error {
	ctx := context.Background()
	if role == roleCareFull {
		return playCareFull(ctx, path, backup)
	}
	for {
		if _, err := fmt.Println("again"); err != nil {
			return err
		}
		var err error
		if role == roleCompact {
			_, err = store.Compact(ctx, path, "")
		} else {
			_, err = store.Restore(ctx, backup, path, true)
		}
		if err != nil {
			return err
		}
	}
}

func playCareFull(ctx context.Context, path, backup string) error {
	if err := limitFiles(64 << 10); err != nil {
		return err
	}
	_, compacted := store.Compact(ctx, path, "")
	_, restored := store.Restore(ctx, backup, path, true)
	_, backedUp := store.BackupFile(ctx, path, path+".backup")
	for name, err := range map[string]error{"compact": compacted, "restore": restored, "back up": backedUp} {
		if err == nil || errors.Is(err, store.ErrDamaged) {
			return fmt.Errorf("%s where there is no room: %w", name, err)
		}
	}
	return nil
}

// Wherever a process is killed that puts another file in the place of a store, the store is
// there, and whole.
func TestKillWhileReplacing(t *testing.T) {
	for _, role := range []string{roleCompact, roleReplace} {
		t.Run(role, func(t *testing.T) {
			dir := t.TempDir()
			path, backup := filepath.Join(dir, "cimwatch.db"), filepath.Join(t.TempDir(), "backup")
			want := filled(t, path)
			if _, err := store.BackupFile(t.Context(), path, backup); err != nil {
				t.Fatal(err)
			}
			kills := 8
			if testing.Short() {
				kills = 3
			}
			for range kills {
				killReplacing(t, role, path, backup)
				holds(t, path, want)
			}
			if _, err := store.Compact(t.Context(), path, ""); err != nil {
				t.Fatal(err)
			}
			holds(t, path, want)
		})
	}
}

// killReplacing kills a process that replaces a file again and again, at any moment of it.
func killReplacing(t *testing.T, role, path, backup string) {
	t.Helper()
	cmd := self(t, role, path, backup)
	var complaint strings.Builder
	cmd.Stderr = &complaint
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for range 1 + rand.IntN(3) {
		lines.Scan()
	}
	timer := time.NewTimer(time.Duration(rand.Int64N(int64(60 * time.Millisecond)))) // any moment is the point
	<-timer.C
	if err := cmd.Process.Kill(); err != nil {
		t.Error(err)
	}
	_ = cmd.Wait() // it was killed
	if complaint.Len() > 0 {
		t.Error(complaint.String())
	}
}

func TestNoRoomToReplace(t *testing.T) {
	dir := t.TempDir()
	path, backup := filepath.Join(dir, "cimwatch.db"), filepath.Join(t.TempDir(), "backup")
	want := filled(t, path)
	if _, err := store.BackupFile(t.Context(), path, backup); err != nil {
		t.Fatal(err)
	}
	out, err := self(t, roleCareFull, path, backup).CombinedOutput()
	if strings.Contains(string(out), errNoLimit.Error()) {
		t.Skip("this system has no limit of file sizes")
	}
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	holds(t, path, want)
	alone(t, dir, "cimwatch.db")
}

// Whatever byte of the pages is wrong, Inspect ends: with a finding where it matters.
func TestInspectDamagedPages(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cimwatch.db")
	filled(t, path)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "damaged.db") // the other is checked in the end
	random := rand.New(rand.NewPCG(3, 4))
	free := 0
	for page := 2; page*4096 < len(whole); page++ {
		if whole[page*4096+8] == 0x10 && whole[page*4096] == byte(page) {
			free = page // the last is the one that counts, or was
		}
	}
	used := len(strings.TrimRight(string(whole), "\x00")) / 4096
	found := 0
	rounds := 120
	if testing.Short() {
		rounds = 40
	}
	for round := range rounds {
		damaged := append([]byte{}, whole...)
		page, width := 2+random.IntN(used-2), 256
		if round%8 == 0 {
			page, width = free, 24
		}
		for range 8 { // in a page's header and elements
			damaged[page*4096+random.IntN(width)] = byte(random.Uint32())
		}
		if err := os.WriteFile(path, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := store.Inspect(t.Context(), path, nil)
		if err != nil {
			t.Fatalf("page %d: %v", page, err)
		}
		if r.Err() != nil {
			found++
		}
	}
	if found < rounds/4 {
		t.Errorf("%d of %d damaged files were found to be", found, rounds)
	}
}
