package gogen_test

import (
	"archive/zip"
	"encoding/json"
	"fmt"
	"io/fs"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/mof"
	"github.com/cimwatch/cimwatch/mof/gogen"
	"github.com/cimwatch/cimwatch/mof/gogen/internal/lab"
)

func compile(t testing.TB, fsys fs.FS, file string) *mof.Schema {
	t.Helper()
	s, err := mof.CompileFS(fsys, []string{file}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestGeneratedIsUpToDate generates what is checked in, which compiles as part of this test.
func TestGeneratedIsUpToDate(t *testing.T) {
	dir := os.DirFS("internal/lab")
	got, err := gogen.Generate(compile(t, dir, "lab.mof"), &gogen.Options{Package: "lab", Command: "cimwatch mof gen --package lab lab.mof"})
	if err != nil {
		t.Fatal(err)
	}
	want, err := fs.ReadFile(dir, "lab.go")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("run go generate ./mof/gogen/... (-checked in +generated):\n%s", diff)
	}
}

// full returns an instance with a value for every property.
func full() *cim.Instance {
	when, _ := cim.ParseDateTime("20261120075823.073983+000")
	part := cim.NewInstance("LAB_Base", cim.Prop("Name", cim.String("part")))
	i := cim.NewInstance("LAB_All",
		cim.Prop("Name", cim.String("n")), cim.Prop("State", cim.Uint16(16)), cim.Prop("Trend", cim.Sint8(-1)),
		cim.Prop("Switches", cim.ArrayOf(cim.TypeUint8, cim.Uint8(1), cim.Uint8(7))), cim.Prop("Range", cim.Uint8(200)),
		cim.Prop("B", cim.Boolean(true)), cim.Prop("S", cim.String("")), cim.Prop("C", cim.Char16('x')),
		cim.Prop("U8", cim.Uint8(math.MaxUint8)), cim.Prop("U16", cim.Uint16(math.MaxUint16)),
		cim.Prop("U32", cim.Uint32(math.MaxUint32)), cim.Prop("U64", cim.Uint64(math.MaxUint64)),
		cim.Prop("S8", cim.Sint8(math.MinInt8)), cim.Prop("S16", cim.Sint16(math.MinInt16)),
		cim.Prop("S32", cim.Sint32(math.MinInt32)), cim.Prop("S64", cim.Sint64(math.MinInt64)),
		cim.Prop("R32", cim.Real32(1.5)), cim.Prop("R64", cim.Real64(-2.25)), cim.Prop("D", when.Value()),
		cim.Prop("BArray", cim.ArrayOf(cim.TypeBoolean, cim.Boolean(false))), cim.Prop("SArray", cim.Strings()),
		cim.Prop("CArray", cim.ArrayOf(cim.TypeChar16, cim.Char16(1))), cim.Prop("U64Array", cim.ArrayOf(cim.TypeUint64, cim.Uint64(1))),
		cim.Prop("S64Array", cim.ArrayOf(cim.TypeSint64, cim.Sint64(-1), cim.Sint64(2))),
		cim.Prop("R64Array", cim.ArrayOf(cim.TypeReal64, cim.Real64(.5))), cim.Prop("DArray", cim.ArrayOf(cim.TypeDateTime, when.Value())),
		cim.Prop("Part", cim.EmbeddedInstance(part)), cim.Prop("Parts", cim.ArrayOf(cim.TypeInstance, cim.EmbeddedInstance(part))),
		cim.Prop("lower_case", cim.String("l")), cim.Prop("lowerCase", cim.String("m")), cim.Prop("Instance", cim.String("i")),
		cim.Prop("GetB", cim.String("g")), cim.Prop("__odd", cim.String("o")), cim.Prop("CIMClass", cim.String("c")))
	i.Path = cim.InstancePath("root/cimv2", "LAB_All", cim.Key{Name: "Name", Value: cim.String("n")})
	return i
}

// TestRoundTrip moves every type from an instance to a struct and back.
func TestRoundTrip(t *testing.T) {
	want := full()
	schema := compile(t, os.DirFS("internal/lab"), "lab.mof")
	if n := len(schema.Class("LAB_All").Properties); n != len(want.Properties) {
		t.Fatalf("the instance has %d properties, the class %d", len(want.Properties), n)
	}
	var all lab.LABAll
	if err := all.FromInstance(want); err != nil {
		t.Fatal(err)
	}
	if got := all.Instance(); !got.Equal(want) || !got.Path.Equal(want.Path) {
		t.Errorf("instance is\n%s\nwant\n%s", got, want)
	}
	if all.GetState() != lab.LABBaseState64KB || all.GetTrend().String() != `Too "low"` || *all.U64 != math.MaxUint64 {
		t.Errorf("State is %v, Trend %v, U64 %d", all.GetState(), all.GetTrend(), *all.U64)
	}
	if got := fmt.Sprint(all.Switches, all.GetRange(), all.LowerCase, all.LowerCase2 == nil, *all.InstanceProperty, *all.CIMClass2); !strings.HasPrefix(got, "[On 7] 200 ") {
		t.Error(got)
	}
}

// TestSubsets moves any part of the properties, and loses none.
func TestSubsets(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		want := full()
		kept := want.Properties[:0]
		for _, p := range want.Properties {
			if rapid.Bool().Draw(r, p.Name) {
				kept = append(kept, p)
			}
		}
		want.Properties = kept
		var all lab.LABAll
		if err := all.FromInstance(want); err != nil {
			r.Fatal(err)
		}
		if got := all.Instance(); !got.Equal(want) {
			r.Fatalf("instance is\n%s\nwant\n%s", got, want)
		}
	})
}

