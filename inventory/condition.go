package inventory

import (
	"slices"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/event"
)

// keptCleared limits the ended conditions of a component that are remembered.
const keptCleared = 16

func (x *edit) raise(e *event.Event) {
	if n := find(x.c.Conditions, e.Condition.Key); n >= 0 {
		x.repeat(&x.c.Conditions[n], e)
		return
	}
	if n := find(x.c.Cleared, e.Condition.Key); n >= 0 {
		if x.c.Cleared[n].Heard.outdates(e) {
			x.raiseLate(&x.c.Cleared[n], e)
			return
		}
		x.c.Cleared = slices.Delete(x.c.Cleared, n, n+1)
	}
	c := Condition{
		Key: e.Condition.Key, Text: e.Condition.Text, Severity: e.Severity,
		Since: e.Time, Last: e.Time, Count: 1, Cause: x.cause, Heard: markOf(e),
	}
	x.c.Conditions = append(x.c.Conditions, c)
	x.touched = true
	x.add(Change{
		Kind: ConditionRaised, Property: c.Key, New: cim.String(c.Text), Severity: c.Severity,
	})
}

// repeat counts another raise of an open condition. Only what is new in it is a change.
func (x *edit) repeat(c *Condition, e *event.Event) {
	x.touched = true
	c.Count++
	if c.Heard.outdates(e) {
		return
	}
	c.Heard, c.Last = markOf(e), e.Time
	if c.Text == e.Condition.Text && c.Severity == e.Severity {
		return
	}
	x.add(Change{
		Kind: ConditionRaised, Property: c.Key, Severity: e.Severity,
		Old: cim.String(c.Text), New: cim.String(e.Condition.Text),
	})
	c.Text, c.Severity, c.Cause = e.Condition.Text, e.Severity, x.cause
}

// raiseLate takes a raise that arrives after what ended the condition. The history gets
// both, the state neither.
func (x *edit) raiseLate(c *Condition, e *event.Event) {
	x.touched = true
	c.Count++
	if !c.Since.IsZero() {
		return // raised before: a repeat that was late
	}
	c.Text, c.Severity, c.Since, c.Last = e.Condition.Text, e.Severity, e.Time, e.Time
	text := cim.String(c.Text)
	x.add(Change{Kind: ConditionRaised, Property: c.Key, New: text, Severity: c.Severity})
	x.add(Change{Kind: ConditionCleared, Property: c.Key, Old: text, Severity: c.Severity})
	last := &x.changes[len(x.changes)-1]
	last.Time, last.Cause = c.Ended, c.Cause
}

func (x *edit) clear(e *event.Event) {
	if n := find(x.c.Conditions, e.Condition.Key); n >= 0 {
		if !x.c.Conditions[n].Heard.outdates(e) {
			x.c.Conditions[n].Heard = markOf(e)
			x.end(n)
		}
		return
	}
	if n := find(x.c.Cleared, e.Condition.Key); n >= 0 {
		if c := &x.c.Cleared[n]; !c.Heard.outdates(e) {
			c.Heard, x.touched = markOf(e), true
		}
		return
	}
	// Nothing to end so far; remembered, since the raise may be on its way.
	x.touched = true
	x.keepCleared(Condition{
		Key: e.Condition.Key, Text: e.Condition.Text, Severity: e.Severity,
		Ended: e.Time, Cause: x.cause, Heard: markOf(e),
	})
}

// end moves an open condition to the ended ones.
func (x *edit) end(n int) {
	c := x.c.Conditions[n]
	x.c.Conditions = slices.Delete(x.c.Conditions, n, n+1)
	x.touched = true
	x.add(Change{
		Kind: ConditionCleared, Property: c.Key, Old: cim.String(c.Text), Severity: c.Severity,
	})
	c.Ended, c.Cause = x.at, x.cause
	x.keepCleared(c)
}

func (x *edit) clearAll(which func(*Condition) bool) {
	for n := 0; n < len(x.c.Conditions); {
		if which(&x.c.Conditions[n]) {
			x.end(n)
		} else {
			n++
		}
	}
}

func (x *edit) keepCleared(c Condition) {
	x.c.Cleared = append(x.c.Cleared, c)
	if len(x.c.Cleared) > keptCleared {
		oldest := slices.MinFunc(x.c.Cleared, func(a, b Condition) int { return a.Ended.Compare(b.Ended) })
		x.c.Cleared = slices.DeleteFunc(x.c.Cleared, func(c Condition) bool { return c.Key == oldest.Key })
	}
}

func find(conditions []Condition, key string) int {
	return slices.IndexFunc(conditions, func(c Condition) bool { return c.Key == key })
}
