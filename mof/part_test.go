package mof_test

import (
	"bytes"
	"testing"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/mof"
)

// TestWritePart writes parts that together compile to the whole.
func TestWritePart(t *testing.T) {
	s := compile(t, `class A { [Key, Description("d") : Restricted] string K; }; class B : A { };
#pragma namespace ("root/b")
instance of B { K = "k"; };`)
	write := func(part mof.Part) string {
		t.Helper()
		var b bytes.Buffer
		if err := s.WritePart(&b, part); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	if got := write(mof.Part{}); got != "" {
		t.Errorf("an empty part is %q", got)
	}
	const want = "class A {\n\n      [Key,\n       Description ( \"d\" ) : EnableOverride Restricted Translatable]\n   string K;\n\n};\n\n"
	if got := write(mof.Part{Classes: []*cim.Class{s.Local("A")}}); got != want {
		t.Errorf("class A is\n%s\nwant\n%s", got, want)
	}
	text := write(mof.Part{Instances: s.Instances()}) + "#pragma namespace (\"root/cimv2\")\n" +
		write(mof.Part{Classes: []*cim.Class{s.Class("B"), s.Local("A")}}) + write(mof.Part{QualifierTypes: s.QualifierTypes()})
	again, err := mof.Compile([]mof.Source{{Name: "parts.mof", Text: []byte(text)}}, nil)
	fatalErrors(t, err)
	if got := again.Local("A"); !got.Equal(s.Local("A")) {
		t.Errorf("class A differs:\n%s", text)
	}
	if got := again.Instances()[0]; !got.Equal(s.Instances()[0]) {
		t.Errorf("instance is %v, want %v", got, s.Instances()[0])
	}
}
