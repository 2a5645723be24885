package mof_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/cimwatch/cimwatch/mof"
)

// diffTypes are the qualifiers of the cases in testdata/diff.txt.
const diffTypes = `
Qualifier Abstract : boolean = false, Scope(class), Flavor(Restricted);
Qualifier ArrayType : string = "Bag", Scope(property, parameter);
Qualifier Association : boolean = false, Scope(association), Flavor(DisableOverride, ToSubclass);
Qualifier Description : string, Scope(any);
Qualifier EmbeddedInstance : string, Scope(property);
Qualifier EmbeddedObject : boolean = false, Scope(property);
Qualifier In : boolean = true, Scope(parameter);
Qualifier Indication : boolean = false, Scope(class, indication), Flavor(DisableOverride, ToSubclass);
Qualifier Key : boolean = false, Scope(property, reference), Flavor(DisableOverride, ToSubclass);
Qualifier Max : uint32, Scope(reference);
Qualifier MaxLen : uint32, Scope(property);
Qualifier MaxValue : sint64, Scope(property);
Qualifier Min : uint32 = 0, Scope(reference);
Qualifier MinLen : uint32 = 0, Scope(property);
Qualifier MinValue : sint64, Scope(property);
Qualifier Out : boolean = false, Scope(parameter);
Qualifier Override : string, Scope(property, method, reference), Flavor(Restricted);
Qualifier PUnit : string, Scope(property);
Qualifier Read : boolean = true, Scope(property);
Qualifier Required : boolean = false, Scope(property, parameter, method);
Qualifier Static : boolean = false, Scope(property, method);
Qualifier Terminal : boolean = false, Scope(class);
Qualifier ValueMap : string[], Scope(property);
Qualifier Values : string[], Scope(property);
Qualifier Write : boolean = false, Scope(property);
`

func diffSchema(t testing.TB, source string) *mof.Schema {
	t.Helper()
	s, err := mof.Compile([]mof.Source{{Name: "types.mof", Text: []byte(diffTypes)}, {Name: "t.mof", Text: []byte(source)}}, nil)
	fatalErrors(t, err)
	return s
}

// line returns a difference as the cases write it.
func line(d *mof.Difference) string {
	text := fmt.Sprintf("%s %s %s", d.Change, d.Element, d.Name)
	if d.What != "" {
		text += fmt.Sprintf(": %s from %q to %q", d.What, d.Old, d.New)
	}
	if d.Incompatible() {
		text += "; " + d.Reason
	}
	return text + "\n"
}

func lines(list []mof.Difference) string {
	var b strings.Builder
	for i := range list {
		b.WriteString(line(&list[i]))
	}
	return b.String()
}

