package mof

import (
	"maps"
	"slices"
	"strings"

	"github.com/cimwatch/cimwatch/cim"
)

// knownPragmas are those of DSP0004 section 7.11, and those of WMI. It is never written.
var knownPragmas = map[string]bool{
	"include": true, "instancelocale": true, "locale": true, "namespace": true, "nonlocal": true, "nonlocaltype": true,
	"source": true, "sourcetype": true,
	"amendment": true, "autorecover": true, "classflags": true, "deleteclass": true, "deleteinstance": true, "instanceflags": true,
}

// warnPragma tells of a pragma that nobody knows and that therefore changes nothing.
func (c *compiler) warnPragma(d *pragma) {
	if knownPragmas[d.name.sym.fold.text] {
		return
	}
	c.warning.errorf(d.name.pos, "#pragma %s is not known and changes nothing%s", d.name, suggest(d.name.String(), func(yield func(string) bool) {
		for _, known := range slices.Sorted(maps.Keys(knownPragmas)) {
			if !yield(known) {
				return
			}
		}
	}))
}

// warnValueMaps tells of value maps and bit maps that cannot be used. They are parsed
// here only for that.
func (c *compiler) warnValueMaps() {
	for _, cl := range c.order {
		for i := range cl.decl.properties {
			p := &cl.local.Properties[i]
			c.warnValueMap(cl.decl.properties[i].qualifiers, what{kind: "property", name: p.Name}, p.Value.Type(), p.Qualifiers)
		}
		for i := range cl.decl.methods {
			m, of := &cl.decl.methods[i], &cl.local.Methods[i]
			method := what{kind: "method", name: of.Name}
			c.warnValueMap(m.qualifiers, method, of.ReturnType, of.Qualifiers)
			for n := range of.Parameters {
				p := &of.Parameters[n]
				c.warnValueMap(m.parameters[n].qualifiers, what{kind: "parameter", name: p.Name, method: &method}, p.Value.Type(), p.Qualifiers)
			}
		}
	}
}

// warnValueMap looks at an element that has both qualifiers of a pair, or one that means
// something without the other. Where the other is inherited nothing is said. Strings may
// have value maps too, which mean themselves.
func (c *compiler) warnValueMap(declared []qualifier, of what, t cim.Type, list []cim.Qualifier) {
	for i := range declared {
		var err error
		switch declared[i].name.sym.fold.text {
		case "values":
			if t.IsInteger() && !plainMap(list) {
				_, err = QualifiedValueMap(t, list)
			}
		case "bitvalues":
			_, err = QualifiedBitMap(t, list)
		}
		if err != nil {
			c.warning.errorf(declared[i].name.pos, "%s: %v, expected what can be used", of, err)
			return
		}
	}
}

// plainMap reports whether ValueMap and Values match and hold small numbers only, as
// nearly all do, without parsing them.
func plainMap(list []cim.Qualifier) bool {
	var keys, values cim.Value
	for i := range list {
		switch name := list[i].Name; {
		case cim.EqualNames(name, "ValueMap"):
			keys = list[i].Value
		case cim.EqualNames(name, "Values"):
			values = list[i].Value
		}
	}
	if keys.Len() != values.Len() {
		return false
	}
	for _, key := range keys.Elements() {
		text, _ := key.Text()
		low, high, isRange := strings.Cut(text, "..")
		if !smallNumber(low) && (low != "" || !isRange) || high != "" && !smallNumber(high) {
			return false
		}
	}
	return true
}

// smallNumber reports whether a text is a number that every integer type holds that value
// maps are parsed with.
func smallNumber(text string) bool {
	if len(text) > 8 || text == "" {
		return false
	}
	if text[0] != '0' {
		return digits(text)
	}
	for i := 2; i < len(text); i++ {
		if !isHexDigit(text[i]) {
			return false
		}
	}
	return len(text) == 1 || len(text) > 2 && text[1] == 'x'
}
