package mof_test

import (
	"os"
	"strings"
	"testing"

	"github.com/cimwatch/cimwatch/mof"
)

func TestDump(t *testing.T) {
	text, _ := os.ReadFile("/tmp/cases.txt")
	for _, c := range strings.Split(string(text), "===\n") {
		name, src, _ := strings.Cut(c, "\n")
		src = strings.ReplaceAll(src, "<FF>", "\xff")
		_, err := mof.Compile([]mof.Source{{Name: "types.mof", Text: []byte(qualifierTypes)}, {Name: "t.mof", Text: []byte(src)}}, nil)
		out := "-- " + name + "\n" + src
		if l, ok := err.(mof.ErrorList); ok {
			for _, e := range l {
				out += "    > " + e.Error() + "\n"
			}
		} else {
			out += "    > NONE\n"
		}
		print(out)
	}
}
