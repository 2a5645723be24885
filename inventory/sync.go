package inventory

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/cimwatch/cimwatch/cim"
)

// Snapshot is what was read from a host.
type Snapshot struct {
	Host      string
	Instances []*cim.Instance // with their paths; several readings of one count once
	Fragments []*cim.Instance // with some of their properties, of components that are known
	Started   time.Time       // when reading began: what was told later is newer
	Rules     Rules           // what is declared of classes
	Partial   bool            // not all was read: what is not among Instances stays
	Reason    string          // FirstSync or Resync

	// Whole are paths of classes of which a Partial snapshot, with the ones before it, has all
	// instances of a namespace: what else there was of them goes. Classes that derive from
	// them are named on their own.
	Whole []cim.ObjectPath

	// Seen are IDs of instances that snapshots before this one had: a reading of many is
	// brought in piece by piece.
	Seen map[string]bool

	// Gone are paths of which the server says that there is no such instance. What stands
	// there goes, of a Partial snapshot too.
	Gone []cim.ObjectPath

	// Grace keeps conditions that were raised less than that before Started, though the
	// element says that it is well: providers tell for a while what they read before.
	Grace time.Duration
	// Associations are the paths of the instances of the classes that the function of this name
	// returns, by that class. A class that was not read is not among them: its relations stay.
	Associations map[string][]cim.ObjectPath

	// TimeLimit ends the conditions of the host that were not raised again for longer than
	// that before Started. 0 is DefaultTimeLimit, less is for ever.
	TimeLimit time.Duration
}

// DefaultTimeLimit is how long a condition holds that nothing repeats and nothing ends.
const DefaultTimeLimit = 30 * 24 * time.Hour

func (s *Snapshot) work() work {
	return work{at: s.Started, now: s.Started, cause: Cause{Reason: s.Reason}, rules: s.Rules}
}

// expire ends what the time limit ends.
func (s *Snapshot) expire(x *edit) {
	if limit := cmp.Or(s.TimeLimit, DefaultTimeLimit); limit > 0 {
		x.expire(limit)
	}
}

// remember is how long a component that disappeared is kept for telling a replacement.
const remember = 90 * 24 * time.Hour

// remembered is how long a component is kept that disappeared: one that tells no replacement,
// for as long as an indication can be late.
func (c *Component) remembered() time.Duration {
	if c.isTombstone() {
		return lateness
	}
	return remember
}

// Sync returns what has to be done to make the inventory of a host agree with what was
// read. The same Snapshot again does nothing. Open conditions stay, but for those of an
// element that says itself that it is well, and those that are older than the time limit.
func Sync(v View, s Snapshot) Delta {
	var d Delta
	w := s.work()
	found, order := distinct(s.Instances)
	former, others := withdraw(&d, v, &s, found)
	relations, name := s.relationsOf(stays(v, &d, found)), nameIn(v, found, s.Rules)
	s.keep(&d, others, relations, name)
	for _, id := range order {
		i := found[id]
		c, ok := v.Component(id)
		switch {
		case ok && (c.Told.Received.After(s.Started) || c.Removed.After(s.Started)):
			// An indication that came while we were reading knows better.
		case ok && c.Removed.IsZero():
			x := w.begin(c)
			x.locate(i.Path)
			x.grace = s.Grace
			x.describe(i.Properties, true)
			x.relate(relations, name)
			x.settle()
			s.expire(x)
			x.finish(&d)
		default:
			x := w.create(c, s.Host, i.Path)
			x.describe(i.Properties, true)
			x.relate(relations, name)
			x.place(&d, &c, former)
			x.finish(&d)
		}
	}
	s.addFragments(&d, v, found)
	s.relateSeen(&d, v, relations, name)
	return d
}

// addFragments gives components the properties that were read of them. That others are
// missing says nothing.
func (s *Snapshot) addFragments(d *Delta, v View, found map[string]*cim.Instance) {
	fragments, order := distinct(s.Fragments)
	changed := map[string]bool{} // already; what else is read of it is in the next fragment
	for n := range d.Upserts {
		changed[d.Upserts[n].ID] = true
	}
	for _, id := range order {
		c, ok := v.Component(id)
		known := ok && c.Removed.IsZero() && !c.Read.IsZero() && found[id] == nil && !changed[id]
		if !known || c.Told.Received.After(s.Started) || c.Read.After(s.Started) {
			continue
		}
		x := s.work().begin(c)
		x.describe(fragments[id].Properties, false)
		x.c.Read = c.Read // of the whole
		x.settle()
		x.finish(d)
	}
}

