package mof

import (
	"strings"

	"github.com/cimwatch/cimwatch/cim"
)

// overrides returns the name in an Override qualifier, which may be preceded by a class.
func overrides(list []cim.Qualifier) (name string, ok bool) {
	for i := range list {
		if strings.EqualFold(list[i].Name, "Override") {
			name, ok = list[i].Value.Text()
			return name[strings.LastIndexByte(name, '.')+1:], ok
		}
	}
	return "", false
}

// checkPropertyOverride compares a property with the inherited one of the same name.
func (c *compiler) checkPropertyOverride(cl *class, e, base *element, from *class, list []cim.Qualifier) {
	at := e.name.pos
	if !c.checkOverride(cl, "property", e.name, list, base != nil) || base == nil {
		return
	}
	c.checkHidden("property", e.name, base.name, list)
	switch {
	case e.typ != base.typ || e.array != base.array:
		c.errors.conflictf(at, base.name.pos, "property %s is %s, expected %s as in class %s",
			e.name, form(e), form(base), from.name())
	case e.size != base.size && e.size > 0 && base.size > 0:
		c.errors.conflictf(at, base.name.pos, "property %s is %s[%d], expected %s[%d] as in class %s",
			e.name, e.typ, e.size, base.typ, base.size, from.name())
	case e.typ == cim.TypeReference:
		c.checkNarrower("reference", e, base, from)
	}
}

// form is a type as it is written, for messages.
func form(e *element) string {
	if e.array {
		return e.typ.String() + "[]"
	}
	return e.typ.String()
}

// checkOverride compares the Override qualifier with what is there to be overridden.
func (c *compiler) checkOverride(cl *class, what string, n name, list []cim.Qualifier, inherited bool) bool {
	target, ok := overrides(list)
	switch {
	case ok && !strings.EqualFold(target, n.String()):
		c.errors.errorf(n.pos, "%s %s overrides %s, expected a name of its own or Override(%q)", what, n, target, n.String())
	case ok && !inherited && !cl.incomplete:
		c.errors.errorf(n.pos, "%s %s overrides nothing, expected a %s of that name in a superclass of %s", what, n, what, cl.name())
	default:
		return true
	}
	return false
}

// checkHidden refuses a feature that has an inherited one's name and does not say that
// it overrides it (DSP0004 section 5.6.3, Override).
func (c *compiler) checkHidden(what string, n, base name, list []cim.Qualifier) {
	if _, ok := overrides(list); !ok {
		c.errors.conflictf(n.pos, base.pos, "%s %s without Override(%q), expected that or another name, as it is already defined",
			what, n, base.String())
	}
}

func returned(m *method) string {
	if m.typ == cim.TypeNone {
		return "void"
	}
	return m.typ.String()
}

// checkSignature compares the parameters of a method with those of the one it overrides.
func (c *compiler) checkSignature(m, base *method, from *class) {
	for i := range m.parameters {
		e := &m.parameters[i]
		old := findElement(base.parameters, e.name.sym)
		switch {
		case old == nil:
			c.errors.conflictf(e.name.pos, base.name.pos, "parameter %s of method %s, expected the parameters that it has in class %s",
				e.name, m.name, from.name())
		case form(e) != form(old):
			c.errors.conflictf(e.name.pos, old.name.pos, "parameter %s of method %s is %s, expected %s as in class %s",
				e.name, m.name, form(e), form(old), from.name())
		case e.typ == cim.TypeReference:
			c.checkNarrower("parameter", e, old, from)
		}
	}
	for i := range base.parameters {
		if old := &base.parameters[i]; findElement(m.parameters, old.name.sym) == nil {
			c.errors.conflictf(m.name.pos, old.name.pos, "method %s without parameter %s, expected it as in class %s",
				m.name, old.name, from.name())
		}
	}
}

// checkNarrower refuses a reference to anything but the class that it overrides refers to
// or a subclass.
func (c *compiler) checkNarrower(what string, e, base *element, from *class) {
	was, is := c.classes[base.class.sym.fold], c.classes[e.class.sym.fold]
	if was != nil && is != nil && !is.isA(was) && !is.incomplete {
		c.errors.conflictf(e.class.pos, base.class.pos, "%s %s to class %s, expected %s or a subclass of it as in class %s",
			what, e.name, e.class, base.class, from.name())
	}
}
