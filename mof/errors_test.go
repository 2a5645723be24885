package mof_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/cimwatch/cimwatch/mof"
)

var update = flag.Bool("update", false, "rewrite testdata/errors.txt with the messages as they are")

// TestErrors compiles the wrong sources of testdata/errors.txt. A case is a line with
// its name, the source, and every message that it must give.
func TestErrors(t *testing.T) {
	const file = "testdata/errors.txt"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, c := range strings.Split(string(text), "== ")[1:] {
		name, rest, _ := strings.Cut(c, "\n")
		source, want := splitCase(rest)
		got := messages(t, source)
		fmt.Fprintf(&out, "== %s\n%s%s", name, source, got)
		if got != want && !*update {
			t.Errorf("%s:\n%sgives\n%swant\n%s", name, source, got, want)
		}
		if got == "" {
			t.Errorf("%s: no error", name)
		}
	}
	if *update {
		if err := os.WriteFile(file, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func splitCase(text string) (source, messages string) {
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "  > ") {
			messages += line
		} else {
			source += line
		}
	}
	return source, messages
}

func messages(t *testing.T, source string) string {
	t.Helper()
	_, err := mof.Compile([]mof.Source{
		{Name: "types.mof", Text: []byte(qualifierTypes)}, {Name: "t.mof", Text: []byte(source)},
	}, nil)
	var list mof.ErrorList
	if err != nil && !errors.As(err, &list) {
		t.Fatalf("%T is no ErrorList", err)
	}
	out := ""
	for _, e := range list {
		out += "  > " + e.Error() + "\n"
		if strings.Contains(e.Message, " at t") != (e.Other.Line != 0) {
			t.Errorf("%s: the other place is %s", e, e.Other)
		}
	}
	return out
}

func TestErrorList(t *testing.T) {
	_, err := mof.Compile([]mof.Source{{Name: "a.mof", Text: []byte("class A { uint9 X; uint9 Y; };\nclass A { };")}}, nil)
	want := `a.mof:1:11: "uint9", expected a data type, or the name of a class and REF (and 2 more)`
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	var one *mof.Error
	if !errors.As(err, &one) || one.Pos != (mof.Position{File: "a.mof", Line: 1, Column: 11}) {
		t.Errorf("the first error is %+v", one)
	}
	var list mof.ErrorList
	if !errors.As(err, &list) || len(list) != 3 || list[2].Other != (mof.Position{File: "a.mof", Line: 1, Column: 7}) {
		t.Errorf("the list is %v", list)
	}
	if got := (mof.ErrorList{}).Error(); got != "no errors" {
		t.Error(got)
	}
}

// TestPositions counts columns in characters, and not the byte order mark.
func TestPositions(t *testing.T) {
	tests := []struct{ source, want string }{
		{"\uFEFF!", `x.mof:1:1: "!", expected MOF`},
		{"/* äöü€ */ !", `x.mof:1:12: "!", expected MOF`},
		{"\r\n\r\n\t!", `x.mof:3:2: "!", expected MOF`},
		{"€ ", `x.mof:1:1: "€", expected "class", "instance", "qualifier", "#pragma" or "["`},
		{"class A { string X = \"a\xff\"; };", `x.mof:1:24: byte 0xFF is not UTF-8`},
		{"\xff\xfec\x00", `x.mof:1:1: byte 0xFF is not UTF-8`},
	}
	for _, tt := range tests {
		if _, err := mof.Compile([]mof.Source{{Name: "x.mof", Text: []byte(tt.source)}}, nil); err == nil || err.Error() != tt.want {
			t.Errorf("%q: got %v, want %s", tt.source, err, tt.want)
		}
	}
}

func TestWarnings(t *testing.T) {
	var got []string
	_, err := mof.Compile([]mof.Source{{Name: "w.mof", Text: []byte(qualifierTypes + associated + `
instance of Owns { Whole = "Part.Name=\"gone\",Number=1"; Piece = "Alien.X=1"; };`)}},
		&mof.Options{Warn: func(w *mof.Error) { got = append(got, w.Message) }})
	fatalErrors(t, err)
	want := `there is no instance root/cimv2:Part.Name="gone",Number=1|class Alien of the object path is not defined`
	if strings.Join(got, "|") != want {
		t.Errorf("got %v, want %s", got, want)
	}
}

// TestBounds has input that costs no more than it may.
func TestBounds(t *testing.T) {
	deep := "class C0 { };"
	for i := range 120 {
		deep += fmt.Sprintf("class C%d : C%d { };", i+1, i)
	}
	keys := associated + "[Association] class R { [Key] R REF P; R REF Q; }; instance of R as $R0 { P = \"R.P=\\\"x\\\"\"; };"
	keys = strings.Replace(keys, `P = "R.P=\"x\"";`, `P = "Nowhere.X=1";`, 1)
	for i := range 20 {
		keys = strings.Replace(keys, "instance of R as", fmt.Sprintf("instance of R as $R%d { P = $R%d; }; instance of R as", i+1, i), 1)
	}
	inner := "x"
	for range 9 {
		inner = strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(inner)
		inner = `instance of E { S = "` + inner + `"; };`
	}
	tests := []struct{ name, source, want string }{
		{"inheritance", deep, "class C101 has more than 100 ancestors"},
		{"keys", keys, "keys refer to instances more than 16 deep"},
		{"embedding", `class E { [EmbeddedInstance("E")] string S; };` + inner, "instances are embedded more than 8 deep"},
		{"braces", strings.Repeat("{", 100_000), `"{", expected "class"`},
		{"arrays", "class A { uint8 X = " + strings.Repeat("{", 100_000), `"{", expected a value`},
		{"brackets", strings.Repeat("[", 100_000), `"[", expected the name of a qualifier`},
		{"name", "class " + strings.Repeat("a", 1000) + " { };", "a name of 1000 bytes, expected at most 512"},
		{"properties", "class A { " + strings.Repeat("uint8 X; ", 5000) + "};", "class A has more than 4096 properties or methods"},
		{"size", strings.Repeat(" ", 2000), "the sources have more than 1000 bytes together"},
	}
	for _, tt := range tests {
		opts := &mof.Options{}
		if tt.name == "size" {
			opts.MaxSize = 1000 + len(qualifierTypes)
			tt.want = fmt.Sprintf("the sources have more than %d bytes together", opts.MaxSize)
		}
		_, err := mof.Compile([]mof.Source{{Name: "q", Text: []byte(qualifierTypes)}, {Name: "x", Text: []byte(tt.source)}}, opts)
		if err == nil || !strings.Contains(err.Error(), tt.want) || len(err.Error()) > 500 {
			t.Errorf("%s: got %.300v, want %s", tt.name, err, tt.want)
		}
	}
	_, err := mof.Compile([]mof.Source{{Name: "x", Text: []byte(strings.Repeat("!", 50))}}, &mof.Options{MaxErrors: 3})
	var list mof.ErrorList
	if !errors.As(err, &list) || len(list) != 4 || list[3].Error() != "47 more errors are not shown" {
		t.Errorf("got %v", list)
	}
}

// TestLongChain has instances that refer to each other through other properties than
// keys, in a circle and in any number.
func TestLongChain(t *testing.T) {
	var b strings.Builder
	b.WriteString(`[Association] class Link { [Key] uint32 N; Link REF Next; Link REF Last; };`)
	const count = 20_000
	for i := range count {
		fmt.Fprintf(&b, "instance of Link as $L%d { N = %d; Next = $L%d; };", i, i, (i+1)%count)
	}
	if got := len(compile(t, b.String()).Instances()); got != count {
		t.Errorf("%d instances, want %d", got, count)
	}
}
