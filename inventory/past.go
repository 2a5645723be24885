package inventory

import (
	"cmp"
	"iter"
	"slices"
	"time"

	"github.com/cimwatch/cimwatch/cim"
)

// Past is the inventory as it was, which [At] works out. Of readings it has those that
// appeared, crossed a limit or came along with a change of health, of conditions no counts of
// repeats, and of relations those that the history has: what held when a component appeared, and
// members. What [Rules] declared of kind, name and health holds, not what they declare of the other
// fields.
type Past struct {
	Components []Component // those that were there, by host and ID
	Condensed  []Component // of these, those of which changes from that time are kept no longer
}

// At replays history to a time by this machine's clock: it returns what the inventory said
// then, which is not what senders said later of that time. The changes must come in
// the order in which they were taken in, for each host; it returns the first error
// of the sequence.
func At(changes iter.Seq2[Change, error], t time.Time) (Past, error) {
	r := replay{t: t, components: map[key]*replayed{}}
	for c, err := range changes {
		if err != nil {
			return Past{}, err
		}
		r.take(&c)
	}
	return r.past(), nil
}

// key identifies a component among all hosts.
type key struct{ host, id string }

// replay is history on its way to a time.
type replay struct {
	t          time.Time
	components map[key]*replayed
}

// replayed is a component so far.
type replayed struct {
	c         Component
	condensed bool // there were more changes before t
}

func (r *replay) take(c *Change) {
	k := key{c.Host, c.ID}
	at := r.components[k]
	if c.Known.After(r.t) {
		if c.Kind == Condensed && at != nil {
			at.condensed = true
		}
		return
	}
	if at == nil {
		at = &replayed{}
		r.components[k] = at
	}
	if c.Instance != nil {
		r.appear(at, c)
	}
	at.change(c)
}

// appear gives a component all that was known when it came, or when its history was
// condensed.
func (r *replay) appear(at *replayed, c *Change) {
	former, i := at.c, c.Instance.Clone()
	there := former.ID != "" && former.Removed.IsZero()
	at.c = Component{
		ID: c.ID, Host: c.Host, Path: i.Path, Class: i.Class, Kind: c.Component, Name: c.Name,
		Properties: i.Properties, Relations: slices.Clone(c.Relations), Since: c.Time, FirstSeen: c.Known,
	}
	switch {
	case c.Kind == Condensed:
		at.c.Conditions = former.Conditions
		text, _ := c.Old.Text()
		if since, err := time.Parse(time.RFC3339Nano, text); err == nil {
			at.c.Since = since
		}
	case there:
		at.c.Conditions, at.c.Since = former.Conditions, former.Since
	}
	if former.ID != "" {
		at.c.FirstSeen = former.FirstSeen
	}
	if c.Kind == Moved {
		r.moved(at, c)
	}
}

// moved gives a part that came from elsewhere the time when it was first seen.
func (r *replay) moved(at *replayed, c *Change) {
	from, _ := c.Old.Text()
	for k, former := range r.components {
		if k.host == c.Host && former != at && former.c.Path.String() == from {
			at.c.FirstSeen = former.c.FirstSeen
		}
	}
}

func (r *replayed) change(c *Change) {
	r.c.Kind, r.c.Name, r.c.Health, r.c.LastSeen = c.Component, c.Name, c.Health, c.Known
	switch c.Kind {
	case Disappeared:
		r.c.Removed, r.c.Conditions = c.Known, nil
	case PropertyChanged:
		r.c.setProperty(c.Property, c.New)
	case HealthChanged:
		r.c.Since = c.Time
	case ConditionRaised:
		r.c.raised(c)
	case ConditionCleared:
		r.c.Conditions = slices.DeleteFunc(r.c.Conditions, func(o Condition) bool { return o.Key == c.Property })
	case MemberGained:
		r.c.Relations = related(append(r.c.Relations, c.Relations...))
	case MemberLost:
		r.c.Relations = slices.DeleteFunc(r.c.Relations, func(o Relation) bool { return slices.Contains(c.Relations, o) })
	}
}

func (c *Component) setProperty(name string, v cim.Value) {
	i := c.Instance()
	i.Set(name, v)
	c.Properties = i.Properties
}

func (c *Component) raised(by *Change) {
	text, _ := by.New.Text()
	n := find(c.Conditions, by.Property)
	if n < 0 {
		n = len(c.Conditions)
		c.Conditions = append(c.Conditions, Condition{Key: by.Property, Since: by.Time})
	}
	o := &c.Conditions[n]
	o.Text, o.Severity, o.Last, o.Cause = text, by.Severity, by.Time, by.Cause
	o.Count++
}

func (r *replay) past() Past {
	var p Past
	for _, at := range r.components {
		c := &at.c
		if c.ID == "" || !c.Removed.IsZero() {
			continue
		}
		if c.ID != HostID {
			kind, name := c.Kind, c.Name // may be declared
			identify(c)
			c.Kind, c.Name = kind, name
		}
		own, reason := Rules(nil).healthOf(c)
		if h, reason := healthWith(own, reason, c.Conditions); h == c.Health {
			c.Reason = reason
		}
		p.Components = append(p.Components, *c)
		if at.condensed {
			p.Condensed = append(p.Condensed, *c)
		}
	}
	sortComponents(p.Components)
	sortComponents(p.Condensed)
	return p
}

func sortComponents(all []Component) {
	slices.SortFunc(all, func(a, b Component) int {
		return cmp.Or(cmp.Compare(a.Host, b.Host), cmp.Compare(a.ID, b.ID))
	})
}
