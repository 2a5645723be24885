package store

import (
	"errors"
	"fmt"
	"slices"

	"github.com/cimwatch/cimwatch/cim"
)

// A search looks at little of a record. What it does not look at is passed over: where the
// lengths say that the next field begins, without looking at what is between.

func (d *decoder) skipText() { d.bytes() }

// skipPath passes over an object path.
func (d *decoder) skipPath(depth int) cim.ObjectPath {
	for range 3 { // host, namespace and class
		d.skipText()
	}
	n := d.uint()
	if n == 0 || n-1 > uint64(len(d.b)) {
		if n != 0 {
			d.fail(errShort)
		}
		return cim.ObjectPath{}
	}
	for range n - 1 {
		if d.skipText(); d.skipValue(depth + 1) {
			break
		}
	}
	return cim.ObjectPath{}
}

// skipValue passes over a value, and reports whether that failed.
func (d *decoder) skipValue(depth int) (failed bool) {
	if depth > maxNesting {
		d.fail(errors.New("values are embedded too deep"))
		return true
	}
	form := d.byte()
	if int(form&maskType) >= len(typeCodes) {
		d.fail(fmt.Errorf("type code %d is not known", form&maskType))
		return true
	}
	switch {
	case form&formNull != 0:
	case form&formArray != 0:
		for range d.count() {
			if d.skipValue(depth + 1) {
				break
			}
		}
	default:
		d.skipScalar(typeCodes[form&maskType], depth)
	}
	return d.err != nil
}

func (d *decoder) skipScalar(t cim.Type, depth int) {
	switch {
	case t == cim.TypeBoolean:
		d.byte()
	case t == cim.TypeChar16, t.IsUnsigned(), t.IsSigned():
		d.uint() // of the same length, signed or not
	case t.IsReal():
		d.fixed()
	case t == cim.TypeReference:
		d.skipPath(depth + 1)
	case t == cim.TypeInstance, t == cim.TypeClass:
		d.scalar(t, depth) // they are rare
	default:
		d.skipText()
	}
}

// propertiesNamed decodes those of a list of properties that have one of some names, for as
// long as the record is there, and passes over the others.
func (d *decoder) propertiesNamed(names []string, found []cim.Property) []cim.Property {
	for range d.count() {
		rest := d.b
		name := d.text()
		if slices.ContainsFunc(names, func(n string) bool { return cim.EqualNames(n, name) }) {
			d.b = rest
			found = append(found, d.property(0))
		} else {
			d.skipValue(1)
			d.skipDeclaration()
		}
		if d.err != nil {
			return nil
		}
	}
	return found
}

// skipDeclaration passes over what a property has besides name and value.
func (d *decoder) skipDeclaration() {
	has := d.byte()
	if has&hasOrigin != 0 {
		d.skipText()
	}
	if has&hasReferenceClass != 0 {
		d.skipText()
	}
	if has&hasArraySize != 0 {
		d.int()
	}
	if has&hasQualifiers != 0 {
		d.qualifiers(0)
	}
}
