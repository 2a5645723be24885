package store_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/store"
	"github.com/cimwatch/cimwatch/store/storetest"
)

// The test binary starts itself in a role, to be killed or limited.
const (
	roleVariable = "CIMWATCH_STORE_TEST_ROLE"
	fileVariable = "CIMWATCH_STORE_TEST_FILE"
	nextVariable = "CIMWATCH_STORE_TEST_NEXT"

	// killsVariable is how often TestKillLosesNothingAcknowledged kills: 200 is the long form.
	killsVariable = "CIMWATCH_STORE_KILLS"
	// smallVariable is a directory on a small filesystem that TestFilesystemFull may fill.
	smallVariable = "CIMWATCH_STORE_SMALL_DIR"

	roleAppend   = "append"
	roleKeep     = "keep"
	roleDiskFull = "disk full"
	roleKeepFull = "disk full, kept"
	roleCompact  = "compact"
	roleReplace  = "replace"
	roleCareFull = "care, disk full"
)

// play runs a role and returns the exit code.
func play(role string) int {
	var err error
	switch path := os.Getenv(fileVariable); role {
	case roleAppend, roleKeep:
		err = playAppend(path, os.Getenv(nextVariable), role == roleKeep)
	case roleDiskFull:
		err = playFull(path, limitFiles)
	case roleKeepFull:
		err = playKeepFull(path)
	case roleCompact, roleReplace, roleCareFull:
		err = playCare(role, path, os.Getenv(nextVariable))
	default:
		err = fmt.Errorf("no role %q", role)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, role+":", err)
		return 1
	}
	return 0
}

func self(t *testing.T, role, path, next string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), roleVariable+"="+role, fileVariable+"="+path, nextVariable+"="+next)
	return cmd
}

const senders = 8

// playAppend sends entries from several senders, each from where it is told, for ever, and
// prints what was acknowledged. Beside them a consumer follows.
func playAppend(path, next string, keep bool) error {
	s, err := store.Open(path, nil)
	if err != nil {
		return err
	}
	failed := make(chan error)
	for sender, from := range strings.Fields(next) {
		var n int64
		if _, err := fmt.Sscan(from, &n); err != nil {
			return err
		}
		go func() { failed <- send(s, sender, n, keep) }()
	}
	go func() { failed <- follow(s) }()
	return <-failed
}

func send(s *store.Store, sender int, n int64, keep bool) error {
	for ; ; n++ {
		e := entry(n)
		e.Path = fmt.Sprint(sender)
		var err error
		if keep {
			err = s.Keep(context.Background(), e)
		} else {
			_, _, err = s.Append(context.Background(), e)
		}
		if err != nil {
			return err
		}
		if _, err := fmt.Println(sender, n); err != nil {
			return err
		}
	}
}

// follow makes a change of each entry, and moves its cursor with it.
func follow(s *store.Store) error {
	ctx := context.Background()
	for {
		after, err := s.Cursor(ctx, "follower")
		if err != nil {
			return err
		}
		if err := s.Wait(ctx, after); err != nil {
			return err
		}
		err = s.Update(ctx, func(tx *store.Tx) error {
			for e, err := range s.Read(ctx, after) {
				if err != nil {
					return err
				}
				if _, err := tx.Apply("esx1", changeFor(e.Number)); err != nil {
					return err
				}
				after = e.Number
			}
			return tx.SetCursor("follower", after)
		})
		if err != nil {
			return err
		}
	}
}

func changeFor(number uint64) func(inventory.View) inventory.Delta {
	return func(inventory.View) inventory.Delta {
		c := inventory.Change{Host: "esx1", ID: "c", Kind: inventory.PropertyChanged, New: cim.Uint64(number)}
		return inventory.Delta{Changes: []inventory.Change{c}}
	}
}

func TestKillLosesNothingAcknowledged(t *testing.T) {
	for _, role := range []string{roleAppend, roleKeep} {
		t.Run(role, func(t *testing.T) { killRole(t, role) })
	}
}

func killRole(t *testing.T, role string) {
	kills := 12
	if testing.Short() {
		kills = 3
	}
	if text := os.Getenv(killsVariable); text != "" {
		var err error
		if kills, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), "cimwatch.db")
	next := make([]int64, senders) // the number after the last acknowledged one
	for range kills {
		killAppending(t, role, path, next, 50+rand.IntN(400))
	}
	s := openAt(t, path, nil)
	seen := make([]int64, senders)
	for _, e := range readAll(t, s, 0) {
		var sender int
		if _, err := fmt.Sscan(e.Path, &sender); err != nil {
			t.Fatal(err)
		}
		if e.Sequence.Number != seen[sender] {
			t.Fatalf("sender %d: %d where %d should be", sender, e.Sequence.Number, seen[sender])
		}
		seen[sender]++
	}
	for sender := range senders {
		// The one on its way when the process was killed may be there or not.
		if seen[sender] < next[sender] || seen[sender] > next[sender]+1 {
			t.Errorf("sender %d: %d kept, %d acknowledged", sender, seen[sender], next[sender])
		}
	}
	checkFollower(t, s)
}

// checkFollower compares the consumer's cursor with what it did.
func checkFollower(t *testing.T, s *store.Store) {
	t.Helper()
	cursor, err := s.Cursor(t.Context(), "follower")
	if err != nil || cursor == 0 {
		t.Fatalf("cursor %d, %v", cursor, err)
	}
	done := uint64(0)
	for c, err := range s.History(t.Context(), "esx1", "c") {
		if err != nil {
			t.Fatal(err)
		}
		if n, _ := c.New.Uint64(); n != done+1 {
			t.Fatalf("the consumer did %d after %d", n, done)
		}
		done++
	}
	if done != cursor {
		t.Errorf("the consumer did %d entries, its cursor says %d", done, cursor)
	}
}

