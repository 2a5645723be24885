package cim_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/cimwatch/cimwatch/cim"
)

func TestLexical(t *testing.T) {
	path := cim.InstancePath("root/cimv2", "C", cim.Key{Name: "k", Value: cim.String("v")})
	inst := cim.NewInstance("C", cim.Prop("a", cim.Uint8(1)), cim.Prop("b", cim.Null(cim.TypeString)))
	tests := []struct {
		v                    cim.Value
		lexical, shown, json string
	}{
		{cim.Value{}, "", "NULL", "null"},
		{cim.Null(cim.TypeUint8), "", "NULL", "null"},
		{cim.NullArray(cim.TypeUint8), "", "NULL", "null"},
		{cim.Boolean(true), "TRUE", "TRUE", "true"},
		{cim.Boolean(false), "FALSE", "FALSE", "false"},
		{cim.String(""), "", "", `""`},
		{cim.String(" a\"b<é "), ` a"b<é `, ` a"b<é `, `" a\"b\u003cé "`},
		{cim.Char16('é'), "é", "é", `"é"`},
		{cim.Uint8(255), "255", "255", "255"},
		{cim.Uint16(65535), "65535", "65535", "65535"},
		{cim.Uint32(4294967295), "4294967295", "4294967295", "4294967295"},
		{cim.Uint64(math.MaxUint64), "18446744073709551615", "18446744073709551615", "18446744073709551615"},
		{cim.Sint8(-128), "-128", "-128", "-128"},
		{cim.Sint16(-32768), "-32768", "-32768", "-32768"},
		{cim.Sint32(-2147483648), "-2147483648", "-2147483648", "-2147483648"},
		{cim.Sint64(math.MinInt64), "-9223372036854775808", "-9223372036854775808", "-9223372036854775808"},
		{cim.Integer(-7), "-7", "-7", "-7"},
		{cim.Real32(3.1415927), "3.1415927E+00", "3.1415927E+00", "3.1415927"},
		{cim.Real64(0.1), "1.0E-01", "1.0E-01", "0.1"},
		{cim.Real64(-1e300), "-1.0E+300", "-1.0E+300", "-1e+300"},
		{cim.Real64(math.Copysign(0, -1)), "-0.0E+00", "-0.0E+00", "-0"},
		{cim.Real32(float32(math.Inf(1))), "INF", "INF", `"INF"`},
		{cim.Real64(math.Inf(-1)), "-INF", "-INF", `"-INF"`},
		{cim.Real64(math.NaN()), "NaN", "NaN", `"NaN"`},
		{mustDateTime("20261120075823.073983+000").Value(), "20261120075823.073983+000", "20261120075823.073983+000", `"20261120075823.073983+000"`},
		{cim.Reference(path), `root/cimv2:C.k="v"`, `root/cimv2:C.k="v"`, `"root/cimv2:C.k=\"v\""`},
		{cim.EmbeddedInstance(inst), "", "instance of C {a = 1; b = NULL}", `{"class":"C","properties":{"a":1,"b":null}}`},
		{cim.EmbeddedInstance(nil), "", "NULL", "null"},
		{cim.EmbeddedClass(&cim.Class{Name: "C"}), "", "class C", `{"class":"C"}`},
		{cim.EmbeddedClass(nil), "", "NULL", "null"},
		{cim.Strings("a", ""), "", "{a, }", `["a",""]`},
		{cim.Strings(), "", "{}", `[]`},
		{cim.ArrayOf(cim.TypeUint16, cim.Uint16(1), cim.Null(cim.TypeUint16)), "", "{1, NULL}", `[1,null]`},
	}
	for _, tt := range tests {
		if got := tt.v.Lexical(); got != tt.lexical {
			t.Errorf("Lexical() = %q, want %q", got, tt.lexical)
		}
		if got := tt.v.String(); got != tt.shown {
			t.Errorf("String() = %q, want %q", got, tt.shown)
		}
		if got, err := json.Marshal(tt.v); err != nil || string(got) != tt.json {
			t.Errorf("JSON = %s, %v, want %s", got, err, tt.json)
		}
		if same := tt.v; !tt.v.Equal(same) {
			t.Errorf("%s does not equal itself", tt.v)
		}
	}
	for i, a := range tests {
		for j, b := range tests {
			if i != j && a.v.Equal(b.v) {
				t.Errorf("%s %s equals %s %s", a.v.Type(), a.v, b.v.Type(), b.v)
			}
		}
	}
}

