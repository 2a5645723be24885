package mof_test

import (
	"archive/zip"
	"bytes"
	"io"
	"io/fs"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/cimwatch/cimwatch/mof"
)

// dmtfArchive returns the zip file of the DMTF schema that CIMWATCH_SCHEMA names.
func dmtfArchive(tb testing.TB) []byte {
	tb.Helper()
	file := os.Getenv("CIMWATCH_SCHEMA")
	if file == "" {
		file = "../../shared/schema/cim_schema_2.49.0Final-MOFs.zip"
	}
	archive, err := os.ReadFile(file)
	if err != nil {
		tb.Skip("no DMTF schema, set CIMWATCH_SCHEMA to its zip file: ", err)
	}
	return archive
}

// dmtfSchema returns the DMTF schema unpacked in memory.
func dmtfSchema(tb testing.TB) fstest.MapFS {
	tb.Helper()
	archive := dmtfArchive(tb)
	r, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		tb.Fatal(err)
	}
	files := fstest.MapFS{}
	for _, f := range r.File {
		if path.Ext(f.Name) != ".mof" {
			continue
		}
		in, err := f.Open()
		if err != nil {
			tb.Fatal(err)
		}
		text, err := io.ReadAll(in)
		if err != nil {
			tb.Fatal(err)
		}
		files[f.Name] = &fstest.MapFile{Data: text}
	}
	return files
}

func compileDMTF(tb testing.TB, files fs.FS) *mof.Schema {
	tb.Helper()
	s, err := mof.CompileFS(files, []string{"cim_schema_*.mof"}, &mof.Options{
		Warn: func(w *mof.Error) { tb.Error("warning: ", w) },
	})
	if err != nil {
		fatalErrors(tb, err)
	}
	return s
}

// TestDMTFSchema compiles the whole schema and counts what its files declare in another
// way.
func TestDMTFSchema(t *testing.T) {
	files := dmtfSchema(t)
	s := compileDMTF(t, files)
	classes, qualifiers := 0, 0
	class, qualifier := regexp.MustCompile(`(?m)^ *class +\w+`), regexp.MustCompile(`(?mi)^ *qualifier +\w+`)
	for _, f := range files {
		classes += len(class.FindAll(f.Data, -1))
		qualifiers += len(qualifier.FindAll(f.Data, -1))
	}
	if got := len(s.ClassNames()); got != classes || classes < 1000 {
		t.Errorf("%d classes, the files declare %d", got, classes)
	}
	if got := len(s.QualifierTypes()); got != qualifiers || qualifiers < 50 {
		t.Errorf("%d qualifier types, the files declare %d", got, qualifiers)
	}
	for _, name := range s.ClassNames() {
		if s.Class(name) == nil || s.Local(name) == nil {
			t.Errorf("class %s is missing", name)
		}
	}
	if got := strings.Join(s.Ancestors("cim_fan"), " "); got !=
		"CIM_CoolingDevice CIM_LogicalDevice CIM_AllocatedLogicalElement CIM_EnabledLogicalElement CIM_LogicalElement CIM_ManagedSystemElement CIM_ManagedElement" {
		t.Error("ancestors of CIM_Fan:", got)
	}
	if keys := strings.Join(s.Class("CIM_Fan").KeyNames(), " "); keys != "SystemCreationClassName SystemName CreationClassName DeviceID" {
		t.Error("keys of CIM_Fan:", keys)
	}
}

func TestDMTFSchemaPrinted(t *testing.T) {
	roundTrip(t, compileDMTF(t, dmtfSchema(t)))
}

func BenchmarkCompileDMTF(b *testing.B) {
	files := dmtfSchema(b)
	b.ReportAllocs()
	for b.Loop() {
		compileDMTF(b, files)
	}
}
