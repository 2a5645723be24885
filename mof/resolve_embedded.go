package mof

import (
	"strings"

	"github.com/cimwatch/cimwatch/cim"
)

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
