package cli

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// The formats of -o.
const (
	formatText  = "text"
	formatTable = "table" // what text is called where it is a table
	formatJSON  = "json"
	formatXML   = "xml"
	formatMOF   = "mof"
	formatCSV   = "csv"
)

// result is what a command prints. Its exported fields are its JSON form.
type result interface {
	// WriteText writes the result for eyes, with ANSI colors where color is true.
	WriteText(w io.Writer, color bool) error
}

// xmlResult is a result that has an XML form: that of its command offers -o xml.
type xmlResult interface {
	WriteXML(w io.Writer) error
}

// mofResult is a result that has a form in MOF: that of its command offers -o mof.
type mofResult interface {
	WriteMOF(w io.Writer) error
}

// outputFlag is the value of -o: one of the formats that a command offers.
type outputFlag struct {
	format  string
	offered []string
}

// addOutputFlag adds -o with the formats that cmd offers, the first of them as the default.
func addOutputFlag(cmd *cobra.Command, offered ...string) *outputFlag {
	f := &outputFlag{format: offered[0], offered: offered}
	cmd.Flags().VarP(f, "output", "o", "`format` of the output: "+strings.Join(offered, ", "))
	complete := cobra.FixedCompletions(offered, cobra.ShellCompDirectiveNoFileComp)
	// It fails for a flag that does not exist only.
	_ = cmd.RegisterFlagCompletionFunc("output", complete)
	return f
}

// String, Set and Type make an outputFlag a pflag.Value.
func (f *outputFlag) String() string { return f.format }

// Set chooses a format.
func (f *outputFlag) Set(format string) error {
	if !slices.Contains(f.offered, format) {
		return fmt.Errorf("choose one of %s", strings.Join(f.offered, ", "))
	}
	f.format = format
	return nil
}

// only returns an error of wrong usage when the format is none of some of those offered.
func (f *outputFlag) only(formats ...string) error {
	if slices.Contains(formats, f.format) {
		return nil
	}
	return usage(fmt.Errorf("-o %s is not for this: choose one of %s", f.format, strings.Join(formats, ", ")))
}

// Type names the kind of value in help texts.
func (f *outputFlag) Type() string { return "format" }

// print writes a result to standard output in the chosen format. On a stream it is called
// once for each result: JSON is one object a line.
func (e *Env) print(output *outputFlag, r result) error {
	w := bufio.NewWriter(e.Stdout)
	err := e.encode(w, output.format, r)
	if err == nil {
		err = w.Flush()
	}
	if err != nil {
		return fmt.Errorf("write the output: %w", err)
	}
	return nil
}

func (e *Env) encode(w io.Writer, format string, r result) error {
	switch format {
	case formatJSON:
		encoder := json.NewEncoder(w)
		encoder.SetEscapeHTML(false)
		return encoder.Encode(r)
	case formatXML:
		x, ok := r.(xmlResult)
		if !ok {
			return fmt.Errorf("%T has no XML form", r)
		}
		return x.WriteXML(w)
	case formatMOF:
		m, ok := r.(mofResult)
		if !ok {
			return fmt.Errorf("%T has no form in MOF", r)
		}
		return m.WriteMOF(w)
	default:
		if e.StdoutIsTerminal {
			w = terminalWriter{w}
		}
		return r.WriteText(w, e.color())
	}
}