// killAppending lets a process append until some entries are acknowledged, and kills it.
func killAppending(t *testing.T, role, path string, next []int64, after int) {
	t.Helper()
	cmd := self(t, role, path, strings.Trim(fmt.Sprint(next), "[]"))
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var complaint strings.Builder
	cmd.Stderr = &complaint
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var kill sync.Once
	lines := 0
	for line := range linesOf(out) {
		var sender int
		var n int64
		if _, err := fmt.Sscan(line, &sender, &n); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		next[sender] = n + 1
		if lines++; lines >= after {
			kill.Do(func() { err = cmd.Process.Kill() })
		}
	}
	if waited := cmd.Wait(); err != nil || lines < after || complaint.Len() > 0 {
		t.Fatalf("after %d lines: kill %v, wait %v, %s", lines, err, waited, complaint.String())
	}
}

func linesOf(r io.Reader) func(func(string) bool) {
	return func(yield func(string) bool) {
		scanner := bufio.NewScanner(r)
		for scanner.Scan() {
			if !yield(scanner.Text()) {
				return
			}
		}
	}
}

func TestDiskFullAndFreed(t *testing.T) {
	for _, role := range []string{roleDiskFull, roleKeepFull} {
		path := filepath.Join(t.TempDir(), "cimwatch.db")
		out, err := self(t, role, path, "").CombinedOutput()
		if strings.Contains(string(out), errNoLimit.Error()) {
			t.Skip("this system has no limit of file sizes")
		}
		if err != nil {
			t.Fatalf("%s: %v\n%s", role, err, out)
		}
		storetest.Check(t, path)
	}
}

// playKeepFull keeps entries until there is no room for them, neither in the intake nor in
// the journal: once it goes on when there is room, and once it stops before.
func playKeepFull(path string) error {
	ctx := context.Background()
	for round := range 2 {
		s, err := store.Open(path, nil)
		if err == nil {
			err = limitFiles(1 << 20)
		}
		if err != nil {
			return err
		}
		first, n := s.LastNumber(), s.LastNumber()
		for ; err == nil && n < first+1000; n++ {
			err = s.Keep(ctx, noisy(int64(n)))
		}
		if acknowledged := n - 1; err == nil || acknowledged < first+3 {
			return fmt.Errorf("%d entries from %d: %w", acknowledged-first, first, err)
		}
		if round == 1 {
			if err := s.Close(); err == nil || !strings.Contains(err.Error(), "entries are in "+path+".intake alone") {
				return fmt.Errorf("close without room: %w", err)
			}
			s = nil
		}
		if err := limitFiles(1 << 30); err != nil {
			return err
		}
		if s == nil {
			if s, err = store.Open(path, nil); err != nil {
				return err
			}
		}
		if err := s.Flush(ctx); err != nil || s.LastNumber() != n-1 {
			return fmt.Errorf("with room again: %d entries, %d acknowledged, %w", s.LastNumber(), n-1, err)
		}
		if err := s.Close(); err != nil {
			return err
		}
	}
	return nil
}

// noisy is an entry that needs 100 kB.
func noisy(n int64) store.Entry {
	e := entry(n)
	e.Raw = append(e.Raw, noise(100_000)...)
	return e
}

// TestFilesystemFull fills a filesystem, which it mounts where it may.
func TestFilesystemFull(t *testing.T) {
	dir := os.Getenv(smallVariable)
	if dir == "" {
		dir = mountSmall(t)
	}
	path, ballast := filepath.Join(dir, "cimwatch.db"), filepath.Join(dir, "ballast")
	err := playFull(path, func(room uint64) error {
		if room == 1<<30 {
			return os.Remove(ballast)
		}
		f, err := os.Create(ballast)
		if err != nil {
			return err
		}
		for err == nil { // leaves the store the rest
			_, err = f.Write(make([]byte, 64<<10))
		}
		return errors.Join(f.Truncate(1<<20), f.Close())
	})
	if err != nil {
		t.Fatal(err)
	}
	storetest.Check(t, path)
}

// noise returns bytes that cannot be compressed.
func noise(size int) []byte {
	b := make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{}).Read(b) // never fails (math/rand/v2)
	return b
}

// playFull fills the room that there is, and goes on when there is more. It sets the room
// with a function.
func playFull(path string, room func(uint64) error) error {
	s, err := store.Open(path, nil)
	if err != nil {
		return err
	}
	if err := room(1 << 20); err != nil {
		return err
	}
	ctx := context.Background()
	n := int64(0)
	for ; err == nil; n++ {
		if n > 100 {
			return fmt.Errorf("%d entries in spite of the limit", n)
		}
		_, _, err = s.Append(ctx, noisy(n))
	}
	kept := s.LastNumber()
	if _, _, err := s.Append(ctx, noisy(n-1)); err == nil {
		return fmt.Errorf("kept where there is no room")
	}
	if err := room(1 << 30); err != nil {
		return err
	}
	number, duplicate, err := s.Append(ctx, noisy(n-1))
	if err != nil || duplicate || number != kept+1 {
		return fmt.Errorf("with room again: number %d after %d, duplicate %v, %w", number, kept, duplicate, err)
	}
	if stats := s.Stats(); stats.Failures < 2 || stats.Queued != 0 || stats.QueuedBytes != 0 {
		return fmt.Errorf("stats %+v", stats)
	}
	return s.Close()
}
