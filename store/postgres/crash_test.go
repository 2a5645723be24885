package postgres_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/cimwatch/cimwatch/event"
	"github.com/cimwatch/cimwatch/internal/pgtest"
	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/store"
	"github.com/cimwatch/cimwatch/store/postgres"
)

// roleVariable makes the test binary write to the database that it names, until it is killed.
const roleVariable = "CIMWATCH_POSTGRES_WRITE"

// crashBatch is how many events a batch of the writer has.
const crashBatch = 40

// play takes in event after event, from where the cursor is, and says so.
func play(url string) int {
	ctx := context.Background()
	s, err := postgres.Open(ctx, url, &postgres.Options{LockTimeout: 10 * time.Second})
	if err != nil {
		fmt.Println("open:", err)
		return 1
	}
	for {
		at, err := s.Cursor(ctx, cursorName)
		if err == nil {
			err = take(ctx, s, crashEvents(at))
		}
		if err != nil {
			fmt.Println("failed:", err) // the connection: the next one goes on
			time.Sleep(10 * time.Millisecond)
			continue
		}
		fmt.Println("at", at+crashBatch)
	}
}

// crashEvents returns the events after a number, all of one component and of some others.
func crashEvents(after uint64) []event.Event {
	var list []event.Event
	for n := int(after) + 1; n <= int(after)+crashBatch; n++ {
		id := "1"
		if n%4 == 0 {
			id = fmt.Sprint(2 + n%7)
		}
		list = append(list, alert(n, fmt.Sprintf("h%d", n%4%2), fan(id, 2)))
	}
	return list
}

// TestKilledWriter kills a process that writes, and the server's process that it writes to, with
// SIGKILL at any moment, and looks after each: the inventory is exactly what the cursor says.
func TestKilledWriter(t *testing.T) {
	durable := pgtest.New(t, pgtest.Options{Durable: true})
	url := makeDatabase(t, durable)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	last := uint64(0)
	for round := range 10 {
		w := startWriter(t, url)
		w.await(t, 1)
		time.Sleep(time.Duration(random.IntN(100)) * time.Millisecond) // into any moment of a batch
		if round%2 == 0 {
			killBackend(t, url)
			w.await(t, 5) // it goes on
		}
		w.kill(t)
		at := checkCrashed(t, url)
		if at <= last || at < w.last {
			t.Errorf("round %d: the cursor is at %d, it was at %d, and the writer said %d", round, at, last, w.last)
		}
		last = at
	}
}

// writer is a process that plays.
type writer struct {
	cmd   *exec.Cmd
	lines chan string
	last  uint64 // that it said
}

func startWriter(t *testing.T, url string) *writer {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	w := &writer{cmd: exec.Command(self)}
	w.cmd.Env = append(os.Environ(), roleVariable+"="+url, "GORACE=atexit_sleep_ms=0")
	output, err := w.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := w.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w.lines = make(chan string)
	go func() {
		defer close(w.lines)
		for scanner := bufio.NewScanner(output); scanner.Scan(); {
			w.lines <- scanner.Text()
		}
	}()
	return w
}

// await waits until the writer has taken in some batches more. It says nothing that is not read.
func (w *writer) await(t *testing.T, batches int) {
	t.Helper()
	timeout := time.After(time.Minute)
	var said string
	for batches > 0 {
		select {
		case line, ok := <-w.lines:
			if !ok {
				t.Fatalf("the writer ended; it said last %q", said)
			}
			if n, _ := fmt.Sscanf(line, "at %d", &w.last); n > 0 {
				batches--
			}
			said = line
		case <-timeout:
			w.kill(t)
			t.Fatalf("the writer does not go on; it said last %q", said)
		}
	}
}

// kill kills the writer and reads what it said before.
func (w *writer) kill(t *testing.T) {
	t.Helper()
	if err := w.cmd.Process.Kill(); err != nil {
		t.Error(err)
	}
	for line := range w.lines {
		_, _ = fmt.Sscanf(line, "at %d", &w.last) // else it stays
	}
	_ = w.cmd.Wait() // killed is how it ended
}

// killBackend kills the process of the server that holds the lock of the writer. The server then
// ends all others as well, and recovers.
func killBackend(t *testing.T, url string) {
	t.Helper()
	pid := one[int](t, url, "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted")
	backend, err := os.FindProcess(pid)
	if err == nil {
		err = backend.Kill()
	}
	if err != nil {
		t.Errorf("kill %d: %v", pid, err)
	}
}

// checkCrashed compares the inventory with what the events up to its cursor make of nothing.
func checkCrashed(t *testing.T, url string) uint64 {
	t.Helper()
	s, err := postgres.Open(t.Context(), url, &postgres.Options{LockTimeout: 10 * time.Second})
	for tries := 0; postgres.IsUnreachable(err) && tries < 1000; tries++ { // the server recovers
		time.Sleep(10 * time.Millisecond)
		s, err = postgres.Open(t.Context(), url, &postgres.Options{LockTimeout: 10 * time.Second})
	}
	if err != nil {
		t.Fatal(err)
	}
	at, err := s.Cursor(t.Context(), cursorName)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]int{}
	for after := uint64(0); after < at; after += crashBatch {
		for _, e := range crashEvents(after) {
			want[e.Host+" "+inventory.IDOf(&e)]++
		}
	}
	got := map[string]int{}
	for c, err := range s.Components(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		got[c.Host+" "+c.ID] = c.Conditions[0].Count
	}
	if fmt.Sprint(want) != fmt.Sprint(got) {
		t.Errorf("at %d conditions were raised\n%v times, want\n%v", at, got, want)
	}
	rows := one[string](t, url, `SELECT concat_ws(' ', (SELECT count(*) FROM cimwatch.journal), (SELECT sum(count) FROM cimwatch.alarms),
		(SELECT count(*) FROM cimwatch.changes WHERE kind = 'raised'))`)
	if expected := fmt.Sprintf("%d %d %d", at, at, len(want)); rows != expected {
		t.Errorf("entries in the index, times raised, changes: %s, want %s", rows, expected)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	return at
}

// TestContextEndsInDoubt ends the context of an update whose fate is open: it says so, and the
// next one finds what the server made of it.
func TestContextEndsInDoubt(t *testing.T) {
	url := database(t)
	p := newProxy(t, url)
	ctx, cancel := context.WithCancel(t.Context())
	doubts := 0
	s := open(t, p.url, &postgres.Options{LockTimeout: time.Millisecond, OnDoubt: func(err error) {
		if doubts++; err != nil {
			cancel()
		}
	}})
	if err := take(t.Context(), s, []event.Event{alert(1, "a", fan("1", 2))}); err != nil {
		t.Fatal(err)
	}
	p.cut.Store(cutAfter)
	p.refuse.Store(true)
	err := take(ctx, s, []event.Event{alert(2, "a", fan("1", 2))})
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "is not known") || doubts != 1 {
		t.Errorf("got %v, asked %d times", err, doubts)
	}
	p.refuse.Store(false)
	err = s.Update(t.Context(), func(tx store.InventoryTx) error {
		if n := tx.Cursor(cursorName); n != 2 {
			t.Errorf("the cursor is %d, want 2", n)
		}
		_, err := tx.Apply("a", func(v inventory.View) inventory.Delta {
			for c := range v.Components() {
				if c.Conditions[0].Count != 2 {
					t.Errorf("raised %d times, want 2", c.Conditions[0].Count)
				}
			}
			return inventory.Delta{}
		})
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
