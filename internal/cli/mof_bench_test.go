package cli

import (
	"io"
	"os"
	"testing"
)

// BenchmarkCheckDMTF is mof check over the whole DMTF schema from its zip file, without the
// start of the process.
func BenchmarkCheckDMTF(b *testing.B) {
	file := os.Getenv("CIMWATCH_SCHEMA")
	if file == "" {
		file = "../../../shared/schema/cim_schema_2.49.0Final-MOFs.zip"
	}
	if _, err := os.Stat(file); err != nil {
		b.Skip("no DMTF schema, set CIMWATCH_SCHEMA to its zip file: ", err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if code := Run(b.Context(), []string{"mof", "check", file}, Env{Stdout: io.Discard, Stderr: io.Discard}); code != ExitDone {
			b.Fatalf("exit code %d", code)
		}
	}
}
