package mof

import (
	"math"
	"slices"
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
			p.property(property, indent)
			p.put("\n")
		}
	}
	for i := range c.Methods {
		if m := &c.Methods[i]; !m.Propagated {
			p.method(m, indent)
			p.put("\n")
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
		p.value(q.Value, margin, len(" )]"))
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

// flavorChangeWords returns those flavors that are not in force anyway.
func flavorChangeWords(f cim.Flavor) []string {
	standard := flavorWords(cim.DefaultFlavor)
	return slices.DeleteFunc(flavorWords(f), func(word string) bool { return slices.Contains(standard, word) })
}

func (p *printer) property(property *cim.Property, margin string) {
	if p.unwritable(property, margin) {
		plain := *property
		plain.Value = null(plain.Value.DeclaredType(), plain.Value.IsArray())
		property = &plain
	}
	p.qualifiers(property.Qualifiers, margin+indent)
	p.put(margin + declare(property.Value, property.ReferenceClass, property.Name, property.ArraySize))
	if !property.Value.IsNull() {
		p.put(" = ")
		p.value(property.Value, margin+indent, len(";"))
	}
	p.put(";\n")
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

func (p *printer) method(m *cim.Method, margin string) {
	p.qualifiers(m.Qualifiers, margin+indent)
	typ := "void"
	if m.ReturnType != cim.TypeNone {
		typ = m.ReturnType.String()
	}
	p.put(margin + typ + " " + m.Name + "(")
	for i := range m.Parameters {
		p.put("\n")
		p.parameter(&m.Parameters[i], margin+indent)
		if i < len(m.Parameters)-1 {
			p.put(",")
		}
	}
	p.put(");\n")
}

func (p *printer) parameter(parameter *cim.Parameter, margin string) {
	p.qualifiers(parameter.Qualifiers, margin+indent)
	p.put(margin + declare(parameter.Value, parameter.ReferenceClass, parameter.Name, parameter.ArraySize))
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
		p.value(q.Default, indent, len(","))
	}
	p.put(",\n    Scope(" + scopeText(q.Scope) + ")")
	if words := flavorChangeWords(q.Flavor); len(words) > 0 {
		p.put(",\n    Flavor(" + strings.Join(words, ", ") + ")")
	}
	p.put(";\n")
}

func (p *printer) instance(i *cim.Instance) {
	p.qualifiers(i.Qualifiers, indent)
	p.put("instance of " + i.Class + " {\n")
	for n := range i.Properties {
		p.assignment(&i.Properties[n], indent)
	}
	p.put("};\n")
}

func (p *printer) assignment(property *cim.Property, margin string) {
	if p.unwritable(property, margin) {
		return
	}
	p.qualifiers(property.Qualifiers, margin+indent)
	p.put(margin + property.Name + " = ")
	p.value(property.Value, margin+indent, len(";"))
	p.put(";\n")
}

// unwritable writes a comment in place of a value that MOF has no literal for, and reports
// whether it did: only NaN is such a value.
func (p *printer) unwritable(property *cim.Property, margin string) bool {
	if !holdsNaN(property.Value) {
		return false
	}
	p.put(margin + "// " + property.Name + " = " + property.Value.String() + ", for which MOF has no literal\n")
	return true
}

func holdsNaN(v cim.Value) bool {
	if v.IsArray() {
		return slices.ContainsFunc(v.Elements(), holdsNaN)
	}
	f, ok := v.Float64()
	return ok && math.IsNaN(f)
}
