package typed_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cim/typed"
)

func Example() {
	alert := cim.NewInstance("LAB_Alert", cim.Prop("Type", cim.Uint16(8)), cim.Prop("Codes", cim.ArrayOf(cim.TypeSint8, cim.Sint8(-1))))
	r := typed.NewReader(alert)
	kind := typed.Scalar(r, "Type", typed.ToUint[uint16])
	codes := typed.Array(r, "Codes", typed.ToSint[int8])
	text := typed.Scalar(r, "Description", cim.Value.Text) // the alert has none
	fmt.Println(*kind, codes, text == nil, typed.Get(text) == "", r.Err())
	// Output: 8 [-1] true true <nil>
}

// TestIntegers reads any integer into the smallest types, which take it exactly when it fits.
func TestIntegers(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		n := rapid.Int64().Draw(r, "n")
		small, ok := typed.ToSint[int8](cim.Sint64(n))
		if fits := n >= math.MinInt8 && n <= math.MaxInt8; ok != fits || ok && int64(small) != n {
			r.Fatalf("%d becomes %d, %v", n, small, ok)
		}
		u := rapid.Uint64().Draw(r, "u")
		byteSized, ok := typed.ToUint[uint8](cim.Uint64(u))
		if ok != (u <= math.MaxUint8) || ok && uint64(byteSized) != u {
			r.Fatalf("%d becomes %d, %v", u, byteSized, ok)
		}
		if got, ok := typed.ToSint[int64](cim.Sint64(n)); !ok || got != n {
			r.Fatalf("%d becomes %d, %v", n, got, ok)
		}
	})
}

func TestNegativeIsNotUnsigned(t *testing.T) {
	if n, ok := typed.ToUint[uint64](cim.Sint8(-1)); ok {
		t.Errorf("-1 is %d", n)
	}
	if n, ok := typed.ToSint[int64](cim.Uint64(math.MaxUint64)); ok {
		t.Errorf("the largest uint64 is %d", n)
	}
	if _, ok := typed.ToReal[float32](cim.String("1")); ok {
		t.Error("a string is a real")
	}
}

// TestPut writes what is not NULL.
func TestPut(t *testing.T) {
	i := &cim.Instance{Class: "LAB_Alert"}
	n := uint16(8)
	typed.Put(i, "Type", &n, typed.Uint16)
	typed.Put(i, "None", (*uint16)(nil), typed.Uint16)
	typed.PutArray(i, "Codes", cim.TypeSint8, []int8{}, typed.Sint8)
	typed.PutArray(i, "NoCodes", cim.TypeSint8, []int8(nil), typed.Sint8)
	typed.PutValue(i, "Value", cim.Boolean(true))
	typed.PutValue(i, "NoValue", cim.Value{})
	want := cim.NewInstance("LAB_Alert", cim.Prop("Type", cim.Uint16(8)), cim.Prop("Codes", cim.ArrayOf(cim.TypeSint8)), cim.Prop("Value", cim.Boolean(true)))
	if !i.Equal(want) {
		t.Errorf("instance is %s, want %s", i, want)
	}
}

