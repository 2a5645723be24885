package cimxml

import (
	"slices"
	"strings"

	"github.com/cimwatch/cimwatch/cim"
)

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
