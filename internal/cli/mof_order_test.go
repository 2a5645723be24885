package cli

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/mof"
)

func compileText(t testing.TB, text string) *compiledMOF {
	t.Helper()
	types := "Qualifier Association : boolean = false, Scope(association), Flavor(DisableOverride, ToSubclass);\n" +
		"Qualifier Key : boolean = false, Scope(property, reference);\nQualifier EmbeddedInstance : string, Scope(property, parameter);\n"
	schema, err := mof.Compile([]mof.Source{{Name: "t.mof", Text: []byte(types + text)}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return &compiledMOF{Schema: schema}
}

func TestClassOrder(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"superclasses first", "class C : B { }; class B : A { }; class A { };", "A B C"},
		{"what is referred to first", "[Association] class R { [Key] X REF A; [Key] Y REF B; }; class X { [Key] string K; }; class Y : X { };", "X Y R"},
		{"embedded instances first", `class E { [EmbeddedInstance("P")] string S; }; class P { };`, "P E"},
		{"parameters first", `class M { void Do([EmbeddedInstance("P")] string A, Q REF B); }; class Q : P { }; class P { };`, "P Q M"},
		{"a class that refers to itself", "class S { void Do(S REF A); };", "S"},
		{"a class that refers to one below it", "class Top { void Do(Low REF A); }; class Low : Mid { }; class Mid : Top { };", "Top Mid Low"},
		{"classes that refer to each other", "class A { void Do(B REF A); }; class B { void Do(A REF A); };", "B A"},
		{"below each other", "class A { void Do(B1 REF A); }; class B { void Do(A1 REF A); }; class A1 : A { }; class B1 : B { };", "B B1 A A1"},
	} {
		var names []string
		for _, class := range compileText(t, test.text).inOrder() {
			names = append(names, class.Name)
		}
		if got := strings.Join(names, " "); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}

// TestClassOrderRandom has classes that derive from and refer to each other at random: each
// comes once, behind its superclass.
func TestClassOrderRandom(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		n := rapid.IntRange(1, 12).Draw(r, "classes")
		declarations := make([]string, n)
		for i := range declarations {
			text := fmt.Sprintf("class C%d", i)
			if super := rapid.IntRange(-1, i-1).Draw(r, "super"); super >= 0 {
				text += fmt.Sprintf(" : C%d", super)
			}
			declarations[i] = text + fmt.Sprintf(" { void M%d(C%d REF A); };\n", i, rapid.IntRange(0, n-1).Draw(r, "refers to"))
		}
		c := compileText(t, strings.Join(rapid.Permutation(declarations).Draw(r, "order"), ""))
		seen := map[string]bool{"": true}
		for _, class := range c.inOrder() {
			if seen[class.Name] || !seen[class.SuperClass] {
				r.Fatalf("%s is there twice or before %s", class.Name, class.SuperClass)
			}
			seen[class.Name] = true
		}
		if len(seen) != n+1 {
			r.Fatalf("%d classes, want %d", len(seen)-1, n)
		}
	})
}

func TestInstanceOrder(t *testing.T) {
	path := func(name string) cim.ObjectPath {
		return cim.InstancePath("root/cimv2", "C", cim.Key{Name: "K", Value: cim.String(name)})
	}
	instance := func(name string, refers ...string) *cim.Instance {
		i := cim.NewInstance("C", cim.Prop("K", cim.String(name)))
		i.Path = path(name)
		var list []cim.Value
		for n, to := range refers {
			i.Set(fmt.Sprint("R", n), cim.Reference(path(to).Relative()))
			list = append(list, cim.Reference(path(to)))
		}
		i.Set("List", cim.ArrayOf(cim.TypeReference, list...))
		return i
	}
	for _, test := range []struct {
		instances []*cim.Instance
		want      string
	}{
		{nil, ""},
		{[]*cim.Instance{instance("a"), instance("b")}, "a b"},
		{[]*cim.Instance{instance("a", "b", "c"), instance("b", "c"), instance("c")}, "c b a"},
		{[]*cim.Instance{instance("a", "elsewhere"), instance("b", "a")}, "a b"},
		{[]*cim.Instance{instance("a", "a"), instance("b", "c"), instance("c", "b")}, "a c b"},
	} {
		var names []string
		for _, i := range referredFirst(slices.Clone(test.instances)) {
			names = append(names, i.Text("K"))
		}
		if got := strings.Join(names, " "); got != test.want {
			t.Errorf("%s, want %s", got, test.want)
		}
	}
}
