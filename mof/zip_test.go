package mof_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/cimwatch/cimwatch/mof"
)

// zipped returns an archive of files, given as name and text in turn.
func zipped(t *testing.T, files ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		f, err := w.Create(files[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(f, files[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func compileZip(archive []byte, patterns []string, opts *mof.Options) (*mof.Schema, error) {
	return mof.CompileZip(bytes.NewReader(archive), int64(len(archive)), patterns, opts)
}

func TestCompileZip(t *testing.T) {
	tests := []struct {
		name     string
		files    []string
		patterns []string
		want     string // classes or error
	}{
		{"top files include the others", []string{"all.mof", `#pragma include("sub/a.mof")`, "sub/a.mof", "class A { };", "sub/b.mof", "class B { };"}, nil, "A"},
		{"no top file", []string{"x/b.MOF", "class B { };", "x/y/a.mof", "class A { };", "readme.txt", "no MOF"}, nil, "B A"},
		{"named", []string{"a.mof", "class A { };", "b.mof", "class B { };"}, []string{"b.mof"}, "B"},
		{"pattern", []string{"x/a.mof", "class A { };", "x/b.mof", "class B { };"}, []string{"x/*.mof"}, "A B"},
		{"beside and above", []string{"x/a.mof", `#pragma include("b.mof") #pragma include("../c.mof")`, "x/b.mof", "class B { };", "c.mof", "class C { };"}, []string{"x/a.mof"}, "B C"},
		{"nothing", []string{"readme.txt", "no MOF"}, nil, "*.mof: there is no such file"},
		{"hidden", []string{"x/a.mof", "class A { };", "__MACOSX/._a.mof", "\x00\x05\x16\x07\xB0", ".git/b.mof", "class B { };"}, nil, "A"},
		{"hidden at the top", []string{"._a.mof", "\xB0", "x/a.mof", "class A { };"}, nil, "A"},
		{"hidden and named", []string{".a.mof", "class A { };", "b.mof", "class B { };"}, []string{".a.mof"}, "A"},
		{"hidden only", []string{"._a.mof", "\xB0"}, nil, "*.mof: there is no such file"},
		{"out of the archive", []string{"a.mof", `#pragma include("../b.mof")`, "../b.mof", "class B { };"}, nil,
			`a.mof:1:17: cannot include "../b.mof", expected a path inside the folder of the sources`},
		{"error", []string{"x/a.mof", "class A : B { };"}, nil, "x/a.mof:1:11: superclass B of class A is not defined"},
	}
	for _, tt := range tests {
		s, err := compileZip(zipped(t, tt.files...), tt.patterns, nil)
		var got string
		if err != nil {
			got = err.Error()
		} else {
			got = strings.Join(s.ClassNames(), " ")
		}
		if got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
	}
	if _, err := compileZip([]byte("no archive"), nil, nil); err == nil || err.Error() != "reading the archive: zip: not a valid zip file" {
		t.Errorf("got %v", err)
	}
}

// TestZipBomb unpacks no more than may be read in all, from one file and from many.
func TestZipBomb(t *testing.T) {
	const limit = 1 << 20
	large := strings.Repeat(" ", 2*limit)
	for name, archive := range map[string][]byte{
		"one file": zipped(t, "a.mof", large),
		"many":     zipped(t, "a.mof", large[:limit/2], "b.mof", large[:limit/2], "c.mof", large, "d.mof", large, "e.mof", "class A { uint9 X; };"),
		"included": zipped(t, "a.mof", strings.Repeat(`#pragma include("x/b.mof") `, 1000), "x/b.mof", large),
	} {
		if len(archive) > limit/4 {
			t.Fatalf("%s: %d bytes", name, len(archive))
		}
		_, err := compileZip(archive, nil, &mof.Options{MaxSize: limit})
		var list mof.ErrorList
		if !errors.As(err, &list) || len(list) != 1 || list[0].Message != "the sources have more than 1048576 bytes together" {
			t.Errorf("%s: got %v", name, err)
		}
	}
	_, err := compileZip(zipped(t, "a.mof", "class A { };"), nil, &mof.Options{MaxSize: 100})
	if err == nil || !strings.HasSuffix(err.Error(), " bytes, expected at most 25") {
		t.Errorf("got %v", err)
	}
}

// TestDMTFZip compiles the archive of the DMTF as it comes.
func TestDMTFZip(t *testing.T) {
	archive := dmtfArchive(t)
	s, err := compileZip(archive, nil, &mof.Options{Warn: func(w *mof.Error) { t.Error(w) }})
	fatalErrors(t, err)
	if len(s.ClassNames()) != 1631 || len(s.QualifierTypes()) != 70 {
		t.Errorf("%d classes and %d qualifier types", len(s.ClassNames()), len(s.QualifierTypes()))
	}
}

func TestSearch(t *testing.T) {
	own := fstest.MapFS{
		"a.mof":     {Data: []byte(`#pragma include("b.mof") #pragma include("x/c.mof") #pragma include("x/c.mof")`)},
		"b.mof":     {Data: []byte("class OwnB { };")},
		"loop.mof":  {Data: []byte(`#pragma include("back.mof")`)},
		"other.mof": {Data: []byte(`#pragma include("../b.mof")`)},
	}
	first := fstest.MapFS{
		"b.mof":   {Data: []byte("class FirstB { };")},
		"x/c.mof": {Data: []byte(`#pragma include("d.mof") #pragma include("b.mof") #pragma include("e.mof") class FirstC { };`)},
		"x/d.mof": {Data: []byte("class FirstD { };")},
	}
	second := fstest.MapFS{
		"x/c.mof":  {Data: []byte("class SecondC { };")},
		"e.mof":    {Data: []byte("class SecondE { };")},
		"back.mof": {Data: []byte(`#pragma include("loop.mof")`)},
	}
	opts := &mof.Options{Search: []fs.FS{first, second}}
	s, err := mof.CompileFS(own, []string{"a.mof"}, opts)
	fatalErrors(t, err)
	if got := strings.Join(s.ClassNames(), " "); got != "OwnB FirstD SecondE FirstC" {
		t.Errorf("classes %s", got)
	}
	for file, want := range map[string]string{
		"loop.mof":  "back.mof:1:17: loop.mof -> back.mof -> loop.mof includes itself",
		"other.mof": `other.mof:1:17: cannot include "../b.mof", expected a path inside the folder of the sources`,
	} {
		if _, err := mof.CompileFS(own, []string{file}, opts); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", file, err, want)
		}
	}
}

// TestLinkOutOfRoot reads a folder through os.Root, which links do not leave.
func TestLinkOutOfRoot(t *testing.T) {
	dir := t.TempDir()
	inside := filepath.Join(dir, "models")
	if err := errors.Join(os.Mkdir(inside, 0o755), os.WriteFile(filepath.Join(dir, "secret.mof"), []byte("class Secret { };"), 0o600),
		os.WriteFile(filepath.Join(inside, "a.mof"), []byte(`#pragma include("link.mof")`), 0o600),
		os.Symlink("../secret.mof", filepath.Join(inside, "link.mof"))); err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(inside)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	_, err = mof.CompileFS(root.FS(), []string{"a.mof"}, nil)
	want := `a.mof:1:17: cannot include "link.mof": openat link.mof: path escapes from parent`
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	s, err := mof.CompileFS(os.DirFS(inside), []string{"a.mof"}, nil)
	if err != nil || !slices.Equal(s.ClassNames(), []string{"Secret"}) {
		t.Errorf("os.DirFS follows links no more: %v", err)
	}
}