func TestDiff(t *testing.T) {
	text, err := os.ReadFile("testdata/diff.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range strings.Split(string(text), "== ")[1:] {
		name, rest, _ := strings.Cut(c, "\n")
		before, rest, ok := strings.Cut(rest, "-- becomes\n")
		after, want, ok2 := strings.Cut(rest, "-- differs\n")
		if !ok || !ok2 {
			t.Fatalf("case %s is not complete", name)
		}
		t.Run(name, func(t *testing.T) {
			a, b := diffSchema(t, before), diffSchema(t, after)
			if diff := cmp.Diff(want, lines(mof.Diff(a, b))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if got := lines(mof.Diff(b, b)); got != "" {
				t.Errorf("a schema differs from itself:\n%s", got)
			}
		})
	}
}

func TestDiffQualifierTypes(t *testing.T) {
	a, err := mof.Compile([]mof.Source{{Name: "a", Text: []byte(`
Qualifier Same : string, Scope(any);
Qualifier Gone : string, Scope(any);
Qualifier Typed : string, Scope(any);
Qualifier Listed : string, Scope(any);
Qualifier Moved : uint8 = 1, Scope(property, class), Flavor(EnableOverride, ToSubclass);`)}}, nil)
	fatalErrors(t, err)
	b, err := mof.Compile([]mof.Source{{Name: "b", Text: []byte(`
Qualifier New : string, Scope(any);
Qualifier same : string, Scope(any);
Qualifier Typed : uint8, Scope(any);
Qualifier Listed : string[4], Scope(any);
Qualifier Moved : uint8 = 2, Scope(property, method), Flavor(DisableOverride, ToSubclass);`)}}, nil)
	fatalErrors(t, err)
	const want = `removed qualifier type Gone; classes that use the qualifier do not compile
changed qualifier type Typed: type from "string" to "uint8"; values have another type
changed qualifier type Listed: type from "string" to "string[4]"; values have another type
changed qualifier type Moved: default from "1" to "2"
changed qualifier type Moved: scope from "class, property" to "property, method"; it may no longer stand on some elements
changed qualifier type Moved: flavor from "EnableOverride ToSubclass" to "DisableOverride ToSubclass"; subclasses may no longer change it
added qualifier type New
`
	if diff := cmp.Diff(want, lines(mof.Diff(a, b))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestChangeString(t *testing.T) {
	if got := fmt.Sprint(mof.Added, mof.Removed, mof.Changed); got != "added removed changed" {
		t.Error(got)
	}
}

// TestDiffDMTF takes something away from the whole schema and finds that, and no more.
func TestDiffDMTF(t *testing.T) {
	files := dmtfSchema(t)
	before := compileDMTF(t, files)
	again := compileDMTF(t, files)
	if got := lines(mof.Diff(before, again)); got != "" {
		t.Fatalf("the schema differs from itself:\n%s", got)
	}
	fan := string(files["Device/CIM_Fan.mof"].Data)
	files["Device/CIM_Fan.mof"].Data = []byte(strings.Replace(fan, "boolean VariableSpeed;", "uint8 VariableSpeed;", 1))
	const want = `changed property CIM_Fan.VariableSpeed: type from "boolean" to "uint8"; values have another type` + "\n"
	if got := lines(mof.Diff(before, compileDMTF(t, files))); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// FuzzDiff compares anything that compiles, with itself and with something else.
func FuzzDiff(f *testing.F) {
	text, err := os.ReadFile("testdata/diff.txt")
	if err != nil {
		f.Fatal(err)
	}
	for _, c := range strings.Split(string(text), "== ")[1:] {
		_, rest, _ := strings.Cut(c, "\n")
		before, rest, _ := strings.Cut(rest, "-- becomes\n")
		after, _, _ := strings.Cut(rest, "-- differs\n")
		f.Add(before, after)
	}
	f.Fuzz(func(t *testing.T, before, after string) {
		types := mof.Source{Name: "types.mof", Text: []byte(diffTypes)}
		a, err := mof.Compile([]mof.Source{types, {Name: "a.mof", Text: []byte(before)}}, &mof.Options{MaxSize: 1 << 20})
		if err != nil {
			return
		}
		if list := mof.Diff(a, a); len(list) > 0 {
			t.Errorf("a schema differs from itself:\n%s", lines(list))
		}
		b, err := mof.Compile([]mof.Source{types, {Name: "b.mof", Text: []byte(after)}}, &mof.Options{MaxSize: 1 << 20})
		if err != nil {
			return
		}
		there, back := mof.Diff(a, b), mof.Diff(b, a)
		if (len(there) == 0) != (len(back) == 0) {
			t.Errorf("one way differs:\n%s\nthe other:\n%s", lines(there), lines(back))
		}
	})
}

// TestDiffRandom compares schemas of random properties: what one way adds the other removes,
// and nothing is found between a schema and itself.
func TestDiffRandom(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		types := rapid.MapOf(rapid.SampledFrom([]string{"A", "B", "C", "D", "E"}), rapid.SampledFrom([]string{"uint8", "string", "boolean"}))
		a, b := types.Draw(r, "old"), types.Draw(r, "new")
		want := 0
		for name, typ := range a {
			if b[name] != typ {
				want++
			}
		}
		for name := range b {
			if _, both := a[name]; !both {
				want++
			}
		}
		list := mof.Diff(randomClass(t, a), randomClass(t, b))
		if len(list) != want {
			r.Fatalf("%d differences, want %d:\n%s", len(list), want, lines(list))
		}
		back := mof.Diff(randomClass(t, b), randomClass(t, a))
		if len(back) != want || len(mof.Diff(randomClass(t, a), randomClass(t, a))) != 0 {
			r.Fatalf("backwards %d differences, want %d", len(back), want)
		}
	})
}

func randomClass(t testing.TB, properties map[string]string) *mof.Schema {
	t.Helper()
	var b strings.Builder
	for name, typ := range properties {
		fmt.Fprintf(&b, "%s %s; ", typ, name)
	}
	return diffSchema(t, "class R { "+b.String()+"};")
}
