package mof

import (
	"strconv"
	"strings"

	"github.com/cimwatch/cimwatch/cim"
)

func (p *printer) class(c *cim.Class) {
	p.qualifiers(c.Qualifiers, indent)
	p.put("class " + c.Name)
	if c.SuperClass != "" {
		p.put(" : " + c.SuperClass)
	}
	p.put(" {\n\n")
	for i := range c.Properties {
		if property := &c.Properties[i]; !property.Propagated {
			p.property(property)
		}
	}
	for i := range c.Methods {
		if m := &c.Methods[i]; !m.Propagated {
			p.method(m)
		}
	}
	p.put("};\n")
}

// qualifiers writes a list with each qualifier on a line of its own.
func (p *printer) qualifiers(list []cim.Qualifier, margin string) {
	open := "["
	for i := range list {
		if list[i].Propagated {
			continue
		}
		if open != "[" {
			p.put(",\n")
		}
		p.put(margin + open)
		p.qualifier(&list[i], margin+indent+" ")
		open = " "
	}
	if open != "[" {
		p.put("]\n")
	}
}

func (p *printer) qualifier(q *cim.Qualifier, margin string) {
	p.put(q.Name)
	on, isTrue := q.Value.Boolean()
	switch {
	case isTrue && on: // what a boolean qualifier means without a value
	case q.Value.IsArray() && !q.Value.IsNull():
		p.put(" ")
		p.array(q.Value.Elements(), margin)
	default:
		p.put(" ( ")
		p.value(q.Value, margin)
		p.put(" )")
	}
	if standard, known := p.types[cim.FoldName(q.Name)]; known && standard != q.Flavor {
		p.put(" : " + strings.Join(flavorWords(q.Flavor), " "))
	}
}

func flavorWords(f cim.Flavor) []string {
	words := []string{"DisableOverride", "Restricted"}
	if f&cim.Overridable != 0 {
		words[0] = "EnableOverride"
	}
	if f&cim.ToSubclass != 0 {
		words[1] = "ToSubclass"
	}
	if f&cim.ToInstance != 0 {
		words = append(words, "ToInstance")
	}
	if f&cim.Translatable != 0 {
		words = append(words, "Translatable")
	}
	return words
}

func (p *printer) property(property *cim.Property) {
	p.qualifiers(property.Qualifiers, indent+indent)
	p.put(indent + declare(property.Value, property.ReferenceClass, property.Name, property.ArraySize))
	if !property.Value.IsNull() {
		p.put(" = ")
		p.value(property.Value, indent+indent)
	}
	p.put(";\n\n")
}

// declare returns type, name and brackets.
func declare(v cim.Value, class, name string, size int) string {
	typ := v.DeclaredType().String()
	if v.Type() == cim.TypeReference {
		typ = class + " REF"
	}
	text := typ + " " + name
	switch {
	case v.IsArray() && size > 0:
		text += "[" + strconv.Itoa(size) + "]"
	case v.IsArray():
		text += "[]"
	}
	return text
}

func (p *printer) method(m *cim.Method) {
	p.qualifiers(m.Qualifiers, indent+indent)
	typ := "void"
	if m.ReturnType != cim.TypeNone {
		typ = m.ReturnType.String()
	}
	p.put(indent + typ + " " + m.Name + "(")
	for i := range m.Parameters {
		parameter := &m.Parameters[i]
		p.put("\n")
		p.qualifiers(parameter.Qualifiers, indent+indent+indent)
		p.put(indent + indent + declare(parameter.Value, parameter.ReferenceClass, parameter.Name, parameter.ArraySize))
		if i < len(m.Parameters)-1 {
			p.put(",")
		}
	}
	p.put(");\n\n")
}

func (p *printer) qualifierType(q cim.QualifierType) {
	p.put("Qualifier " + q.Name + " : " + q.Default.Type().String())
	switch {
	case q.Default.IsArray() && q.ArraySize > 0:
		p.put("[" + strconv.Itoa(q.ArraySize) + "]")
	case q.Default.IsArray():
		p.put("[]")
	}
	if !q.Default.IsNull() {
		p.put(" = ")
		p.value(q.Default, indent)
	}
	p.put(",\n    Scope(" + scopeText(q.Scope) + "),\n    Flavor(" + strings.Join(flavorWords(q.Flavor), ", ") + ");\n")
}

func (p *printer) instance(i *cim.Instance) {
	p.qualifiers(i.Qualifiers, indent)
	p.put("instance of " + i.Class + " {\n")
	for n := range i.Properties {
		property := &i.Properties[n]
		p.qualifiers(property.Qualifiers, indent+indent)
		p.put(indent + property.Name + " = ")
		p.value(property.Value, indent+indent)
		p.put(";\n")
	}
	p.put("};\n")
}
