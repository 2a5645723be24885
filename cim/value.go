package cim

import (
	"math"
	"strings"
)

// Value is a typed CIM value: a scalar or an array, or NULL. The zero Value is a NULL
// of no type. Values are small and meant to be copied; scalars other than references
// and embedded objects hold no pointers but the text of a string.
type Value struct {
	typ   Type
	array bool
	valid bool
	neg   bool   // TypeInteger only: num is the two's complement of a negative number
	aux   uint32 // TypeDateTime: offset, precision and form, see datetime.go
	num   uint64 // integers, booleans, bits of reals, char16, microseconds of date-times
	str   string // strings
	ext   any    // []Value, *ObjectPath, *Instance, *Class
}

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

// Type returns the type of the value, or of its elements when it is an array.
func (v Value) Type() Type { return v.typ }

// DeclaredType returns the type that a declaration of the value has: string for
// embedded objects (DSP0201 EmbeddedObject), else Type.
func (v Value) DeclaredType() Type {
	if v.typ == TypeInstance || v.typ == TypeClass {
		return TypeString
	}
	return v.typ
}

// IsArray reports whether the value is an array, or the NULL of an array type.
func (v Value) IsArray() bool { return v.array }

// IsNull reports whether the value is NULL.
func (v Value) IsNull() bool { return !v.valid }

func (v Value) scalar(t Type) bool { return v.valid && !v.array && v.typ == t }

// Boolean returns a boolean value; ok is false for NULL and every other type.
func (v Value) Boolean() (b, ok bool) {
	return v.num == 1, v.scalar(TypeBoolean)
}

// Text returns a string, or a char16 as a string; ok is false for NULL and every other type.
func (v Value) Text() (s string, ok bool) {
	if v.scalar(TypeChar16) {
		return string(rune(v.num)), true // num holds 16 bits
	}
	return v.str, v.scalar(TypeString)
}

// Char16 returns a char16; ok is false for NULL and every other type.
func (v Value) Char16() (c uint16, ok bool) {
	return uint16(v.num), v.scalar(TypeChar16) // num holds 16 bits
}

// Uint64 returns any integer that is not negative; ok is false for every other value.
func (v Value) Uint64() (n uint64, ok bool) {
	if !v.valid || v.array || !v.typ.IsInteger() || v.negative() {
		return 0, false
	}
	return v.num, true
}

// Int64 returns any integer that fits an int64; ok is false for every other value.
func (v Value) Int64() (n int64, ok bool) {
	if !v.valid || v.array || !v.typ.IsInteger() || !v.negative() && v.num > math.MaxInt64 {
		return 0, false
	}
	return int64(v.num), true // checked above
}

func (v Value) negative() bool {
	return v.neg || v.typ.IsSigned() && int64(v.num) < 0 // two's complement
}

// Float64 returns any number as a float64, rounded where it must be; ok is false for
// every other value.
func (v Value) Float64() (f float64, ok bool) {
	switch {
	case !v.valid || v.array:
		return 0, false
	case v.typ.IsReal():
		return math.Float64frombits(v.num), true
	case v.typ.IsInteger() && v.negative():
		return float64(int64(v.num)), true // two's complement
	default:
		return float64(v.num), v.typ.IsInteger()
	}
}

// Reference returns the object path of a reference; ok is false for NULL and every other type.
func (v Value) Reference() (p ObjectPath, ok bool) {
	if !v.scalar(TypeReference) {
		return ObjectPath{}, false
	}
	return *v.ext.(*ObjectPath), true // the constructor sets it
}

// Instance returns an embedded instance; ok is false for NULL and every other type.
func (v Value) Instance() (i *Instance, ok bool) {
	if !v.scalar(TypeInstance) {
		return nil, false
	}
	i, ok = v.ext.(*Instance)
	return i, ok
}

// Class returns an embedded class; ok is false for NULL and every other type.
func (v Value) Class() (c *Class, ok bool) {
	if !v.scalar(TypeClass) {
		return nil, false
	}
	c, ok = v.ext.(*Class)
	return c, ok
}

// Elements returns the elements of an array, nil for NULL and for scalars. The slice
// is the value's own: do not change it.
func (v Value) Elements() []Value {
	if !v.valid || !v.array {
		return nil
	}
	return v.ext.([]Value) // the constructor sets it
}

// Len returns the number of elements of an array, 0 for NULL and for scalars.
func (v Value) Len() int { return len(v.Elements()) }

// Equal reports whether two values have the same type, form and content. Reals compare
// by bits, so NaN equals itself; date-times as [DateTime.Equal] does.
func (v Value) Equal(w Value) bool {
	if v.typ != w.typ || v.array != w.array || v.valid != w.valid {
		return false
	}
	if !v.valid {
		return true
	}
	if v.array {
		return equalElements(v.Elements(), w.Elements())
	}
	return v.equalScalar(w)
}

func (v Value) equalScalar(w Value) bool {
	switch v.typ {
	case TypeString:
		return v.str == w.str
	case TypeDateTime:
		return v.dateTime().Equal(w.dateTime())
	case TypeReference:
		return v.ext.(*ObjectPath).Equal(*w.ext.(*ObjectPath)) // the constructor sets it
	case TypeInstance:
		return v.ext.(*Instance).Equal(w.ext.(*Instance)) // the constructor sets it
	case TypeClass:
		return v.ext.(*Class).Equal(w.ext.(*Class)) // the constructor sets it
	default:
		return v.num == w.num && v.neg == w.neg
	}
}

func equalElements(a, b []Value) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !a[i].Equal(b[i]) {
			return false
		}
	}
	return true
}

// String returns the value as people read it: strings bare, NULL as "NULL", arrays in
// braces. It is not the wire form and does not parse back; [Value.Lexical] is and does.
func (v Value) String() string {
	if !v.valid {
		return "NULL"
	}
	if !v.array {
		return v.display()
	}
	var b strings.Builder
	b.WriteByte('{')
	for i, e := range v.Elements() {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(e.String())
	}
	b.WriteByte('}')
	return b.String()
}

func (v Value) display() string {
	switch v.typ {
	case TypeInstance:
		return v.ext.(*Instance).String() // the constructor sets it
	case TypeClass:
		return "class " + v.ext.(*Class).Name // the constructor sets it
	default:
		return v.Lexical()
	}
}
