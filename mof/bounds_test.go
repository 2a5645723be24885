package mof_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/cimwatch/cimwatch/mof"
)

const deep = 10_000

// TestDeepNesting has ten thousand levels of everything that nests. What may not nest so
// far is refused, with no more errors than levels that are too many.
func TestDeepNesting(t *testing.T) {
	each := func(format string) string {
		var b strings.Builder
		for i := range deep {
			fmt.Fprintf(&b, format, i, i+1)
		}
		return b.String()
	}
	opened := func(before, open string) string { return before + strings.Repeat(open, deep) }
	tests := []struct{ name, source, want string }{
		{"superclasses", "class C0 { };" + each("class C%[2]d : C%[1]d { };"), "class C101 has more than 100 ancestors"},
		{"superclasses backward", each("class D%[1]d : D%[2]d { };") + fmt.Sprintf("class D%d { };", deep), "class D1 has more than 100 ancestors"},
		{"circle of superclasses", each("class D%[1]d : D%[2]d { };") + fmt.Sprintf("class D%d : D0 { };", deep), "is its own ancestor through class"},
		{"keys", associated + each("[Association] class R%[1]d { [Key] R%[2]d REF P; R%[2]d REF Q; };") + "class R10000 { [Key] string K; };" +
			each("instance of R%[1]d as $R%[1]d { P = $R%[2]d; };") + "instance of R10000 as $R10000 { K = \"k\"; };", "keys refer to instances more than 16 deep"},
		{"braces", opened("class A ", "{ "), `"{", expected`},
		{"braces in an array", opened("class A { uint8 X[] = ", "{"), `"{", expected a value`},
		{"brackets", opened("", "["), `"[", expected the name of a qualifier`},
		{"brackets of an array", opened("class A { uint8 X", "["), `"[", expected "]"`},
		{"parentheses", opened("class A { uint8 M", "("), `"(", expected a data type`},
		{"parentheses of a qualifier", opened("[Description", "("), `"(", expected a value`},
		{"parentheses of a scope", opened("qualifier Q : string, Scope", "("), `"(", expected a scope`},
		{"qualifiers in qualifiers", opened("", "[Key("), `"[", expected`},
		{"instances in instances", opened("class A { }; ", "instance of A { X = "), `"instance", expected`},
		{"classes in classes", opened("", "class A { "), `"class", expected "}"`},
		{"comments", opened("", "/* "), "the comment is not closed"},
		{"pragmas", opened("", "#pragma include ("), `"#", expected a value`},
	}
	for _, tt := range tests {
		_, err := mof.Compile([]mof.Source{{Name: "q", Text: []byte(qualifierTypes)}, {Name: "x", Text: []byte(tt.source)}}, nil)
		var list mof.ErrorList
		found := func(e *mof.Error) bool { return strings.Contains(e.Message, tt.want) }
		if !errors.As(err, &list) || !slices.ContainsFunc(list, found) || len(list) > 1001 || len(list[0].Message) > 500 {
			t.Errorf("%s: got %d errors: %.300v, want %s", tt.name, len(list), err, tt.want)
		}
	}
	joined := compile(t, "class A { string X = "+strings.Repeat(`"a" `, deep)+"; };")
	if got := joined.Local("A").Properties[0].Value.String(); len(got) != deep {
		t.Errorf("%d pieces joined, want %d", len(got), deep)
	}
}

func TestDeepIncludes(t *testing.T) {
	files := fstest.MapFS{"wide.mof": {Data: []byte(strings.Repeat(`#pragma include ("last.mof") `, deep))}, "last.mof": {Data: []byte("class Last { };")}}
	for i := range deep {
		files[fmt.Sprintf("d%d.mof", i)] = &fstest.MapFile{Data: fmt.Appendf(nil, `#pragma include ("d%d.mof")`, (i+1)%deep)}
	}
	_, err := mof.CompileFS(files, []string{"d0.mof"}, nil)
	want := `d32.mof:1:18: cannot include "d33.mof", expected at most 32 includes inside each other`
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if _, err := mof.CompileFS(files, []string{"wide.mof"}, nil); err != nil {
		t.Errorf("one file included %d times: %v", deep, err)
	}
}

// TestManyProperties counts properties with those that are inherited.
func TestManyProperties(t *testing.T) {
	var b strings.Builder
	b.WriteString("class C0 { };")
	for i := range 50 {
		fmt.Fprintf(&b, "class C%d : C%d { ", i+1, i)
		for n := range 100 {
			fmt.Fprintf(&b, "uint8 P%d_%d; ", i, n)
		}
		b.WriteString("};")
	}
	_, err := mof.Compile([]mof.Source{{Name: "x", Text: []byte(b.String())}}, nil)
	if want := "class C41 has more than 4096 properties with those it inherits"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}
	long := "class A { " + strings.Repeat("uint8 X; ", 100) + "};"
	_, err = mof.Compile([]mof.Source{{Name: "x", Text: []byte(long)}}, nil)
	var list mof.ErrorList
	if !errors.As(err, &list) || len(list) != 99 || list[98].Error() != "x:1:908: property X of class A already defined at x:1:17" {
		t.Errorf("%d errors: %v", len(list), err)
	}
}

