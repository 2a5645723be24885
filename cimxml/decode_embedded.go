package cimxml

import (
	"bytes"
	"errors"

	"github.com/cimwatch/cimwatch/cim"
)

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
