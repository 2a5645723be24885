package inventory

import (
	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/event"
)

// Apply returns what an event does to the inventory of its host. Lifecycle events of
// classes that are not of hardware, such as jobs, do nothing unless the view has the
// component. Apply twice with one event counts a condition's repeat: callers keep their
// place in the journal together with the Delta.
func Apply(v View, e event.Event) Delta { return Rules(nil).Apply(v, e) }

// Apply is the function Apply for components of which something is declared.
func (r Rules) Apply(v View, e event.Event) Delta {
	var d Delta
	w := work{at: e.Time, now: e.Received, cause: causeOf(&e), rules: r}
	switch e.Kind {
	case event.KindAlert:
		w.applyAlert(&d, v, &e)
	case event.KindCreated, event.KindModified:
		if e.Element.IsInstance() {
			w.applyDescription(&d, v, &e)
		}
	case event.KindDeleted:
		if e.Element.IsInstance() {
			w.applyDeletion(&d, v, &e)
		}
	}
	return d
}

func (w work) applyAlert(d *Delta, v View, e *event.Event) {
	path, id := e.Element, HostID
	if path.IsInstance() {
		id = idOf(path)
	} else {
		path = cim.ObjectPath{}
	}
	c, ok := v.Component(id)
	there := ok && c.Removed.IsZero()
	if ok && !there && late(&c, e) {
		return // from before the component went
	}
	switch {
	case e.Action == event.ActionRaise && !there:
		x := w.create(c, e.Host, path)
		x.appear(Appeared, nil)
		x.raise(e)
		x.finish(d)
	case e.Action == event.ActionRaise:
		x := w.begin(c)
		x.raise(e)
		x.finish(d)
	case e.Action == event.ActionClear && there:
		x := w.begin(c)
		x.clear(e)
		x.finish(d)
	}
}

// late reports whether what an event tells is known better: by a newer lifecycle event, or
// by a reading that began after it was received.
func late(c *Component, e *event.Event) bool {
	return c.Told.outdatesLifecycle(e) || c.Read.After(e.Received) || c.Removed.After(e.Received)
}

func (w work) applyDescription(d *Delta, v View, e *event.Event) {
	c, ok := v.Component(idOf(e.Element))
	if ok && late(&c, e) || !ok && !w.rules.knows(e.Element.Class) {
		return
	}
	if ok && c.Removed.IsZero() {
		if e.Source == nil {
			return
		}
		x := w.begin(c)
		// What was created anew has nothing of what it was: its deletion is yet to come.
		x.describe(e.Source.Properties, e.Kind == event.KindCreated)
		x.settle()
		x.told(d, e)
		return
	}
	x := w.create(c, e.Host, e.Element)
	first := e.Source
	if e.Previous != nil {
		first = e.Previous
	}
	if first != nil {
		x.describe(first.Properties, false)
	}
	x.place(d, &c, removed(v))
	if e.Previous != nil && e.Source != nil {
		x.describe(e.Source.Properties, false)
	}
	x.told(d, e)
}

// told ends the edit that a lifecycle event made.
func (x *edit) told(d *Delta, e *event.Event) {
	x.c.Told, x.touched = markOf(e), true
	x.finish(d)
}

// settle looks at what a description made of a component that was there before.
func (x *edit) settle() {
	if x.old.Read.IsZero() {
		x.appear(Appeared, nil) // known by an alert only until now
		return
	}
	x.detectReplacement()
}

// place records how a component came to be there, and forgets which one it comes after.
func (x *edit) place(d *Delta, self *Component, removed []Component) {
	kind, former := predecessor(self, removed, &x.c)
	x.appear(kind, former)
	if former != nil && former != self {
		if former.Removed.IsZero() { // it goes in this very sync
			former.Removed = x.now
		}
		d.Upserts = append(d.Upserts, former.tombstone())
		*former = Component{} // nothing else comes after it
	}
}

func (w work) applyDeletion(d *Delta, v View, e *event.Event) {
	c, ok := v.Component(idOf(e.Element))
	switch {
	case ok && late(&c, e):
	case ok && c.Removed.IsZero():
		x := w.begin(c)
		x.c.Told = markOf(e)
		x.remove(d)
	case ok:
		c.Told = markOf(e)
		d.Upserts = append(d.Upserts, c)
	case w.rules.knows(e.Element.Class):
		x := w.create(c, e.Host, e.Element)
		x.c.Removed, x.c.Told = e.Received, markOf(e)
		d.Upserts = append(d.Upserts, x.c.tombstone())
	}
}

// tombstone returns what stays of a component that nothing can come after any more: that it
// went, so that what was told of it before and comes late does not bring it back. A
// creation that a sender repeats can come behind the deletion.
func (c *Component) tombstone() Component {
	return Component{
		ID: c.ID, Host: c.Host, Path: c.Path, Class: c.Class, Kind: c.Kind, Name: c.Name, Removed: c.Removed, Told: c.Told,
	}
}

// isTombstone reports whether nothing else is known of a component.
func (c *Component) isTombstone() bool { return !c.Removed.IsZero() && c.FirstSeen.IsZero() }

// removed returns the components of which only the memory is left.
func removed(v View) []Component {
	var found []Component
	for c := range v.Components() {
		if !c.Removed.IsZero() {
			found = append(found, c)
		}
	}
	return found
}
