package cimxml

import (
	"strconv"

	"github.com/beevik/etree"

	"github.com/cimwatch/cimwatch/cim"
)

func (x *encoder) class(c *cim.Class) *etree.Element {
	e := element("CLASS", "NAME", c.Name)
	if c.SuperClass != "" {
		e.CreateAttr("SUPERCLASS", c.SuperClass)
	}
	for n := range c.Qualifiers {
		e.AddChild(x.qualifier(c.Qualifiers[n]))
	}
	for n := range c.Properties {
		e.AddChild(x.property(&c.Properties[n]))
	}
	for n := range c.Methods {
		e.AddChild(x.method(&c.Methods[n]))
	}
	return e
}

func (x *encoder) method(m *cim.Method) *etree.Element {
	e := element("METHOD", "NAME", m.Name)
	if m.ReturnType != cim.TypeNone {
		e.CreateAttr("TYPE", m.ReturnType.String())
	}
	if m.ClassOrigin != "" {
		e.CreateAttr("CLASSORIGIN", m.ClassOrigin)
	}
	if m.Propagated {
		e.CreateAttr("PROPAGATED", "true")
	}
	for n := range m.Qualifiers {
		e.AddChild(x.qualifier(m.Qualifiers[n]))
	}
	for n := range m.Parameters {
		e.AddChild(x.parameter(&m.Parameters[n]))
	}
	return e
}

func (x *encoder) parameter(p *cim.Parameter) *etree.Element {
	v := p.Value
	e := element(parameterElement(v), "NAME", p.Name)
	if v.Type() != cim.TypeReference {
		e.CreateAttr("TYPE", typeName(v))
	}
	if p.ReferenceClass != "" {
		e.CreateAttr("REFERENCECLASS", p.ReferenceClass)
	}
	if p.ArraySize > 0 {
		e.CreateAttr("ARRAYSIZE", strconv.Itoa(p.ArraySize))
	}
	for n := range p.Qualifiers {
		e.AddChild(x.qualifier(p.Qualifiers[n]))
	}
	return e
}

func parameterElement(v cim.Value) string {
	switch {
	case v.Type() == cim.TypeReference && v.IsArray():
		return "PARAMETER.REFARRAY"
	case v.Type() == cim.TypeReference:
		return "PARAMETER.REFERENCE"
	case v.IsArray():
		return "PARAMETER.ARRAY"
	default:
		return "PARAMETER"
	}
}

func (x *encoder) qualifier(q cim.Qualifier) *etree.Element {
	e := element("QUALIFIER", "NAME", q.Name, "TYPE", typeName(q.Value))
	if q.Propagated {
		e.CreateAttr("PROPAGATED", "true")
	}
	markFlavor(e, q.Flavor)
	if !q.Value.IsNull() {
		e.AddChild(x.value(q.Value))
	}
	return e
}

// markFlavor writes the flavors that differ from what a missing attribute means.
func markFlavor(e *etree.Element, f cim.Flavor) {
	if f&cim.Overridable == 0 {
		e.CreateAttr("OVERRIDABLE", "false")
	}
	if f&cim.ToSubclass == 0 {
		e.CreateAttr("TOSUBCLASS", "false")
	}
	if f&cim.ToInstance != 0 {
		e.CreateAttr("TOINSTANCE", "true")
	}
	if f&cim.Translatable != 0 {
		e.CreateAttr("TRANSLATABLE", "true")
	}
}
