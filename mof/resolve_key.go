package mof

import "github.com/cimwatch/cimwatch/cim"

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
