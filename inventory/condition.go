package inventory

import (
	"cmp"
	"slices"
	"time"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/event"
)

// Limits of the conditions of a component: those that are open, and the ended ones that
// are remembered.
const (
	mostOpen    = 64
	keptCleared = 16
)

func (x *edit) raise(e *event.Event) {
	if n := find(x.c.Conditions, e.Condition.Key); n >= 0 {
		x.repeat(&x.c.Conditions[n], e)
		return
	}
	if n := find(x.c.Cleared, e.Condition.Key); n >= 0 {
		if x.c.Cleared[n].endedSince(e) {
			x.raiseLate(&x.c.Cleared[n], e)
			return
		}
		x.c.Cleared = slices.Delete(x.c.Cleared, n, n+1)
	}
	if n := find(x.c.Cleared, e.Condition.Family); n >= 0 && x.c.Cleared[n].endedSince(e) {
		x.tellLate(&x.c.Cleared[n], e)
		return
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
	if len(x.c.Conditions) > mostOpen {
		x.giveWay()
	}
}

// giveWay ends the least severe of the open conditions, of these the oldest.
func (x *edit) giveWay() {
	least := slices.MinFunc(x.c.Conditions, func(a, b Condition) int {
		return cmp.Or(cmp.Compare(a.Severity, b.Severity), a.Heard.Received.Compare(b.Heard.Received))
	})
	x.end(find(x.c.Conditions, least.Key), Cause{Reason: TooMany})
}

// endedSince reports whether a raise comes from before what ended the condition: a retry,
// or the first attempt that got through. Without numbers, a clock set back by a
// little make a new raise look old, so that only the raise that is still missing, or the very one that
// was there, counts as such.
func (c *Condition) endedSince(e *event.Event) bool {
	switch {
	case !c.Heard.outdates(e, retries), e.Time.After(c.Heard.Time):
		return false
	case c.Heard.Sequence != nil && e.Sequence != nil, c.Since.IsZero():
		return true
	default:
		return e.Time.Equal(c.Since) || e.Time.Equal(c.Last)
	}
}

// repeat counts another raise of an open condition. Only what is new in it is a change.
func (x *edit) repeat(c *Condition, e *event.Event) {
	x.touched = true
	c.Count++
	if c.Heard.outdates(e, retries) {
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
	x.tellLate(c, e)
}

// tellLate gives the history a condition that began and ended before we heard of it.
func (x *edit) tellLate(c *Condition, e *event.Event) {
	text := cim.String(e.Condition.Text)
	x.add(Change{Kind: ConditionRaised, Property: e.Condition.Key, New: text, Severity: e.Severity})
	x.add(Change{Kind: ConditionCleared, Property: e.Condition.Key, Old: text, Severity: e.Severity})
	last := &x.changes[len(x.changes)-1]
	last.Time, last.Cause = c.Ended, c.Cause
}

// clear ends what an alert says is over. It is remembered, since what raised it may be on
// its way: under the key, or the family where all of it ends.
func (x *edit) clear(e *event.Event) {
	found := false
	for n := 0; n < len(x.c.Conditions); {
		c := &x.c.Conditions[n]
		ends := c.Key == e.Condition.Key
		found = found || ends
		ends = ends || e.Condition.Family != "" && event.FamilyOf(c.Key) == e.Condition.Family
		if !ends || c.Heard.outdates(e, lateness) {
			n++
			continue
		}
		c.Heard = markOf(e)
		x.end(n, x.cause)
	}
	switch {
	case e.Condition.Family != "":
		x.rememberCleared(e.Condition.Family, e)
	case !found:
		x.rememberCleared(e.Condition.Key, e)
	}
}

func (x *edit) rememberCleared(key string, e *event.Event) {
	if n := find(x.c.Cleared, key); n >= 0 {
		if c := &x.c.Cleared[n]; !c.Heard.outdates(e, lateness) {
			c.Heard, x.touched = markOf(e), true
		}
		return
	}
	x.touched = true
	x.keepCleared(Condition{
		Key: key, Text: e.Condition.Text, Severity: e.Severity,
		Ended: e.Time, Cause: x.cause, Heard: markOf(e),
	})
}

// end moves an open condition to the ended ones.
func (x *edit) end(n int, cause Cause) {
	c := x.c.Conditions[n]
	x.c.Conditions = slices.Delete(x.c.Conditions, n, n+1)
	x.touched = true
	x.add(Change{
		Kind: ConditionCleared, Property: c.Key, Old: cim.String(c.Text), Severity: c.Severity,
	})
	x.changes[len(x.changes)-1].Cause = cause
	c.Ended, c.Cause = x.at, cause
	x.keepCleared(c)
}

// expire ends what was not raised for longer than limit.
func (x *edit) expire(limit time.Duration) {
	for n := 0; n < len(x.c.Conditions); {
		if x.now.Sub(x.c.Conditions[n].Heard.Received) > limit {
			x.end(n, Cause{Reason: TimeLimit})
		} else {
			n++
		}
	}
}

func (x *edit) clearAll(which func(*Condition) bool) {
	for n := 0; n < len(x.c.Conditions); {
		if which(&x.c.Conditions[n]) {
			x.end(n, x.cause)
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
