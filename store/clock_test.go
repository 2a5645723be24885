package store_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/cimwatch/cimwatch/event"
	"github.com/cimwatch/cimwatch/store"
)

// A clock that is set back changes neither the order of the journal nor what is a
// duplicate, also after a restart.
func TestDuplicatesWithTheClockSetBack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cimwatch.db")
	c := newClock()
	s := openAt(t, path, c.options())
	for _, n := range []int64{0, 1, 3} {
		c.send(t, s, "c", n)
	}
	for _, jump := range []time.Duration{-24 * time.Hour, -1000 * 24 * time.Hour, 2000 * 24 * time.Hour, -time.Minute} {
		c.move(jump)
		for _, n := range []int64{0, 1, 3} {
			e := entry(n)
			e.Sequence, e.Received = &event.Sequence{Context: "c", Number: n}, c.Now()
			if _, duplicate, err := s.Append(t.Context(), e); !duplicate || err != nil {
				t.Errorf("%v: number %d is a duplicate: %v, %v", jump, n, duplicate, err)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s = openAt(t, path, c.options())
	}
	c.send(t, s, "c", 4)
	c.send(t, s, "c", 2)
	var numbers []int64
	for _, e := range readAll(t, s, 0) {
		if numbers = append(numbers, e.Sequence.Number); e.Late != (e.Sequence.Number == 2) {
			t.Errorf("number %d is late: %v", e.Sequence.Number, e.Late)
		}
	}
	if len(numbers) != 5 || numbers[2] != 3 || numbers[3] != 4 || numbers[4] != 2 {
		t.Errorf("the journal has %v", numbers)
	}
}

// A gap waits for its lifetime at most once more when the clock is set back, and not until
// the clock has caught up.
func TestGapsWithTheClockSetBack(t *testing.T) {
	for name, again := range map[string]bool{"running": false, "opened again": true} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "cimwatch.db")
			c := newClock()
			s := openAt(t, path, c.options())
			c.send(t, s, "c", 0)
			c.send(t, s, "c", 2)
			c.move(-365 * 24 * time.Hour)
			if again {
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
				s = openAt(t, path, c.options())
			}
			if done := maintain(t, s); done.Gaps != 0 {
				t.Errorf("called at once: %+v", done)
			}
			c.move(15*time.Minute - 1)
			if done := maintain(t, s); done.Gaps != 0 {
				t.Errorf("called too early: %+v", done)
			}
			c.move(1)
			if done := maintain(t, s); done.Gaps != 1 {
				t.Errorf("not called: %+v", done)
			}
			if got := gaps(t, s, 0); len(got) != 1 || got[0].First != 1 || got[0].Last != 1 || !got[0].Called.Equal(c.Now()) {
				t.Errorf("gaps %+v", got)
			}
			c.send(t, s, "c", 3)
			if done := maintain(t, s); done != (store.Maintained{}) {
				t.Errorf("called again: %+v", done)
			}
		})
	}
}
