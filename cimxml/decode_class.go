package cimxml

import "github.com/cimwatch/cimwatch/cim"

// class reads CLASS.
func (d *decoder) class() *cim.Class {
	c := &cim.Class{Name: d.named(), SuperClass: d.optional("SUPERCLASS")}
	for d.child() {
		switch d.name {
		case "PROPERTY", "PROPERTY.ARRAY", "PROPERTY.REFERENCE":
			c.Properties = append(c.Properties, d.property())
		case "METHOD":
			c.Methods = append(c.Methods, d.method())
		case "QUALIFIER":
			c.Qualifiers = append(c.Qualifiers, d.qualifier())
		default:
			d.unexpected("QUALIFIER, PROPERTY or METHOD")
		}
	}
	return c
}

// method reads METHOD.
func (d *decoder) method() cim.Method {
	m := cim.Method{Name: d.named(), ClassOrigin: d.optional("CLASSORIGIN"), Propagated: d.flag("PROPAGATED", false)}
	m.ReturnType = d.typeAttr("TYPE")
	for d.child() {
		switch d.name {
		case "QUALIFIER":
			m.Qualifiers = append(m.Qualifiers, d.qualifier())
		case "PARAMETER", "PARAMETER.REFERENCE", "PARAMETER.ARRAY", "PARAMETER.REFARRAY":
			m.Parameters = append(m.Parameters, d.parameter())
		default:
			d.unexpected("QUALIFIER or PARAMETER")
		}
	}
	return m
}

// parameter reads PARAMETER and its array and reference forms.
func (d *decoder) parameter() cim.Parameter {
	p := cim.Parameter{Name: d.named(), ReferenceClass: d.optional("REFERENCECLASS"), ArraySize: d.count("ARRAYSIZE")}
	t := d.declaration("TYPE")
	switch d.name {
	case "PARAMETER.REFERENCE":
		t.typ = cim.TypeReference
	case "PARAMETER.ARRAY":
		t.array = true
	case "PARAMETER.REFARRAY":
		t.typ, t.array = cim.TypeReference, true
	}
	t.typ = d.requiredType(t.typ)
	p.Embedded, p.Value = t.embedded, t.null()
	for d.child() {
		if d.name != "QUALIFIER" {
			d.unexpected("QUALIFIER")
			break
		}
		p.Qualifiers = append(p.Qualifiers, d.qualifier())
	}
	return p
}

// qualifier reads QUALIFIER.
func (d *decoder) qualifier() cim.Qualifier {
	q := cim.Qualifier{Name: d.named(), Propagated: d.flag("PROPAGATED", false), Flavor: d.flavor()}
	q.Value = d.qualifierValue(declared{typ: d.qualifierTypeAttr()})
	return q
}

// qualifierTypeAttr returns the type of a qualifier, which is no reference.
func (d *decoder) qualifierTypeAttr() cim.Type {
	typ := d.typeAttr("TYPE")
	if typ == cim.TypeReference {
		d.invalid("a qualifier is a reference")
	}
	return d.requiredType(typ)
}

// flavor reads the flavor attributes; those that are missing have their defaults.
func (d *decoder) flavor() (f cim.Flavor) {
	if d.flag("OVERRIDABLE", true) {
		f |= cim.Overridable
	}
	if d.flag("TOSUBCLASS", true) {
		f |= cim.ToSubclass
	}
	if d.flag("TOINSTANCE", false) {
		f |= cim.ToInstance
	}
	if d.flag("TRANSLATABLE", false) {
		f |= cim.Translatable
	}
	return f
}

// qualifierValue reads the value of a qualifier, which is an array when it comes as one.
func (d *decoder) qualifierValue(t declared) cim.Value {
	v := t.null()
	found := false
	for d.child() {
		t.array = d.name == "VALUE.ARRAY"
		v = d.onlyValue(t, &found)
	}
	return v
}

// qualifierType reads QUALIFIER.DECLARATION.
func (d *decoder) qualifierType() *cim.QualifierType {
	q := &cim.QualifierType{Name: d.named(), ArraySize: d.count("ARRAYSIZE"), Flavor: d.flavor()}
	t := declared{typ: d.qualifierTypeAttr(), array: d.flag("ISARRAY", false)}
	q.Default = t.null()
	found := false
	for d.child() {
		if d.name == "SCOPE" {
			q.Scope = d.scope()
			d.leaf()
			continue
		}
		q.Default = d.onlyValue(t, &found)
	}
	return q
}

func (d *decoder) scope() (s cim.Scope) {
	for bit, name := range scopeAttributes() {
		if d.flag(name, false) {
			s |= cim.Scope(1) << bit
		}
	}
	return s
}

// scopeAttributes are the attributes of SCOPE in the order of the bits of cim.Scope.
func scopeAttributes() []string {
	return []string{"CLASS", "ASSOCIATION", "INDICATION", "PROPERTY", "REFERENCE", "METHOD", "PARAMETER"}
}
