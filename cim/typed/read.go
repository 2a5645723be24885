package typed

import (
	"errors"
	"fmt"
	"math"

	"github.com/cimwatch/cimwatch/cim"
)

// Reader reads the properties of one instance. It is for one goroutine.
type Reader struct {
	instance *cim.Instance
	errs     []error
}

// NewReader returns a Reader of an instance, which may be nil: all properties are NULL then.
func NewReader(i *cim.Instance) *Reader {
	if i == nil {
		i = &cim.Instance{}
	}
	return &Reader{instance: i}
}

// Err returns what did not fit: an error for each property whose value has another type than
// the field, or is too large for it. These fields are NULL.
func (r *Reader) Err() error { return errors.Join(r.errs...) }

// Class returns the class of the instance.
func (r *Reader) Class() string { return r.instance.Class }

// Path returns the path of the instance, zero where it is not known.
func (r *Reader) Path() cim.ObjectPath { return r.instance.Path }

// Value returns a property as it is.
func (r *Reader) Value(name string) cim.Value { return r.instance.Get(name) }

func (r *Reader) misfit(name string, v cim.Value) {
	text := v.Type().String()
	if v.IsArray() {
		text += "[]"
	}
	r.errs = append(r.errs, fmt.Errorf("property %s.%s: %s %.40q does not fit", r.instance.Class, name, text, v.String()))
}

// Scalar returns a property that is no array, nil for NULL. The method expressions of
// [cim.Value], such as cim.Value.Text, and [ToUint], [ToSint] and [ToReal] read values.
func Scalar[T any](r *Reader, name string, read func(cim.Value) (T, bool)) *T {
	v := r.Value(name)
	if v.IsNull() {
		return nil
	}
	value, ok := read(v)
	if !ok || v.IsArray() {
		r.misfit(name, v)
		return nil
	}
	return &value
}

// Array returns a property that is an array, nil for NULL and not nil for an empty one.
func Array[T any](r *Reader, name string, read func(cim.Value) (T, bool)) []T {
	v := r.Value(name)
	if v.IsNull() {
		return nil
	}
	values := make([]T, v.Len())
	for i, e := range v.Elements() {
		if e.IsNull() {
			continue
		}
		var ok bool
		if values[i], ok = read(e); !ok {
			r.misfit(name, v)
			return nil
		}
	}
	if !v.IsArray() {
		r.misfit(name, v)
		return nil
	}
	return values
}

// Get returns what a field points to, the zero value for NULL.
func Get[T any](field *T) T {
	if field == nil {
		var zero T
		return zero
	}
	return *field
}

// Unsigned is the types of fields for unsigned integers.
type Unsigned interface {
	~uint8 | ~uint16 | ~uint32 | ~uint64
}

// Signed is the types of fields for signed integers.
type Signed interface {
	~int8 | ~int16 | ~int32 | ~int64
}

// ToUint returns an integer of any type that fits into T.
func ToUint[T Unsigned](v cim.Value) (T, bool) {
	n, ok := v.Uint64()
	return T(n), ok && uint64(T(n)) == n
}

// ToSint returns an integer of any type that fits into T.
func ToSint[T Signed](v cim.Value) (T, bool) {
	n, ok := v.Int64()
	return T(n), ok && int64(T(n)) == n
}

// ToReal returns a number of any type that T is not too small for, rounded where it must be.
func ToReal[T ~float32 | ~float64](v cim.Value) (T, bool) {
	f, ok := v.Float64()
	return T(f), ok && math.IsInf(float64(T(f)), 0) == math.IsInf(f, 0)
}
