package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"

	"github.com/cimwatch/cimwatch/mof"
)

// What --fail-on takes.
const (
	failNever        = "never"
	failIncompatible = "incompatible"
	failAny          = "any"
)

func newMOFDiffCommand(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "diff OLD NEW",
		Short: "Show what differs between two schemas",
		Long: `Show the classes, properties, methods, parameters and qualifiers that were added (+), removed (-) and
changed (~) from one schema to another, and which of that may break programs and files that were made
for the old one. Instances are not compared, nor is the order of declarations.

Each of the two is a MOF file, a zip file or a folder of them, - for standard input, or the URL or
@NAME of a CIM server, whose classes in --namespace are then read.

The exit code is 0 also where something differs, unless --fail-on says otherwise.`,
		Example: `  cimwatch mof diff vendor-1.0/ vendor-1.1/ --schema cim_schema_2.49.0Final-MOFs.zip
  cimwatch mof diff old.zip new.zip --incompatible --fail-on incompatible
  cimwatch mof diff models/array.mof https://array:5989 -u admin`,
		Args:              arguments("OLD", "NEW"),
		ValidArgsFunction: completeMOF,
	}
	flags := addMOFFlags(cmd)
	connection := addConnectionFlags(cmd)
	only := cmd.Flags().Bool("incompatible", false, "show incompatible differences only")
	failOn := failNever
	cmd.Flags().StringVar(&failOn, "fail-on", failNever, "exit code 1 for such `differences`: any, incompatible or never")
	_ = cmd.RegisterFlagCompletionFunc("fail-on", // it fails for a flag that does not exist only
		cobra.FixedCompletions([]string{failAny, failIncompatible, failNever}, cobra.ShellCompDirectiveNoFileComp))
	output := addOutputFlag(cmd, formatText, formatJSON)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if !slices.Contains([]string{failNever, failIncompatible, failAny}, failOn) {
			return usage(fmt.Errorf("--fail-on %s: choose one of any, incompatible, never", printable(failOn)))
		}
		if err := flags.oneStdin(connection, args); err != nil {
			return err
		}
		var sides [2]*mof.Schema
		for i, arg := range args {
			var err error
			if sides[i], err = schemaOf(cmd.Context(), env, flags, connection, arg); err != nil {
				return err
			}
		}
		list := newDifferenceList(mof.Diff(sides[0], sides[1]), *only)
		if err := env.print(output, list); err != nil {
			return err
		}
		return list.failure(failOn)
	}
	return cmd
}

// schemaOf returns what an argument declares, which is MOF or a CIM server.
func schemaOf(ctx context.Context, env *Env, flags *mofFlags, connection *connectionFlags, arg string) (*mof.Schema, error) {
	if isServer(arg) {
		return serverSchema(ctx, env, connection, arg)
	}
	compiled, err := flags.compile(ctx, env, []string{arg})
	if err != nil {
		return nil, err
	}
	return compiled.Schema, nil
}

func isServer(arg string) bool {
	return strings.HasPrefix(arg, "@") || strings.HasPrefix(arg, "http://") || strings.HasPrefix(arg, "https://")
}

// differenceList is what mof diff prints.
type differenceList struct {
	Differences  []differenceView `json:"differences"`
	Incompatible int              `json:"incompatible"` // how many of all there are

	total int
}

type differenceView struct {
	Change       string `json:"change"`
	Element      string `json:"element"`
	Name         string `json:"name"`
	What         string `json:"what"`
	Old          string `json:"old"`
	New          string `json:"new"`
	Incompatible bool   `json:"incompatible"`
	Reason       string `json:"reason"`
}

func newDifferenceList(all []mof.Difference, only bool) *differenceList {
	l := &differenceList{Differences: []differenceView{}, total: len(all)}
	for i := range all {
		d := &all[i]
		if d.Incompatible() {
			l.Incompatible++
		} else if only {
			continue
		}
		l.Differences = append(l.Differences, differenceView{
			Change: d.Change.String(), Element: d.Element, Name: d.Name, What: d.What, Old: d.Old, New: d.New,
			Incompatible: d.Incompatible(), Reason: d.Reason,
		})
	}
	return l
}

// WriteText writes one line for each difference.
func (l *differenceList) WriteText(w io.Writer, color bool) error {
	var b strings.Builder
	for i := range l.Differences {
		d := &l.Differences[i]
		mark := map[string]string{"added": "+", "removed": "-", "changed": "~"}[d.Change]
		b.WriteString(mark + " " + d.Element + " " + printable(d.Name))
		if d.What != "" {
			fmt.Fprintf(&b, ": %s %s -> %s", printable(d.What), shortValue(d.Old), shortValue(d.New))
		}
		if d.Incompatible {
			b.WriteString("  " + paint(color, text.FgRed, "incompatible: "+printable(d.Reason)))
		}
		b.WriteString("\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// shortValue returns a value of a difference for a line of text, "-" for none.
func shortValue(value string) string {
	const most = 60
	switch runes := []rune(value); {
	case value == "":
		return "-"
	case len(runes) > most:
		return printable(string(runes[:most])) + "..."
	default:
		return printable(value)
	}
}

// failure returns what the exit code says.
func (l *differenceList) failure(failOn string) error {
	switch {
	case failOn == failAny && l.total > 0:
		return fmt.Errorf("%s, %d of them incompatible", counted(l.total, "difference"), l.Incompatible)
	case failOn == failIncompatible && l.Incompatible > 0:
		return fmt.Errorf("%s", counted(l.Incompatible, "incompatible difference"))
	default:
		return nil
	}
}
