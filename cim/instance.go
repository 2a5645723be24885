package cim

import (
	"slices"
	"strings"
)

// Instance is an instance of a class (DSP0201 INSTANCE): the class's name and property
// values. Path is zero where it is not known, as in an indication.
type Instance struct {
	Class      string
	Path       ObjectPath
	Properties []Property // in the order they came
	Qualifiers []Qualifier
}

// EmbeddedObject tells what a string property holds (the EmbeddedObject attribute of
// DSP0201, and the EmbeddedInstance and EmbeddedObject qualifiers).
type EmbeddedObject uint8

// What a string property can hold.
const (
	NotEmbedded        EmbeddedObject = iota
	EmbeddedAsInstance                // an instance
	EmbeddedAsObject                  // an instance or a class
)

// Property is a property of an instance, with its value, or of a class, with its default.
// A property's type is its value's type.
type Property struct {
	Name           string
	Value          Value
	ClassOrigin    string         // where asked for: the class that introduced it
	ReferenceClass string         // references only
	ArraySize      int            // fixed-size arrays only
	Embedded       EmbeddedObject // strings only
	Propagated     bool
	Qualifiers     []Qualifier
}

// NewInstance returns an instance of class with the given properties.
func NewInstance(class string, properties ...Property) *Instance {
	return &Instance{Class: class, Properties: properties}
}

// Prop returns a property with a name and a value.
func Prop(name string, value Value) Property {
	p := Property{Name: name, Value: value}
	switch value.Type() {
	case TypeInstance:
		p.Embedded = EmbeddedAsInstance
	case TypeClass:
		p.Embedded = EmbeddedAsObject
	}
	return p
}

// Property returns the property of that name, nil when there is none.
func (i *Instance) Property(name string) *Property { return findProperty(i.Properties, name) }

func findProperty(properties []Property, name string) *Property {
	for n := range properties {
		if EqualNames(properties[n].Name, name) {
			return &properties[n]
		}
	}
	return nil
}

// Get returns a property's value, the zero Value, which is NULL, when there is none.
func (i *Instance) Get(name string) Value {
	if p := i.Property(name); p != nil {
		return p.Value
	}
	return Value{}
}

// Text returns a string property, "" when it is missing, NULL or of another type.
func (i *Instance) Text(name string) string {
	s, _ := i.Get(name).Text()
	return s
}

// Set gives a property a value and adds it when there is none of that name.
func (i *Instance) Set(name string, value Value) {
	p := Prop(name, value)
	if old := i.Property(name); old != nil {
		old.Value, old.Embedded = value, p.Embedded
		return
	}
	i.Properties = append(i.Properties, p)
}

// Clone returns a copy that shares no slices with i, but for arrays and embedded
// objects within values, which are never changed in place.
func (i *Instance) Clone() *Instance {
	c := *i
	c.Path.Keys = slices.Clone(i.Path.Keys)
	c.Properties = slices.Clone(i.Properties)
	c.Qualifiers = slices.Clone(i.Qualifiers)
	return &c
}

// Equal reports whether two instances have the same class, path, properties in any
// order, and qualifiers in any order.
func (i *Instance) Equal(j *Instance) bool {
	if i == nil || j == nil {
		return i == j
	}
	return EqualNames(i.Class, j.Class) && i.Path.Equal(j.Path) &&
		equalProperties(i.Properties, j.Properties) && equalQualifiers(i.Qualifiers, j.Qualifiers)
}

func equalProperties(a, b []Property) bool {
	if len(a) != len(b) {
		return false
	}
	for n := range a {
		other := findProperty(b, a[n].Name)
		if other == nil || !a[n].Equal(*other) {
			return false
		}
	}
	return true
}

// Equal reports whether two properties are the same in name, value and declaration.
func (p Property) Equal(q Property) bool {
	return EqualNames(p.Name, q.Name) && p.Value.Equal(q.Value) && p.Embedded == q.Embedded &&
		EqualNames(p.ClassOrigin, q.ClassOrigin) && p.Propagated == q.Propagated &&
		EqualNames(p.ReferenceClass, q.ReferenceClass) && p.ArraySize == q.ArraySize &&
		equalQualifiers(p.Qualifiers, q.Qualifiers)
}

// String returns the instance in one line, for messages and tables.
func (i *Instance) String() string {
	var b strings.Builder
	b.WriteString("instance of " + i.Class + " {")
	for n, p := range i.Properties {
		if n > 0 {
			b.WriteString("; ")
		}
		b.WriteString(p.Name + " = " + p.Value.String())
	}
	b.WriteByte('}')
	return b.String()
}
