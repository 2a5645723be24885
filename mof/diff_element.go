package mof

import (
	"slices"
	"strings"

	"github.com/cimwatch/cimwatch/cim"
)

// property compares a property, nil where a class does not have it, also not by
// inheritance.
func (d *differ) property(class string, a, b *cim.Property) {
	switch {
	case b == nil:
		d.whole(Removed, "property", class+"."+a.Name, "the property is gone")
		return
	case a == nil:
		reason := ""
		switch {
		case b.IsKey():
			reason = "a new key changes all object paths"
		case hasTrue(b.Qualifiers, "Required"):
			reason = "who creates instances must give it a value"
		}
		d.whole(Added, "property", class+"."+b.Name, reason)
		return
	}
	d.at("property", class+"."+a.Name)
	same := d.typed(declarationOf(a.Value, a.ReferenceClass, a.ArraySize), declarationOf(b.Value, b.ReferenceClass, b.ArraySize))
	if same && !a.Value.Equal(b.Value) {
		d.changed("default", a.Value.String(), b.Value.String(), "")
	}
	d.qualifiers(a.Qualifiers, b.Qualifiers)
}

// typed compares types and reports whether they are the same.
func (d *differ) typed(old, now string) bool {
	if strings.EqualFold(old, now) {
		return true
	}
	d.changed("type", old, now, "values have another type")
	return false
}

// declarationOf returns a type as MOF has it: "uint16[4]", "CIM_Fan REF".
func declarationOf(v cim.Value, class string, size int) string {
	return strings.TrimSuffix(strings.Replace(declare(v, class, "", size), " [", "[", 1), " ")
}

// method compares a method that the new schema need not have.
func (d *differ) method(class string, a, b *cim.Method) {
	name := class + "." + a.Name
	if b == nil {
		d.whole(Removed, "method", name, "the method is gone")
		return
	}
	d.at("method", name)
	d.typed(returnType(a), returnType(b))
	d.qualifiers(a.Qualifiers, b.Qualifiers)
	for i := range a.Parameters {
		p := &a.Parameters[i]
		if other := parameter(b, p.Name); other != nil {
			d.parameter(name, p, other)
		} else {
			d.whole(Removed, "parameter", name+"."+p.Name, "callers that give or read it fail")
		}
	}
	for i := range b.Parameters {
		if p := &b.Parameters[i]; parameter(a, p.Name) == nil {
			d.whole(Added, "parameter", name+"."+p.Name, d.newParameter(p))
		}
	}
	d.at("method", name)
	if old, now := commonParameters(a, b), commonParameters(b, a); old != now {
		d.changed("order of parameters", old, now, "")
	}
}

func returnType(m *cim.Method) string {
	if m.ReturnType == cim.TypeNone {
		return "void"
	}
	return m.ReturnType.String()
}

// newParameter says what a new parameter does to callers: In is true where it does not
// stand (DSP0004 section 5.6.3.23).
func (d *differ) newParameter(p *cim.Parameter) string {
	if q := findCIMQualifier(p.Qualifiers, "In"); q != nil && !hasTrue(p.Qualifiers, "In") {
		return ""
	}
	if hasTrue(p.Qualifiers, "Required") {
		return "callers must give it"
	}
	return ""
}

// commonParameters returns the names of the parameters of a method that another has too.
func commonParameters(m, other *cim.Method) string {
	var names []string
	for i := range m.Parameters {
		if p := parameter(other, m.Parameters[i].Name); p != nil {
			names = append(names, cim.FoldName(p.Name))
		}
	}
	return strings.Join(names, ", ")
}

func parameter(m *cim.Method, name string) *cim.Parameter {
	i := slices.IndexFunc(m.Parameters, func(p cim.Parameter) bool { return cim.EqualNames(p.Name, name) })
	if i < 0 {
		return nil
	}
	return &m.Parameters[i]
}

func (d *differ) parameter(method string, a, b *cim.Parameter) {
	d.at("parameter", method+"."+a.Name)
	d.typed(declarationOf(a.Value, a.ReferenceClass, a.ArraySize), declarationOf(b.Value, b.ReferenceClass, b.ArraySize))
	d.qualifiers(a.Qualifiers, b.Qualifiers)
}
