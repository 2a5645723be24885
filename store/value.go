package store

import (
	"errors"
	"fmt"
	"math"

	"github.com/cimwatch/cimwatch/cim"
)

// A value is a byte of type and form, then its content. The numbers of types are those of
// this file, not of package cim, which may order its constants as it likes.
var typeCodes = [...]cim.Type{
	cim.TypeNone, cim.TypeBoolean, cim.TypeString, cim.TypeChar16,
	cim.TypeUint8, cim.TypeUint16, cim.TypeUint32, cim.TypeUint64,
	cim.TypeSint8, cim.TypeSint16, cim.TypeSint32, cim.TypeSint64,
	cim.TypeReal32, cim.TypeReal64, cim.TypeDateTime, cim.TypeReference,
	cim.TypeInteger, cim.TypeInstance, cim.TypeClass,
}

const (
	formNull  = 0x80
	formArray = 0x40
	maskType  = 0x3f

	// maxDepth limits how deep values are embedded in each other; indications nest one or
	// two levels. What is deeper is kept as NULL, so that nothing a host sends makes a
	// record that cannot be read.
	maxDepth = 32
	// maxNesting is what the decoder follows: it counts a level for each record within.
	maxNesting = 4 * maxDepth
)

func typeCode(t cim.Type) byte {
	for code, known := range typeCodes {
		if known == t {
			return byte(code)
		}
	}
	return 0
}

func (e *encoder) value(v cim.Value) {
	form := typeCode(v.Type())
	if v.IsArray() {
		form |= formArray
	}
	if v.IsNull() || e.depth >= maxDepth {
		e.byte(form | formNull)
		return
	}
	e.depth++
	defer func() { e.depth-- }()
	e.byte(form)
	if !v.IsArray() {
		e.scalar(v)
		return
	}
	e.uint(uint64(v.Len()))
	for _, element := range v.Elements() {
		e.value(element)
	}
}

func (e *encoder) scalar(v cim.Value) {
	switch t := v.Type(); {
	case t == cim.TypeBoolean:
		b, _ := v.Boolean()
		e.bool(b)
	case t == cim.TypeChar16:
		c, _ := v.Char16()
		e.uint(uint64(c))
	case t.IsUnsigned():
		n, _ := v.Uint64()
		e.uint(n)
	case t.IsSigned():
		n, _ := v.Int64()
		e.int(n)
	case t.IsReal():
		f, _ := v.Float64()
		e.float(f)
	case t == cim.TypeReference:
		p, _ := v.Reference()
		e.path(p)
	case t == cim.TypeInstance:
		i, _ := v.Instance()
		e.instance(i)
	case t == cim.TypeClass:
		c, _ := v.Class()
		e.class(c)
	default: // strings, date-times, integers of no stated type
		e.text(v.Lexical())
	}
}

func (d *decoder) value(depth int) cim.Value {
	if depth > maxNesting {
		d.fail(errors.New("values are embedded too deep"))
		return cim.Value{}
	}
	form := d.byte()
	if int(form&maskType) >= len(typeCodes) {
		d.fail(fmt.Errorf("type code %d is not known", form&maskType))
		return cim.Value{}
	}
	t := typeCodes[form&maskType]
	switch {
	case form&formNull != 0 && form&formArray != 0:
		return cim.NullArray(t)
	case form&formNull != 0:
		return cim.Null(t)
	case form&formArray != 0:
		return d.array(t, depth)
	default:
		return d.scalar(t, depth)
	}
}

func (d *decoder) array(t cim.Type, depth int) cim.Value {
	elements := list(d, func() cim.Value { return d.value(depth + 1) })
	for _, e := range elements {
		if e.Type() != t || e.IsArray() {
			d.fail(fmt.Errorf("an element of an array of %v has type %v", t, e.Type()))
			return cim.Value{}
		}
	}
	return cim.ArrayOf(t, elements...)
}

func (d *decoder) scalar(t cim.Type, depth int) cim.Value {
	switch {
	case t == cim.TypeBoolean:
		return cim.Boolean(d.bool())
	case t == cim.TypeString:
		return cim.String(d.text())
	case t == cim.TypeChar16:
		return cim.Char16(uint16(d.below(math.MaxUint16)))
	case t.IsUnsigned():
		return d.unsigned(t)
	case t.IsSigned():
		return d.signed(t)
	case t == cim.TypeReal32:
		return cim.Real32(float32(d.float()))
	case t == cim.TypeReal64:
		return cim.Real64(d.float())
	case t == cim.TypeReference:
		return cim.Reference(d.path(depth + 1))
	case t == cim.TypeInstance:
		return cim.EmbeddedInstance(d.instance(depth + 1))
	case t == cim.TypeClass:
		return cim.EmbeddedClass(d.class(depth + 1))
	default:
		return d.lexical(t)
	}
}

// below reads a number that must not be above limit.
func (d *decoder) below(limit uint64) uint64 {
	n := d.uint()
	if n > limit {
		d.fail(fmt.Errorf("%d is above %d", n, limit))
		return 0
	}
	return n
}

func (d *decoder) unsigned(t cim.Type) cim.Value {
	n := d.below(math.MaxUint64 >> (64 - t.Bits()))
	switch t {
	case cim.TypeUint8:
		return cim.Uint8(uint8(n))
	case cim.TypeUint16:
		return cim.Uint16(uint16(n))
	case cim.TypeUint32:
		return cim.Uint32(uint32(n))
	default:
		return cim.Uint64(n)
	}
}

func (d *decoder) signed(t cim.Type) cim.Value {
	n := d.int()
	if limit := int64(math.MaxInt64) >> (64 - t.Bits()); n > limit || n < -limit-1 {
		d.fail(fmt.Errorf("%d is not a %v", n, t))
		return cim.Value{}
	}
	switch t {
	case cim.TypeSint8:
		return cim.Sint8(int8(n))
	case cim.TypeSint16:
		return cim.Sint16(int16(n))
	case cim.TypeSint32:
		return cim.Sint32(int32(n))
	default:
		return cim.Sint64(n)
	}
}

func (d *decoder) lexical(t cim.Type) cim.Value {
	text := d.text()
	if d.err != nil {
		return cim.Value{}
	}
	v, err := cim.ParseValue(t, text)
	if err != nil {
		d.fail(err)
	}
	return v
}
