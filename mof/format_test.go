package mof_test

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/cimwatch/cimwatch/mof"
)

// format formats a text and checks that formatting it again changes nothing, and that no
// token and no comment is lost.
func format(t testing.TB, name, text string) string {
	t.Helper()
	out, err := mof.Format(mof.Source{Name: name, Text: []byte(text)})
	if err != nil {
		fatalErrors(t, err)
	}
	again, err := mof.Format(mof.Source{Name: name, Text: out})
	if err != nil {
		t.Logf("%s", out)
		fatalErrors(t, err)
	}
	if string(out) != string(again) {
		t.Errorf("%s: formatted again (-once +twice):\n%s", name, cmp.Diff(string(out), string(again)))
	}
	if before, after := words(text), words(string(out)); before != after {
		t.Errorf("%s: words (-source +formatted):\n%s", name, cmp.Diff(before, after))
	}
	return string(out)
}

// words returns a text without the white space between its words: strings and comments, each
// on a line, and all other characters.
func words(text string) string {
	text = strings.TrimPrefix(strings.ReplaceAll(text, "\r\n", "\n"), "\uFEFF")
	var b strings.Builder
	for text != "" {
		n := 1
		switch {
		case strings.HasPrefix(text, "//"):
			n = strings.IndexByte(text+"\n", '\n')
		case strings.HasPrefix(text, "/*"):
			n = strings.Index(text[2:], "*/") + 4
		case text[0] == '"', text[0] == '\'':
			for n < len(text) && text[n] != text[0] {
				if text[n] == '\\' {
					n++
				}
				n++
			}
			n++
		case strings.IndexByte(" \t\r\n\f\v", text[0]) >= 0:
			text = text[1:]
			continue
		default:
			b.WriteByte(text[0])
			text = text[1:]
			continue
		}
		b.WriteString("\n" + strings.TrimRight(text[:n], " \t\r\f\v") + "\n")
		text = text[n:]
	}
	return b.String()
}

func TestFormat(t *testing.T) {
	text, err := os.ReadFile("testdata/format.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range strings.Split(string(text), "== ")[1:] {
		name, rest, _ := strings.Cut(c, "\n")
		source, want, ok := strings.Cut(rest, "-- becomes\n")
		if !ok {
			t.Fatalf("case %s has no result", name)
		}
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(want, format(t, name, source)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestFormatBytes(t *testing.T) {
	for source, want := range map[string]string{
		"":                                  "",
		" \n\t\n":                           "",
		"// only\n\n":                       "// only\n",
		"\uFEFFclass  A{};":                 "class A { };\n",
		"class A {\r\n\r\n\r\n};\r\n":       "class A {\n\n};\n",
		"// a\r\nclass A { /* b\r\nc */ };": "// a\nclass A { /* b\nc */ };\n",
		"class A { }; // end":               "class A { }; // end\n",
	} {
		if got := format(t, "t.mof", source); got != want {
			t.Errorf("%q becomes %q, want %q", source, got, want)
		}
	}
}

func TestFormatErrors(t *testing.T) {
	for source, want := range map[string]string{
		"class A {":           "t.mof:1:10: ",
		"class A { \x80 };":   "t.mof:1:11: byte 0x80 is not UTF-8",
		"klass A { };\nx":     `t.mof:1:1: "klass"`,
		"class A { }; /* ...": "t.mof:1:14: the comment is not closed",
	} {
		out, err := mof.Format(mof.Source{Name: "t.mof", Text: []byte(source)})
		list, ok := errors.AsType[mof.ErrorList](err)
		if !ok || !strings.HasPrefix(list[0].Error(), want) || out != nil {
			t.Errorf("%q: got %q and %v, want %s", source, out, err, want)
		}
	}
}

// formatAll formats all files of fsys and returns them.
func formatAll(t *testing.T, fsys fs.FS) map[string]string {
	t.Helper()
	files := make(map[string]string)
	err := fs.WalkDir(fsys, ".", func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(file, ".mof") {
			return err
		}
		text, err := fs.ReadFile(fsys, file)
		files[file] = format(t, file, string(text))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestFormatDMTF formats the whole DMTF schema, which compiles to the same after that.
func TestFormatDMTF(t *testing.T) {
	files := dmtfSchema(t)
	want := compileDMTF(t, files)
	for name, text := range formatAll(t, files) {
		files[name].Data = []byte(text)
	}
	sameSchema(t, compileDMTF(t, files), want)
}

// TestFormatESXi formats the files of the simulator.
func TestFormatESXi(t *testing.T) {
	fsys := os.DirFS("../simulator/esxi")
	want, err := mof.CompileFS(fsys, []string{"esxi.mof"}, nil)
	fatalErrors(t, err)
	formatted := fstest.MapFS{}
	for name, text := range formatAll(t, fsys) {
		formatted[name] = &fstest.MapFile{Data: []byte(text)}
	}
	got, err := mof.CompileFS(formatted, []string{"esxi.mof"}, nil)
	fatalErrors(t, err)
	sameSchema(t, got, want)
}

// FuzzFormat formats anything that parses, and compiles it before and after.
func FuzzFormat(f *testing.F) {
	text, err := os.ReadFile("testdata/format.txt")
	if err != nil {
		f.Fatal(err)
	}
	for _, c := range strings.Split(string(text), "== ")[1:] {
		_, rest, _ := strings.Cut(c, "\n")
		source, _, _ := strings.Cut(rest, "-- becomes\n")
		f.Add(source)
	}
	f.Fuzz(func(t *testing.T, source string) {
		if _, err := mof.Format(mof.Source{Name: "fuzz.mof", Text: []byte(source)}); err != nil {
			return
		}
		formatted := format(t, "fuzz.mof", source)
		before, errBefore := compileFuzzed(source)
		after, errAfter := compileFuzzed(formatted)
		if (errBefore == nil) != (errAfter == nil) {
			t.Fatalf("compiles with %v, formatted with %v:\n%s", errBefore, errAfter, formatted)
		}
		if errBefore == nil {
			sameSchema(t, after, before)
		}
	})
}

func compileFuzzed(source string) (*mof.Schema, error) {
	return mof.Compile([]mof.Source{
		{Name: "types.mof", Text: []byte(qualifierTypes)}, {Name: "fuzz.mof", Text: []byte(source)},
	}, &mof.Options{MaxSize: 1 << 20})
}
