package mof_test

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/mof"
	"pgregory.net/rapid"
)

// sameSchema compares two schemas: names and order, qualifier types, every class as
// declared and as inherited, every instance.
func sameSchema(t *testing.T, got, want *mof.Schema) {
	t.Helper()
	if g, w := len(got.ClassNames()), len(want.ClassNames()); g != w {
		t.Fatalf("%d classes, want %d", g, w)
	}
	for i, name := range want.ClassNames() {
		if got.ClassNames()[i] != name {
			t.Fatalf("class %d is %s, want %s", i, got.ClassNames()[i], name)
		}
		if !got.Local(name).Equal(want.Local(name)) {
			t.Errorf("class %s differs:\n%s", name, text(t, got.Local(name)))
		}
		if !got.Class(name).Equal(want.Class(name)) {
			t.Errorf("class %s with what it inherits differs", name)
		}
	}
	sameQualifierTypes(t, got.QualifierTypes(), want.QualifierTypes())
	if g, w := len(got.Instances()), len(want.Instances()); g != w {
		t.Fatalf("%d instances, want %d", g, w)
	}
	for i, instance := range want.Instances() {
		if !got.Instances()[i].Equal(instance) {
			t.Errorf("instance %s differs:\n%s\n%s", instance.Path, got.Instances()[i], instance)
		}
	}
}

func sameQualifierTypes(t *testing.T, got, want []cim.QualifierType) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d qualifier types, want %d", len(got), len(want))
	}
	for i, q := range want {
		g := got[i]
		if g.Name != q.Name || !g.Default.Equal(q.Default) || g.Scope != q.Scope ||
			g.Flavor != q.Flavor || g.ArraySize != q.ArraySize {
			t.Errorf("qualifier type %+v, want %+v", g, q)
		}
	}
}

