package mof

import "github.com/cimwatch/cimwatch/cim"

// reference resolves $alias, or the text of an object path.
func (c *compiler) reference(t target, lit literal) (cim.Value, bool) {
	if lit.kind == litAlias {
		return c.aliased(t, lit)
	}
	path, err := cim.ParseObjectPath(lit.text)
	if err != nil {
		c.errors.errorf(lit.pos, "%v", err)
		return cim.Value{}, false
	}
	path = path.In(t.namespace)
	cl := c.classNamed(path.Class)
	if cl == nil {
		c.warning.errorf(lit.pos, "class %s of the object path is not defined", clip(path.Class))
		return cim.Reference(path), true
	}
	path.Class = cl.name()
	if !c.refersTo(t, lit, cl) {
		return cim.Value{}, false
	}
	if !path.IsInstance() {
		return cim.Reference(path), true
	}
	if problem := typeKeys(&path, cl.whole()); problem != "" {
		if cl.incomplete {
			return cim.Value{}, false
		}
		c.errors.errorf(lit.pos, "%s", problem)
		return cim.Value{}, false
	}
	c.references = append(c.references, textReference{at: lit.pos, path: path})
	return cim.Reference(path), true
}

func (c *compiler) classNamed(name string) *class {
	if sym := c.names.lookup(name); sym != nil {
		return c.classes[sym.fold]
	}
	return nil
}

// aliased resolves the instance behind an alias far enough to know its path.
func (c *compiler) aliased(t target, lit literal) (cim.Value, bool) {
	if t.inClass {
		c.errors.errorf(lit.pos, "alias %s as a default, expected NULL or the text of an object path", lit.text)
		return cim.Value{}, false
	}
	i := c.aliases[c.names.intern(lit.text[1:]).fold]
	if i == nil {
		c.errors.errorf(lit.pos, "alias %s is not defined%s", lit.text, c.suggestAlias(lit))
		return cim.Value{}, false
	}
	switch {
	case i.state == resolving:
		c.errors.conflictf(lit.pos, i.decl.alias.pos, "the key refers to its own instance through alias %s, defined", lit.text)
		return cim.Value{}, false
	case t.level > maxReferenceDepth:
		c.errors.errorf(lit.pos, "keys refer to instances more than %d deep", maxReferenceDepth)
		return cim.Value{}, false
	case !c.resolveKeys(i, t.level):
		return cim.Value{}, false
	case !c.refersTo(t, lit, i.class):
		return cim.Value{}, false
	}
	return cim.Reference(i.value.Path), true
}

func (c *compiler) refersTo(t target, lit literal, cl *class) bool {
	if t.class == nil || cl.isA(t.class) || cl.incomplete {
		return true
	}
	c.errors.errorf(lit.pos, "a reference to class %s, expected %s or a subclass of it", cl.name(), t.class.name())
	return false
}

func (c *compiler) suggestAlias(lit literal) string {
	if c.errors.many() {
		return ""
	}
	return suggest(lit.text, func(yield func(string) bool) {
		for _, i := range c.instances {
			if alias := i.decl.alias; alias.sym != nil && !yield("$"+alias.String()) {
				return
			}
		}
	})
}

// typeKeys gives the keys of a path the types that the class declares: the text of a
// path has fewer types than CIM.
func typeKeys(path *cim.ObjectPath, whole *cim.Class) (problem string) {
	for n := range path.Keys {
		key := &path.Keys[n]
		p := whole.Property(key.Name)
		if p == nil || !p.IsKey() {
			return "class " + whole.Name + " has no key " + key.Name
		}
		key.Name = p.Name
		if key.Value.Type() == p.Value.Type() {
			continue
		}
		v, err := cim.ParseValue(p.Value.Type(), key.Value.Lexical())
		if err != nil {
			return "key " + key.Name + ": " + err.Error()
		}
		key.Value = v
	}
	for _, name := range whole.KeyNames() {
		if path.Key(name).IsNull() {
			return "the object path has no key " + name + " of class " + whole.Name
		}
	}
	return ""
}
