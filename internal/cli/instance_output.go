package cli

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
	"github.com/cimwatch/cimwatch/mof"
)

// instanceOutput is how a command prints instances.
type instanceOutput struct {
	*outputFlag
	columns []string // of tables and CSV; nil: the properties that have a value
	single  bool     // there is one instance, and nothing around it
}

// addInstanceOutput adds -o with all formats of instances, the default first.
func addInstanceOutput(cmd *cobra.Command, first string) *outputFlag {
	formats := []string{formatText, formatMOF, formatTable, formatJSON, formatCSV, formatXML}
	slices.SortStableFunc(formats, func(a, b string) int { return -cmp.Compare(rank(a, first), rank(b, first)) })
	return addOutputFlag(cmd, formats...)
}

func rank(format, first string) int {
	if format == first {
		return 1
	}
	return 0
}

// instanceWriter writes instances one after another.
type instanceWriter interface {
	write(i *cim.Instance) error
	end() error // writes what comes after the last
}

// printInstances writes instances to standard output as they arrive. When one cannot be had,
// those before it are written all the same.
func (e *Env) printInstances(o instanceOutput, list iter.Seq2[*cim.Instance, error]) error {
	w := bufio.NewWriter(e.Stdout)
	out := e.instanceWriter(w, o)
	arrived := e.newProgress("instances", o.format == formatTable)
	defer arrived.end()
	for i, err := range list {
		if err != nil {
			if x, ok := out.(*xmlInstances); ok && errors.Is(err, context.Canceled) {
				_ = x.interrupt()
			}
			_ = w.Flush() // the other failure came first
			return err
		}
		i.Path = i.Path.Local()
		if err := out.write(i); err != nil {
			return fmt.Errorf("write the output: %w", err)
		}
		arrived.add()
	}
	arrived.end()
	err := out.end()
	if err == nil {
		err = w.Flush()
	}
	if err != nil {
		return fmt.Errorf("write the output: %w", err)
	}
	return nil
}

func (e *Env) instanceWriter(w io.Writer, o instanceOutput) instanceWriter {
	switch o.format {
	case formatMOF:
		return &mofInstances{w: w}
	case formatJSON:
		encoder := json.NewEncoder(w)
		encoder.SetEscapeHTML(false)
		return &jsonInstances{encoder: encoder}
	case formatXML:
		return &xmlInstances{w: w, single: o.single}
	case formatCSV:
		return &csvInstances{w: w, columns: o.columns}
	case formatTable:
		return &tableInstances{w: w, columns: o.columns, color: e.color(), values: mof.BuiltinValues()}
	default:
		return &textInstances{w: w, color: e.color(), values: mof.BuiltinValues()}
	}
}

// textInstances writes each path and below it the properties that have a value.
type textInstances struct {
	w      io.Writer
	color  bool
	values *mof.ValueTable
}

func (t *textInstances) write(i *cim.Instance) error {
	var b strings.Builder
	b.WriteString(paint(t.color, text.Bold, printable(nameOf(i))) + "\n")
	set := slices.DeleteFunc(slices.Clone(i.Properties), func(p cim.Property) bool { return p.Value.IsNull() })
	writeProperties(&b, t.values, i.Class, set, 2)
	_, err := io.WriteString(t.w, b.String())
	return err
}

func (t *textInstances) end() error { return nil }

// nameOf returns the path of an instance, or its class when it has none.
func nameOf(i *cim.Instance) string {
	if i.Path.IsZero() {
		return i.Class
	}
	return i.Path.String()
}

// mofInstances writes MOF, the path as a comment before each instance.
type mofInstances struct {
	w     io.Writer
	count int
}

func (m *mofInstances) write(i *cim.Instance) error {
	if m.count++; m.count > 1 {
		if _, err := io.WriteString(m.w, "\n"); err != nil {
			return err
		}
	}
	if !i.Path.IsZero() {
		if _, err := fmt.Fprintf(m.w, "// %s\n", oneLine(i.Path.String())); err != nil {
			return err
		}
	}
	return mof.WriteInstance(m.w, i)
}

func (m *mofInstances) end() error { return nil }

// jsonInstances writes one object a line.
type jsonInstances struct{ encoder *json.Encoder }

func (j *jsonInstances) write(i *cim.Instance) error { return j.encoder.Encode(i) }
func (j *jsonInstances) end() error                  { return nil }

// xmlInstances writes elements of DSP0203: one INSTANCE, or within an IRETURNVALUE each
// instance with its path.
type xmlInstances struct {
	w      io.Writer
	single bool
	begun  bool
}

func (x *xmlInstances) write(i *cim.Instance) error {
	if x.single {
		return cimxml.WriteXML(x.w, i)
	}
	if err := x.begin(); err != nil {
		return err
	}
	if i.Path.IsZero() {
		return cimxml.WriteXML(x.w, i)
	}
	around := "VALUE.OBJECTWITHLOCALPATH"
	if i.Path.Namespace == "" {
		around = "VALUE.NAMEDINSTANCE"
	}
	if _, err := fmt.Fprintf(x.w, "<%s>\n", around); err != nil {
		return err
	}
	if err := cimxml.WriteXML(x.w, i.Path); err != nil {
		return err
	}
	if err := cimxml.WriteXML(x.w, i); err != nil {
		return err
	}
	_, err := fmt.Fprintf(x.w, "</%s>\n", around)
	return err
}

func (x *xmlInstances) begin() error {
	if x.begun {
		return nil
	}
	x.begun = true
	_, err := io.WriteString(x.w, "<IRETURNVALUE>\n")
	return err
}

// interrupt ends what was begun, for a person who has seen enough. After a failure it stays
// open instead, so that no program takes it for the whole.
func (x *xmlInstances) interrupt() error {
	if !x.begun {
		return nil
	}
	_, err := io.WriteString(x.w, "<!-- interrupted -->\n</IRETURNVALUE>\n")
	return err
}

func (x *xmlInstances) end() error {
	if x.single {
		return nil
	}
	if err := x.begin(); err != nil {
		return err
	}
	_, err := io.WriteString(x.w, "</IRETURNVALUE>\n")
	return err
}