func text(t *testing.T, c *cim.Class) string {
	t.Helper()
	var b bytes.Buffer
	if err := mof.WriteClass(&b, c); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// roundTrip prints a schema and compiles what it printed.
func roundTrip(t *testing.T, s *mof.Schema) {
	t.Helper()
	var b bytes.Buffer
	if err := s.Write(&b); err != nil {
		t.Fatal(err)
	}
	again, err := mof.Compile([]mof.Source{{Name: "printed.mof", Text: b.Bytes()}}, nil)
	if err != nil {
		t.Logf("%s", b.Bytes()[:min(b.Len(), 4000)])
	}
	fatalErrors(t, err)
	sameSchema(t, again, s)
	var second bytes.Buffer
	if err := again.Write(&second); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(b.Bytes(), second.Bytes()) {
		t.Error("printing what was printed gives another text")
	}
}

func TestWriteClass(t *testing.T) {
	s := compile(t, `[Description("a\tb"), Abstract] class A { [Key : Restricted] string K; };
[Version("1.0"), Description("a description that is longer than a line of the text that is printed, so that it stands on more than one")]
class B : A { [Values{"Unknown", "Other", "Something longer", "Something else", "And one more", "And another"}] uint16 S[4] = {1, 2};
  void M(); uint32 N([In(false), Description("x")] string P[], A REF Q); boolean O = FALSE; };`)
	const want = `   [Version ( "1.0" ),
    Description (
       "a description that is longer than a line of the text that is printed, "
       "so that it stands on more than one" )]
class B : A {

      [Values { "Unknown", "Other", "Something longer", "Something else",
          "And one more", "And another" }]
   uint16 S[4] = { 1, 2 };

   boolean O = false;

   void M();

   uint32 N(
         [In ( false ),
          Description ( "x" )]
      string P[],
      A REF Q);

};
`
	if got := text(t, s.Local("B")); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := text(t, s.Class("B")); got != want {
		t.Errorf("with what it inherits\n%s\nwant\n%s", got, want)
	}
	roundTrip(t, s)
}

// TestWriteValues has what instances can hold and classes of this package's making do not.
func TestWriteValues(t *testing.T) {
	long := strings.Repeat("0123456789", 12)
	tests := []struct {
		name  string
		value cim.Value
		want  string
	}{
		{"NULL", cim.Null(cim.TypeString), "NULL"},
		{"empty array", cim.Strings(), "{ }"},
		{"NULL element", cim.ArrayOf(cim.TypeUint8, cim.Uint8(1), cim.Null(cim.TypeUint8)), "{ 1, NULL }"},
		{"control", cim.String("\x00\x01\x7f\b\t\n\f\r'\"\\"), `"\x0000\x0001\x007F\b\t\n\f\r\'\"\\"`},
		{"char16", cim.Char16('\''), `'\''`},
		{"infinity", cim.Real64(math.Inf(1)), "1.0E+999"},
		{"minus infinity", cim.Real32(float32(math.Inf(-1))), "-1.0E+999"},
		{"long word", cim.String(long), "\n      \"" + long[:72] + "\"\n      \"" + long[72:] + `"`},
		{"reference", cim.Reference(cim.InstancePath("", "A", cim.Key{Name: "K", Value: cim.String("k")})), `"A.K=\"k\""`},
		{"embedded", cim.EmbeddedInstance(cim.NewInstance("A", cim.Prop("K", cim.String("k")))),
			`"instance of A {\n   K = \"k\";\n};\n"`},
		{"embedded class", cim.EmbeddedClass(&cim.Class{Name: "A"}), `"class A {\n\n};\n"`},
	}
	for _, tt := range tests {
		var b bytes.Buffer
		if err := mof.WriteInstance(&b, cim.NewInstance("C", cim.Prop("P", tt.value))); err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		got := strings.TrimSuffix(strings.TrimPrefix(b.String(), "instance of C {\n   P ="), ";\n};\n")
		if strings.TrimPrefix(got, " ") != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestWriteErrors(t *testing.T) {
	nan := cim.NewInstance("C")
	nan.Qualifiers = []cim.Qualifier{{Name: "Q", Value: cim.Real64(math.NaN())}}
	deep := cim.NewInstance("C")
	for range 10 {
		deep = cim.NewInstance("C", cim.Prop("P", cim.EmbeddedInstance(deep)))
	}
	for instance, want := range map[*cim.Instance]string{
		nan:  "writing instance of C as MOF: NaN cannot be written as MOF",
		deep: "writing instance of C as MOF: objects are embedded more than 8 deep",
	} {
		var b bytes.Buffer
		if err := mof.WriteInstance(&b, instance); err == nil || err.Error() != want || b.Len() > 0 {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// TestWriteNaN keeps the rest of what holds a number that MOF cannot write.
func TestWriteNaN(t *testing.T) {
	nan := cim.Real64(math.NaN())
	inner := cim.NewInstance("I", cim.Prop("X", nan), cim.Prop("Y", cim.Uint8(1)))
	i := cim.NewInstance("C", cim.Prop("A", cim.Uint8(1)), cim.Prop("P", cim.Real32(float32(math.NaN()))),
		cim.Prop("L", cim.ArrayOf(cim.TypeReal64, cim.Real64(0.5), nan, cim.Null(cim.TypeReal64))),
		cim.Prop("E", cim.EmbeddedInstance(inner)), cim.Prop("Z", cim.Real64(math.Inf(-1))))
	var b bytes.Buffer
	if err := mof.WriteInstance(&b, i); err != nil {
		t.Fatal(err)
	}
	want := `instance of C {
   A = 1;
   // P = NaN, for which MOF has no literal
   // L = {5.0E-01, NaN, NULL}, for which MOF has no literal
   E =
      "instance of I {\n   // X = NaN, for which MOF has no literal\n   Y = "
      "1;\n};\n";
   Z = -1.0E+999;
};
`
	if got := b.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	compiled, err := mof.Compile([]mof.Source{{Name: "t", Text: []byte(`Qualifier Key : boolean = false, Scope(property);
Qualifier EmbeddedObject : boolean = false, Scope(property);
class I { real64 X; uint8 Y; }; class C { [Key] uint8 A; real32 P; real64 L[]; [EmbeddedObject] string E; real64 Z; };
` + want)}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if p := compiled.Instances()[0].Get("P"); !p.IsNull() {
		t.Errorf("P is %s, want the default", p)
	}
}

// TestWriteNaNDefault leaves the default out of a declaration.
func TestWriteNaNDefault(t *testing.T) {
	var b bytes.Buffer
	if err := mof.WriteClass(&b, &cim.Class{Name: "C", Properties: []cim.Property{cim.Prop("P", cim.Real64(math.NaN()))}}); err != nil {
		t.Fatal(err)
	}
	if want := "   // P = NaN, for which MOF has no literal\n   real64 P;\n"; !strings.Contains(b.String(), want) {
		t.Errorf("got\n%s\nwant in it\n%s", &b, want)
	}
}

// TestStringsRoundTrip prints and compiles any string.
func TestStringsRoundTrip(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		want := rapid.String().Draw(r, "text")
		var b bytes.Buffer
		if err := mof.WriteInstance(&b, cim.NewInstance("A", cim.Prop("K", cim.String(want)))); err != nil {
			r.Fatal(err)
		}
		s, err := mof.Compile([]mof.Source{{Name: "t", Text: []byte(qualifierTypes + "class A { [Key] string K; };" + b.String())}}, nil)
		if err != nil {
			r.Fatalf("%s\n%v", b.Bytes(), err)
		}
		if got := s.Instances()[0].Text("K"); got != want {
			r.Fatalf("got %q, want %q", got, want)
		}
	})
}
