package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cimwatch/cimwatch/event"
	"github.com/cimwatch/cimwatch/store"
)

// A clock stands still until it is told to move.
type clock struct {
	mu    sync.Mutex
	now   time.Time
	ticks chan time.Time
}

func newClock() *clock { return &clock{now: start, ticks: make(chan time.Time)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func (c *clock) after(time.Duration) <-chan time.Time { return c.ticks }

// options are those of a store that goes by the clock.
func (c *clock) options() *store.Options {
	return &store.Options{Now: c.Now, After: c.after}
}

// send keeps the entry of a number as it arrives now.
func (c *clock) send(t *testing.T, s *store.Store, context string, number int64) {
	t.Helper()
	e := entry(number)
	e.Sequence = &event.Sequence{Context: context, Number: number}
	e.Received = c.Now()
	keep(t, s, e)
}

func gaps(t *testing.T, s *store.Store, after uint64) []store.Gap {
	t.Helper()
	var all []store.Gap
	for g, err := range s.Gaps(t.Context(), after) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, g)
	}
	return all
}

func maintain(t *testing.T, s *store.Store) store.Maintained {
	t.Helper()
	done, err := s.Maintain(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return done
}

func TestGapIsCalledOnceAndKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cimwatch.db")
	c := newClock()
	called := make(chan store.Gap, 10)
	options := c.options()
	options.OnGap = func(g store.Gap) { called <- g }
	s := openAt(t, path, options)
	for _, n := range []int64{0, 1, 5} {
		c.send(t, s, "c", n)
	}
	c.move(15*time.Minute - 1)
	c.send(t, s, "c", 3) // in time, late
	if done := maintain(t, s); done.Gaps != 0 || len(called) != 0 {
		t.Fatalf("called too early: %+v", done)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openAt(t, path, options)
	c.move(1)
	if done := maintain(t, s); done.Gaps != 2 {
		t.Fatalf("got %+v, want 2 gaps", done)
	}
	if done := maintain(t, s); done.Gaps != 0 {
		t.Errorf("called again: %+v", done)
	}
	want := []store.Gap{
		{Number: 1, Sender: "192.0.2.1", Path: "/in", Host: "esx1", Context: "c", First: 2, Last: 2, Entry: 3, Noticed: start, Called: c.Now()},
		{Number: 2, Sender: "192.0.2.1", Path: "/in", Host: "esx1", Context: "c", First: 4, Last: 4, Entry: 3, Noticed: start, Called: c.Now()},
	}
	if diff := cmp.Diff(want, gaps(t, s, 0)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(want, []store.Gap{<-called, <-called}); diff != "" || s.Stats().Gaps != 2 {
		t.Error(diff, s.Stats().Gaps)
	}
	c.send(t, s, "c", 4) // after all
	if e := readAll(t, s, 4); len(e) != 1 || !e[0].Late {
		t.Errorf("got %v, want one late entry", e)
	}
}

// The store looks for gaps on its own, and when entries are kept.
func TestGapsAreCalledUnasked(t *testing.T) {
	for name, wake := range map[string]func(*testing.T, *clock, *store.Store){
		"by time":     func(_ *testing.T, c *clock, _ *store.Store) { c.ticks <- c.Now() },
		"by an entry": func(t *testing.T, c *clock, s *store.Store) { c.send(t, s, "other", 0) },
	} {
		t.Run(name, func(t *testing.T) {
			c := newClock()
			called := make(chan store.Gap, 10)
			options := c.options()
			options.OnGap, options.GapLifetime = func(g store.Gap) { called <- g }, time.Minute
			s := open(t, options)
			c.send(t, s, "c", 0)
			c.send(t, s, "c", 2)
			c.move(time.Minute)
			wake(t, c, s)
			if g := <-called; g.First != 1 || g.Last != 1 {
				t.Errorf("got %+v", g)
			}
		})
	}
}

func TestResetAndForgottenContextsGiveGapsUp(t *testing.T) {
	c := newClock()
	s := open(t, c.options())
	c.send(t, s, "c", 0)
	c.send(t, s, "c", 2)
	reset := entry(0)
	reset.Sequence, reset.Raw = &event.Sequence{Context: "c"}, []byte("other")
	keep(t, s, reset)
	if got := gaps(t, s, 0); len(got) != 1 || got[0].First != 1 {
		t.Errorf("after a reset: %+v", got)
	}
	c.send(t, s, "c", 3)
	for n := range int64(8) { // the sender restarts, again and again
		c.move(time.Second)
		c.send(t, s, string(rune('d'+n)), 0)
	}
	if got := gaps(t, s, 1); len(got) != 1 || got[0].First != 1 || got[0].Last != 2 || got[0].Context != "c" {
		t.Errorf("after 8 restarts: %+v", got)
	}
}

func TestGapCursor(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cimwatch.db")
	s := openAt(t, path, nil)
	set := func(tx *store.Tx) error { return tx.SetGapCursor("daemon", 7) }
	if err := errors.Join(s.Update(t.Context(), set), s.Close()); err != nil {
		t.Fatal(err)
	}
	s = openAt(t, path, nil)
	for consumer, want := range map[string]uint64{"daemon": 7, "other": 0} {
		if got, err := s.GapCursor(t.Context(), consumer); got != want || err != nil {
			t.Errorf("%s: got %d, %v, want %d", consumer, got, err, want)
		}
	}
}

// After a crash the end of the journal tells what the windows in the file do not know: a
// copy of the file between two commits is what a crash leaves.
func TestWindowsAreRebuilt(t *testing.T) {
	dir := t.TempDir()
	c := newClock()
	s := openAt(t, filepath.Join(dir, "cimwatch.db"), c.options())
	for n := range int64(700) {
		if n%100 != 50 {
			c.send(t, s, "c", n)
		}
		if n == 400 {
			maintain(t, s) // writes the windows
		}
	}
	content, err := os.ReadFile(filepath.Join(dir, "cimwatch.db"))
	if err != nil {
		t.Fatal(err)
	}
	crashed := filepath.Join(dir, "crashed.db")
	if err := os.WriteFile(crashed, content, 0o600); err != nil {
		t.Fatal(err)
	}
	again := openAt(t, crashed, c.options())
	for n := int64(699); n > 250; n-- {
		if n%100 == 50 {
			continue
		}
		e := entry(n)
		e.Sequence = &event.Sequence{Context: "c", Number: n}
		if _, duplicate, err := again.Append(t.Context(), e); !duplicate || err != nil {
			t.Fatalf("%d: duplicate %v, %v", n, duplicate, err)
		}
	}
	c.move(time.Hour)
	maintain(t, again)
	var missing []int64
	for _, g := range gaps(t, again, 0) {
		missing = append(missing, g.First)
	}
	if !slices.Equal(missing, []int64{50, 150, 250, 350, 450, 550, 650}) {
		t.Errorf("missing %v", missing)
	}
}
