package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cimwatch/cimwatch/mof"
)

// TestTableIsCurrent generates the embedded table again.
func TestTableIsCurrent(t *testing.T) {
	schema := os.Getenv("CIMWATCH_SCHEMA")
	if schema == "" {
		schema = "../../../../shared/schema/cim_schema_2.49.0Final-MOFs.zip"
	}
	if _, err := os.Stat(schema); err != nil {
		t.Skip("no DMTF schema, set CIMWATCH_SCHEMA to its zip file: ", err)
	}
	out := filepath.Join(t.TempDir(), "values.txt")
	if err := run(schema, out); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("../../builtin_values.txt")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("builtin_values.txt is not what go generate makes of the schema")
	}
}

func TestTable(t *testing.T) {
	s, err := mof.Compile([]mof.Source{{Name: "t", Text: []byte(`
Qualifier Override : string, Scope(property), Flavor(Restricted);
Qualifier Values : string[], Scope(property);
Qualifier ValueMap : string[], Scope(property);
class Leaf : Middle { };
class Root { uint8 Plain; };
class Middle : Root { [Values{"Zero", "One = first"}] uint8 X; [Values{"a"}] string Text; };
class Other { [ValueMap{"0", "1"}, Values{"Zero", "One = first"}] uint8 Y;
    [ValueMap{"2", "3", "0x10", ".."}, Values{"Two", "Three", "Sixteen", "Rest"}] sint32 Z[];
    [ValueMap{"1"}, Values{"a", "b"}] uint8 Bad; };`)}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Join([]string{
		"# Value maps of the DMTF CIM schema 1.0. Made by valuegen, do not edit.",
		"= uint8	Zero	1=One = first",
		"= sint32	2=Two	Three	0x10=Sixteen	..=Rest",
		"Middle -	X 0",
		"Leaf Middle",
		"Other -	Y 0	Z 1",
		"",
	}, "\n")
	if got := string(table(s, "1.0")); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestRunErrors(t *testing.T) {
	for schema, want := range map[string]string{
		"":             "no schema: name its zip file with -schema or in CIMWATCH_SCHEMA",
		"main_test.go": "zip: not a valid zip file",
	} {
		if err := run(schema, filepath.Join(t.TempDir(), "out")); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", schema, err, want)
		}
	}
}
