package cli

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cimwatch/cimwatch/mof"
)

// writeFiles writes files below the working directory.
func writeFiles(t *testing.T, files map[string]string) {
	t.Helper()
	for name, text := range files {
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// zipped returns a zip file with members in the order of their names and texts in turn.
func zipped(t *testing.T, members ...string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(members); i += 2 {
		w, err := z.Create(members[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(members[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func readTree(t *testing.T, files, schema []string) (*mofTree, error) {
	t.Helper()
	return readMOF(t.Context(), &Env{Stdin: strings.NewReader("class FromStdin { };")}, files, schema)
}

func TestReadMOF(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	writeFiles(t, map[string]string{
		"a.mof": "class A { };", "sub/b.MOF": "class B { };", "sub/deep/c.mof": "class C { };",
		"sub/d.txt": "no", "sub/.git/e.mof": "no", "sub/._f.mof": "no", "odd[1].mof": "class Odd { };",
		"s.zip": zipped(t, "x/y.mof", "class Y { };", "x/._y.mof", "no", "readme.txt", "no", `w\z.mof`, "class Z { };"),
	})
	root := strings.TrimPrefix(filepath.ToSlash(dir), "/")
	tests := []struct {
		name          string
		names, schema []string
		files, used   []string
		shown         []string // of files
	}{
		{
			"files and folders", []string{"./a.mof", "sub/", "a.mof"}, nil,
			[]string{"a.mof", "sub/b.MOF", "sub/deep/c.mof"}, nil, []string{"a.mof", "sub/b.MOF", "sub/deep/c.mof"},
		},
		{
			"zip file", []string{"s.zip"}, []string{"sub/deep"},
			[]string{"s.zip/x/y.mof", "s.zip/w/z.mof"}, []string{"sub/deep/c.mof"}, []string{"s.zip/x/y.mof", "s.zip/w/z.mof"},
		},
		{
			"elsewhere", []string{filepath.Join(dir, "sub"), "a.mof"}, nil,
			[]string{root + "/sub/b.MOF", root + "/sub/deep/c.mof", root + "/a.mof"}, nil,
			[]string{filepath.Join(dir, "sub", "b.MOF"), filepath.Join(dir, "sub", "deep", "c.mof"), "a.mof"},
		},
		{"no pattern", []string{"odd[1].mof"}, nil, []string{"odd[1].mof"}, nil, []string{"odd[1].mof"}},
		{"stdin", []string{"-"}, nil, []string{"<stdin>"}, nil, []string{"<stdin>"}},
		{"in both", []string{"sub/deep"}, []string{"sub"}, []string{"sub/deep/c.mof"}, []string{"sub/b.MOF"}, []string{"sub/deep/c.mof"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			tree, err := readTree(t, test.names, test.schema)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([][]string{test.files, test.used}, [][]string{tree.files, tree.used}, equateEmpty()); diff != "" {
				t.Errorf("files and schema (-want +got):\n%s", diff)
			}
			var shown []string
			for _, file := range tree.files {
				shown = append(shown, tree.shown(file))
			}
			if diff := cmp.Diff(test.shown, shown); diff != "" {
				t.Errorf("names (-want +got):\n%s", diff)
			}
			if _, err := compileTree(t.Context(), tree); err != nil {
				t.Error(err)
			}
		})
	}
}

func equateEmpty() cmp.Option {
	return cmp.Transformer("empty", func(list []string) []string { return append([]string{}, list...) })
}

func TestReadMOFErrors(t *testing.T) {
	t.Chdir(t.TempDir())
	many := make([]string, 0, 2*maxMOFFiles+2)
	for i := range maxMOFFiles + 1 {
		many = append(many, strconv.Itoa(i)+".mof", "")
	}
	half := strings.Repeat(" ", maxMOFBytes/2+1)
	writeFiles(t, map[string]string{
		"empty/a.txt": "", "no.zip": "PK", "none.zip": zipped(t, "a.txt", ""), "out.zip": zipped(t, "../a.mof", "class A { };"),
		"bomb.zip": zipped(t, "a.mof", half, "b.mof", half), "many.zip": zipped(t, many...),
	})
	for name, want := range map[string]string{
		"missing.mof": "read MOF: stat missing.mof: no such file or directory",
		"empty":       "read MOF: the folder empty has no files that end in .mof",
		"no.zip":      "read MOF: unpack no.zip: zip: not a valid zip file",
		"none.zip":    "read MOF: the zip file none.zip has no files that end in .mof",
		"out.zip":     "read MOF: out.zip: the member \"../a.mof\" lies outside of the file",
		"bomb.zip":    ".mof: more than 64 MiB of MOF together",
		"many.zip":    "read MOF: many.zip: more than 20000 files",
	} {
		if _, err := readTree(t, []string{name}, nil); err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%s: error is %v, want %s", name, err, want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := readMOF(ctx, &Env{Stdin: strings.NewReader("")}, []string{"-"}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v, want that of the context", err)
	}
	if _, err := readMOF(t.Context(), &Env{}, []string{"-"}, nil); err == nil {
		t.Error("no standard input, and no error")
	}
}

// TestIncludes compiles each file once, in the namespace in force where it is included.
func TestIncludes(t *testing.T) {
	t.Chdir(t.TempDir())
	writeFiles(t, map[string]string{
		"set/a.mof":     `class A { uint8 N; };`,
		"set/b/b.mof":   `#pragma include ("a.mof")` + "\nclass B : A { };",
		"set/z.mof":     "#pragma namespace (\"root/z\")\n#pragma include (\"b/b.mof\")",
		"lone.mof":      "#pragma include (\"qualifiers.mof\")\n[Description(\"d\")] class Lone { };",
		"own.mof":       "Qualifier Key : boolean = false, Scope(property);\nclass Own { [Key] string K; };",
		"elsewhere.mof": "#pragma include (\"set/a.mof\")",
	})
	for _, test := range []struct {
		name             string
		files, schema    []string
		classes          string
		class, namespace string
		own, qualifiers  int
	}{
		{"folder", []string{"set"}, nil, "B A", "B", "root/z", 2, 0},
		{"standard file", []string{"lone.mof"}, nil, "Lone", "Lone", "root/cimv2", 1, 38},
		{"behind a schema", []string{"own.mof"}, []string{"set"}, "B A Own", "Own", "root/cimv2", 1, 1},
		{"disk", []string{"elsewhere.mof"}, nil, "A", "A", "root/cimv2", 1, 0},
	} {
		tree, err := readTree(t, test.files, test.schema)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		c, err := compileTree(t.Context(), tree)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if got := strings.Join(c.ClassNames(), " "); got != test.classes {
			t.Errorf("%s: classes are %s, want %s", test.name, got, test.classes)
		}
		if got := c.Local(test.class).Path.Namespace; got != test.namespace {
			t.Errorf("%s: class %s is in %s, want %s", test.name, test.class, got, test.namespace)
		}
		if got := len(c.ClassNames()) - c.usedClasses; got != test.own {
			t.Errorf("%s: %d classes of its own, want %d", test.name, got, test.own)
		}
		if got := len(c.QualifierTypes()) - c.usedQualifiers; got != test.qualifiers {
			t.Errorf("%s: %d qualifier types of its own, want %d", test.name, got, test.qualifiers)
		}
	}
}

// TestStandardQualifiers are known to files that declare none, and only to these.
func TestStandardQualifiers(t *testing.T) {
	t.Chdir(t.TempDir())
	writeFiles(t, map[string]string{
		"none.mof":   "[Version(\"1\")] class A { [Key] string K; };",
		"typo.mof":   "[Version(\"1\")] class A { [Kye] string K; };",
		"some.mof":   "Qualifier Key : boolean = false, Scope(property);\n[Version(\"1\")] class A { [Key] string K; };",
		"schema.mof": "[Version(\"1\")] class Base { [Key] string K; };",
		"below.mof":  "[Version(\"1\")] class Below : Base { };",
	})
	for _, test := range []struct {
		file, schema, want string
	}{
		{"none.mof", "", ""},
		{"typo.mof", "", "typo.mof:1:27: qualifier Kye is not defined"},
		{"some.mof", "", "some.mof:2:2: qualifier Version is not defined"},
		{"below.mof", "schema.mof", ""},
		{"below.mof", "typo.mof", "typo.mof:1:27: qualifier Kye is not defined"},
	} {
		var schema []string
		if test.schema != "" {
			schema = []string{test.schema}
		}
		tree, err := readTree(t, []string{test.file}, schema)
		if err != nil {
			t.Fatal(err)
		}
		c, err := compileTree(t.Context(), tree)
		if test.want == "" {
			if err != nil {
				t.Errorf("%s: %v", test.file, err)
			} else if own := len(c.ClassNames()) - c.usedClasses; own != 1 || len(c.QualifierTypes()) != c.usedQualifiers {
				t.Errorf("%s: %d classes of its own, and qualifier types", test.file, own)
			}
			continue
		}
		list, ok := errors.AsType[mof.ErrorList](err)
		if !ok || len(list) != 1 && test.schema == "" || !strings.HasPrefix(list[0].Error(), test.want) {
			t.Errorf("%s: error is %v, want %s", test.file, err, test.want)
		}
	}
}

// TestErrorsShown names files as they were given, both places of a conflict.
func TestErrorsShown(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	writeFiles(t, map[string]string{"a.mof": "class A { };", "b/b.mof": "\nclass A { };"})
	t.Chdir(filepath.Join(dir, "b"))
	tree, err := readTree(t, []string{"../a.mof", "b.mof"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = compileTree(t.Context(), tree)
	if want := "b.mof:2:7: class A already defined at ../a.mof:1:7"; err == nil || err.Error() != want {
		t.Errorf("error is %v, want %s", err, want)
	}
}

// TestIncludesFilesOnly refuses to wait for what is no file.
func TestIncludesFilesOnly(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	writeFiles(t, map[string]string{"a.mof": "#pragma include (\"pipe\")"})
	if err := exec.Command("mkfifo", "pipe").Run(); err != nil {
		t.Skip("no named pipes here: ", err)
	}
	tree, err := readTree(t, []string{"a.mof"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := compileTree(t.Context(), tree); err == nil || !strings.Contains(err.Error(), "it is not a regular file") {
		t.Errorf("error is %v", err)
	}
}

func TestMemoryFile(t *testing.T) {
	tree := &mofTree{texts: map[string][]byte{"s.zip/a.mof": []byte("class A { };")}, bases: []string{"s.zip"}, disk: os.DirFS(t.TempDir())}
	info, err := fs.Stat(tree, "s.zip/a.mof")
	if err != nil || info.Name() != "a.mof" || info.Size() != 12 || info.IsDir() || info.Mode() != 0o444 || !info.ModTime().IsZero() || info.Sys() != nil {
		t.Errorf("Stat is %v, %v", info, err)
	}
	if text, err := fs.ReadFile(tree, "a.mof"); err != nil || len(text) != 0 {
		t.Errorf("a file of the archive by another name has %q, %v, want nothing: it is compiled by its own", text, err)
	}
}
