package mof

import "github.com/cimwatch/cimwatch/cim"

// target is what a value is wanted for.
type target struct {
	typ       cim.Type
	array     bool
	size      int                // of a fixed-size array
	embedded  cim.EmbeddedObject // strings only
	class     *class             // that a reference or an embedded instance must be of, nil for any
	namespace string             // of references that name none
	depth     int                // of embedded instances around it
	inClass   bool               // it is a default
	level     int                // of instances that wait for the path this is part of
}

// value types a value, or reports why it cannot be.
func (c *compiler) value(t target, v *value) (cim.Value, bool) {
	if !v.array {
		lit := v.elems[0]
		if lit.kind == litNull {
			return null(t.typ, t.array), true
		}
		if t.array {
			c.errors.errorf(lit.pos, "%s, expected an array in braces", describe(lit))
			return cim.Value{}, false
		}
		return c.scalar(t, lit)
	}
	if !t.array {
		c.errors.errorf(v.pos, "an array, expected %s", article(t.typ))
		return cim.Value{}, false
	}
	if t.size > 0 && len(v.elems) > t.size {
		c.errors.errorf(v.elems[t.size].pos, "an array of %d values, expected at most %d", len(v.elems), t.size)
		return cim.Value{}, false
	}
	elems := make([]cim.Value, 0, len(v.elems))
	for _, lit := range v.elems {
		elem := cim.Null(t.typ)
		if lit.kind != litNull {
			var ok bool
			if elem, ok = c.scalar(t, lit); !ok {
				return cim.Value{}, false
			}
		}
		elems = append(elems, elem)
	}
	return cim.ArrayOf(elementType(t.typ, elems), elems...), true
}

// elementType is the type of an array: embedded objects differ from the string that
// their declaration says.
func elementType(declared cim.Type, elems []cim.Value) cim.Type {
	for _, e := range elems {
		if !e.IsNull() {
			return e.Type()
		}
	}
	return declared
}

func (c *compiler) scalar(t target, lit literal) (cim.Value, bool) {
	switch {
	case lit.kind == litString && t.typ == cim.TypeString:
		if t.embedded != cim.NotEmbedded {
			return c.embedded(t, lit)
		}
		return cim.String(lit.text), true
	case lit.kind == litNumber && t.typ.IsNumeric():
		v, problem := number(t.typ, lit.text)
		if problem != "" {
			c.errors.errorf(lit.pos, "%s", problem)
		}
		return v, problem == ""
	case lit.kind == litBoolean && t.typ == cim.TypeBoolean,
		lit.kind == litChar && t.typ == cim.TypeChar16,
		lit.kind == litString && t.typ == cim.TypeDateTime:
		v, err := cim.ParseValue(t.typ, lit.text)
		switch {
		case err != nil && t.typ == cim.TypeChar16:
			c.errors.errorf(lit.pos, `%s, expected one character up to '\xFFFF'`, describe(lit))
		case err != nil:
			c.errors.errorf(lit.pos, "%v", err)
		}
		return v, err == nil
	case t.typ == cim.TypeReference && (lit.kind == litAlias || lit.kind == litString):
		return c.reference(t, lit)
	default:
		c.errors.errorf(lit.pos, "%s, expected %s", describe(lit), article(t.typ))
		return cim.Value{}, false
	}
}

// describe says what a literal is, for messages.
func describe(lit literal) string {
	switch lit.kind {
	case litString:
		return `the string "` + clip(lit.text) + `"`
	case litChar:
		return "the character '" + clip(lit.text) + "'"
	case litNumber:
		return "the number " + clip(lit.text)
	default:
		return clip(lit.text)
	}
}