func TestParseValue(t *testing.T) {
	tests := []struct {
		typ  cim.Type
		text string
		want cim.Value
	}{
		{cim.TypeBoolean, " tRuE\n", cim.Boolean(true)},
		{cim.TypeBoolean, "FALSE", cim.Boolean(false)},
		{cim.TypeString, " x ", cim.String(" x ")},
		{cim.TypeChar16, " ", cim.Char16(' ')},
		{cim.TypeChar16, "\uffff", cim.Char16(0xffff)},
		{cim.TypeUint8, "255", cim.Uint8(255)},
		{cim.TypeUint8, " +007\t", cim.Uint8(7)},
		{cim.TypeUint8, "-0", cim.Uint8(0)},
		{cim.TypeUint16, "0xFFFF", cim.Uint16(65535)},
		{cim.TypeUint32, "4294967295", cim.Uint32(math.MaxUint32)},
		{cim.TypeUint64, "18446744073709551615", cim.Uint64(math.MaxUint64)},
		{cim.TypeSint8, "-128", cim.Sint8(-128)},
		{cim.TypeSint8, "-0x80", cim.Sint8(-128)},
		{cim.TypeSint16, "32767", cim.Sint16(32767)},
		{cim.TypeSint32, "-2147483648", cim.Sint32(math.MinInt32)},
		{cim.TypeSint64, "-9223372036854775808", cim.Sint64(math.MinInt64)},
		{cim.TypeInteger, "-1", cim.Integer(-1)},
		{cim.TypeReal32, "3.1415927e+00", cim.Real32(3.1415927)},
		{cim.TypeReal32, "1e38", cim.Real32(1e38)},
		{cim.TypeReal32, "1e-60", cim.Real32(0)},
		{cim.TypeReal64, " -1 ", cim.Real64(-1)},
		{cim.TypeReal64, ".5", cim.Real64(.5)},
		{cim.TypeReal64, "-inf", cim.Real64(math.Inf(-1))},
		{cim.TypeReal64, "NAN", cim.Real64(math.NaN())},
		{cim.TypeDateTime, " 00000001010101.000001:000 ", mustDateTime("00000001010101.000001:000").Value()},
		{cim.TypeReference, "root/cimv2:C", cim.Reference(cim.ClassPath("root/cimv2", "C"))},
	}
	for _, tt := range tests {
		got, err := cim.ParseValue(tt.typ, tt.text)
		if err != nil || !got.Equal(tt.want) {
			t.Errorf("ParseValue(%s, %q) = %s %s, %v, want %s", tt.typ, tt.text, got.Type(), got, err, tt.want)
		}
	}
}

