package mof_test

import (
	"bytes"
	"testing"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/mof"
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
