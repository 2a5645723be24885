package mof_test

import (
	"math"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/mof"
)

// qualifierTypes are what most tests need.
const qualifierTypes = `Qualifier Abstract : boolean = false, Scope(class, association, indication), Flavor(Restricted);
Qualifier Association : boolean = false, Scope(association), Flavor(DisableOverride);
Qualifier Indication : boolean = false, Scope(class, indication), Flavor(DisableOverride);
Qualifier Description : string, Scope(any), Flavor(EnableOverride, Translatable);
Qualifier EmbeddedInstance : string, Scope(property, method, parameter);
Qualifier EmbeddedObject : boolean = false, Scope(property, method, parameter), Flavor(DisableOverride);
Qualifier In : boolean = true, Scope(parameter), Flavor(DisableOverride);
Qualifier Key : boolean = false, Scope(property, reference), Flavor(DisableOverride);
Qualifier MaxLen : uint32, Scope(property, method, parameter);
Qualifier Override : string, Scope(property, reference, method), Flavor(Restricted);
Qualifier ValueMap : string[], Scope(property, method, parameter);
Qualifier Values : string[], Scope(property, method, parameter), Flavor(Translatable);
Qualifier Version : string, Scope(class, association, indication), Flavor(Restricted, Translatable);
`

// compile compiles a text behind the qualifier types, without a warning.
func compile(t testing.TB, text string) *mof.Schema {
	t.Helper()
	return compileWarned(t, text, func(w *mof.Error) { t.Error("warning:", w) })
}

func compileWarned(t testing.TB, text string, warn func(*mof.Error)) *mof.Schema {
	t.Helper()
	s, err := mof.Compile([]mof.Source{
		{Name: "types.mof", Text: []byte(qualifierTypes)}, {Name: "test.mof", Text: []byte(text)},
	}, &mof.Options{Warn: warn})
	fatalErrors(t, err)
	return s
}

func TestLiterals(t *testing.T) {
	tests := []struct {
		declared string // type and, for arrays, brackets
		literal  string
		want     cim.Value
	}{
		{"uint8", "255", cim.Uint8(255)},
		{"uint8", "+7", cim.Uint8(7)},
		{"uint8", "0x1F", cim.Uint8(31)},
		{"uint8", "0X1f", cim.Uint8(31)},
		{"uint8", "0x1b", cim.Uint8(27)}, // hexadecimal, not binary
		{"uint8", "017", cim.Uint8(15)},
		{"uint8", "1010b", cim.Uint8(10)},
		{"uint8", "1010B", cim.Uint8(10)},
		{"uint8", "0b", cim.Uint8(0)},
		{"uint8", "0", cim.Uint8(0)},
		{"sint8", "-128", cim.Sint8(-128)},
		{"sint8", "-0x80", cim.Sint8(-128)},
		{"sint16", "-011", cim.Sint16(-9)},
		{"sint16", "-11b", cim.Sint16(-3)},
		{"uint64", "18446744073709551615", cim.Uint64(math.MaxUint64)},
		{"sint64", "-9223372036854775808", cim.Sint64(math.MinInt64)},
		{"real32", "3.5", cim.Real32(3.5)},
		{"real64", "-1.5e-3", cim.Real64(-0.0015)},
		{"real64", ".5E+2", cim.Real64(50)},
		{"real64", "7", cim.Real64(7)},
		{"real32", "3.4028234e38", cim.Real32(math.MaxFloat32)},
		{"real32", "1.0E+999", cim.Real32(float32(math.Inf(1)))}, // as it is printed
		{"real64", "-1.0E+999", cim.Real64(math.Inf(-1))},
		{"boolean", "TRUE", cim.Boolean(true)},
		{"boolean", "False", cim.Boolean(false)},
		{"boolean", "null", cim.Null(cim.TypeBoolean)},
		{"char16", "'c'", cim.Char16('c')},
		{"char16", `'\''`, cim.Char16('\'')},
		{"char16", `'\x20AC'`, cim.Char16('€')},
		{"char16", "'€'", cim.Char16('€')},
		{"string", `""`, cim.String("")},
		{"string", `"a" "b"` + "\n // between\n" + `"c"`, cim.String("abc")},
		{"string", `"\b\t\n\f\r\"\'\\"`, cim.String("\b\t\n\f\r\"'\\")},
		{"string", `"\x41\X42;\xe9!"`, cim.String("AB;é!")},
		{"string", `"/* no comment */ // none"`, cim.String("/* no comment */ // none")},
		{"string", `"grün"`, cim.String("grün")},
		{"string", "NULL", cim.Null(cim.TypeString)},
		{"datetime", `"20261120075823.073983+060"`, datetime("20261120075823.073983+060")},
		{"datetime", `"00000001010101.000001:000"`, datetime("00000001010101.000001:000")},
		{"uint16[]", "{ 1, 0x2, NULL }", cim.ArrayOf(cim.TypeUint16, cim.Uint16(1), cim.Uint16(2), cim.Null(cim.TypeUint16))},
		{"string[]", `{ "a" "b", "c" }`, cim.Strings("ab", "c")},
		{"string[]", "{ }", cim.Strings()},
		{"string[]", "NULL", cim.NullArray(cim.TypeString)},
		{"uint8[3]", "{ 1, 2 }", cim.ArrayOf(cim.TypeUint8, cim.Uint8(1), cim.Uint8(2))},
	}
	for _, tt := range tests {
		typ, size, _ := strings.Cut(tt.declared, "[")
		if size != "" {
			size = "[" + size
		}
		s := compile(t, "class C { "+typ+" P"+size+" = "+tt.literal+"; };")
		if got := s.Local("C").Properties[0].Value; !got.Equal(tt.want) {
			t.Errorf("%s %s: got %v (%s), want %v", tt.declared, tt.literal, got, got.Type(), tt.want)
		}
		roundTrip(t, s)
	}
}