func TestParseValueErrors(t *testing.T) {
	tests := []struct {
		typ        cim.Type
		text, want string
	}{
		{cim.TypeBoolean, "1", `"1" is not a boolean`},
		{cim.TypeChar16, "", `"" is not a char16`},
		{cim.TypeChar16, "ab", `"ab" is not a char16`},
		{cim.TypeChar16, "😀", `"😀" is not a char16`},
		{cim.TypeReal32, "1e39", `1e39 is out of range for real32`},
		{cim.TypeReal64, "-1e400", `-1e400 is out of range for real64`},
		{cim.TypeUint8, "256", `256 is out of range for uint8`},
		{cim.TypeUint8, "-1", `-1 is out of range for uint8`},
		{cim.TypeUint64, "18446744073709551616", `18446744073709551616 is out of range for uint64`},
		{cim.TypeSint8, "128", `128 is out of range for sint8`},
		{cim.TypeSint8, "-129", `-129 is out of range for sint8`},
		{cim.TypeSint64, "9223372036854775808", `9223372036854775808 is out of range for sint64`},
		{cim.TypeInteger, "-9223372036854775809", `-9223372036854775809 is out of range for integer`},
		{cim.TypeUint32, "", `"" is not a uint32`},
		{cim.TypeUint32, "x", `"x" is not a uint32`},
		{cim.TypeUint32, "0x", `"0x" is not a uint32`},
		{cim.TypeUint32, "1_000", `"1_000" is not a uint32`},
		{cim.TypeUint32, "--1", `"--1" is not a uint32`},
		{cim.TypeUint32, "1.0", `"1.0" is not a uint32`},
		{cim.TypeReal32, "", `"" is not a real32`},
		{cim.TypeReal32, "infinity", `"infinity" is not a real32`},
		{cim.TypeReal64, "0x1p4", `"0x1p4" is not a real64`},
		{cim.TypeReal64, "1_0", `"1_0" is not a real64`},
		{cim.TypeDateTime, "now", `"now" is not a datetime: it has 3 characters instead of 25`},
		{cim.TypeReference, "", `object path "": "" is not a class name`},
		{cim.TypeInstance, "x", `type instance has no text form`},
		{cim.TypeNone, "x", `type none has no text form`},
		{cim.TypeUint8, "123456789012345678901234567890123456789012345678901234567890123éz",
			`123456789012345678901234567890123456789012345678901234567890123... is out of range for uint8`},
	}
	for _, tt := range tests {
		v, err := cim.ParseValue(tt.typ, tt.text)
		if err == nil || err.Error() != tt.want {
			t.Errorf("ParseValue(%s, %q) = %s, %v\nwant %s", tt.typ, tt.text, v, err, tt.want)
		}
	}
}

// Each accessor gives what it is for and refuses everything else.
func TestAccessors(t *testing.T) {
	path := cim.ClassPath("", "C")
	inst, class := cim.NewInstance("C"), &cim.Class{Name: "C"}
	values := map[string]cim.Value{
		"none": {}, "null": cim.Null(cim.TypeUint8), "array": cim.Strings("x"), "boolean": cim.Boolean(true),
		"string": cim.String("x"), "char16": cim.Char16('x'), "uint8": cim.Uint8(1), "sint8": cim.Sint8(-1),
		"huge": cim.Uint64(math.MaxUint64), "real": cim.Real64(1.5), "datetime": cim.Interval(0).Value(),
		"reference": cim.Reference(path), "instance": cim.EmbeddedInstance(inst), "class": cim.EmbeddedClass(class),
		"integer": cim.Integer(-1),
	}
	accessors := map[string]struct {
		ok    func(cim.Value) bool
		takes []string
	}{
		"Boolean":   {func(v cim.Value) bool { b, ok := v.Boolean(); return ok && b }, []string{"boolean"}},
		"Text":      {func(v cim.Value) bool { s, ok := v.Text(); return ok && s == "x" }, []string{"string", "char16"}},
		"Char16":    {func(v cim.Value) bool { c, ok := v.Char16(); return ok && c == 'x' }, []string{"char16"}},
		"Uint64":    {func(v cim.Value) bool { n, ok := v.Uint64(); return ok && n > 0 }, []string{"uint8", "huge"}},
		"Int64":     {func(v cim.Value) bool { n, ok := v.Int64(); return ok && n != 0 }, []string{"uint8", "sint8", "integer"}},
		"Float64":   {func(v cim.Value) bool { f, ok := v.Float64(); return ok && f != 0 }, []string{"uint8", "sint8", "huge", "real", "integer"}},
		"DateTime":  {func(v cim.Value) bool { _, ok := v.DateTime(); return ok }, []string{"datetime"}},
		"Reference": {func(v cim.Value) bool { p, ok := v.Reference(); return ok && p.Equal(path) }, []string{"reference"}},
		"Instance":  {func(v cim.Value) bool { i, ok := v.Instance(); return ok && i == inst }, []string{"instance"}},
		"Class":     {func(v cim.Value) bool { c, ok := v.Class(); return ok && c == class }, []string{"class"}},
		"Elements":  {func(v cim.Value) bool { return v.Elements() != nil && v.Len() == 1 }, []string{"array"}},
		"IsNull":    {cim.Value.IsNull, []string{"none", "null"}},
		"IsArray":   {cim.Value.IsArray, []string{"array"}},
	}
	for name, a := range accessors {
		takes := map[string]bool{}
		for _, kind := range a.takes {
			takes[kind] = true
		}
		for kind, v := range values {
			if got := a.ok(v); got != takes[kind] {
				t.Errorf("%s of %s: %t, want %t", name, kind, got, takes[kind])
			}
		}
	}
	if f, _ := cim.Sint8(-1).Float64(); f != -1 {
		t.Errorf("Float64 of -1 = %g", f)
	}
}

