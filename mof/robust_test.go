package mof_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/mof"
)

// TestRecovery adds a wrong class to every wrong source: what comes before must not
// hide it. Only what swallows the rest of the file may.
func TestRecovery(t *testing.T) {
	swallows := []string{"comment not closed"}
	for _, w := range wrongSources(t) {
		if slices.Contains(swallows, w.name) {
			continue
		}
		own, _, _ := strings.Cut(w.source, "\n-- ")
		want := fmt.Sprintf("t.mof:%d:14: \"uint99\", expected", strings.Count(strings.TrimSuffix(own, "\n"), "\n")+2)
		if got := w.compile(t, "class Last { uint99 X; };"); !strings.Contains(got, want) {
			t.Errorf("%s: %s:\n%sgives\n%swhich lacks %s", w.file, w.name, w.source, got, want)
		}
	}
}

// TestCutOff compiles beginnings of a real file: all of them end, and only whole
// declarations compile.
func TestCutOff(t *testing.T) {
	types, err := os.ReadFile("../simulator/esxi/qualifiers.mof")
	if err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile("../simulator/esxi/control.mof")
	if err != nil {
		t.Fatal(err)
	}
	whole = []byte(strings.Replace(string(whole), `#pragma include ("qualifiers.mof")`, "", 1))
	right := 0
	for n := range whole {
		s, err := mof.Compile([]mof.Source{{Name: "q", Text: types}, {Name: "c", Text: whole[:n]}}, nil)
		if err == nil {
			right++
			continue
		}
		var list mof.ErrorList
		if s != nil || !errors.As(err, &list) || len(list) > 3 {
			t.Fatalf("%d bytes give %d errors: %v", n, len(list), err)
		}
	}
	if right == 0 || right > len(whole)/2 {
		t.Errorf("%d of %d beginnings compile", right, len(whole))
	}
}

// TestOrder compiles the DMTF schema with its files in another order than the one that
// it names.
func TestOrder(t *testing.T) {
	files := dmtfSchema(t)
	want := compileDMTF(t, files)
	var paths []string
	for file := range files {
		if !strings.HasPrefix(file, "cim_schema_") {
			paths = append(paths, file)
		}
	}
	slices.Sort(paths)
	slices.Reverse(paths)
	got, err := mof.CompileFS(files, paths, nil)
	fatalErrors(t, err)
	if g, w := slices.Sorted(slices.Values(got.ClassNames())), slices.Sorted(slices.Values(want.ClassNames())); !slices.Equal(g, w) {
		t.Fatalf("%d classes, want %d", len(g), len(w))
	}
	for _, name := range want.ClassNames() {
		if !got.Class(name).Equal(want.Class(name)) {
			t.Errorf("class %s differs", name)
		}
	}
}

// TestBuiltinIsTheSchema looks up numbers of every property in both.
func TestBuiltinIsTheSchema(t *testing.T) {
	s := compileDMTF(t, dmtfSchema(t))
	table := mof.BuiltinValues()
	for _, class := range s.ClassNames() {
		for _, p := range s.Class(class).Properties {
			m := s.ValueMap(class, p.Name)
			for _, n := range []int64{-1, 0, 1, 2, 3, 7, 19, 20, 66, 131, 1000, 0x8000, 0xFFFF, 0x10000} {
				want, ok := m.Meaning(cim.Sint64(n))
				want = strings.Join(strings.Fields(want), " ")
				got, known := table.Meaning(class, p.Name, n)
				if m != nil && (got != want || known != ok) {
					t.Errorf("%s.%s %d: got %q %v, want %q %v", class, p.Name, n, got, known, want, ok)
				}
			}
		}
	}
}

// TestConcurrentUse asks a fresh schema from several goroutines, for the race detector.
func TestConcurrentUse(t *testing.T) {
	s := esxiModel(t)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for _, name := range s.ClassNames() {
				if c := s.Class(name); c.Name != name || s.ValueMap(name, "HealthState") == nil && c.Property("HealthState") != nil {
					t.Errorf("class %s is wrong", name)
				}
				mof.BuiltinValues().Meaning(name, "HealthState", 5)
			}
		})
	}
	all.Wait()
}

// TestNamespaces has the forms of the namespace pragma, and what is placed by it.
func TestNamespaces(t *testing.T) {
	for _, tt := range []struct{ pragma, want string }{
		{"", "root/start"},
		{`#pragma namespace("root/x")`, "root/x"},
		{`#PRAGMA NAMESPACE ("/root/x/")`, "root/x"},
		{`#pragma namespace("//host/root/x")`, "root/x"},
		{`#pragma namespace("https://user@host:5989/root/x")`, "root/x"},
		{`#pragma namespace("\\\\.\\root\\x")`, "root/x"},
		{`#pragma namespace("root/y") #pragma namespace("root/x")`, "root/x"},
	} {
		s, err := mof.Compile([]mof.Source{
			{Name: "q", Text: []byte(qualifierTypes)},
			{Name: "a", Text: []byte(tt.pragma + ` class A { [Key] string K; }; instance of A { K = "k"; };`)},
			{Name: "b", Text: []byte(`class B { };`)},
		}, &mof.Options{Namespace: "/root/start/"})
		fatalErrors(t, err)
		if got := s.Instances()[0].Path.Namespace; got != tt.want || s.Class("A").Path.Namespace != tt.want {
			t.Errorf("%s: instance in %s, class in %s, want %s", tt.pragma, got, s.Class("A").Path.Namespace, tt.want)
		}
		if got := s.Class("B").Path.Namespace; got != "root/start" {
			t.Errorf("%s: the next source starts in %s", tt.pragma, got)
		}
	}
}

// failingFS has a file that cannot be read.
type failingFS struct{ fs.FS }

func (f failingFS) Open(name string) (fs.File, error) {
	if name == "bad.mof" {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return f.FS.Open(name)
}

func TestUnreadable(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"bad.mof": "", "ok.mof": `#pragma include("bad.mof")`, "dir.mof/x": ""} {
		if folder, _, ok := strings.Cut(name, "/"); ok {
			if err := os.Mkdir(dir+"/"+folder, 0o755); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.WriteFile(dir+"/"+name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for pattern, want := range map[string]string{
		"bad.mof": "bad.mof: cannot read the file: open bad.mof: permission denied",
		"ok.mof":  `ok.mof:1:17: cannot include "bad.mof": open bad.mof: permission denied`,
		"dir.mof": "dir.mof: cannot read the file: it is a folder",
		"a[.mof":  "a[.mof: cannot read the file: syntax error in pattern",
	} {
		if _, err := mof.CompileFS(failingFS{os.DirFS(dir)}, []string{pattern}, nil); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", pattern, err, want)
		}
	}
}
