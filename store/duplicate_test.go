package store_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cimwatch/cimwatch/event"
	"github.com/cimwatch/cimwatch/store"
)

// delivery changes an entry into another delivery of something.
type delivery struct {
	name      string
	entry     store.Entry
	duplicate bool
}

func with(e store.Entry, change func(*store.Entry)) store.Entry {
	change(&e)
	return e
}

// retry is what a sender makes of an entry it sends again: another connection, another ID.
func retry(e store.Entry) store.Entry {
	e.Remote = strings.Replace(e.Remote, ":4711", ":4712", 1)
	e.MessageID += "1"
	e.Raw = []byte(strings.Replace(string(e.Raw), `ID="`, `ID="9`, 1))
	return e
}

func TestDuplicates(t *testing.T) {
	unnumbered := with(entry(1), func(e *store.Entry) { e.Sequence = nil })
	after := func(d time.Duration) store.Entry {
		return with(retry(unnumbered), func(e *store.Entry) { e.Received = e.Received.Add(d) })
	}
	tests := map[string][]delivery{
		"a retry": {
			{"first", entry(3), false}, {"again", retry(entry(3)), true}, {"and again", retry(entry(3)), true},
			{"the next", entry(4), false}, {"the one before", retry(entry(3)), true},
		},
		"out of order": {
			{"16", entry(16), false}, {"17", entry(17), false}, {"13, late", entry(13), false},
			{"14, late", entry(14), false}, {"13 again", retry(entry(13)), true}, {"15, late", entry(15), false},
		},
		"another context": {
			{"0", entry(0), false},
			{"after a restart", with(entry(0), func(e *store.Entry) { e.Sequence = &event.Sequence{Context: "c2"} }), false},
		},
		"two handlers that share a context": {
			{"one", entry(5), false}, {"other", with(entry(5), func(e *store.Entry) { e.Path = "/other" }), false},
			{"one again", retry(entry(5)), true},
		},
		"two senders": {
			{"one", entry(5), false}, {"other", with(entry(5), func(e *store.Entry) { e.Remote = "[2001:db8::1]:4711" }), false},
			{"other again", with(entry(5), func(e *store.Entry) { e.Remote = "[2001:db8::1]:4799" }), true},
		},
		"counter reset": {
			{"0", entry(0), false}, {"1", entry(1), false},
			{"0 with other content", with(entry(0), func(e *store.Entry) { e.Raw = []byte("new 0") }), false},
			{"the same again", with(entry(0), func(e *store.Entry) { e.Raw = []byte("new 0") }), true},
			{"1 with other content", with(entry(1), func(e *store.Entry) { e.Raw = []byte("new 1") }), false},
		},
		"content given by the caller": {
			{"one", with(entry(1), func(e *store.Entry) { e.ContentHash = []byte("A"); e.Raw = []byte("1") }), false},
			{"same", with(entry(1), func(e *store.Entry) { e.ContentHash = []byte("A"); e.Raw = []byte("2") }), true},
		},
		"no numbers": {
			{"first", unnumbered, false}, {"in time", after(89 * time.Second), true},
			{"other content", with(unnumbered, func(e *store.Entry) { e.Raw = []byte("other") }), false},
			{"too late", after(91 * time.Second), false}, {"clock set back", after(-time.Hour), false},
		},
		"very long names": {
			{"one", with(entry(1), func(e *store.Entry) { e.Sequence = &event.Sequence{Context: strings.Repeat("c", 40000)} }), false},
			{"same", with(entry(1), func(e *store.Entry) { e.Sequence = &event.Sequence{Context: strings.Repeat("c", 40000)} }), true},
			{"other", with(entry(1), func(e *store.Entry) { e.Sequence = &event.Sequence{Context: strings.Repeat("c", 40001)} }), false},
		},
	}
	for name, deliveries := range tests {
		for _, reopen := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, reopened %v", name, reopen), func(t *testing.T) {
				path := filepath.Join(t.TempDir(), "cimwatch.db")
				s := openAt(t, path, nil)
				kept := 0
				for _, d := range deliveries {
					if reopen {
						if err := s.Close(); err != nil {
							t.Fatal(err)
						}
						s = openAt(t, path, nil)
					}
					number, duplicate, err := s.Append(t.Context(), d.entry)
					if err != nil || duplicate != d.duplicate {
						t.Fatalf("%s: duplicate %v, %v, want duplicate %v", d.name, duplicate, err, d.duplicate)
					}
					if !duplicate {
						kept++
						if number != uint64(kept) {
							t.Errorf("%s: number %d, want %d", d.name, number, kept)
						}
					}
				}
				if got := len(readAll(t, s, 0)); got != kept {
					t.Errorf("%d entries, want %d", got, kept)
				}
			})
		}
	}
}

// A sender that restarts for ever, with a new context each time, does not fill the file.
func TestOldContextsAreForgotten(t *testing.T) {
	s := open(t, nil)
	contextual := func(n int) store.Entry {
		return with(entry(0), func(e *store.Entry) {
			e.Sequence = &event.Sequence{Context: fmt.Sprint("c", n)}
			e.Received = start.Add(time.Duration(n) * time.Second)
		})
	}
	for n := range 20 {
		keep(t, s, contextual(n))
	}
	if _, duplicate, err := s.Append(t.Context(), contextual(19)); !duplicate || err != nil {
		t.Errorf("the newest context: duplicate %v, %v", duplicate, err)
	}
	keep(t, s, contextual(0)) // forgotten, and taken for new rather than lost
}
