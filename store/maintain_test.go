package store_test

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/cimwatch/cimwatch/store"
)

// hourly keeps an entry each hour by the clock.
func hourly(t *testing.T, c *clock, s *store.Store, from, to int) {
	t.Helper()
	for n := from; n < to; n++ {
		c.send(t, s, "c", int64(n))
		c.move(time.Hour)
	}
}

// first returns the number of the first entry, from two sources that must agree.
func first(t *testing.T, s *store.Store) uint64 {
	t.Helper()
	number, err := s.FirstNumber(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if all := readAll(t, s, 0); len(all) > 0 && all[0].Number != number {
		t.Errorf("the first entry is %d, not %d", all[0].Number, number)
	}
	return number
}

func TestOldEntriesAreDropped(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cimwatch.db")
	c := newClock()
	options := c.options()
	options.MaxAge = 24 * time.Hour
	s := openAt(t, path, options)
	hourly(t, c, s, 0, 100)
	done := maintain(t, s)
	if done.Dropped != 75 || done.Bytes == 0 || first(t, s) != 76 || s.Stats().Dropped != 75 {
		t.Errorf("dropped %+v, the first is %d", done, first(t, s))
	}
	if done := maintain(t, s); done.Dropped != 0 {
		t.Errorf("dropped again: %+v", done)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openAt(t, path, options)
	if got := first(t, s); got != 76 || s.LastNumber() != 100 {
		t.Errorf("reopened: %d to %d", got, s.LastNumber())
	}
	c.move(1000 * time.Hour)
	maintain(t, s)
	if got := readAll(t, s, 0); len(got) != 1 || keep(t, s, entry(5000)) != 101 {
		t.Errorf("%d entries, want the last only", len(got))
	}
}

func TestTooManyBytesAreDropped(t *testing.T) {
	c := newClock()
	options := c.options()
	s := open(t, options)
	hourly(t, c, s, 0, 100)
	size := maintainWith(t, s, c, 0).Bytes
	if size != 0 {
		t.Fatalf("dropped %d bytes without a limit", size)
	}
	limited := filepath.Join(t.TempDir(), "limited.db")
	options.MaxBytes = 3000
	s = openAt(t, limited, options)
	hourly(t, c, s, 0, 100)
	done := maintain(t, s)
	left := len(readAll(t, s, 0))
	if each := int(done.Bytes) / int(done.Dropped); left*each > 3000 || (left+2)*each < 3000 {
		t.Errorf("dropped %+v, %d entries are left", done, left)
	}
}

func maintainWith(t *testing.T, s *store.Store, c *clock, d time.Duration) store.Maintained {
	t.Helper()
	c.move(d)
	return maintain(t, s)
}

func TestWhatAConsumerHasNotTakenStays(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cimwatch.db")
	c := newClock()
	options := c.options()
	options.MaxAge = time.Hour
	s := openAt(t, path, options)
	hourly(t, c, s, 0, 20)
	update := func(do func(tx *store.Tx) error) {
		t.Helper()
		if err := s.Update(t.Context(), do); err != nil {
			t.Fatal(err)
		}
	}
	update(func(tx *store.Tx) error { return tx.SetCursor("fast", 20) })
	update(func(tx *store.Tx) error { return tx.SetCursor("slow", 7) })
	maintain(t, s)
	if got := first(t, s); got != 8 {
		t.Errorf("the first is %d, want 8", got)
	}
	if all, err := s.Cursors(t.Context()); err != nil || len(all) != 2 || all["slow"] != 7 {
		t.Errorf("cursors %v, %v", all, err)
	}
	update(func(tx *store.Tx) error { return tx.SetCursor("slow", 10) })
	maintain(t, s)
	if got := first(t, s); got != 11 {
		t.Errorf("the first is %d, want 11", got)
	}
	update(func(tx *store.Tx) error { return tx.DeleteCursor("slow") })
	update(func(tx *store.Tx) error { return tx.SetCursor("fast", 15) })
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	options.DropUnread = true
	s = openAt(t, path, options)
	maintain(t, s)
	if got := first(t, s); got < 19 {
		t.Errorf("the first is %d, what nobody read was not dropped", got)
	}
}

// A clock that was wrong for a time neither drops what is young nor keeps the rest for ever.
func TestRetentionWithAWrongClock(t *testing.T) {
	for name, wrong := range map[string]time.Duration{
		"ahead": 1000 * 24 * time.Hour, "back": -1000 * 24 * time.Hour, "at the beginning": -start.Sub(time.Unix(0, 0)),
	} {
		t.Run(name, func(t *testing.T) {
			c := newClock()
			options := c.options()
			options.MaxAge = 24 * time.Hour
			s := open(t, options)
			hourly(t, c, s, 0, 10)
			c.move(wrong)
			hourly(t, c, s, 10, 12)
			c.move(-wrong)
			hourly(t, c, s, 12, 20)
			if done := maintain(t, s); done.Dropped != 0 {
				t.Errorf("dropped what is a day old at most: %+v", done)
			}
			if got := readAll(t, s, 0); len(got) != 20 || got[19].Sequence.Number != 19 {
				t.Errorf("%d entries", len(got))
			}
			if done := maintainWith(t, s, c, 24*time.Hour); done.Dropped < 18 {
				t.Errorf("dropped %+v, want nearly all", done)
			}
		})
	}
}

func TestBefore(t *testing.T) {
	c := newClock()
	s := open(t, c.options())
	for n := range int64(30) {
		c.send(t, s, "c", n)
		c.move(17 * time.Minute)
	}
	for _, tt := range []struct {
		at   time.Duration
		want uint64
	}{{-time.Hour, 0}, {0, 0}, {1, 1}, {17 * time.Minute, 1}, {170 * time.Minute, 10}, {171 * time.Minute, 11}, {time.Hour * 99, 30}} {
		if got, err := s.Before(t.Context(), start.Add(tt.at)); got != tt.want || err != nil {
			t.Errorf("%v: got %d, %v, want %d", tt.at, got, err, tt.want)
		}
	}
}

// The room of what is dropped is used again: the file stops growing, while it is written to
// and read from.
func TestRoomIsUsedAgain(t *testing.T) {
	c := newClock()
	options := c.options()
	const limit = 4 << 20
	options.MaxBytes = limit
	s := open(t, options)
	ctx, cancel := context.WithCancel(t.Context())
	var reader sync.WaitGroup
	reader.Go(func() {
		for ctx.Err() == nil {
			last := uint64(0)
			for e, err := range s.Read(ctx, 0) {
				if ctx.Err() != nil {
					return
				}
				if err != nil || e.Number <= last {
					t.Errorf("entry %d after %d, %v", e.Number, last, err)
					return
				}
				last = e.Number
			}
		}
	})
	body := noise(4000)
	var sizes []int64
	for round := range 10 {
		var writers sync.WaitGroup
		for w := range 25 {
			writers.Go(func() {
				for n := range int64(20) {
					e := entry(int64(round)*20 + n)
					e.Path, e.Raw, e.Received = fmt.Sprint(w), body, c.Now()
					keep(t, s, e)
				}
			})
		}
		writers.Wait()
		maintain(t, s)
		size, err := s.Size()
		if err != nil {
			t.Fatal(err)
		}
		sizes = append(sizes, size)
	}
	cancel()
	reader.Wait()
	if last := sizes[len(sizes)-1]; last > 32<<20 || last > sizes[len(sizes)/2] { // it grows by 16 MiB
		t.Errorf("the file has %d bytes, %d are to be kept", sizes, limit)
	}
}
