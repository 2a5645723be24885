package mof_test

import (
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/cimwatch/cimwatch/mof"
)

var update = flag.Bool("update", false, "rewrite testdata/errors*.txt with the messages as they are")

// wrongSource is a case of testdata/errors*.txt: a line with its name, the source t.mof,
// other files, each behind a line "-- name --", and every message that it must give. In
// the other files \xNN is a byte that no text file holds.
type wrongSource struct {
	file, name string
	source     string // with the other files
	messages   string
}

func wrongSources(tb testing.TB) (list []wrongSource) {
	tb.Helper()
	files, err := filepath.Glob("testdata/errors*.txt")
	if err != nil || len(files) == 0 {
		tb.Fatalf("no wrong sources: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			tb.Fatal(err)
		}
		for _, c := range strings.Split("\n"+string(text), "\n== ")[1:] {
			w := wrongSource{file: file}
			var rest string
			w.name, rest, _ = strings.Cut(c, "\n")
			w.source = rest + "\n"
			if at := strings.Index(rest, "\n  > "); at >= 0 {
				w.source, w.messages = rest[:at+1], strings.TrimSuffix(rest[at+1:], "\n")+"\n"
			}
			list = append(list, w)
		}
	}
	return list
}

// TestErrors compiles the wrong sources of testdata.
func TestErrors(t *testing.T) {
	list := wrongSources(t)
	out := map[string]string{}
	names := map[string]bool{}
	for _, w := range list {
		got := w.compile(t, "")
		out[w.file] += "== " + w.name + "\n" + w.source + got
		if got != w.messages && !*update {
			t.Errorf("%s: %s:\n%sgives\n%swant\n%s", w.file, w.name, w.source, got, w.messages)
		}
		if got == "" || names[w.name] {
			t.Errorf("%s: %s: no error, or a name used twice", w.file, w.name)
		}
		names[w.name] = true
	}
	if len(list) < 150 {
		t.Errorf("%d wrong sources, want at least 150", len(list))
	}
	for file, text := range out {
		if *update {
			if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// compile returns the messages of the source with more behind it.
func (w wrongSource) compile(t *testing.T, more string) string {
	t.Helper()
	source, others, _ := strings.Cut(w.source, "\n-- ")
	opts := &mof.Options{}
	if others != "" {
		files := fstest.MapFS{}
		for other := range strings.SplitSeq(others, "\n-- ") {
			name, text, _ := strings.Cut(other, " --\n")
			files[name] = &fstest.MapFile{Data: []byte(rawBytes.ReplaceAllStringFunc(text, func(escape string) string {
				b, err := hex.DecodeString(escape[2:])
				if err != nil {
					t.Fatal(err)
				}
				return string(b)
			}))}
		}
		opts.FS = files
		source += "\n"
	}
	_, err := mof.Compile([]mof.Source{
		{Name: "types.mof", Text: []byte(qualifierTypes)}, {Name: "t.mof", Text: []byte(source + more)},
	}, opts)
	var list mof.ErrorList
	if err != nil && !errors.As(err, &list) {
		t.Fatalf("%T is no ErrorList", err)
	}
	out := ""
	for _, e := range list {
		out += "  > " + e.Error() + "\n"
		if otherPlace.MatchString(e.Message) != (e.Other.Line != 0) {
			t.Errorf("%s: the other place is %s", e, e.Other)
		}
	}
	return out
}

var (
	rawBytes   = regexp.MustCompile(`\\x[0-9a-f]{2}`)
	otherPlace = regexp.MustCompile(` at [a-z/]+\.mof:\d+:\d+$`)
)

func TestErrorList(t *testing.T) {
	_, err := mof.Compile([]mof.Source{{Name: "a.mof", Text: []byte("class A { uint9 X; uint9 Y; };\nclass A { };")}}, nil)
	want := `a.mof:1:11: "uint9", expected a data type, or the name of a class and REF, perhaps uint8 (and 2 more)`
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
		{"class A { string X = \"a\xff\"; };", `x.mof:1:24: byte 0xFF is not UTF-8, expected the source in UTF-8`},
		{"\xff\xfec\x00", `x.mof:1:1: the source is in UTF-16, expected UTF-8`},
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

// TestWarningPlaces has what compiles and is probably not meant.
func TestWarningPlaces(t *testing.T) {
	const types = `Qualifier BitMap : string[], Scope(property, method, parameter);
Qualifier BitValues : string[], Scope(property, method, parameter);
`
	tests := []struct{ source, want string }{
		{`#pragma includes("x.mof")`, "t.mof:1:9: #pragma includes is not known and changes nothing, expected perhaps include"},
		{`#pragma acme("x")`, "t.mof:1:9: #pragma acme is not known and changes nothing"},
		{`#pragma Locale("en_US")`, ""},
		{`class A { [ValueMap{"0", "1"}, Values{"Off"}] uint8 X; };`,
			"t.mof:1:32: property X: value map of 2 entries has 1 values, expected what can be used"},
		{`class A { [Values{"On"}, ValueMap{"on"}] uint8 X; };`,
			`t.mof:1:12: property X: value map entry "on": expected an integer, expected what can be used`},
		{`class A { [ValueMap{"on", "off"}] string X; [ValueMap{"5"}] uint8 Y; };`, ""},
		{`class A { [Values{"a", "b"}] uint8 X; }; class B : A { [Override("X"), ValueMap{"5"}] uint8 X; };`,
			""}, // the other qualifier is inherited
		{`class A { [ValueMap{"0"}, Values{}] uint32 M([BitMap{"9"}, BitValues{"x"}] uint8 P); };`,
			"t.mof:1:27: method M: value map of 1 entries has 0 values, expected what can be used|" +
				"t.mof:1:60: parameter P of method M: bit map entry 9: expected a bit from 0 to 7 of a uint8, expected what can be used"},
		{`[Association] class R { [Key] R REF P; R REF Q; [EmbeddedObject] string E; }; instance of R { P = "R.P=\"x\""; E = "instance of R { Q = \"Z.P=1\"; };"; };`,
			"t.mof:1:99: there is no instance root/cimv2:R.P=\"x\"|t.mof:1:116: embedded object: class Z of the object path is not defined"},
	}
	for _, tt := range tests {
		var got []string
		_, err := mof.Compile([]mof.Source{
			{Name: "types.mof", Text: []byte(qualifierTypes + types)}, {Name: "t.mof", Text: []byte(tt.source)},
		}, &mof.Options{Warn: func(w *mof.Error) { got = append(got, w.Error()) }})
		fatalErrors(t, err)
		if strings.Join(got, "|") != tt.want {
			t.Errorf("%s: got %s, want %s", tt.source, strings.Join(got, "|"), tt.want)
		}
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
