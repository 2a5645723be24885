package cli_test

import (
	"archive/zip"
	"os"

	"github.com/rogpeppe/go-internal/testscript"
)

// archive writes a zip file that holds files of the script under their names:
//
//	archive schema.zip top.mof sub/fan.mof
func archive(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: archive ZIP FILE...")
	}
	out, err := os.Create(ts.MkAbs(args[0]))
	ts.Check(err)
	defer out.Close()
	z := zip.NewWriter(out)
	for _, name := range args[1:] {
		member, err := z.Create(name)
		ts.Check(err)
		_, err = member.Write([]byte(ts.ReadFile(name)))
		ts.Check(err)
	}
	ts.Check(z.Close())
}
