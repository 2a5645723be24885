package inventory_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/inventory"
)

// condense does with each component's changes what a store does, at some seconds.
func (m *memory) condense(r inventory.Retention, seconds int) (dropped int) {
	for id := range m.histories() {
		var list []inventory.Change
		var places []int
		for n, c := range m.history {
			if c.ID == id {
				list, places = append(list, c), append(places, n)
			}
		}
		done := r.Condense(list, 0, at(seconds))
		if done == nil {
			continue
		}
		if done.At >= 0 {
			m.history[places[done.At]] = done.With
		}
		for _, n := range slices.Backward(done.Drop) {
			m.history = slices.Delete(m.history, places[n], places[n]+1)
			dropped++
		}
	}
	return dropped
}

// histories returns how many changes each component has.
func (m *memory) histories() map[string]int {
	all := map[string]int{}
	for _, c := range m.history {
		all[c.ID]++
	}
	return all
}

func TestCondense(t *testing.T) {
	m := newMemory()
	fan := func(caption string) *cim.Instance {
		return device("CIM_Fan", "1", text("ElementName", "Fan 1"), text("Caption", caption), status(2))
	}
	for n := range 10 {
		m.sync(n, fan(fmt.Sprint(n)))
	}
	m.apply(alert(10, fan(""), "Assert + Fan failure"))
	if m.condense(inventory.Retention{Changes: 12}, 20) != 0 || m.condense(inventory.Retention{Changes: 9}, 20) != 0 {
		t.Error("something was condensed that is kept, or that is not worth it")
	}
	if m.condense(inventory.Retention{Age: 13 * time.Second}, 20); len(m.history) != 7 {
		t.Errorf("by age: %q", lines(m.history))
	}
	if m.condense(inventory.Retention{Changes: 3}, 20); len(m.history) != 5 {
		t.Errorf("by number: %q", lines(m.history))
	}
	wantLines(t, m.history, "appeared Fan 1", "condensed Fan 1 2026-11-20T08:00:00Z -> 8",
		"property Fan 1 [Caption] 8 -> 9", "raised Fan 1 [fan failure] NULL -> Fan failure", "health Fan 1 ok -> critical")
	past, err := inventory.At(m.changes(), at(5))
	if err != nil || len(past.Components) != 1 || len(past.Condensed) != 1 || past.Components[0].Instance().Text("Caption") != "0" {
		t.Errorf("where there are no changes: %+v, %v", past, err)
	}
	past, err = inventory.At(m.changes(), at(8))
	if err != nil || len(past.Condensed) != 0 || past.Components[0].Instance().Text("Caption") != "8" {
		t.Errorf("where there are: %+v, %v", past, err)
	}
}

func TestCondenseForgetsWhatIsLongGone(t *testing.T) {
	m := newMemory()
	m.sync(0, device("CIM_Fan", "1"))
	m.sync(1)
	r := inventory.Retention{Age: time.Minute}
	if m.condense(r, 61); len(m.history) != 2 {
		t.Errorf("too early: %q", lines(m.history))
	}
	if m.condense(r, 62); len(m.history) != 0 {
		t.Errorf("kept: %q", lines(m.history))
	}
}

// Condensed history leads to the same state, now and at each time it has not lost; where it
// has, it says so.
func TestCondensedHistoryLeadsToState(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := newMemory()
		var past []map[string]state
		r := inventory.Retention{
			Changes: rapid.IntRange(0, 4).Draw(t, "changes"), Age: time.Duration(rapid.IntRange(0, 6).Draw(t, "age")) * time.Second,
		}
		steps := rapid.IntRange(1, 14).Draw(t, "steps")
		for n := range steps {
			m.step(t, n)
			past = append(past, m.now())
			if rapid.IntRange(0, 3).Draw(t, "condense") == 0 {
				m.condense(r, n)
			}
		}
		m.condense(r, steps)
		if diff := cmp.Diff(m.now(), m.replay()); diff != "" {
			t.Fatalf("history leads elsewhere (-state +replayed):\n%s\n%v", diff, lines(m.history))
		}
		for n, was := range past {
			replayed, err := inventory.At(m.changes(), at(n))
			if err != nil {
				t.Fatal(err)
			}
			got := states(replayed.Components)
			for _, c := range replayed.Condensed {
				delete(got, c.ID)
				delete(was, c.ID)
			}
			for id := range was {
				if m.histories()[id] == 0 || !m.tells(id, n) {
					delete(was, id) // it is gone since long, or came anew
				}
			}
			if diff := cmp.Diff(was, got); diff != "" {
				t.Fatalf("at step %d (-state +replayed):\n%s\n%q", n, diff, lines(m.history))
			}
		}
	})
}

// tells reports whether the history of a component reaches back to a time.
func (m *memory) tells(id string, seconds int) bool {
	return slices.ContainsFunc(m.history, func(c inventory.Change) bool { return c.ID == id && !c.Known.After(at(seconds)) })
}
