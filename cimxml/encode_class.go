package cimxml

import "github.com/cimwatch/cimwatch/cim"

func (x *encoder) class(c *cim.Class) {
	x.begin("CLASS")
	x.attr("NAME", c.Name)
	x.optional("SUPERCLASS", c.SuperClass)
	x.gt()
	x.qualifiers(c.Qualifiers)
	for n := range c.Properties {
		x.property(&c.Properties[n])
	}
	for n := range c.Methods {
		x.method(&c.Methods[n])
	}
	x.end("CLASS")
}

func (x *encoder) method(m *cim.Method) {
	x.begin("METHOD")
	x.attr("NAME", m.Name)
	if m.ReturnType != cim.TypeNone {
		x.attr("TYPE", m.ReturnType.String())
	}
	x.optional("CLASSORIGIN", m.ClassOrigin)
	x.flag("PROPAGATED", m.Propagated)
	x.gt()
	x.qualifiers(m.Qualifiers)
	for n := range m.Parameters {
		x.parameter(&m.Parameters[n])
	}
	x.end("METHOD")
}

func (x *encoder) parameter(p *cim.Parameter) {
	name := parameterElement(p.Value)
	x.begin(name)
	x.attr("NAME", p.Name)
	if p.Value.Type() != cim.TypeReference {
		x.attr("TYPE", typeName(p.Value))
	}
	x.optional("REFERENCECLASS", p.ReferenceClass)
	x.arraySize(p.ArraySize)
	x.gt()
	x.qualifiers(p.Qualifiers)
	x.end(name)
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
