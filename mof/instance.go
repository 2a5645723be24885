package mof

import "github.com/cimwatch/cimwatch/cim"

const (
	maxEmbedding      = 8  // instances inside strings inside instances
	maxReferenceDepth = 16 // instances whose keys refer to instances whose keys refer ...
)

// instance is an instance's declaration and what it becomes.
type instance struct {
	decl  *instanceDecl
	class *class
	state instanceState
	value *cim.Instance
}

type instanceState uint8

const (
	unresolved instanceState = iota
	resolving                // its keys are being worked out
	resolved
	failed // and reported
)

// textReference is a reference written as the text of an object path; whether its
// instance exists can be said only when all instances have their paths.
type textReference struct {
	at   pos
	path cim.ObjectPath
}

// resolveInstances first gives every instance its path, which needs no more than its
// keys, and then the other values. So instances may refer to each other in circles, and
// only keys that refer to instances with keys that refer are followed, to a limit.
func (c *compiler) resolveInstances(s *Schema) {
	for _, i := range c.instances {
		c.resolveKeys(i, 0)
	}
	for _, i := range c.instances {
		if i.state == resolved && c.assignAll(i, false, 0) {
			s.instances = append(s.instances, i.value)
		}
	}
	for _, r := range c.references {
		if c.paths[r.path.Canonical()] == nil {
			c.warning.errorf(r.at, "there is no instance %s", clip(r.path.String()))
		}
	}
}

// resolveKeys gives an instance its path. level counts the instances that wait for it.
func (c *compiler) resolveKeys(i *instance, level int) bool {
	if i.state != unresolved {
		return i.state == resolved
	}
	i.state = resolving
	if !c.beginInstance(i) || !c.assignAll(i, true, level) || !c.setPath(i) {
		i.state = failed
		return false
	}
	i.state = resolved
	key := i.value.Path.Canonical()
	old := c.paths[key]
	switch {
	case old != nil && len(i.value.Path.Keys) == 0:
		c.errors.conflictf(i.decl.class.pos, old.decl.class.pos, "a second instance of %s, expected one, as the class has no keys; the first is", i.class.name())
		return true
	case old != nil:
		c.errors.conflictf(i.decl.class.pos, old.decl.class.pos, "instance %s already defined", i.value.Path)
		return true
	}
	c.paths[key] = i
	return true
}

// assignAll gives either the keys or everything else their values.
func (c *compiler) assignAll(i *instance, keys bool, level int) bool {
	d := i.decl
	whole := i.class.whole()
	ok := true
	for n := range d.values {
		a := &d.values[n]
		index, _ := i.class.property(c, a.name.sym)
		if whole.Properties[index].IsKey() == keys {
			t := target{namespace: d.namespace, depth: d.depth, level: level + 1}
			ok = c.assign(i, a, t) && ok
		}
	}
	return ok
}

// beginInstance finds the class and fills in its defaults.
func (c *compiler) beginInstance(i *instance) bool {
	d := i.decl
	if i.class = c.classes[d.class.sym.fold]; i.class == nil {
		c.errors.errorf(d.class.pos, "class %s is not defined%s", d.class, c.suggestClass(d.class))
		return false
	}
	if i.class.abstract {
		c.errors.conflictf(d.class.pos, i.class.decl.name.pos, "class %s is abstract, expected an instance of a subclass, as it is defined", i.class.name())
		return false
	}
	whole := i.class.whole()
	i.value = &cim.Instance{Class: i.class.name(), Properties: make([]cim.Property, len(whole.Properties))}
	for n, p := range whole.Properties {
		i.value.Properties[n] = cim.Property{Name: p.Name, Value: p.Value, Embedded: p.Embedded}
	}
	i.value.Qualifiers = c.resolveQualifiers(d.qualifiers, place{what: what{kind: "the instance of", name: i.class.name()}, scope: cim.ScopeAny})
	return c.checkNames(i)
}

// checkNames sees to it that the class has the properties, and that each is given one value.
func (c *compiler) checkNames(i *instance) bool {
	ok := true
	given := make([]pos, len(i.value.Properties))
	for n := range i.decl.values {
		a := &i.decl.values[n]
		index, found := i.class.property(c, a.name.sym)
		switch {
		case !found:
			ok = false
			if !i.class.incomplete {
				c.errors.errorf(a.name.pos, "class %s has no property %s%s", i.class.name(), a.name, c.suggestProperty(a.name, i.class))
			}
		case given[index] != noPos:
			c.errors.conflictf(a.name.pos, given[index], "property %s already has a value", a.name)
			ok = false
		default:
			given[index] = a.name.pos
		}
	}
	return ok
}

// property returns the index of a property among the effective ones.
func (cl *class) property(c *compiler, sym *symbol) (index int, ok bool) {
	if cl.index == nil {
		cl.index = make(map[*symbol]int)
		for n := range cl.whole().Properties {
			cl.index[c.names.intern(cl.whole().Properties[n].Name).fold] = n
		}
	}
	index, ok = cl.index[sym.fold]
	return index, ok
}

func (c *compiler) assign(i *instance, a *assignment, t target) bool {
	index, _ := i.class.property(c, a.name.sym)
	declared := &i.class.whole().Properties[index]
	t.typ, t.array, t.size = declared.Value.DeclaredType(), declared.Value.IsArray(), declared.ArraySize
	t.embedded, t.class = declared.Embedded, c.declaredClass(declared)
	v, ok := c.value(t, a.value)
	if !ok {
		return false
	}
	p := &i.value.Properties[index]
	p.Value = v
	p.Qualifiers = c.resolveQualifiers(a.qualifiers, place{
		what: what{kind: "property", owner: i.class.name(), name: p.Name}, scope: cim.ScopeProperty | cim.ScopeReference,
	})
	return true
}

// declaredClass is the class that a reference or an embedded instance must be of.
func (c *compiler) declaredClass(p *cim.Property) *class {
	name := p.ReferenceClass
	if p.Embedded == cim.EmbeddedAsInstance {
		if q := p.Qualifier("EmbeddedInstance"); q != nil {
			name, _ = q.Value.Text()
		}
	}
	if sym := c.names.lookup(name); sym != nil {
		return c.classes[sym.fold]
	}
	return nil
}

// setPath takes the path from the keys, which must all have values.
func (c *compiler) setPath(i *instance) bool {
	whole := i.class.whole()
	keys, ok := []cim.Key{}, true
	for n := range whole.Properties {
		if !whole.Properties[n].IsKey() {
			continue
		}
		p := &i.value.Properties[n]
		if p.Value.IsNull() {
			ok = false
			if !i.decl.broken {
				c.missingKey(i, p.Name)
			}
			continue
		}
		keys = append(keys, cim.Key{Name: p.Name, Value: p.Value})
	}
	if !ok || len(keys) == 0 && i.class.incomplete {
		return false
	}
	i.value.Path = cim.InstancePath(i.decl.namespace, i.class.name(), keys...)
	return true
}

// missingKey reports a key that is NULL, at its value where it has one.
func (c *compiler) missingKey(i *instance, key string) {
	for n := range i.decl.values {
		if a := &i.decl.values[n]; cim.EqualNames(a.name.String(), key) {
			c.errors.errorf(a.value.pos, "key %s of the instance of %s is NULL, expected a value", key, i.class.name())
			return
		}
	}
	c.errors.errorf(i.decl.class.pos, "the instance of %s has no value for key %s", i.class.name(), key)
}