// TestMisfits reads properties into fields of other types: the field is NULL, and the error names
// the property and says what it is.
func TestMisfits(t *testing.T) {
	text := func(r *typed.Reader) bool { return typed.Scalar(r, "P", cim.Value.Text) == nil }
	small := func(r *typed.Reader) bool { return typed.Scalar(r, "P", typed.ToUint[uint8]) == nil }
	real32 := func(r *typed.Reader) bool { return typed.Scalar(r, "P", typed.ToReal[float32]) == nil }
	smalls := func(r *typed.Reader) bool { return typed.Array(r, "P", typed.ToUint[uint8]) == nil }
	for name, tt := range map[string]struct {
		value cim.Value
		read  func(*typed.Reader) (isNull bool)
		want  string
	}{
		"number for a text":    {cim.Uint16(7), text, `property LAB_Alert.P: uint16 "7" does not fit`},
		"array for one":        {cim.ArrayOf(cim.TypeUint8, cim.Uint8(7)), small, `property LAB_Alert.P: uint8[] "{7}" does not fit`},
		"too large":            {cim.Uint16(256), small, `property LAB_Alert.P: uint16 "256" does not fit`},
		"negative":             {cim.Sint16(-1), small, `property LAB_Alert.P: sint16 "-1" does not fit`},
		"too large a real":     {cim.Real64(1e300), real32, `property LAB_Alert.P: real64 "1.0E+300" does not fit`},
		"one for an array":     {cim.Uint8(7), smalls, `property LAB_Alert.P: uint8 "7" does not fit`},
		"element is too large": {cim.Uint16s(7, 256), smalls, `property LAB_Alert.P: uint16[] "{7, 256}" does not fit`},
		"a long text, cut":     {cim.String(strings.Repeat("x", 100)), small, `property LAB_Alert.P: string "` + strings.Repeat("x", 40) + `" does not fit`},
		"a text for an array":  {cim.String("x"), smalls, `property LAB_Alert.P: string "x" does not fit`},
		"NULL":                 {cim.Null(cim.TypeString), small, ""},
		"NULL for an array":    {cim.Null(cim.TypeString), smalls, ""},
		"an infinite real":     {cim.Real64(math.Inf(1)), func(r *typed.Reader) bool { return !real32(r) }, ""},
		"the largest real":     {cim.Real64(math.MaxFloat32), func(r *typed.Reader) bool { return !real32(r) }, ""},
	} {
		r := typed.NewReader(cim.NewInstance("LAB_Alert", cim.Prop("P", tt.value)))
		null := tt.read(r)
		got := ""
		if err := r.Err(); err != nil {
			got = err.Error()
		}
		if !null || got != tt.want {
			t.Errorf("%s: NULL is %v, error %q, want %q", name, null, got, tt.want)
		}
	}
	r := typed.NewReader(nil)
	if !text(r) || !smalls(r) || r.Err() != nil || r.Class() != "" || r.Path().IsInstance() {
		t.Errorf("of no instance there is something: %v", r.Err())
	}
}

// TestArrays reads NULL elements as zero, and tells an empty array from none.
func TestArrays(t *testing.T) {
	i := cim.NewInstance("LAB_Alert", cim.Prop("Empty", cim.ArrayOf(cim.TypeUint8)),
		cim.Prop("Some", cim.ArrayOf(cim.TypeUint8, cim.Uint8(7), cim.Null(cim.TypeUint8))))
	r := typed.NewReader(i)
	if got := typed.Array(r, "Empty", typed.ToUint[uint8]); got == nil || len(got) > 0 {
		t.Errorf("an empty array is %v", got)
	}
	if got := typed.Array(r, "None", typed.ToUint[uint8]); got != nil {
		t.Errorf("no array is %v", got)
	}
	if got := typed.Array(r, "Some", typed.ToUint[uint8]); !slices.Equal(got, []uint8{7, 0}) {
		t.Errorf("read %v, want 7 and 0", got)
	}
	if err := r.Err(); err != nil {
		t.Error(err)
	}
}

// TestWritten reads what was written, in every integer type at its bounds.
func TestWritten(t *testing.T) {
	writtenAndRead(t, typed.Uint8, typed.ToUint[uint8], cim.TypeUint8, 0, math.MaxUint8)
	writtenAndRead(t, typed.Uint16, typed.ToUint[uint16], cim.TypeUint16, 0, math.MaxUint16)
	writtenAndRead(t, typed.Uint32, typed.ToUint[uint32], cim.TypeUint32, 0, math.MaxUint32)
	writtenAndRead(t, typed.Uint64, typed.ToUint[uint64], cim.TypeUint64, 0, math.MaxUint64)
	writtenAndRead(t, typed.Sint8, typed.ToSint[int8], cim.TypeSint8, math.MinInt8, math.MaxInt8)
	writtenAndRead(t, typed.Sint16, typed.ToSint[int16], cim.TypeSint16, math.MinInt16, math.MaxInt16)
	writtenAndRead(t, typed.Sint32, typed.ToSint[int32], cim.TypeSint32, math.MinInt32, math.MaxInt32)
	writtenAndRead(t, typed.Sint64, typed.ToSint[int64], cim.TypeSint64, math.MinInt64, math.MaxInt64)
}

func writtenAndRead[T comparable](t *testing.T, write func(T) cim.Value, read func(cim.Value) (T, bool), want cim.Type, bounds ...T) {
	t.Helper()
	for _, n := range bounds {
		i := &cim.Instance{Class: "LAB_Alert"}
		typed.Put(i, "One", &n, write)
		typed.PutArray(i, "Some", want, []T{n, n}, write)
		r := typed.NewReader(i)
		one, some := typed.Scalar(r, "One", read), typed.Array(r, "Some", read)
		if one == nil || *one != n || !slices.Equal(some, []T{n, n}) || r.Value("One").Type() != want || r.Err() != nil {
			t.Errorf("%v was written as %s and read as %v and %v: %v", n, i, one, some, r.Err())
		}
	}
}
