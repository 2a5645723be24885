package mof

import (
	"sync"

	"github.com/cimwatch/cimwatch/cim"
)

// unique drops elements whose name stands before, and reports them.
func (c *compiler) unique(list []element, kind string, owner what) []element {
	kept := list[:0]
	var index map[*symbol]pos // of long lists
	if len(list) > longList {
		index = make(map[*symbol]pos, len(list))
	}
	for _, e := range list {
		old := index[e.name.sym.fold]
		if index == nil {
			if same := findElement(kept, e.name.sym); same != nil {
				old = same.name.pos
			}
		}
		if old != noPos {
			c.errors.conflictf(e.name.pos, old, "%s %s of %s already defined", kind, e.name, owner)
			continue
		}
		if index != nil {
			index[e.name.sym.fold] = e.name.pos
		}
		kept = append(kept, e)
	}
	return kept
}

// longList is from where on a list is not searched from the start.
const longList = 64

func findElement(list []element, sym *symbol) *element {
	for i := range list {
		if list[i].name.sym.fold == sym.fold {
			return &list[i]
		}
	}
	return nil
}

// inheritedElement returns the property of that name of the nearest ancestor.
func (cl *class) inheritedElement(sym *symbol) (e *element, owner *class) {
	for k := cl.super; k != nil; k = k.super {
		if e := findElement(k.decl.properties, sym); e != nil {
			return e, k
		}
	}
	return nil, nil
}

// countFeature refuses more properties than a class may have with what it inherits.
func (c *compiler) countFeature(cl *class) bool {
	if cl.features++; cl.features <= maxFeatures {
		return true
	}
	c.errors.errorf(cl.decl.name.pos, "class %s has more than %d properties with those it inherits", cl.name(), maxFeatures)
	cl.incomplete = true
	return false
}

func (c *compiler) resolveProperties(cl *class) {
	if cl.super != nil {
		cl.features = cl.super.features
	}
	cl.decl.properties = c.unique(cl.decl.properties, "property", what{kind: "class", name: cl.name()})
	buf := c.out.propertyBuf[:0]
	for i := range cl.decl.properties {
		e := &cl.decl.properties[i]
		base, from := cl.inheritedElement(e.name.sym)
		if base == nil && !c.countFeature(cl) {
			cl.decl.properties = cl.decl.properties[:i]
			break
		}
		p := cim.Property{Name: e.name.String(), ArraySize: e.size, ReferenceClass: c.referenceClass(e)}
		where := place{what: what{kind: "property", owner: cl.name(), name: p.Name}, scope: cim.ScopeProperty}
		if e.typ == cim.TypeReference {
			where.what.kind, where.scope = "reference", cim.ScopeReference
		}
		if base != nil {
			inherited := from.local.Property(p.Name)
			where.super, where.of = from, func(k *class) []cim.Qualifier {
				if p := k.local.Property(e.name.sym.text); p != nil {
					return p.Qualifiers
				}
				return nil
			}
			p.Embedded = inherited.Embedded
		}
		p.Qualifiers = c.resolveQualifiers(e.qualifiers, where)
		c.checkPropertyOverride(cl, e, base, from, p.Qualifiers)
		c.checkKey(cl, e, &p)
		c.checkEmbeddable(e.typ, e.name, e.qualifiers)
		within := c.embedding(e, p.Qualifiers, &p.Embedded)
		if e.typ == cim.TypeReference {
			within = c.classes[e.class.sym.fold]
		}
		p.Value = c.initialValue(cl, e, i, target{
			typ: e.typ, array: e.array, size: e.size, embedded: p.Embedded, class: within, inClass: true,
		})
		buf = append(buf, p)
	}
	c.out.propertyBuf = buf
	cl.local.Properties = c.out.properties.keep(buf)
}

// lateDefault is a default that cannot be checked before all classes are there.
type lateDefault struct {
	class *class
	index int // of the property
	from  *value
	to    target
}

func (c *compiler) initialValue(cl *class, e *element, index int, t target) cim.Value {
	if e.initial == nil {
		return null(e.typ, e.array)
	}
	t.namespace = cl.decl.namespace
	if t.typ == cim.TypeReference || t.embedded != cim.NotEmbedded {
		c.late = append(c.late, lateDefault{class: cl, index: index, from: e.initial, to: t})
		return null(e.typ, e.array)
	}
	if v, ok := c.value(t, e.initial); ok {
		return v
	}
	return null(e.typ, e.array)
}

func (c *compiler) resolveLateDefaults() {
	if len(c.late) == 0 {
		return
	}
	values := make([]cim.Value, len(c.late))
	for i, l := range c.late {
		values[i] = null(l.to.typ, l.to.array)
		if v, ok := c.value(l.to, l.from); ok {
			values[i] = v
		}
	}
	for i, l := range c.late {
		l.class.local.Properties[l.index].Value = values[i]
	}
	for _, cl := range c.order {
		cl.once, cl.effective = sync.Once{}, nil // made without the late defaults
	}
}

// referenceClass returns the class that a reference refers to, spelled as defined.
func (c *compiler) referenceClass(e *element) string {
	if e.typ != cim.TypeReference {
		return ""
	}
	if cl := c.classes[e.class.sym.fold]; cl != nil {
		return cl.decl.name.String()
	}
	c.errors.errorf(e.class.pos, "class %s of reference %s is not defined%s", e.class, e.name, c.suggestClass(e.class))
	return e.class.String()
}
