package mof

import (
	"strings"
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

// embedding works out what a string holds, from EmbeddedInstance and EmbeddedObject,
// and the class that an embedded instance must have, nil for any.
func (c *compiler) embedding(e *element, list []cim.Qualifier, as *cim.EmbeddedObject) *class {
	if e.typ != cim.TypeString {
		return nil
	}
	for i := range list {
		q := &list[i]
		switch {
		case strings.EqualFold(q.Name, "EmbeddedObject"):
			if on, _ := q.Value.Boolean(); on {
				*as = cim.EmbeddedAsObject
			}
		case strings.EqualFold(q.Name, "EmbeddedInstance"):
			class, _ := q.Value.Text()
			if class == "" {
				c.errors.errorf(qualifierPos(e.qualifiers, q.Name), "qualifier %s of %s names no class, expected that of the instances", q.Name, e.name)
				continue
			}
			*as = cim.EmbeddedAsInstance
			if sym := c.names.lookup(class); sym != nil && c.classes[sym.fold] != nil {
				return c.classes[sym.fold]
			}
			at := name{pos: qualifierPos(e.qualifiers, q.Name), sym: &symbol{text: class}}
			c.errors.errorf(at.pos, "class %s of the instances embedded in %s is not defined%s", class, e.name, c.suggestClass(at))
		}
	}
	return nil
}

func qualifierPos(list []qualifier, name string) pos {
	for i := range list {
		if strings.EqualFold(list[i].name.String(), name) {
			return list[i].name.pos
		}
	}
	return noPos
}

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

// checkKey refuses keys that are arrays, and keys that a subclass adds to those that its
// superclass has: the instances of both share one key space.
func (c *compiler) checkKey(cl *class, e *element, p *cim.Property) {
	switch {
	case !p.IsKey():
	case e.array:
		c.errors.errorf(e.name.pos, "key %s is an array, expected a single value", e.name)
	case cl.super != nil && !cl.super.hasKey(e.name):
		if old, owner := cl.super.anyKey(); old != nil {
			c.errors.conflictf(e.name.pos, old.name.pos, "key %s added to the keys of class %s, expected no more keys than those defined",
				e.name, owner.name())
		}
	}
}

// hasKey reports whether a property is a key of the class or of an ancestor.
func (cl *class) hasKey(n name) bool {
	for ; cl != nil; cl = cl.super {
		if p := cl.local.Property(n.String()); p != nil && p.IsKey() {
			return true
		}
	}
	return false
}

// anyKey returns a key of the class or the nearest ancestor that has one.
func (cl *class) anyKey() (key *element, owner *class) {
	for ; cl != nil; cl = cl.super {
		for i := range cl.local.Properties {
			if cl.local.Properties[i].IsKey() {
				return &cl.decl.properties[i], cl
			}
		}
	}
	return nil, nil
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

func (c *compiler) resolveMethods(cl *class) {
	for i := range cl.decl.methods {
		m := &cl.decl.methods[i]
		if old := findMethod(cl.decl.methods[:i], m.name.sym); old != nil {
			c.errors.conflictf(m.name.pos, old.name.pos, "method %s of class %s already defined", m.name, cl.name())
			continue
		}
		cl.local.Methods = append(cl.local.Methods, c.resolveMethod(cl, m))
	}
}

func findMethod(list []method, sym *symbol) *method {
	for i := range list {
		if list[i].name.sym.fold == sym.fold {
			return &list[i]
		}
	}
	return nil
}

func (cl *class) inheritedMethod(sym *symbol) (m *method, owner *class) {
	for k := cl.super; k != nil; k = k.super {
		if m := findMethod(k.decl.methods, sym); m != nil {
			return m, k
		}
	}
	return nil, nil
}

func (c *compiler) resolveMethod(cl *class, m *method) cim.Method {
	out := cim.Method{Name: m.name.String(), ReturnType: m.typ}
	where := place{what: what{kind: "method", owner: cl.name(), name: out.Name}, scope: cim.ScopeMethod}
	base, from := cl.inheritedMethod(m.name.sym)
	if base != nil {
		where.super, where.of = from, func(k *class) []cim.Qualifier {
			if inherited := k.local.Method(out.Name); inherited != nil {
				return inherited.Qualifiers
			}
			return nil
		}
		if base.typ != m.typ {
			c.errors.conflictf(m.name.pos, base.name.pos, "method %s returns %s, expected %s as in class %s",
				m.name, returned(m), returned(base), from.name())
		}
	}
	out.Qualifiers = c.resolveQualifiers(m.qualifiers, where)
	if c.checkOverride(cl, "method", m.name, out.Qualifiers, base != nil) && base != nil {
		c.checkHidden("method", m.name, base.name, out.Qualifiers)
	}
	m.parameters = c.unique(m.parameters, "parameter", where.what)
	buf := c.out.parameterBuf[:0]
	for i := range m.parameters {
		buf = append(buf, c.resolveParameter(&m.parameters[i], &where.what))
	}
	c.out.parameterBuf = buf
	out.Parameters = c.out.parameters.keep(buf)
	if base != nil {
		c.checkSignature(m, base, from)
	}
	c.checkEmbeddable(m.typ, m.name, m.qualifiers)
	return out
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

// checkEmbeddable refuses embedded objects in anything but strings.
func (c *compiler) checkEmbeddable(t cim.Type, n name, list []qualifier) {
	if t == cim.TypeString || t == cim.TypeReference { // of references it is not the scope
		return
	}
	for i := range list {
		switch list[i].name.sym.fold.text {
		case "embeddedobject", "embeddedinstance":
			c.errors.errorf(list[i].name.pos, "qualifier %s on %s, expected it on a string", list[i].name, n)
		}
	}
}

func (c *compiler) resolveParameter(e *element, method *what) cim.Parameter {
	p := cim.Parameter{
		Name: e.name.String(), Value: null(e.typ, e.array), ArraySize: e.size, ReferenceClass: c.referenceClass(e),
	}
	p.Qualifiers = c.resolveQualifiers(e.qualifiers, place{
		what: what{kind: "parameter", name: p.Name, method: method}, scope: cim.ScopeParameter,
	})
	c.embedding(e, p.Qualifiers, &p.Embedded)
	c.checkEmbeddable(e.typ, e.name, e.qualifiers)
	return p
}
