package cli

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"
)

// fan is a result with every form.
type fan struct {
	Name string `json:"name"`
	RPM  int    `json:"rpm"`
}

func (f fan) WriteText(w io.Writer, color bool) error {
	return writeTable(w, color, []string{"NAME", "RPM"}, [][]cell{
		{{text: f.Name, color: text.FgGreen}, {text: fmt.Sprint(f.RPM)}},
		{{text: "exhaust fan <2>\x1b[2J"}, {text: ""}},
	})
}

func (f fan) WriteXML(w io.Writer) error {
	_, err := fmt.Fprintf(w, "<FAN NAME=%q/>\n", f.Name)
	return err
}

// line is a result without an XML form.
type line string

func (l line) WriteText(w io.Writer, _ bool) error {
	_, err := fmt.Fprintln(w, string(l))
	return err
}

func TestPrint(t *testing.T) {
	const plain = "NAME                    RPM\n" +
		"fan <1>                 900\n" +
		"exhaust fan <2>\\x1b[2J\n"
	const colored = "\x1b[1mNAME\x1b[0m                    \x1b[1mRPM\x1b[0m\n" +
		"\x1b[32mfan <1>\x1b[0m                 900\n" +
		"exhaust fan <2>\\x1b[2J\n"
	tests := []struct {
		name     string
		args     []string
		terminal bool
		environ  map[string]string
		want     string
	}{
		{name: "default", want: plain},
		{name: "table", args: []string{"-o", "table"}, want: plain},
		{name: "terminal", terminal: true, want: colored},
		{name: "terminal without colors", terminal: true, environ: map[string]string{"NO_COLOR": "1"}, want: plain},
		{name: "dumb terminal", terminal: true, environ: map[string]string{"TERM": "dumb"}, want: plain},
		{name: "json", args: []string{"-o", "json"}, terminal: true, want: `{"name":"fan <1>","rpm":900}` + "\n"},
		{name: "xml", args: []string{"-o", "xml"}, terminal: true, want: `<FAN NAME="fan <1>"/>` + "\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var stdout strings.Builder
			env := &Env{
				Stdout:           &stdout,
				StdoutIsTerminal: test.terminal,
				Getenv:           func(name string) string { return test.environ[name] },
			}
			cmd := &cobra.Command{}
			output := addOutputFlag(cmd, formatText, formatTable, formatJSON, formatXML)
			if err := cmd.ParseFlags(test.args); err != nil {
				t.Fatal(err)
			}
			if err := env.print(output, fan{Name: "fan <1>", RPM: 900}); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, stdout.String()); diff != "" {
				t.Errorf("stdout (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPrintErrors(t *testing.T) {
	full := errors.New("disk full")
	env := &Env{Stdout: writerFunc(func([]byte) (int, error) { return 0, full })}
	if err := env.print(&outputFlag{format: formatText}, line("x")); !errors.Is(err, full) {
		t.Errorf("error is %v, want %v", err, full)
	}
	env = &Env{Stdout: io.Discard}
	if err := env.print(&outputFlag{format: formatXML}, line("x")); err == nil {
		t.Error("a result without an XML form was printed as XML")
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }
