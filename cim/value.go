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