// endless is a file system of one file of any size, of which it says what it likes.
type endless struct {
	size, says int64
	text       string // repeated
}

func (e endless) Open(string) (fs.File, error) { return &endlessFile{endless: e}, nil }

type endlessFile struct {
	endless

	at int64
}

func (f *endlessFile) Read(p []byte) (int, error) {
	if f.at >= f.size {
		return 0, io.EOF
	}
	n := 0
	for n < len(p) && f.at < f.size {
		c := copy(p[n:], f.text[f.at%int64(len(f.text)):])
		n, f.at = n+c, f.at+int64(c)
	}
	return n, nil
}

func (f *endlessFile) Close() error               { return nil }
func (f *endlessFile) Stat() (fs.FileInfo, error) { return f, nil }
func (f *endlessFile) Name() string               { return "x.mof" }
func (f *endlessFile) Size() int64                { return f.says }
func (f *endlessFile) Mode() fs.FileMode          { return 0o444 }
func (f *endlessFile) ModTime() time.Time         { return time.Time{} }
func (f *endlessFile) IsDir() bool                { return false }
func (f *endlessFile) Sys() any                   { return nil }

// TestLargeFile refuses a file of 100 MB, without reading it when it says its size, and
// otherwise when the limit is reached.
func TestLargeFile(t *testing.T) {
	const size, limit = 100 << 20, 8 << 20
	for _, tt := range []struct {
		name string
		file endless
		max  int
		most uint64 // MB allocated in all
		want string
	}{
		{"says its size", endless{size, size, "class A { };\n"}, 0, 2, "x.mof: the sources have more than 67108864 bytes together"},
		{"says nothing", endless{size, 0, "class A { };\n"}, limit, 6 * limit >> 20, "x.mof: the sources have more than 8388608 bytes together"},
		{"lies about more", endless{10, size, "class A{};"}, 0, 2, "x.mof: the sources have more than 67108864 bytes together"},
		{"negative", endless{10, -1, "class A{};"}, 0, 2, ""},
		{"only signs", endless{limit - 1, limit - 1, "{"}, limit, 10 * limit >> 20, "x.mof:1:524289: too many words and signs, expected one for 16 of the bytes that all sources may have"},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := mof.CompileFS(tt.file, []string{"x.mof"}, &mof.Options{MaxSize: tt.max})
		runtime.ReadMemStats(&after)
		if got := fmt.Sprint(err); got != tt.want && (tt.want != "" || err != nil) {
			t.Errorf("%s: got %.200s, want %s", tt.name, got, tt.want)
		}
		if got := (after.TotalAlloc - before.TotalAlloc) >> 20; got > tt.most {
			t.Errorf("%s: %d MB allocated, want at most %d", tt.name, got, tt.most)
		}
	}
}

// BenchmarkLarge compiles sources of the size that is accepted by default, of kinds that
// cost much.
func BenchmarkLarge(b *testing.B) {
	const size = 64<<20 - 1
	for name, text := range map[string]string{
		"blank":      " ",
		"signs":      "{", // more than may be
		"texts":      `"a text of thirty-three characters",`,
		"described":  `[Description("` + strings.Repeat("word ", 56) + `")] class C#### { uint8 X; string Y = "on"; };` + "\n",
		"properties": `class C#### { uint8 P####; string Q#### = "on"; };` + strings.Repeat(" ", 180) + "\n",
		"misspelt":   "class C#### : Chasis { };" + strings.Repeat(" ", 95) + "\n",
	} {
		b.Run(name, func(b *testing.B) {
			source := large(text, size)
			for b.Loop() {
				what := "right"
				peak := peakOf(func() {
					_, err := mof.Compile([]mof.Source{{Name: "q", Text: []byte(qualifierTypes)}, {Name: "x", Text: source}}, &mof.Options{MaxSize: 64<<20 + 1<<16})
					if err != nil {
						what = err.Error()
					}
				})
				b.Logf("%s: %.150s", name, what)
				b.ReportMetric(peak, "MB-peak")
			}
		})
	}
}

// large repeats a text, each time with another number in place of ####.
func large(text string, size int) []byte {
	out := make([]byte, 0, size+len(text)+10)
	end := ""
	if text[0] == '"' {
		out, end = append(out, "class A { string X[] = {"...), "NULL}; };"
	}
	for n := 0; len(out)+len(text)+100 < size; n++ {
		out = append(out, strings.ReplaceAll(text, "####", strconv.Itoa(n))...)
	}
	return append(out, end...)
}

// peakOf returns the most MB of heap over what there was before.
func peakOf(do func()) float64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	before := m.HeapAlloc
	done, most := make(chan struct{}), make(chan uint64)
	go func() {
		top := before
		for {
			select {
			case <-done:
				most <- top
				return
			case <-time.After(5 * time.Millisecond):
				runtime.ReadMemStats(&m)
				top = max(top, m.HeapAlloc)
			}
		}
	}()
	do()
	close(done)
	return float64(<-most-before) / (1 << 20)
}
