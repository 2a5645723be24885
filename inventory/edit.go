package inventory

import (
	"slices"
	"strings"
	"time"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/event"
)

// work is what edits are made by.
type work struct {
	at    time.Time // when it happened, for the history
	now   time.Time // when this machine got to know
	cause Cause
	rules Rules
}

// edit is a component on its way from one state to the next.
type edit struct {
	work
	old     Component // as it was; zero for a new one
	c       Component // as it will be
	changes []Change
	noise   []Change // changes of noisy properties
	touched bool     // something changed, be it without an entry in the history
	reread  bool     // the properties are those of a reading of the whole element
	shared  bool     // the properties are those of old

	grace time.Duration // for conditions of an element that says that it is well, see Snapshot
}

// begin starts an edit of a component that may not exist yet.
func (w work) begin(old Component) *edit {
	x := &edit{work: w, old: old, c: old, shared: true}
	x.c.Conditions = slices.Clone(old.Conditions)
	x.c.Cleared = slices.Clone(old.Cleared)
	return x
}

// create starts the edit of a component that is not there, or was removed.
func (w work) create(former Component, host string, path cim.ObjectPath) *edit {
	c := Component{
		ID: idOf(path), Host: host, Path: path.Local(), Class: path.Class,
		FirstSeen: w.now, Since: w.at, Cleared: slices.Clone(former.Cleared), Told: former.Told,
	}
	if !former.FirstSeen.IsZero() {
		c.FirstSeen = former.FirstSeen
	}
	if path.IsInstance() {
		w.rules.identify(&c)
	} else {
		c.ID, c.Kind, c.Name = HostID, KindHost, host
	}
	return &edit{work: w, c: c}
}

func (x *edit) add(c Change) {
	c.Time, c.Cause = x.at, x.cause
	x.changes = append(x.changes, c)
}

// locate notes where a reading found the component that alerts alone told of: these may name
// no namespace, or another one.
func (x *edit) locate(path cim.ObjectPath) {
	if (x.c.Read.IsZero() || x.c.Path.Namespace == "") && x.c.Path.Namespace != path.Namespace {
		x.c.Path.Namespace, x.touched = path.Namespace, true
	}
}

// mostProperties limits what indications add to a component bit by bit.
const mostProperties = 1024

// describe gives the component properties; a complete list leaves none of the old ones as
// they were. A NULL and a missing property are the same (observed: OpenPegasus leaves out
// what is NULL).
func (x *edit) describe(properties []cim.Property, complete bool) {
	if x.shared {
		x.c.Properties, x.shared = slices.Clone(x.c.Properties), false
	}
	x.c.Read, x.reread = x.now, complete
	for n, p := range properties {
		if complete || len(x.c.Properties) < mostProperties || x.c.Instance().Property(p.Name) != nil {
			x.setProperty(n, p)
		}
	}
	if complete {
		given := cim.Instance{Properties: properties}
		for n, p := range x.c.Properties {
			if !p.Value.IsNull() && given.Property(p.Name) == nil {
				x.setProperty(n, cim.Prop(p.Name, nullLike(p.Value)))
			}
		}
	}
	kind, name := x.c.Kind, x.c.Name
	x.rules.identify(&x.c)
	if kind != x.c.Kind || name != x.c.Name {
		x.touched = true // also when something else is declared than before
	}
}

// setProperty sets one property, which likely stands at position hint.
func (x *edit) setProperty(hint int, p cim.Property) {
	n := x.position(hint, p.Name)
	old := x.c.Properties[n].Value
	x.c.Properties[n] = cim.Prop(p.Name, p.Value)
	if old.Equal(p.Value) || old.IsNull() && p.Value.IsNull() {
		return
	}
	x.touched = true
	change := Change{Kind: PropertyChanged, Property: p.Name, Old: old, New: p.Value}
	if x.rules.of(x.c.Class).isNoisy(p.Name) {
		change.Time, change.Cause = x.at, x.cause
		x.noise = append(x.noise, change)
		return
	}
	x.add(change)
}

// position returns where a property stands; a new one gets a place at the end.
func (x *edit) position(hint int, name string) int {
	if hint < len(x.c.Properties) && x.c.Properties[hint].Name == name {
		return hint
	}
	n := slices.IndexFunc(x.c.Properties, func(p cim.Property) bool { return cim.EqualNames(p.Name, name) })
	if n < 0 {
		n = len(x.c.Properties)
		x.c.Properties = append(x.c.Properties, cim.Property{Name: name})
	}
	return n
}

