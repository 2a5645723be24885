package postgres_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cimwatch/cimwatch/internal/pgtest"
	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/store"
	"github.com/cimwatch/cimwatch/store/postgres"
	"github.com/cimwatch/cimwatch/store/storetest"
)

// copyPrefix begins the role of a process that copies from a file to a database.
const copyPrefix = "copy "

// playCopy copies once, and says when it begins.
func playCopy(role string) int {
	ctx := context.Background()
	file, url, _ := strings.Cut(role, " ")
	from, err := store.Open(file, &store.Options{ReadOnly: true, LockTimeout: 10 * time.Second})
	if err != nil {
		fmt.Println(err)
		return 1
	}
	to, err := postgres.Open(ctx, url, &postgres.Options{LockTimeout: 10 * time.Second})
	if err != nil {
		fmt.Println(err)
		return 1
	}
	fmt.Println("begins")
	if _, err := store.Copy(ctx, from.Inventory(), to, store.CopyOptions{Cursors: map[string]uint64{"c": 3}}); err != nil {
		fmt.Println(err)
		return 1
	}
	return 0
}

// filledFile returns a file with some of everything, and as many hosts more.
func filledFile(t *testing.T, more int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "cimwatch.db")
	s, err := store.Open(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := storetest.Fill(t.Context(), s.Inventory()); err != nil {
		t.Fatal(err)
	}
	for n := range more {
		keepHistory(t, s.Inventory(), fmt.Sprintf("more%03d", n), history(fmt.Sprintf("more%03d", n), "1", 100))
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// openCopied opens a file to read it.
func openCopied(t *testing.T, path string) store.Inventory {
	t.Helper()
	s, err := store.Open(path, &store.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s.Inventory()
}

// TestCopy copies from a file to a database, and from there to another file: all say the same.
func TestCopy(t *testing.T) {
	url := database(t)
	from, there := openCopied(t, filledFile(t, 0)), open(t, url, nil)
	back := storetest.Open(t, nil)
	for _, step := range []struct{ from, to store.Inventory }{{from, there}, {there, back.Inventory()}} {
		for _, want := range []store.Copied{{Hosts: storetest.FilledHosts}, {Same: storetest.FilledHosts}} {
			done, err := store.Copy(t.Context(), step.from, step.to, store.CopyOptions{})
			if err != nil || done.Hosts != want.Hosts || done.Same != want.Same {
				t.Errorf("%+v, %v, want %+v", done, err, want)
			}
		}
		storetest.Same(t, from, step.to)
	}
	conflict := func(tx store.InventoryTx) error {
		_, err := tx.Apply(storetest.FilledHost, func(inventory.View) inventory.Delta {
			return inventory.Delta{Changes: history(storetest.FilledHost, "other", 0)}
		})
		return err
	}
	if err := there.Update(t.Context(), conflict); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Copy(t.Context(), from, there, store.CopyOptions{}); err == nil {
		t.Error("a host was copied over another one")
	}
	if done, err := store.Copy(t.Context(), from, there, store.CopyOptions{Replace: true}); err != nil || done.Replaced != 1 {
		t.Errorf("%+v, %v", done, err)
	}
	storetest.Same(t, from, there)
}

// TestKilledCopy kills a process that copies, with SIGKILL at any moment, until one gets through.
func TestKilledCopy(t *testing.T) {
	durable := pgtest.New(t, pgtest.Options{Durable: true})
	url, file := makeDatabase(t, durable), filledFile(t, 100)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	killed, parts := 0, map[int]bool{}
	for longest := 50; ; longest += 100 {
		cmd := exec.Command(self)
		cmd.Env = append(os.Environ(), roleVariable+"="+copyPrefix+file+" "+url, "GORACE=atexit_sleep_ms=0")
		output, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		said := make([]byte, 100)
		if n, err := output.Read(said); err != nil || string(said[:n]) != "begins\n" {
			t.Fatalf("it says %q, %v", said[:n], err)
		}
		time.AfterFunc(time.Duration(random.IntN(longest))*time.Millisecond, func() { _ = cmd.Process.Kill() })
		rest, _ := output.Read(said)
		if err := cmd.Wait(); err == nil {
			break
		} else if rest > 0 {
			t.Fatalf("it says %q", said[:rest])
		}
		killed++
		parts[one[int](t, url, "SELECT count(*) FROM cimwatch_data.changes")] = true
	}
	t.Logf("killed %d times, after %v changes", killed, parts)
	s := open(t, url, nil)
	storetest.Same(t, openCopied(t, file), s)
	if at, err := s.Cursor(t.Context(), "c"); err != nil || at != 3 {
		t.Errorf("cursor %d, %v", at, err)
	}
}
