// Command testreport prints what `go test -json` writes on its standard input: a result line
// for each package, the whole output of what failed, each skipped test with its reason, and
// last the counts.
//
//	go test -json ./... | go run ./internal/testreport
//
// With -v it also names each test that passed. It exits 0 unless it cannot read its input:
// whether the tests passed is go test's exit code to tell.
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	verbose := flag.Bool("v", false, "name each test that passed")
	flag.Parse()
	if err := report(os.Stdin, os.Stdout, *verbose); err != nil {
		fmt.Fprintf(os.Stderr, "error: %v\n", err)
		os.Exit(1)
	}
}