func nullLike(v cim.Value) cim.Value {
	if v.IsArray() {
		return cim.NullArray(v.Type())
	}
	return cim.Null(v.Type())
}

// appear records what came into being with all that is known of it; the properties it was
// described with so far are no changes of their own. What stood in its place before makes
// it a replacement, or the same part moved.
func (x *edit) appear(kind ChangeKind, former *Component) {
	x.changes, x.noise, x.touched = nil, nil, true
	c := Change{Kind: kind, Instance: x.snapshot(), Relations: x.c.Relations}
	switch kind {
	case Replaced:
		c.Property, c.Old, c.New = serialProperties[0], cim.String(former.Serial), cim.String(x.c.Serial)
	case Moved:
		x.c.FirstSeen = former.FirstSeen
		c.Old, c.New = cim.String(former.Path.String()), cim.String(x.c.Path.String())
	}
	x.add(c)
}

func (x *edit) snapshot() *cim.Instance { return x.c.Instance().Clone() }

// detectReplacement turns the change of a serial number into that of a part: its entry
// comes first, and what ailed the old part ends.
func (x *edit) detectReplacement() {
	x.rules.identify(&x.old) // by what is declared now
	before, after := serialOf(&x.old), serialOf(&x.c)
	if before == "" || after == "" || before == after {
		return
	}
	identity := slices.Concat(serialProperties, x.rules.of(x.c.Class).Identity)
	described := slices.DeleteFunc(x.changes, func(c Change) bool {
		return slices.ContainsFunc(identity, func(name string) bool { return cim.EqualNames(name, c.Property) })
	})
	x.appear(Replaced, &x.old)
	x.changes = append(x.changes, described...)
	x.clearAll(func(*Condition) bool { return true })
}

// finish judges the component's health and adds the edit to d, unless nothing changed.
func (x *edit) finish(d *Delta) {
	own, reason := x.rules.healthOf(&x.c)
	x.recover()
	x.c.Health, x.c.Reason = healthWith(own, reason, x.c.Conditions)
	existed := x.old.ID != ""
	if existed && (x.c.Health != x.old.Health || x.crosses()) {
		x.changes = append(x.changes, x.noise...)
	}
	if existed && x.c.Health != x.old.Health {
		x.c.Since = x.at
		x.add(Change{
			Kind: HealthChanged, Old: cim.String(x.old.Health.String()), New: cim.String(x.c.Health.String()),
		})
	}
	if existed && !x.touched && len(x.changes) == 0 {
		return
	}
	x.c.LastSeen = x.now
	x.commit(d)
	d.Upserts = append(d.Upserts, x.c)
}

// crosses reports whether the reading has gone beyond one of the sensor's limits, or come back.
func (x *edit) crosses() bool {
	if len(x.noise) == 0 {
		return false
	}
	before, _ := x.old.crossing()
	after, _ := x.c.crossing()
	return before != after
}

// commit adds the changes to d, with what all changes of a component share.
func (x *edit) commit(d *Delta) {
	for _, c := range x.changes {
		c.Host, c.ID, c.Component, c.Name, c.Health = x.c.Host, x.c.ID, x.c.Kind, x.c.Name, x.c.Health
		c.Known = x.now
		d.Changes = append(d.Changes, c)
	}
}

// recover ends the conditions of an element that says itself that it is well; the package
// comment says which ones it leaves.
func (x *edit) recover() {
	if len(x.c.Conditions) == 0 || !x.rules.saysWell(&x.c) {
		return
	}
	before, _ := x.rules.healthOf(&x.old)
	recovered := before >= Warning
	x.clearAll(func(c *Condition) bool {
		if recovered {
			return !c.Heard.Received.After(x.now)
		}
		heard := c.Heard.Received
		return x.reread && heard.Before(x.now) && x.now.Sub(heard) >= x.grace && !isSecurity(c)
	})
}

func isSecurity(c *Condition) bool {
	return strings.HasPrefix(event.FamilyOf(c.Key), event.FamilySecurity+"/")
}

// remove ends the edit with the component's disappearance. Its conditions end with it. What
// is kept of it tells a replacement.
func (x *edit) remove(d *Delta) {
	x.clearAll(func(*Condition) bool { return true })
	x.add(Change{Kind: Disappeared})
	x.c.Removed, x.c.LastSeen = x.now, x.now
	x.commit(d)
	d.Upserts = append(d.Upserts, x.c)
}