func TestNull(t *testing.T) {
	all := lab.LABAll{S: new(string)}
	if err := all.FromInstance(nil); err != nil {
		t.Error(err)
	}
	if got := all.Instance(); got.Class != lab.LABAllClass || len(got.Properties) > 0 {
		t.Errorf("instance is %s, want none of its properties", got)
	}
	if all.GetS() != "" || all.GetState() != 0 || all.S != nil || all.SArray != nil || !all.Part.IsNull() {
		t.Errorf("struct is %+v", all)
	}
	nulls := cim.NewInstance("LAB_Sub", cim.Prop("S", cim.Null(cim.TypeString)), cim.Prop("SArray", cim.NullArray(cim.TypeString)),
		cim.Prop("U64Array", cim.ArrayOf(cim.TypeUint64, cim.Uint64(1), cim.Null(cim.TypeUint64))), cim.Prop("Unknown", cim.String("x")))
	if err := all.FromInstance(nulls); err != nil {
		t.Error(err)
	}
	if all.S != nil || all.SArray != nil || fmt.Sprint(all.U64Array) != "[1 0]" || all.CIMClass != "LAB_Sub" {
		t.Errorf("struct is %+v", all)
	}
}

// TestMisfits reads the other properties all the same.
func TestMisfits(t *testing.T) {
	i := cim.NewInstance("LAB_All", cim.Prop("Name", cim.String("n")), cim.Prop("U8", cim.Uint16(256)), cim.Prop("S8", cim.Sint64(-129)),
		cim.Prop("B", cim.String("TRUE")), cim.Prop("S", cim.Strings("a")), cim.Prop("SArray", cim.String("a")), cim.Prop("D", cim.String("soon")),
		cim.Prop("U64Array", cim.ArrayOf(cim.TypeSint8, cim.Sint8(-1))), cim.Prop("U16", cim.Uint8(5)))
	var all lab.LABAll
	err := all.FromInstance(i)
	const want = `property LAB_All.B: string "TRUE" does not fit
property LAB_All.S: string[] "{a}" does not fit
property LAB_All.U8: uint16 "256" does not fit
property LAB_All.S8: sint64 "-129" does not fit
property LAB_All.D: string "soon" does not fit
property LAB_All.SArray: string[] "a" does not fit
property LAB_All.U64Array: sint8[] "{-1}" does not fit`
	if err == nil || strings.ReplaceAll(err.Error(), `SArray: string "a"`, `SArray: string[] "a"`) != want {
		t.Errorf("error is\n%v\nwant\n%s", err, want)
	}
	if all.GetName() != "n" || *all.U16 != 5 || all.U8 != nil || all.S8 != nil || all.U64Array != nil || all.SArray != nil {
		text, _ := json.Marshal(all)
		t.Errorf("struct is %s", text)
	}
}

func TestReferences(t *testing.T) {
	base := cim.InstancePath("root/cimv2", "LAB_Base", cim.Key{Name: "Name", Value: cim.String("b")})
	joins := lab.LABJoins{Base: &base}
	var again lab.LABJoins
	if err := again.FromInstance(joins.Instance()); err != nil || !again.GetBase().Equal(base) || again.All != nil {
		t.Errorf("struct is %+v, %v", again, err)
	}
}

