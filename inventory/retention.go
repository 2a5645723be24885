package inventory

import (
	"slices"
	"time"

	"github.com/cimwatch/cimwatch/cim"
)

// Retention is how much history is kept of each component besides its first entry, which
// tells how it came. The zero Retention keeps all.
type Retention struct {
	Changes int           // the latest so many, and up to a quarter more; 0: all
	Age     time.Duration // those that got known within that, and up to a sixteenth longer; 0: all
}

// Condensation is what has to be done to the changes of a component so that no more are kept
// than a [Retention] says.
type Condensation struct {
	Drop []int  // indices of the changes to drop, ascending
	At   int    // index of the one that With takes the place of, -1 for none
	With Change // stands for those that are dropped: a Condensed
}

// Condense looks at the first changes of one component, in their order, that more follow. It
// returns nil when there is nothing to drop, or not enough to be worth it. What is dropped
// can no longer be replayed, but what it led to can: the changes that remain lead to the same
// state as before at every time after the last one that was dropped. Of a component that
// disappeared long ago nothing is kept.
func (r Retention) Condense(changes []Change, more int, now time.Time) *Condensation {
	if r.forgotten(changes, more, now) {
		return &Condensation{Drop: indices(len(changes)), At: -1}
	}
	if len(changes) == 0 || changes[0].Instance == nil {
		return nil
	}
	end := min(r.excess(changes, more, now), len(changes))
	if end <= 1 {
		return nil
	}
	needed := r.needed(changes[:end])
	var drop []int
	for n := 1; n < end; n++ {
		if !needed[n] {
			drop = append(drop, n)
		}
	}
	if len(drop) < 2 { // one entry in place of another wins nothing
		return nil
	}
	last := drop[len(drop)-1]
	with, ok := summary(changes[:last+1], drop)
	if !ok {
		return nil
	}
	return &Condensation{Drop: drop[:len(drop)-1], At: last, With: with}
}

func indices(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

// forgotten reports whether a component disappeared so long ago that nothing is kept of it.
func (r Retention) forgotten(changes []Change, more int, now time.Time) bool {
	if r.Age <= 0 || more > 0 || len(changes) == 0 {
		return false
	}
	last := &changes[len(changes)-1]
	return last.Kind == Disappeared && now.Sub(last.Known) > r.Age
}

// excess returns the index of the first change that is kept for itself, 0 when all are.
func (r Retention) excess(changes []Change, more int, now time.Time) int {
	end := 0
	if total := len(changes) + more - 1; r.Changes > 0 && total > r.Changes+r.Changes/4 {
		end = 1 + total - r.Changes
	}
	if r.Age > 0 && len(changes) > 1 && now.Sub(oldest(changes)) > r.Age+r.Age/16 {
		old := 1
		for old < len(changes) && now.Sub(changes[old].Known) > r.Age {
			old++
		}
		end = max(end, old)
	}
	return end
}

// oldest returns when the first change got known that was not condensed already.
func oldest(changes []Change) time.Time {
	for n := range changes[1:] {
		if changes[n+1].Kind != Condensed {
			return changes[n+1].Known
		}
	}
	return changes[len(changes)-1].Known
}

// needed returns the indices of changes that must stay for the state they lead to: the first
// and the last entry of each condition that is open at their end, and the disappearance of
// what is gone then.
func (r Retention) needed(changes []Change) map[int]bool {
	type span struct{ first, last int }
	open := map[string]span{}
	gone := -1
	for n := range changes {
		c := &changes[n]
		switch {
		case c.Kind == ConditionRaised:
			s, ok := open[c.Property]
			if !ok {
				s.first = n
			}
			s.last = n
			open[c.Property] = s
		case c.Kind == ConditionCleared:
			delete(open, c.Property)
		case c.Kind == Disappeared:
			clear(open)
			gone = n
		case c.Instance != nil && c.Kind != Condensed:
			gone = -1
		}
	}
	needed := map[int]bool{}
	if gone >= 0 {
		needed[gone] = true
	}
	for _, s := range open {
		needed[s.first], needed[s.last] = true, true
	}
	return needed
}

// summary returns what stands for the changes that are dropped, of which it takes the place of
// the last; ok is false when there is nothing there.
func summary(changes []Change, drop []int) (c Change, ok bool) {
	last := changes[len(changes)-1]
	r := replay{t: last.Known, components: map[key]*replayed{}}
	number := uint64(0)
	for n := range changes {
		c := changes[n]
		if slices.Contains(drop, n) {
			number += entries(&c)
		}
		r.t = later(r.t, c.Known)
		r.take(&c)
	}
	is := &r.components[key{last.Host, last.ID}].c
	if is.ID == "" || !is.Removed.IsZero() {
		return Change{}, false
	}
	return Change{
		Host: last.Host, ID: last.ID, Component: last.Component, Name: last.Name, Time: last.Time, Known: r.t,
		Kind: Condensed, Old: cim.String(is.Since.UTC().Format(time.RFC3339Nano)), New: cim.Uint64(number),
		Instance: is.Instance().Clone(), Relations: is.Relations, Health: last.Health, Cause: last.Cause,
	}, true
}

// entries returns for how many changes one stands.
func entries(c *Change) uint64 {
	if n, ok := c.New.Uint64(); ok && c.Kind == Condensed {
		return n
	}
	return 1
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
