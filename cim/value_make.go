package cim

import "math"

// Null returns the NULL of a scalar type.
func Null(t Type) Value { return Value{typ: t} }

// NullArray returns the NULL of an array type.
func NullArray(elem Type) Value { return Value{typ: elem, array: true} }

// Boolean returns a boolean value.
func Boolean(b bool) Value {
	v := Value{typ: TypeBoolean, valid: true}
	if b {
		v.num = 1
	}
	return v
}

// String returns a string value.
func String(s string) Value { return Value{typ: TypeString, valid: true, str: s} }

// Char16 returns a char16 value: one UCS-2 character.
func Char16(c uint16) Value { return Value{typ: TypeChar16, valid: true, num: uint64(c)} }

// Uint8 returns a uint8 value.
func Uint8(n uint8) Value { return Value{typ: TypeUint8, valid: true, num: uint64(n)} }

// Uint16 returns a uint16 value.
func Uint16(n uint16) Value { return Value{typ: TypeUint16, valid: true, num: uint64(n)} }

// Uint32 returns a uint32 value.
func Uint32(n uint32) Value { return Value{typ: TypeUint32, valid: true, num: uint64(n)} }

// Uint64 returns a uint64 value.
func Uint64(n uint64) Value { return Value{typ: TypeUint64, valid: true, num: n} }

// Sint8 returns a sint8 value.
func Sint8(n int8) Value { return signed(TypeSint8, int64(n)) }

// Sint16 returns a sint16 value.
func Sint16(n int16) Value { return signed(TypeSint16, int64(n)) }

// Sint32 returns a sint32 value.
func Sint32(n int32) Value { return signed(TypeSint32, int64(n)) }

// Sint64 returns a sint64 value.
func Sint64(n int64) Value { return signed(TypeSint64, n) }

func signed(t Type, n int64) Value {
	return Value{typ: t, valid: true, num: uint64(n)} // two's complement is how num holds it
}

// Integer returns an integer of no stated type, as keys have it in object path text.
func Integer(n int64) Value {
	v := signed(TypeInteger, n)
	v.neg = n < 0
	return v
}

// Real32 returns a real32 value.
func Real32(f float32) Value {
	return Value{typ: TypeReal32, valid: true, num: math.Float64bits(float64(f))}
}

// Real64 returns a real64 value.
func Real64(f float64) Value {
	return Value{typ: TypeReal64, valid: true, num: math.Float64bits(f)}
}

// Reference returns a reference value: the object path of a class or an instance.
func Reference(p ObjectPath) Value { return Value{typ: TypeReference, valid: true, ext: &p} }

// EmbeddedInstance returns an embedded instance; nil gives NULL.
func EmbeddedInstance(i *Instance) Value {
	if i == nil {
		return Null(TypeInstance)
	}
	return Value{typ: TypeInstance, valid: true, ext: i}
}

// EmbeddedClass returns an embedded class; nil gives NULL.
func EmbeddedClass(c *Class) Value {
	if c == nil {
		return Null(TypeClass)
	}
	return Value{typ: TypeClass, valid: true, ext: c}
}

// ArrayOf returns an array of elements of type t. Elements may be NULL. The slice is
// kept, not copied; the caller sees to it that the elements have type t.
func ArrayOf(t Type, elems ...Value) Value {
	if elems == nil {
		elems = []Value{}
	}
	return Value{typ: t, array: true, valid: true, ext: elems}
}

// Strings returns an array of strings.
func Strings(s ...string) Value {
	elems := make([]Value, len(s))
	for i := range s {
		elems[i] = String(s[i])
	}
	return ArrayOf(TypeString, elems...)
}

// Uint16s returns an array of uint16, the type of most enumerations.
func Uint16s(n ...uint16) Value {
	elems := make([]Value, len(n))
	for i := range n {
		elems[i] = Uint16(n[i])
	}
	return ArrayOf(TypeUint16, elems...)
}