func TestGenerateErrors(t *testing.T) {
	schema := compile(t, os.DirFS("internal/lab"), "lab.mof")
	empty, err := mof.Compile(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		schema *mof.Schema
		o      gogen.Options
		want   string
	}{
		{schema, gogen.Options{}, `"" is not the name of a Go package`},
		{schema, gogen.Options{Package: "func"}, `"func" is not the name of a Go package`},
		{schema, gogen.Options{Package: "_"}, `"_" is not the name of a Go package`},
		{schema, gogen.Options{Package: "a-b"}, `"a-b" is not the name of a Go package`},
		{schema, gogen.Options{Package: "p", Classes: []string{"LAB_All", "LAB_No"}}, `no class "LAB_No"`},
		{empty, gogen.Options{Package: "p"}, "there are no classes"},
	} {
		if got, err := gogen.Generate(test.schema, &test.o); err == nil || err.Error() != test.want || got != nil {
			t.Errorf("%+v: error is %v, want %s", test.o, err, test.want)
		}
	}
}

func TestGenerateNames(t *testing.T) {
	const source = `class A_B { uint8 x; }; class AB { }; class a_bClass { }; class _ { }; class Größe { };`
	schema, err := mof.Compile([]mof.Source{{Name: "t", Text: []byte(source)}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := gogen.Generate(schema, &gogen.Options{Package: "p", Classes: []string{"a_b", "AB", "A_B", "a_bclass", "_", "größe"}, Command: "x\ny"})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"// Code generated by \"x\\ny\"; DO NOT EDIT.\n", "\ntype AB struct", "\ntype AB2 struct", "\ntype ABClass2 struct", "\ntype X struct", "\ntype Größe struct",
		"const ABClass = \"A_B\"", "const AB2Class = \"AB\"", "\tX *uint8\n",
	} {
		if !strings.Contains(string(got), want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
	if n := strings.Count(string(got), "\ntype "); n != 5 {
		t.Errorf("%d types, want each class once", n)
	}
}

// FuzzGenerate generates for anything that compiles, and the result is Go.
func FuzzGenerate(f *testing.F) {
	text, err := os.ReadFile("internal/lab/lab.mof")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(text))
	types, rest, _ := strings.Cut(string(text), "   [Description")
	f.Add("   [Description" + rest)
	f.Add("class A_B { uint8 x; }; class ab { [Values{\"a b\", \"A B\", \"\", \"\\n\"}] sint8 X; uint8 getX; };")
	f.Fuzz(func(t *testing.T, source string) {
		schema, err := mof.Compile([]mof.Source{{Name: "types", Text: []byte(types)}, {Name: "fuzz", Text: []byte(source)}}, &mof.Options{MaxSize: 1 << 20})
		if err != nil || len(schema.ClassNames()) == 0 {
			return
		}
		if _, err := gogen.Generate(schema, &gogen.Options{Package: "p", Command: source}); err != nil {
			t.Error(err)
		}
	})
}

// TestDMTF compiles what is generated for every 25th class of the DMTF schema.
func TestDMTF(t *testing.T) {
	file := os.Getenv("CIMWATCH_SCHEMA")
	if file == "" {
		file = "../../../shared/schema/cim_schema_2.49.0Final-MOFs.zip"
	}
	z, err := zip.OpenReader(file)
	if err != nil {
		t.Skip("no DMTF schema, set CIMWATCH_SCHEMA to its zip file: ", err)
	}
	defer z.Close()
	tops, err := fs.Glob(z, "cim_schema_*.mof")
	if err != nil || len(tops) != 1 {
		t.Fatal(tops, err)
	}
	schema := compile(t, z, tops[0])
	var classes []string
	for i, name := range schema.ClassNames() {
		if i%25 == 0 {
			classes = append(classes, name)
		}
	}
	source, err := gogen.Generate(schema, &gogen.Options{Package: "all", Classes: classes})
	if err != nil {
		t.Fatal(err)
	}
	build(t, source)
}

// build compiles a file as if it were a package of this module, without writing it there.
func build(t *testing.T, source []byte) {
	t.Helper()
	dir := t.TempDir()
	file, overlay := filepath.Join(dir, "all.go"), filepath.Join(dir, "overlay.json")
	here, err := filepath.Abs("internal")
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(here, "all", "all.go"): file}})
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{file: source, overlay: text} {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	output, err := exec.CommandContext(t.Context(), "go", "build", "-overlay", overlay, "./internal/all").CombinedOutput()
	if err != nil {
		t.Errorf("go build: %v\n%s", err, output)
	}
}
