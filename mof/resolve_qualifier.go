package mof

import "github.com/cimwatch/cimwatch/cim"

// place is where qualifiers stand.
type place struct {
	what  what
	scope cim.Scope
	super *class // from which on ancestors may have the same element, nil for none

	// of returns the qualifiers of the same element in a class, nil where super is.
	of func(*class) []cim.Qualifier
}

// what names an element in messages; it is put together only there.
type what struct {
	kind, owner, name string // such as "property", "CIM_Fan" and "Speed"
	method            *what  // of a parameter
}

func (w what) String() string {
	switch {
	case w.method != nil:
		return w.kind + " " + w.name + " of " + w.method.String()
	case w.owner != "":
		return w.kind + " " + w.owner + "." + w.name
	default:
		return w.kind + " " + w.name
	}
}

// resolveQualifiers checks qualifiers against their types, and gives each its value and
// its flavor.
func (c *compiler) resolveQualifiers(list []qualifier, at place) []cim.Qualifier {
	if len(list) == 0 {
		return nil
	}
	buf := c.out.qualifierBuf[:0]
	for i := range list {
		q := &list[i]
		if old := findQualifier(list[:i], q.name.sym); old != nil {
			c.errors.conflictf(q.name.pos, old.name.pos, "qualifier %s of %s already stands", q.name, at.what)
			continue
		}
		typ := c.qualifiers[q.name.sym.fold]
		if typ == nil {
			if _, isFlavor := flavorChanges[q.name.sym.fold.text]; isFlavor {
				c.errors.errorf(q.name.pos, "qualifier %s is not defined, expected no comma between flavors", q.name)
				continue
			}
			c.errors.errorf(q.name.pos, "qualifier %s is not defined%s", q.name, c.suggestQualifier(q.name))
			continue
		}
		if typ.value.Scope&at.scope == 0 {
			c.errors.conflictf(q.name.pos, typ.decl.name.pos, "qualifier %s on %s, expected it on its scope (%s) only, as defined",
				q.name, at.what, scopeText(typ.value.Scope))
			continue
		}
		if out, ok := c.resolveQualifier(q, typ); ok {
			c.checkInherited(q, out, at)
			buf = append(buf, out)
		}
	}
	c.out.qualifierBuf = buf
	return c.out.qualifiers.keep(buf)
}

func findQualifier(list []qualifier, sym *symbol) *qualifier {
	for i := range list {
		if list[i].name.sym.fold == sym.fold {
			return &list[i]
		}
	}
	return nil
}

// resolveQualifier gives a qualifier its value. One without is true when it is a
// boolean, else NULL (DSP0004 section 7.9).
func (c *compiler) resolveQualifier(q *qualifier, typ *qualifierType) (out cim.Qualifier, ok bool) {
	d := typ.decl
	out = cim.Qualifier{Name: typ.value.Name, Flavor: q.flavors.apply(typ.value.Flavor), Value: null(d.typ, d.array)}
	switch {
	case q.value != nil:
		out.Value, ok = c.value(target{typ: d.typ, array: d.array, size: d.size}, q.value)
		return out, ok
	case d.typ == cim.TypeBoolean && !d.array:
		out.Value = cim.Boolean(true)
	}
	return out, true
}

// checkInherited refuses another value for a qualifier that cannot be overridden. The
// nearest ancestor that has the qualifier on the element decides.
func (c *compiler) checkInherited(q *qualifier, out cim.Qualifier, at place) {
	for k := at.super; k != nil; k = k.super {
		list := at.of(k)
		for i := range list {
			old := &list[i]
			if !cim.EqualNames(old.Name, out.Name) {
				continue
			}
			fixed := old.Flavor&cim.Overridable == 0 && old.Flavor&cim.ToSubclass != 0
			if fixed && !old.Value.Equal(out.Value) {
				c.errors.conflictf(q.name.pos, k.decl.name.pos, "qualifier %s of %s is %s, expected %s as in class %s",
					q.name, at.what, clip(out.Value.String()), clip(old.Value.String()), k.name())
			}
			return
		}
	}
}
