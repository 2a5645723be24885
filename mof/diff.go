package mof

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cimwatch/cimwatch/cim"
)

// Change is what happened to something from one schema to another.
type Change uint8

const (
	// Changed is for what both schemas have.
	Changed Change = iota
	// Added is for what only the new schema has.
	Added
	// Removed is for what only the old schema has.
	Removed
)

// String returns "changed", "added" or "removed".
func (c Change) String() string {
	switch c {
	case Added:
		return "added"
	case Removed:
		return "removed"
	default:
		return "changed"
	}
}

// Difference is one thing in which a schema differs from an older one.
type Difference struct {
	Change  Change
	Element string // "qualifier type", "class", "property", "method" or "parameter"
	Name    string // "CIM_Fan", "CIM_Fan.Speed", "CIM_Fan.SetSpeed", "CIM_Fan.SetSpeed.DesiredSpeed"

	// What is the part that was changed, such as "type", "superclass" or "qualifier
	// MaxLen", "" where the whole element was added or removed. Old and New are its values,
	// "" where there was or is none.
	What     string
	Old, New string

	// Reason says why programs made for the old schema may fail with the new one, "" where
	// they should not.
	Reason string
}

// Incompatible reports whether programs made for the old schema may fail with the new one.
func (d *Difference) Incompatible() bool { return d.Reason != "" }

// Diff returns what differs between two schemas: first qualifier types, then classes with
// what is in them, in the order of the old schema, and what is new behind. What a class
// inherits is compared where it is declared. Instances are not compared, nor is the order
// of declarations, but for parameters.
//
// A difference is incompatible when a client, a provider or a file of instances that was
// right with the old schema need not be right with the new one. What only tells people
// something, such as Description, never is.
func Diff(old, now *Schema) []Difference {
	d := &differ{old: old, now: now}
	d.qualifierTypes()
	for _, name := range old.ClassNames() {
		if now.Class(name) == nil {
			d.whole(Removed, "class", name, "the class is gone")
			continue
		}
		d.class(old.Class(name), now.Class(name))
	}
	for _, name := range now.ClassNames() {
		if old.Class(name) == nil {
			d.whole(Added, "class", name, "")
		}
	}
	return d.list
}

// differ collects differences.
type differ struct {
	old, now *Schema
	list     []Difference

	element, name string // what is being compared
}

// whole adds a difference of an element as a whole.
func (d *differ) whole(c Change, element, name, reason string) {
	d.list = append(d.list, Difference{Change: c, Element: element, Name: name, Reason: reason})
}

// changed adds a change of a part of the element.
func (d *differ) changed(what, old, now, reason string) {
	d.list = append(d.list, Difference{
		Change: Changed, Element: d.element, Name: d.name, What: what, Old: old, New: now, Reason: reason,
	})
}

// at sets what is being compared.
func (d *differ) at(element, name string) { d.element, d.name = element, name }

func (d *differ) qualifierTypes() {
	find := func(list []cim.QualifierType, name string) *cim.QualifierType {
		i := slices.IndexFunc(list, func(q cim.QualifierType) bool { return cim.EqualNames(q.Name, name) })
		if i < 0 {
			return nil
		}
		return &list[i]
	}
	for _, q := range d.old.QualifierTypes() {
		if other := find(d.now.QualifierTypes(), q.Name); other != nil {
			d.qualifierType(q, *other)
		} else {
			d.whole(Removed, "qualifier type", q.Name, "classes that use the qualifier do not compile")
		}
	}
	for _, q := range d.now.QualifierTypes() {
		if find(d.old.QualifierTypes(), q.Name) == nil {
			d.whole(Added, "qualifier type", q.Name, "")
		}
	}
}

func (d *differ) qualifierType(a, b cim.QualifierType) {
	d.at("qualifier type", a.Name)
	if old, now := declarationOf(a.Default, "", a.ArraySize), declarationOf(b.Default, "", b.ArraySize); old != now {
		d.changed("type", old, now, "values have another type")
	} else if !a.Default.Equal(b.Default) {
		d.changed("default", a.Default.String(), b.Default.String(), "")
	}
	if a.Scope != b.Scope {
		reason := ""
		if a.Scope&^b.Scope != 0 {
			reason = "it may no longer stand on some elements"
		}
		d.changed("scope", scopeText(a.Scope), scopeText(b.Scope), reason)
	}
	if a.Flavor != b.Flavor {
		reason := ""
		if a.Flavor&^b.Flavor&cim.Overridable != 0 {
			reason = "subclasses may no longer change it"
		}
		d.changed("flavor", strings.Join(flavorWords(a.Flavor), " "), strings.Join(flavorWords(b.Flavor), " "), reason)
	}
}

func (d *differ) class(a, b *cim.Class) {
	d.at("class", a.Name)
	if !cim.EqualNames(a.SuperClass, b.SuperClass) {
		d.changed("superclass", a.SuperClass, b.SuperClass, d.inheritance(a, b))
	}
	d.qualifiers(a.Qualifiers, b.Qualifiers)
	oldLocal, newLocal := d.old.Local(a.Name), d.now.Local(a.Name)
	for i := range a.Properties {
		p := &a.Properties[i]
		if oldLocal.Property(p.Name) != nil || newLocal.Property(p.Name) != nil {
			d.property(a.Name, p, b.Property(p.Name))
		}
	}
	for i := range newLocal.Properties {
		if p := &newLocal.Properties[i]; a.Property(p.Name) == nil {
			d.property(a.Name, nil, b.Property(p.Name))
		}
	}
	for i := range a.Methods {
		m := &a.Methods[i]
		if oldLocal.Method(m.Name) != nil || newLocal.Method(m.Name) != nil {
			d.method(a.Name, m, b.Method(m.Name))
		}
	}
	for i := range newLocal.Methods {
		if m := &newLocal.Methods[i]; a.Method(m.Name) == nil {
			d.whole(Added, "method", a.Name+"."+m.Name, "")
		}
	}
}

// inheritance says what another superclass takes from a class.
func (d *differ) inheritance(a, b *cim.Class) string {
	for _, ancestor := range d.old.Ancestors(a.Name) {
		if d.now.Class(ancestor) != nil && !d.now.IsA(b.Name, ancestor) {
			return "it is no longer derived from " + ancestor
		}
	}
	local := d.old.Local(a.Name)
	var gone []string
	for i := range a.Properties {
		if p := &a.Properties[i]; local.Property(p.Name) == nil && b.Property(p.Name) == nil {
			gone = append(gone, p.Name)
		}
	}
	for i := range a.Methods {
		if m := &a.Methods[i]; local.Method(m.Name) == nil && b.Method(m.Name) == nil {
			gone = append(gone, m.Name+"()")
		}
	}
	if len(gone) > 0 {
		return fmt.Sprintf("it no longer inherits %s", strings.Join(gone, ", "))
	}
	return ""
}
