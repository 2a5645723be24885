package query

import (
	"cmp"
	"math"
	"strings"

	"github.com/cimwatch/cimwatch/cim"
)

// equal tells whether two values that are not NULL are the same; unknown when they are
// of types that do not compare. Arrays are equal element by element.
func equal(a, b cim.Value) truth {
	if a.IsArray() && b.IsArray() {
		return equalArrays(a.Elements(), b.Elements())
	}
	if order, ok := compare(a, b); ok {
		return truthOf(order == 0)
	}
	if path, ok := a.Reference(); ok {
		return equalPath(path, b)
	}
	if path, ok := b.Reference(); ok {
		return equalPath(path, a)
	}
	if a.Type() != b.Type() || a.IsArray() != b.IsArray() || a.Type().IsReal() {
		return unknown
	}
	return truthOf(a.Equal(b))
}

func equalArrays(a, b []cim.Value) truth {
	if len(a) != len(b) {
		return no
	}
	result := yes
	for i := range a {
		switch {
		case a[i].IsNull() && b[i].IsNull():
		case a[i].IsNull() || b[i].IsNull():
			return no
		default:
			result = min(result, equal(a[i], b[i]))
		}
	}
	return result
}

// equalPath compares a reference with another or with the text of an object path.
func equalPath(p cim.ObjectPath, v cim.Value) truth {
	q, ok := v.Reference()
	if text, isText := v.Text(); isText {
		parsed, err := cim.ParseObjectPath(text)
		q, ok = parsed, err == nil
	}
	if !ok {
		return unknown
	}
	return truthOf(p.Equal(q))
}

// compare orders two scalars that are not NULL; ok is false when they have no order:
// different kinds of types, booleans, references, embedded objects, and NaN.
func compare(a, b cim.Value) (order int, ok bool) {
	if a.IsArray() || b.IsArray() {
		return 0, false
	}
	if a.Type().IsNumeric() && b.Type().IsNumeric() {
		return compareNumbers(a, b)
	}
	if s, isText := a.Text(); isText {
		if t, isText := b.Text(); isText {
			return strings.Compare(s, t), true
		}
	}
	return compareTimes(a, b)
}

func compareNumbers(a, b cim.Value) (order int, ok bool) {
	if m, small := a.Int64(); small {
		if n, small := b.Int64(); small {
			return cmp.Compare(m, n), true
		}
	}
	if m, positive := a.Uint64(); positive {
		if n, positive := b.Uint64(); positive {
			return cmp.Compare(m, n), true
		}
	}
	f, _ := a.Float64()
	g, _ := b.Float64()
	return cmp.Compare(f, g), !math.IsNaN(f) && !math.IsNaN(g)
}

// compareTimes orders date-times of the same form; one of the two may be its text.
func compareTimes(a, b cim.Value) (order int, ok bool) {
	d, okA := dateTime(a)
	e, okB := dateTime(b)
	if !okA || !okB || d.IsInterval() != e.IsInterval() {
		return 0, false
	}
	return cmp.Compare(d.Microseconds(), e.Microseconds()), true
}

func dateTime(v cim.Value) (cim.DateTime, bool) {
	if text, ok := v.Text(); ok {
		d, err := cim.ParseDateTime(text)
		return d, err == nil
	}
	return v.DateTime()
}