func datetime(text string) cim.Value {
	d, err := cim.ParseDateTime(text)
	if err != nil {
		return cim.Value{}
	}
	return d.Value()
}

// TestWords has keywords in other cases and as names, and all kinds of space.
func TestWords(t *testing.T) {
	s := compile(t, "\uFEFF/* a\r\ncomment */ CLASS Class : Schema\r\n{\r\n"+
		"  [KEY] String Ref; // names that are keywords elsewhere\r\n"+
		"  UINT16 Instance[] = {1};\t Boolean Any = True;\f\r\n};\r\nclass Schema { };"+
		"\r\nINSTANCE OF class AS $Of { REF = \"x\"; instance = NULL; };\r\n"+
		"#PRAGMA LOCALE (\"en_US\")\r\n#pragma SourceType(\"x\")")
	if got := s.ClassNames(); len(got) != 2 || got[0] != "Class" {
		t.Fatal(got)
	}
	i := s.Instances()[0]
	if want := `root/cimv2:Class.Ref="x"`; i.Path.String() != want {
		t.Errorf("path %s, want %s", i.Path, want)
	}
	if b, ok := i.Get("Any").Boolean(); !b || !ok {
		t.Error("the default of Any is missing")
	}
	if v := i.Get("Instance"); !v.IsNull() || !v.IsArray() || v.Type() != cim.TypeUint16 {
		t.Error("NULL does not replace the default:", v)
	}
}

