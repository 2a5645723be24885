package mof_test

import (
	"strings"
	"testing"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/mof"
)

var integerTypes = []cim.Type{
	cim.TypeUint8, cim.TypeUint16, cim.TypeUint32, cim.TypeUint64,
	cim.TypeSint8, cim.TypeSint16, cim.TypeSint32, cim.TypeSint64,
}

func cimInteger(n int64) cim.Value { return cim.Sint64(n) }

func TestValueMap(t *testing.T) {
	tests := []struct {
		typ  cim.Type
		keys string
		want map[int64]string // "" has no meaning
	}{
		{cim.TypeUint8, "1,3..6,9", map[int64]string{0: "", 1: "a", 2: "", 3: "b", 6: "b", 7: "", 9: "c", -1: ""}},
		{cim.TypeUint8, "0,2..4,..6,7..,9,..", map[int64]string{0: "a", 1: "f", 3: "b", 5: "c", 6: "c", 7: "d", 8: "d", 9: "e", 200: "f"}},
		{cim.TypeUint16, "0x8000..,1", map[int64]string{0x7FFF: "", 0x8000: "a", 0xFFFF: "a", 0x10000: "", 1: "b"}},
		{cim.TypeSint8, "..-126,-1,125..", map[int64]string{-128: "a", -126: "a", -125: "", -1: "b", 125: "c", 127: "c"}},
		{cim.TypeSint64, "101b,017,-0x10", map[int64]string{5: "a", 15: "b", -16: "c"}},
		{cim.TypeUint8, "5..5,4..9", map[int64]string{5: "a", 4: "b"}}, // the single number counts first
		{cim.TypeUint8, "4..9,5", map[int64]string{5: "b", 6: "a"}},
	}
	letters := []string{"a", "b", "c", "d", "e", "f"}
	for _, tt := range tests {
		keys := strings.Split(tt.keys, ",")
		m, err := mof.NewValueMap(tt.typ, keys, letters[:len(keys)])
		if err != nil {
			t.Errorf("%s %s: %v", tt.typ, tt.keys, err)
			continue
		}
		for n, want := range tt.want {
			if got, ok := m.Meaning(cim.Sint64(n)); got != want || ok != (want != "") {
				t.Errorf("%s %s: %d means %q %v, want %q", tt.typ, tt.keys, n, got, ok, want)
			}
		}
	}
}

func TestValueMapErrors(t *testing.T) {
	tests := []struct {
		typ          cim.Type
		keys, values []string
		want         string
	}{
		{cim.TypeString, nil, []string{"a"}, "value map of a string, expected an integer type"},
		{cim.TypeUint8, []string{"1", "2"}, []string{"a"}, "value map of 2 entries has 1 values"},
		{cim.TypeUint8, []string{"one"}, []string{"a"}, `value map entry "one": expected an integer`},
		{cim.TypeUint8, []string{"1..x"}, []string{"a"}, `value map entry "1..x": expected an integer`},
		{cim.TypeUint8, []string{"-1"}, []string{"a"}, `value map entry "-1": -1 is out of range for uint64`},
	}
	for _, tt := range tests {
		if _, err := mof.NewValueMap(tt.typ, tt.keys, tt.values); err == nil || err.Error() != tt.want {
			t.Errorf("%s %v: got %v, want %s", tt.typ, tt.keys, err, tt.want)
		}
	}
}

func TestSchemaValueMap(t *testing.T) {
	s := compileWarned(t, `
class A { [Values{"Zero", "One"}] uint8 X; [ValueMap{"5", ".."}, Values{"Five", "Rest"}] sint16 Y[]; uint8 Z;
    [Values{"a"}, ValueMap{"a", "b"}] uint8 W; };
class B : A { };`, nil)
	for _, tt := range []struct {
		property string
		value    int64
		want     string
	}{{"x", 1, "One"}, {"X", 2, ""}, {"Y", 5, "Five"}, {"Y", -7, "Rest"}, {"Z", 0, ""}, {"W", 0, ""}, {"V", 0, ""}} {
		if got, ok := s.ValueMap("b", tt.property).Meaning(cim.Sint64(tt.value)); got != tt.want || ok != (tt.want != "") {
			t.Errorf("%s %d: got %q, want %q", tt.property, tt.value, got, tt.want)
		}
	}
	m := s.ValueMap("A", "Y")
	if n, ok := m.Number("FIVE"); !ok || !n.Equal(cim.Sint64(5)) {
		t.Errorf("five is %v", n)
	}
	if _, ok := m.Number("Rest"); ok {
		t.Error("everything else is one number")
	}
	if _, ok := m.Meaning(cim.String("5")); ok {
		t.Error("a string has a meaning")
	}
	if m := s.ValueMap("Nothing", "X"); m != nil {
		t.Error("a class that is not there has a value map")
	}
	if _, ok := s.ValueMap("A", "Z").Number("x"); ok {
		t.Error("a nil map has a number")
	}
}

// TestQualifiedValueMap reads the map of what is no property.
func TestQualifiedValueMap(t *testing.T) {
	s := compile(t, `class A { [ValueMap{"0", "1..4", ".."}, Values{"Done", "Failed", "Unknown"}] uint32 M(
    [Values{"Off", "On"}] uint8 P, uint8 Q); };`)
	m := s.Local("A").Methods[0]
	result, err := mof.QualifiedValueMap(m.ReturnType, m.Qualifiers)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range result.Entries() {
		got = append(got, e.Low.String()+"-"+e.High.String()+" "+e.Meaning)
	}
	if want := "0-0 Done,1-4 Failed,NULL-NULL Unknown"; strings.Join(got, ",") != want {
		t.Errorf("entries %q, want %s", got, want)
	}
	for i, want := range []string{"On", ""} {
		p := m.Parameters[i]
		of, err := mof.QualifiedValueMap(p.Value.Type(), p.Qualifiers)
		if got, _ := of.Meaning(cim.Uint8(1)); got != want || err != nil || (of == nil) != (want == "") {
			t.Errorf("parameter %s: 1 means %q, %v", p.Name, got, err)
		}
	}
	if of, err := mof.QualifiedValueMap(cim.TypeString, m.Qualifiers); err == nil || of != nil {
		t.Errorf("a string has a value map: %v", err)
	}
	var none *mof.ValueMap
	if none.Entries() != nil {
		t.Error("a nil map has entries")
	}
}
