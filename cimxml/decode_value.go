package cimxml

import (
	"math"

	"github.com/cimwatch/cimwatch/cim"
)

// What a declaration says of the value to come.
type declared struct {
	typ      cim.Type
	array    bool
	embedded cim.EmbeddedObject
}

// declaration reads the attributes that PROPERTY, PARAMVALUE and others declare a value
// with. TYPE, or PARAMTYPE, may be missing; the type is then TypeNone.
func (d *decoder) declaration(typeName string) (t declared) {
	t.typ = d.typeAttr(typeName)
	t.embedded = d.embeddedAttr()
	return t
}

// embeddedAttr reads EmbeddedObject, which also comes in capitals (DSP0201 2.3 and
// 2.2; observed: OpenPegasus writes both on one element).
func (d *decoder) embeddedAttr() cim.EmbeddedObject {
	v := d.attr("EmbeddedObject")
	if other := d.attr("EMBEDDEDOBJECT"); other != nil {
		d.invalidUnless(capitalEmbedded, "%s has EMBEDDEDOBJECT, expected EmbeddedObject", d.name)
		if v == nil {
			v = other
		}
	}
	switch {
	case v == nil:
		return cim.NotEmbedded
	case d.isWord(v, "instance"):
		return cim.EmbeddedAsInstance
	case d.isWord(v, "object"):
		return cim.EmbeddedAsObject
	default:
		d.invalidUnless(wrongAttributes, "EmbeddedObject is %.20q, expected instance or object", v)
		return cim.NotEmbedded
	}
}

// null returns the NULL of a declaration.
func (t declared) null() cim.Value {
	typ := t.typ
	if t.embedded != cim.NotEmbedded {
		typ = cim.TypeInstance
	}
	if t.array {
		return cim.NullArray(typ)
	}
	return cim.Null(typ)
}

// scalar reads VALUE.
func (d *decoder) scalar(t declared) cim.Value {
	text := d.content()
	if d.err != nil {
		return cim.Value{}
	}
	switch {
	case t.embedded != cim.NotEmbedded:
		return d.embeddedObject(text, t)
	case t.typ == cim.TypeString || t.typ == cim.TypeNone:
		if v, ok := d.unmarkedEmbedded(text); ok {
			return v
		}
		return cim.String(d.keep(text))
	default:
		return d.parse(t.typ, text)
	}
}

// parse reads the text of a value.
func (d *decoder) parse(t cim.Type, text []byte) cim.Value {
	if v, ok := shortNumber(t, text); ok {
		return v
	}
	return d.parseText(t, d.keep(text))
}

func (d *decoder) parseText(t cim.Type, text string) cim.Value {
	v, err := cim.ParseValue(t, text)
	if err != nil {
		d.invalidUnless(wrongValues, "%v", err)
		return cim.String(text)
	}
	return v
}

// shortNumber reads the numbers that most values are, some digits and no more, without
// making a string of them.
func shortNumber(t cim.Type, digits []byte) (v cim.Value, ok bool) {
	if len(digits) == 0 || len(digits) > 9 {
		return v, false
	}
	n := uint32(0)
	for _, c := range digits {
		if c < '0' || c > '9' {
			return v, false
		}
		n = 10*n + uint32(c-'0')
	}
	switch {
	case t == cim.TypeUint8 && n <= math.MaxUint8:
		return cim.Uint8(uint8(n)), true
	case t == cim.TypeUint16 && n <= math.MaxUint16:
		return cim.Uint16(uint16(n)), true
	case t == cim.TypeUint32:
		return cim.Uint32(n), true
	case t == cim.TypeUint64:
		return cim.Uint64(uint64(n)), true
	case t == cim.TypeSint32:
		return cim.Sint32(int32(n)), true
	case t == cim.TypeSint64:
		return cim.Sint64(int64(n)), true
	default:
		return v, false
	}
}

// asStrings makes values strings, with the text that they have on the wire.
func asStrings(values []cim.Value) {
	for n, v := range values {
		if !v.IsNull() && v.Type() != cim.TypeString {
			values[n] = cim.String(wireText(v))
		}
	}
}

// wireText returns the text of a scalar, as VALUE holds it.
func wireText(v cim.Value) string {
	if v.Type() != cim.TypeInstance && v.Type() != cim.TypeClass {
		return v.Lexical()
	}
	x := &encoder{}
	x.classOrInstance(v)
	return string(x.out)
}