func TestInheritance(t *testing.T) {
	s := compile(t, `
[Abstract, Version("1"), Description("base")]
class Base {
    [Key, Description("the name"), MaxLen(10)] string Name;
    [Values{"a", "b"} : Restricted] uint16 State = 3;
    [Description("stops")] uint32 Stop([In, Description("how")] string How, [In(false)] uint8 When[4]);
};
class Derived : base {
    uint8 Own;
    [Override("NAME"), Description("another")] string name;
    [Override("Stop")] uint32 Stop(string How, uint8 When[4]);
};
class Last : DERIVED { [Override("State")] uint16 State; };`)

	c := s.Class("last")
	var got []string
	for _, p := range c.Properties {
		got = append(got, p.Name+" "+p.ClassOrigin)
	}
	if want := "name Base,State Base,Own Derived"; strings.Join(got, ",") != want {
		t.Errorf("properties %v, want %s", got, want)
	}
	name := c.Property("Name")
	if !name.Propagated || !name.IsKey() || name.Qualifier("Description").Value.String() != "another" ||
		name.Qualifier("MaxLen") == nil || name.Qualifier("Override") != nil {
		t.Errorf("name %+v", name)
	}
	state := c.Property("State")
	if state.Propagated || state.Value.String() != "3" || state.Qualifier("Values") != nil {
		t.Errorf("state %+v", state)
	}
	if c.Qualifier("Description") == nil || c.HasQualifier("Abstract") || c.Qualifier("Version") != nil {
		t.Errorf("class qualifiers %+v", c.Qualifiers)
	}
	stop := c.Method("stop")
	if !stop.Propagated || stop.ClassOrigin != "Base" || len(stop.Parameters) != 2 ||
		stop.Qualifiers[0].Value.String() != "stops" || len(stop.Parameters[0].Qualifiers) != 2 {
		t.Errorf("method %+v", stop)
	}
	if when := s.Class("Base").Methods[0].Parameters[1]; when.ArraySize != 4 || !when.Value.IsArray() {
		t.Errorf("parameter %+v", when)
	}
	if !s.IsA("LAST", "Base") || s.IsA("Base", "Last") || s.IsA("Last", "Nothing") || s.IsA("Nothing", "Nothing") {
		t.Error("IsA is wrong")
	}
	if got := s.Subclasses("Base"); len(got) != 1 || got[0] != "Derived" {
		t.Error("subclasses", got)
	}
	if got := s.Subclasses(""); len(got) != 1 || got[0] != "Base" {
		t.Error("roots", got)
	}
	if s.Class("Nothing") != nil || s.Local("Nothing") != nil || s.Subclasses("Nothing") != nil || s.Ancestors("Nothing") != nil {
		t.Error("a class that is not there is there")
	}
	roundTrip(t, s)
}

const associated = `
[Association] class Owns { [Key] Part REF Whole; [Key] Part REF Piece; uint8 Count = 1; };
class Part { [Key] string Name; [Key] uint16 Number = 1; };
class SubPart : Part { };
`

func TestInstances(t *testing.T) {
	s := compile(t, `
instance of Owns { Whole = $Whole; Piece = $piece; };
instance of SubPart as $Piece { Name = "p\"1\""; Number = 0x10; };
instance of Part as $Whole { Name = "w"; };
#pragma namespace ("//./root/other/")
instance of Part { Name = "w"; };
instance of Owns {
    Whole = "Part.Name=\"w\",Number=1";
    Piece = "root/cimv2:SubPart.Number=16,Name=\"p\\\"1\\\"\""; Count = 2; };
`+associated)
	want := []string{
		`root/cimv2:Owns.Whole="root/cimv2:Part.Name=\"w\",Number=1",Piece="root/cimv2:SubPart.Name=\"p\\\"1\\\"\",Number=16"`,
		`root/cimv2:SubPart.Name="p\"1\"",Number=16`,
		`root/cimv2:Part.Name="w",Number=1`,
		`root/other:Part.Name="w",Number=1`,
		`root/other:Owns.Whole="root/other:Part.Name=\"w\",Number=1",Piece="root/cimv2:SubPart.Number=16,Name=\"p\\\"1\\\"\""`,
	}
	for i, instance := range s.Instances() {
		if got := instance.Path.String(); got != want[i] {
			t.Errorf("path %s\nwant %s", got, want[i])
		}
	}
	owns := s.Instances()[4]
	piece, _ := owns.Get("Piece").Reference()
	if v := piece.Key("Number"); v.Type() != cim.TypeUint16 {
		t.Errorf("the key of a reference has type %s, want uint16", v.Type())
	}
	roundTrip(t, s)
}

