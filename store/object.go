package store

import (
	"github.com/cimwatch/cimwatch/cim"
)

// path writes an object path. A class has no keys, not even an empty list, so that the
// number of keys counts from 1.
func (e *encoder) path(p cim.ObjectPath) {
	e.text(p.Host)
	e.text(p.Namespace)
	e.text(p.Class)
	if p.Keys == nil {
		e.uint(0)
		return
	}
	e.uint(uint64(len(p.Keys)) + 1)
	for _, k := range p.Keys {
		e.text(k.Name)
		e.value(k.Value)
	}
}

func (d *decoder) path(depth int) cim.ObjectPath {
	p := cim.ObjectPath{Host: d.known(), Namespace: d.known(), Class: d.known()}
	n := d.uint()
	if n == 0 || n-1 > uint64(len(d.b)) {
		if n != 0 {
			d.fail(errShort)
		}
		return p
	}
	p.Keys = []cim.Key{}
	for range n - 1 {
		p.Keys = append(p.Keys, cim.Key{Name: d.known(), Value: d.value(depth + 1)})
		if d.err != nil {
			break
		}
	}
	return p
}

func (e *encoder) instance(i *cim.Instance) {
	e.text(i.Class)
	e.path(i.Path)
	e.properties(i.Properties)
	e.qualifiers(i.Qualifiers)
}

func (d *decoder) instance(depth int) *cim.Instance {
	return &cim.Instance{
		Class: d.text(), Path: d.path(depth), Properties: d.properties(depth), Qualifiers: d.qualifiers(depth),
	}
}

func (e *encoder) class(c *cim.Class) {
	e.text(c.Name)
	e.text(c.SuperClass)
	e.path(c.Path)
	e.properties(c.Properties)
	e.uint(uint64(len(c.Methods)))
	for n := range c.Methods {
		e.method(&c.Methods[n])
	}
	e.qualifiers(c.Qualifiers)
}

func (d *decoder) class(depth int) *cim.Class {
	c := &cim.Class{
		Name: d.text(), SuperClass: d.text(), Path: d.path(depth), Properties: d.properties(depth),
	}
	c.Methods = list(d, func() cim.Method { return d.method(depth) })
	c.Qualifiers = d.qualifiers(depth)
	return c
}

func (e *encoder) method(m *cim.Method) {
	e.text(m.Name)
	e.byte(typeCode(m.ReturnType))
	e.text(m.ClassOrigin)
	e.bool(m.Propagated)
	e.uint(uint64(len(m.Parameters)))
	for _, p := range m.Parameters {
		e.text(p.Name)
		e.value(p.Value)
		e.text(p.ReferenceClass)
		e.int(int64(p.ArraySize))
		e.byte(byte(p.Embedded))
		e.qualifiers(p.Qualifiers)
	}
	e.qualifiers(m.Qualifiers)
}

func (d *decoder) method(depth int) cim.Method {
	m := cim.Method{Name: d.text()}
	if code := d.byte(); int(code) < len(typeCodes) {
		m.ReturnType = typeCodes[code]
	}
	m.ClassOrigin, m.Propagated = d.text(), d.bool()
	m.Parameters = list(d, func() cim.Parameter {
		return cim.Parameter{
			Name: d.text(), Value: d.value(depth + 1), ReferenceClass: d.text(), ArraySize: int(d.int()),
			Embedded: cim.EmbeddedObject(d.byte()), Qualifiers: d.qualifiers(depth),
		}
	})
	m.Qualifiers = d.qualifiers(depth)
	return m
}

// What a property has besides name and value, which most have not.
const (
	hasOrigin = 1 << iota
	hasReferenceClass
	hasArraySize
	isPropagated
	hasQualifiers
	isEmbeddedInstance
	isEmbeddedObject
)

func (e *encoder) properties(properties []cim.Property) {
	e.uint(uint64(len(properties)))
	for n := range properties {
		e.property(&properties[n])
	}
}

func (e *encoder) property(p *cim.Property) {
	e.text(p.Name)
	e.value(p.Value)
	has := flag(p.ClassOrigin != "", hasOrigin) | flag(p.ReferenceClass != "", hasReferenceClass) |
		flag(p.ArraySize != 0, hasArraySize) | flag(p.Propagated, isPropagated) |
		flag(len(p.Qualifiers) > 0, hasQualifiers) |
		flag(p.Embedded == cim.EmbeddedAsInstance, isEmbeddedInstance) |
		flag(p.Embedded == cim.EmbeddedAsObject, isEmbeddedObject)
	e.byte(has)
	if has&hasOrigin != 0 {
		e.text(p.ClassOrigin)
	}
	if has&hasReferenceClass != 0 {
		e.text(p.ReferenceClass)
	}
	if has&hasArraySize != 0 {
		e.int(int64(p.ArraySize))
	}
	if has&hasQualifiers != 0 {
		e.qualifiers(p.Qualifiers)
	}
}

func flag(set bool, bit byte) byte {
	if set {
		return bit
	}
	return 0
}

func (d *decoder) properties(depth int) []cim.Property {
	return list(d, func() cim.Property { return d.property(depth) })
}

func (d *decoder) property(depth int) cim.Property {
	p := cim.Property{Name: d.known(), Value: d.value(depth + 1)}
	has := d.byte()
	p.Propagated = has&isPropagated != 0
	switch {
	case has&isEmbeddedInstance != 0:
		p.Embedded = cim.EmbeddedAsInstance
	case has&isEmbeddedObject != 0:
		p.Embedded = cim.EmbeddedAsObject
	}
	if has&hasOrigin != 0 {
		p.ClassOrigin = d.text()
	}
	if has&hasReferenceClass != 0 {
		p.ReferenceClass = d.text()
	}
	if has&hasArraySize != 0 {
		p.ArraySize = int(d.int())
	}
	if has&hasQualifiers != 0 {
		p.Qualifiers = d.qualifiers(depth)
	}
	return p
}

func (e *encoder) qualifiers(qualifiers []cim.Qualifier) {
	e.uint(uint64(len(qualifiers)))
	for _, q := range qualifiers {
		e.text(q.Name)
		e.value(q.Value)
		e.byte(byte(q.Flavor))
		e.bool(q.Propagated)
	}
}

func (d *decoder) qualifiers(depth int) []cim.Qualifier {
	return list(d, func() cim.Qualifier {
		return cim.Qualifier{
			Name: d.text(), Value: d.value(depth + 1), Flavor: cim.Flavor(d.byte()), Propagated: d.bool(),
		}
	})
}

// listRoom is what a list has room for before its elements come.
const listRoom = 32

// list reads a counted list, nil when it is empty. It grows as elements come, so that a
// wrong count costs no memory.
func list[T any](d *decoder, element func() T) []T {
	n := d.count()
	if n == 0 {
		return nil
	}
	all := make([]T, 0, min(n, listRoom))
	for range n {
		all = append(all, element())
		if d.err != nil {
			return nil
		}
	}
	return all
}