func TestTypes(t *testing.T) {
	for typ := cim.TypeBoolean; typ <= cim.TypeReference; typ++ {
		if got, err := cim.ParseType(typ.String()); err != nil || got != typ {
			t.Errorf("ParseType(%s) = %s, %v", typ, got, err)
		}
	}
	tests := []struct {
		name string
		want cim.Type
	}{{"REF", cim.TypeReference}, {"UInt16", cim.TypeUint16}, {"DateTime", cim.TypeDateTime}}
	for _, tt := range tests {
		if got, err := cim.ParseType(tt.name); err != nil || got != tt.want {
			t.Errorf("ParseType(%s) = %s, %v, want %s", tt.name, got, err, tt.want)
		}
	}
	for _, name := range []string{"", "none", "integer", "instance", "int"} {
		if got, err := cim.ParseType(name); err == nil {
			t.Errorf("ParseType(%q) = %s, want an error", name, got)
		}
	}
	if got := cim.Type(99).String(); got != "Type(99)" {
		t.Errorf("an unknown type is %q", got)
	}
	if got := cim.EmbeddedInstance(cim.NewInstance("C")).DeclaredType(); got != cim.TypeString {
		t.Errorf("an embedded instance is declared %s, want string", got)
	}
	if got := cim.Uint8(1).DeclaredType(); got != cim.TypeUint8 {
		t.Errorf("a uint8 is declared %s", got)
	}
}

// FuzzParseValue holds that a text that reads as a value of a type gives that value again
// when it is printed.
func FuzzParseValue(f *testing.F) {
	for typ := cim.TypeBoolean; typ <= cim.TypeInteger; typ++ {
		for _, text := range []string{
			"TRUE", "x", "-128", "0xff", "18446744073709551615", "1.5e-3", "-INF", "NaN", "20261120075823.073983+000", `n:C.k="v"`,
		} {
			f.Add(uint8(typ), text)
		}
	}
	f.Fuzz(func(t *testing.T, typ uint8, text string) {
		v, err := cim.ParseValue(cim.Type(typ), text)
		if err != nil {
			return
		}
		if v.Type() != cim.Type(typ) || v.IsNull() || v.IsArray() {
			t.Fatalf("%q as %s gives a %s", text, cim.Type(typ), v.Type())
		}
		again, err := cim.ParseValue(cim.Type(typ), v.Lexical())
		if err != nil || !again.Equal(v) {
			t.Fatalf("%q as %s is printed as %q and read again as %s, %v", text, cim.Type(typ), v.Lexical(), again, err)
		}
		if encoded, err := json.Marshal(v); err != nil || !json.Valid(encoded) {
			t.Fatalf("%q as %s is not encoded: %s, %v", text, cim.Type(typ), encoded, err)
		}
	})
}

func TestJSONLeavesMarkupReadable(t *testing.T) {
	i := cim.NewInstance("A", cim.Prop("Text", cim.Strings(`<a & "b">`)))
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(i); err != nil {
		t.Fatal(err)
	}
	want := `{"class":"A","properties":{"Text":["<a & \"b\">"]}}` + "\n"
	if b.String() != want {
		t.Errorf("JSON is %s, want %s", b.String(), want)
	}
}