func TestEmbedded(t *testing.T) {
	s := compile(t, `
class Inner { [Key] string Name; uint8 Level = 5; [EmbeddedInstance("Inner")] string More; };
[Indication] class Event {
    [EmbeddedInstance("Inner")] string Source;
    [EmbeddedInstance("Inner")] string Several[];
    [EmbeddedObject] string Any; [EmbeddedObject] string Thing = "instance of Inner { Name = \"default\"; };"; };
instance of Event {
    Source = "instance of Inner { Name = \"a\"; "
             "More = \"instance of Inner { Name = \\\"b\\\"; };\"; };";
    Several = { "instance of Inner { };", NULL };
    Any = "class Sub : Inner { boolean On; };";
};`)
	e := s.Instances()[0]
	source, ok := e.Get("Source").Instance()
	if !ok || source.Text("Name") != "a" || source.Get("Level").String() != "5" || !source.Path.IsZero() {
		t.Fatalf("source %v", source)
	}
	more, ok := source.Get("More").Instance()
	if !ok || more.Text("Name") != "b" {
		t.Errorf("inner instance %v", more)
	}
	if v := e.Get("Several"); v.Type() != cim.TypeInstance || v.Len() != 2 || !v.Elements()[1].IsNull() {
		t.Errorf("several %v", v)
	}
	if c, ok := e.Get("Any").Class(); !ok || c.SuperClass != "Inner" || len(c.Properties) != 1 {
		t.Errorf("any %v", c)
	}
	if i, ok := e.Get("Thing").Instance(); !ok || i.Text("Name") != "default" {
		t.Errorf("thing %v", i)
	}
	roundTrip(t, s)
}

func TestIncludes(t *testing.T) {
	files := fstest.MapFS{
		"a.mof":          {Data: []byte(qualifierTypes + `#pragma namespace("root/a") #pragma include ("sub/b.mof") #pragma INCLUDE("sub\\b.mof") instance of B { N = "a"; };`)},
		"sub/b.mof":      {Data: []byte(`#pragma include("c.mof") #pragma include ("../d.mof") #pragma include("d.mof") class B : C { }; #pragma namespace("root/b") instance of D { N = "b"; };`)},
		"sub/c.mof":      {Data: []byte(`class C { [Key] string N; };`)},
		"d.mof":          {Data: []byte(`class D { [Key] string N; };`)},
		"outside.mof":    {Data: []byte("\n" + `#pragma include("../secret.mof")`)},
		"absolute.mof":   {Data: []byte(`#pragma include("/etc/passwd")`)},
		"missing.mof":    {Data: []byte(`#pragma include("nothing.mof")`)},
		"loop.mof":       {Data: []byte(`#pragma include("sub/loop.mof")`)},
		"sub/loop.mof":   {Data: []byte(`#pragma include("../loop.mof")`)},
		"self.mof":       {Data: []byte(`#pragma include("self.mof")`)},
		"broken-ref.mof": {Data: []byte(`#pragma include(bare)`)},
	}
	s, err := mof.CompileFS(files, []string{"a.mof"}, nil)
	fatalErrors(t, err)
	if got := strings.Join(s.ClassNames(), " "); got != "C D B" {
		t.Errorf("classes %s, want those of a file where it is included", got)
	}
	if got := s.Instances()[0].Path.Namespace + " " + s.Instances()[1].Path.Namespace; got != "root/b root/a" {
		t.Errorf("namespaces %s, want that of a file to end with it", got)
	}
	for file, want := range map[string]string{
		"outside.mof":    `outside.mof:2:17: cannot include "../secret.mof", expected a path inside the folder of the sources`,
		"absolute.mof":   `absolute.mof:1:17: cannot include "/etc/passwd", expected a path inside the folder of the sources`,
		"missing.mof":    `missing.mof:1:17: cannot include "nothing.mof": there is no such file`,
		"loop.mof":       `sub/loop.mof:1:17: loop.mof -> sub/loop.mof -> loop.mof includes itself`,
		"self.mof":       `self.mof:1:17: self.mof -> self.mof includes itself`,
		"broken-ref.mof": `broken-ref.mof:1:17: "bare", expected TRUE, FALSE, NULL, a number or text in quotes`,
		"none*.mof":      `none*.mof: there is no such file`,
	} {
		if _, err := mof.CompileFS(files, []string{file}, nil); err == nil || err.Error() != want {
			t.Errorf("%s: got %v\nwant %s", file, err, want)
		}
	}
	_, err = mof.Compile([]mof.Source{{Name: "x.mof", Text: []byte(`#pragma include("d.mof")`)}}, nil)
	if want := `x.mof:1:17: cannot include "d.mof", expected one source without includes`; err == nil || err.Error() != want {
		t.Errorf("without a file system: got %v, want %s", err, want)
	}
}
