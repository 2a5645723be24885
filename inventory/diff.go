package inventory

import (
	"cmp"
	"slices"

	"github.com/cimwatch/cimwatch/cim"
)

// Difference is one thing that differs between two inventories, a and b.
type Difference struct {
	Kind      ChangeKind `json:"kind"`
	Component Kind       `json:"component"`
	Name      string     `json:"name"` // in b; in a, of what only a has
	A         string     `json:"a"`    // ID in a, "" where it has none
	B         string     `json:"b"`    // ID in b, "" where it has none

	// Property, Old and New are as in a Change from a to b. Moved has slots where both are
	// known.
	Property string    `json:"property,omitempty"`
	Old      cim.Value `json:"old"`
	New      cim.Value `json:"new"`
}

// DiffOptions say what a comparison is of.
type DiffOptions struct {
	// Hosts compares two hosts: paths and serial numbers, which always differ, neither pair
	// components nor are differences.
	Hosts bool
}

// Diff returns what leads from the components a to the components b, those that were
// removed left out: what appeared, disappeared, was replaced (another serial number in the
// same place) or moved (the same serial number elsewhere), and of what both have the
// properties, conditions, members and health that differ, but for readings. Components are
// paired by serial number, then by ID, then by kind and slot, then by kind and name, and at last as
// the only ones of their kind that are left. A nil o is the same as a zero DiffOptions.
func Diff(a, b []Component, o *DiffOptions) []Difference {
	if o == nil {
		o = &DiffOptions{}
	}
	m := newMatching(a, b)
	m.match(o)
	d := differ{options: *o, partner: map[string]pair{}, paired: map[string]*Component{}}
	for x, y := range m.pairs {
		d.partner[x.ID], d.paired[y.ID] = pair{x, y}, y
	}
	for _, p := range m.sorted() {
		d.compare(p.a, p.b)
	}
	return d.found
}

// differ collects differences.
type differ struct {
	options DiffOptions
	partner map[string]pair       // by the ID in a
	paired  map[string]*Component // those of b that have a partner in a, by ID
	found   []Difference
}

// compare compares a pair, of which one may be missing.
func (d *differ) compare(a, b *Component) {
	switch {
	case b == nil:
		d.add(a, b, Difference{Kind: Disappeared})
	case a == nil:
		d.add(a, b, Difference{Kind: Appeared})
	default:
		moved := !d.options.Hosts && a.ID != b.ID
		switch {
		case moved && samePart(a, b):
			d.moved(a, b)
		case !d.options.Hosts && differs(a, b):
			d.add(a, b, Difference{
				Kind: Replaced, Property: serialProperties[0], Old: cim.String(a.Serial), New: cim.String(b.Serial),
			})
		}
		d.properties(a, b, d.ignored(a, b, moved))
		d.members(a, b)
		d.state(a, b)
	}
}

func (d *differ) add(a, b *Component, found Difference) {
	if a != nil {
		found.Component, found.Name, found.A = a.Kind, a.Name, a.ID
	}
	if b != nil {
		found.Component, found.Name, found.B = b.Kind, b.Name, b.ID
	}
	d.found = append(d.found, found)
}

func (d *differ) moved(a, b *Component) {
	from, to := a.Path.String(), b.Path.String()
	if a.Slot != "" && b.Slot != "" && a.Slot != b.Slot {
		from, to = a.Slot, b.Slot
	}
	d.add(a, b, Difference{Kind: Moved, Old: cim.String(from), New: cim.String(to)})
}

// individual are properties that tell a thing from others of its sort, besides serial
// numbers and keys.
var individual = []string{
	"SystemName", "UUID", "OtherIdentifyingInfo", "PermanentAddress", "NetworkAddresses", "InstallDate",
	"TimeOfLastStateChange", "TimeOfLastReset",
}

// ignored returns the names of the properties that are told otherwise, or say nothing in
// this comparison.
func (d *differ) ignored(a, b *Component, moved bool) []string {
	var names []string
	if !d.options.Hosts && differs(a, b) || d.options.Hosts {
		names = append(names, serialProperties...)
	}
	if moved || d.options.Hosts {
		for _, k := range slices.Concat(a.Path.Keys, b.Path.Keys) {
			names = append(names, k.Name)
		}
	}
	if moved && samePart(a, b) {
		names = slices.Concat(names, slotProperties, nameProperties)
	}
	if d.options.Hosts {
		names = append(names, individual...)
	}
	return names
}

// properties compares values; one that is missing is NULL.
func (d *differ) properties(a, b *Component, ignored []string) {
	compare := func(name string, before, after cim.Value) {
		ignore := isNoisy(name) || slices.ContainsFunc(ignored, func(other string) bool { return cim.EqualNames(name, other) })
		if !ignore && !before.Equal(after) && (!before.IsNull() || !after.IsNull()) {
			d.add(a, b, Difference{Kind: PropertyChanged, Property: name, Old: before, New: after})
		}
	}
	x, y := a.Instance(), b.Instance()
	for _, p := range x.Properties {
		compare(p.Name, p.Value, y.Get(p.Name))
	}
	for _, p := range y.Properties {
		if x.Property(p.Name) == nil {
			compare(p.Name, cim.Value{}, p.Value)
		}
	}
}

// members compares what sets and volumes hold. What itself appeared or disappeared is told
// there.
func (d *differ) members(a, b *Component) {
	held := map[Relation]bool{}
	for _, r := range a.Relations {
		other, ok := d.partner[r.ID]
		if !ok || !r.Kind.holdsMembers() {
			continue
		}
		now := Relation{r.Kind, other.b.ID}
		held[now] = true
		if !slices.Contains(b.Relations, now) {
			d.add(a, b, Difference{Kind: MemberLost, Property: string(r.Kind), Old: cim.String(other.a.Name)})
		}
	}
	for _, r := range b.Relations {
		if other := d.paired[r.ID]; other != nil && r.Kind.holdsMembers() && !held[r] {
			d.add(a, b, Difference{Kind: MemberGained, Property: string(r.Kind), New: cim.String(other.Name)})
		}
	}
}

// state compares conditions and health.
func (d *differ) state(a, b *Component) {
	for _, c := range a.Conditions {
		if find(b.Conditions, c.Key) < 0 {
			d.add(a, b, Difference{Kind: ConditionCleared, Property: c.Key, Old: cim.String(c.Text)})
		}
	}
	for _, c := range b.Conditions {
		if find(a.Conditions, c.Key) < 0 {
			d.add(a, b, Difference{Kind: ConditionRaised, Property: c.Key, New: cim.String(c.Text)})
		}
	}
	if a.Health != b.Health {
		d.add(a, b, Difference{
			Kind: HealthChanged, Old: cim.String(a.Health.String()), New: cim.String(b.Health.String()),
		})
	}
}

// pair is what is compared; one of the two may be nil.
type pair struct{ a, b *Component }

func (p pair) any() *Component { return cmp.Or(p.b, p.a) }