// relateSeen gives what snapshots before this one brought in the relations that came with
// this one.
func (s *Snapshot) relateSeen(d *Delta, v View, r relations, name func(id string) string) {
	if len(s.Associations) == 0 {
		return
	}
	for _, id := range slices.Sorted(maps.Keys(s.Seen)) {
		if c, ok := v.Component(id); ok && c.Removed.IsZero() {
			x := s.work().begin(c)
			x.relate(r, name)
			x.finish(d)
		}
	}
}

// distinct returns the instances by ID, the fullest reading of each, and their order.
func distinct(instances []*cim.Instance) (found map[string]*cim.Instance, order []string) {
	found = make(map[string]*cim.Instance, len(instances))
	for _, i := range instances {
		if !i.Path.IsInstance() {
			continue
		}
		id := idOf(i.Path)
		other, ok := found[id]
		if !ok {
			order = append(order, id)
		}
		if !ok || len(other.Properties) < len(i.Properties) {
			found[id] = i
		}
	}
	return found, order
}

// leaves returns what tells whether a component that was not found is not there.
func (s *Snapshot) leaves() func(*Component) bool {
	if !s.Partial {
		return func(*Component) bool { return true }
	}
	gone, whole := make(map[string]bool, len(s.Gone)), make(map[place]bool, len(s.Whole))
	for _, path := range s.Gone {
		if path.IsInstance() {
			gone[idOf(path)] = true
		}
	}
	for _, class := range s.Whole {
		whole[placeOf(class)] = true
	}
	return func(c *Component) bool {
		at := cim.ObjectPath{Namespace: c.Path.Namespace, Class: c.Class}
		return gone[c.ID] || whole[placeOf(at)]
	}
}

// A place is a class in a namespace, folded.
type place struct{ namespace, class string }

func placeOf(p cim.ObjectPath) place {
	return place{cim.FoldName(cim.CleanNamespace(p.Namespace)), cim.FoldName(p.Class)}
}

// withdraw removes the components that were not found, and returns these and all that were
// removed before, and the others that may change though they were not found.
func withdraw(d *Delta, v View, s *Snapshot, found map[string]*cim.Instance) (former, others []Component) {
	var missing []Component
	leaves := s.leaves()
	for c := range v.Components() {
		switch {
		case found[c.ID] != nil || s.Seen[c.ID]:
		case c.Removed.IsZero():
			if leaves(&c) && goes(&c, s.Started) {
				missing = append(missing, c)
			} else if len(c.Conditions) > 0 || len(s.Associations) > 0 {
				others = append(others, c)
			}
		case s.Started.Sub(c.Removed) > c.remembered():
			d.Removes = append(d.Removes, c.ID)
		default:
			former = append(former, c)
		}
	}
	slices.SortFunc(missing, func(a, b Component) int { return cmp.Compare(a.ID, b.ID) })
	for _, c := range missing {
		s.work().begin(c).remove(d)
	}
	return append(former, missing...), others
}

// keep ends what the time limit ends of components that were not found and stay, and gives
// them the relations that were read.
func (s *Snapshot) keep(d *Delta, others []Component, r relations, name func(id string) string) {
	for _, c := range others {
		x := s.work().begin(c)
		s.expire(x)
		if !c.Told.Received.After(s.Started) {
			x.relate(r, name)
		}
		x.finish(d)
	}
}

// goes reports whether a component that a reading did not find is gone. One that only
// alerts told of may be of a class that is not read, and stays while they hold.
func goes(c *Component, started time.Time) bool {
	switch {
	case c.ID == HostID, c.Told.Received.After(started):
		return false
	case c.Read.IsZero():
		return len(c.Conditions) == 0
	default:
		return true
	}
}

// stays returns what tells whether a component is there after the sync: found, or there
// before and not withdrawn.
func stays(v View, d *Delta, found map[string]*cim.Instance) func(id string) bool {
	gone := map[string]bool{}
	for n := range d.Upserts {
		gone[d.Upserts[n].ID] = !d.Upserts[n].Removed.IsZero()
	}
	return func(id string) bool {
		if found[id] != nil {
			return true
		}
		c, ok := v.Component(id)
		return ok && c.Removed.IsZero() && !gone[id]
	}
}

// nameIn returns what names the components, those that went among them.
func nameIn(v View, found map[string]*cim.Instance, rules Rules) func(id string) string {
	return func(id string) string {
		if i := found[id]; i != nil {
			c := Component{Class: i.Class, Path: i.Path, Properties: i.Properties}
			rules.identify(&c)
			return c.Name
		}
		c, _ := v.Component(id)
		return cmp.Or(c.Name, id)
	}
}
