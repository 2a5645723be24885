package typed

import "github.com/cimwatch/cimwatch/cim"

// Put adds a field to an instance, unless it is NULL.
func Put[T any](i *cim.Instance, name string, field *T, value func(T) cim.Value) {
	if field != nil {
		i.Properties = append(i.Properties, cim.Prop(name, value(*field)))
	}
}

// PutArray adds a field that is an array of elements of type t to an instance, unless it is
// NULL.
func PutArray[T any](i *cim.Instance, name string, t cim.Type, field []T, value func(T) cim.Value) {
	if field == nil {
		return
	}
	elements := make([]cim.Value, len(field))
	for n, e := range field {
		elements[n] = value(e)
	}
	i.Properties = append(i.Properties, cim.Prop(name, cim.ArrayOf(t, elements...)))
}

// PutValue adds a property to an instance, unless it is NULL.
func PutValue(i *cim.Instance, name string, v cim.Value) {
	if !v.IsNull() {
		i.Properties = append(i.Properties, cim.Prop(name, v))
	}
}

// Uint8 returns the value of a field.
func Uint8[T ~uint8](n T) cim.Value { return cim.Uint8(uint8(n)) }

// Uint16 returns the value of a field.
func Uint16[T ~uint16](n T) cim.Value { return cim.Uint16(uint16(n)) }

// Uint32 returns the value of a field.
func Uint32[T ~uint32](n T) cim.Value { return cim.Uint32(uint32(n)) }

// Uint64 returns the value of a field.
func Uint64[T ~uint64](n T) cim.Value { return cim.Uint64(uint64(n)) }

// Sint8 returns the value of a field.
func Sint8[T ~int8](n T) cim.Value { return cim.Sint8(int8(n)) }

// Sint16 returns the value of a field.
func Sint16[T ~int16](n T) cim.Value { return cim.Sint16(int16(n)) }

// Sint32 returns the value of a field.
func Sint32[T ~int32](n T) cim.Value { return cim.Sint32(int32(n)) }

// Sint64 returns the value of a field.
func Sint64[T ~int64](n T) cim.Value { return cim.Sint64(int64(n)) }
