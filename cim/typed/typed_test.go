package typed_test

import (
	"fmt"
	"math"
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
