package cimxml

import (
	"bytes"
	"errors"
	"math"
	"slices"
	"strings"

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

// array reads VALUE.ARRAY.
func (d *decoder) array(t declared) cim.Value {
	elem := t
	elem.array = false
	if elem.typ == cim.TypeNone {
		elem.typ = cim.TypeString
	}
	values := d.values[:0]
	for d.child() {
		switch d.name {
		case "VALUE":
			values = append(values, d.element(elem))
		case "VALUE.NULL":
			d.leaf()
			values = append(values, elem.null())
		default:
			d.unexpected("VALUE or VALUE.NULL")
		}
	}
	if elem.embedded == cim.NotEmbedded && elem.typ == cim.TypeString {
		d.unmarkedElements(values)
	}
	v := arrayOf(slices.Clone(values), elem)
	clear(values)
	d.values = values
	return v
}

// element reads VALUE within an array. What looks like an embedded object but is not
// marked as one stays a string until the whole array is known.
func (d *decoder) element(t declared) cim.Value {
	if t.embedded == cim.NotEmbedded && t.typ == cim.TypeString {
		return cim.String(d.keep(d.content()))
	}
	return d.scalar(t)
}

// unmarkedElements reads strings as embedded objects if all of them are such.
func (d *decoder) unmarkedElements(values []cim.Value) {
	for _, v := range values {
		if text, ok := v.Text(); ok && !strings.HasPrefix(strings.TrimSpace(text), "<") {
			return
		}
	}
	objects := make([]cim.Value, 0, len(values))
	for _, v := range values {
		if text, ok := v.Text(); ok {
			if v, ok = d.unmarkedEmbedded([]byte(text)); !ok {
				return
			}
		}
		objects = append(objects, v)
	}
	copy(values, objects)
}

// referenceArray reads VALUE.REFARRAY.
func (d *decoder) referenceArray() cim.Value {
	values := []cim.Value{}
	for d.child() {
		switch d.name {
		case "VALUE.REFERENCE":
			values = append(values, cim.Reference(d.valueReference()))
		case "VALUE.NULL":
			d.leaf()
			values = append(values, cim.Null(cim.TypeReference))
		default:
			d.unexpected("VALUE.REFERENCE or VALUE.NULL")
		}
	}
	return cim.ArrayOf(cim.TypeReference, values...)
}

// arrayOf makes an array of the declared type, or of that of its embedded objects, or of
// strings where elements had to be taken as such.
func arrayOf(values []cim.Value, t declared) cim.Value {
	typ := t.null().Type()
	wrong := false
	for _, v := range values {
		switch {
		case v.IsNull():
		case v.Type() == cim.TypeInstance || v.Type() == cim.TypeClass:
			typ = v.Type()
		case v.Type() != typ:
			wrong = true
		}
	}
	if wrong {
		typ = cim.TypeString
		asStrings(values)
	}
	for n := range values {
		if values[n].IsNull() {
			values[n] = cim.Null(typ)
		}
	}
	return cim.ArrayOf(typ, values...)
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

// looksEmbedded reports whether a text may be an embedded object that is not marked as
// one (observed: sfcb leaves EmbeddedObject out in some answers).
func looksEmbedded(text []byte) bool {
	for len(text) > 0 && isSpace(text[0]) {
		text = text[1:]
	}
	if len(text) == 0 || text[0] != '<' {
		return false
	}
	return bytes.HasPrefix(text, []byte("<INSTANCE ")) || bytes.HasPrefix(text, []byte("<CLASS ")) ||
		bytes.HasPrefix(text, []byte("<?xml "))
}

// unmarkedEmbedded reads text as an embedded object if it is a whole one; else it is
// just a string.
func (d *decoder) unmarkedEmbedded(text []byte) (cim.Value, bool) {
	if !d.tolerates(unmarkedObjects) || !looksEmbedded(text) {
		return cim.Value{}, false
	}
	v, err := d.inner(text)
	return v, err == nil
}

func (d *decoder) embeddedObject(text []byte, t declared) cim.Value {
	if allSpace(text) && d.tolerates(emptyObjects) {
		return t.null()
	}
	v, err := d.inner(text)
	if err == nil && v.Type() == cim.TypeClass && t.embedded == cim.EmbeddedAsInstance {
		err = errClass
	}
	switch {
	case err == nil:
		return v
	case errors.Is(err, ErrTooLarge):
		d.err = d.fail(ErrTooLarge, "embedded object: %v", err)
	default: // not well-formed in there is well-formed, but not valid, out here
		d.invalidUnless(wrongValues, "embedded object: %v", err)
	}
	return cim.String(d.keep(text))
}

var errClass = errors.New("a class, expected an instance")

// inner decodes the text of an embedded object: an INSTANCE or CLASS as a document of
// its own, with an XML declaration or without, a path in front or not.
func (d *decoder) inner(text []byte) (cim.Value, error) {
	if d.embedded >= d.limits.Embedded {
		return cim.Value{}, d.fail(ErrTooLarge, "embedded objects are nested deeper than %d", d.embedded)
	}
	if d.free == nil {
		d.free = &decoder{embedded: d.embedded + 1}
	}
	limits := d.limits
	limits.Depth = max(1, limits.Depth-len(d.stack))
	e := d.free
	e.err = nil
	e.tolerate(d.takes)
	e.reset(bytes.TrimLeft(text, " \t\r\n"), limits)
	e.elements = d.elements // all elements count together
	v := e.embeddedRoot()
	d.elements = e.elements
	return v, e.err
}

func (d *decoder) embeddedRoot() cim.Value {
	if !d.child() {
		return cim.Value{}
	}
	var v cim.Value
	switch d.name {
	case "INSTANCE":
		v = cim.EmbeddedInstance(d.instance())
	case "CLASS":
		v = cim.EmbeddedClass(d.class())
	case "VALUE.NAMEDINSTANCE", "VALUE.INSTANCEWITHPATH":
		v = d.namedObject()
	default:
		d.unexpected("INSTANCE or CLASS")
	}
	if d.child() {
		d.unexpected("the end of the embedded object")
	}
	return v
}

// namedObject reads an embedded instance that comes with its path.
func (d *decoder) namedObject() cim.Value {
	d.invalidUnless(namedObjects, "%s was not expected, expected INSTANCE or CLASS", d.name)
	if d.name == "VALUE.NAMEDINSTANCE" {
		return cim.EmbeddedInstance(d.namedInstance())
	}
	return cim.EmbeddedInstance(d.instanceWithPath())
}
