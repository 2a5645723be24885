package cli

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/cimwatch/cimwatch/web"
)

// A long text is cut on a terminal, and whole in a pipe.
func TestLongTextsOfChanges(t *testing.T) {
	long := strings.Repeat("x", 2*changeWidth)
	value, err := json.Marshal(long)
	if err != nil {
		t.Fatal(err)
	}
	l := changeList{Changes: []web.Change{{Host: "esx1", Name: "Fan", Kind: "property", Property: "Text", New: value}}}
	for _, terminal := range []bool{false, true} {
		var out strings.Builder
		env := &Env{Stdout: &out, StdoutIsTerminal: terminal, Getenv: func(string) string { return "dumb" }}
		if err := env.print(&outputFlag{format: formatTable}, l); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(out.String(), long) == terminal {
			t.Errorf("terminal %v:\n%s", terminal, &out)
		}
	}
}
