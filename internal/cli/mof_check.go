package cli

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/cimwatch/cimwatch/mof"
)

func newMOFCheckCommand(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "check FILE...",
		Short: "Check MOF files and show all that is wrong",
		Long: `Compile MOF files together and show everything that is wrong, and what is legal and probably not
meant, each with its place. Exit code 1 tells that something is wrong.

` + mofHelp,
		Example: `  cimwatch mof check models/array.mof
  cimwatch mof check vendor/ --schema cim_schema_2.49.0Final-MOFs.zip
  cimwatch mof check cim_schema_2.49.0Final-MOFs.zip -o json`,
		Args:              mofFiles(),
		ValidArgsFunction: completeMOF,
	}
	flags := addMOFFlags(cmd)
	werror := cmd.Flags().Bool("werror", false, "fail for warnings too")
	output := addOutputFlag(cmd, formatText, formatJSON)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		begin := time.Now()
		tree, err := readMOF(cmd.Context(), env, args, flags.schema)
		if err != nil {
			return err
		}
		compiled, err := compileTree(cmd.Context(), tree)
		list, wrong := errors.AsType[mof.ErrorList](err)
		if err != nil && !wrong {
			return err
		}
		report := newMOFReport(tree, compiled, list)
		report.took = time.Since(begin)
		if err := env.print(output, report); err != nil {
			return err
		}
		return report.failure(*werror)
	}
	return cmd
}

// mofReport is what mof check found.
type mofReport struct {
	Files          int           `json:"files"`
	Classes        int           `json:"classes"`
	QualifierTypes int           `json:"qualifier_types"`
	Instances      int           `json:"instances"`
	Errors         []mofProblem  `json:"errors"`
	Warnings       []mofProblem  `json:"warnings"`
	took           time.Duration // until the report was there
}

// mofProblem is one error or warning. Line and column are 0 where it is about a whole file.
type mofProblem struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Message string `json:"message"`

	text string
}

func newMOFReport(tree *mofTree, compiled *compiledMOF, list mof.ErrorList) mofReport {
	r := mofReport{Files: len(tree.files), Errors: mofProblems(list), Warnings: []mofProblem{}}
	if compiled != nil {
		r.Classes = len(compiled.ClassNames()) - compiled.usedClasses
		r.QualifierTypes = len(compiled.QualifierTypes()) - compiled.usedQualifiers
		r.Instances = len(compiled.Schema.Instances()) - compiled.usedInstances
		r.Warnings = mofProblems(compiled.warnings)
	}
	return r
}

func mofProblems(list []*mof.Error) []mofProblem {
	problems := make([]mofProblem, len(list))
	for i, e := range list {
		problems[i] = mofProblem{
			File: e.Pos.File, Line: e.Pos.Line, Column: e.Pos.Column, Message: e.Message, text: e.Error(),
		}
	}
	return problems
}

// WriteText writes one line for each problem, as compilers do, and one about the whole when
// nothing is wrong.
func (r mofReport) WriteText(w io.Writer, _ bool) error {
	var b strings.Builder
	for _, p := range r.Errors {
		b.WriteString(oneLine(p.text) + "\n")
	}
	for _, p := range r.Warnings {
		place := strings.TrimSuffix(p.text, p.Message)
		b.WriteString(oneLine(place+"warning: "+p.Message) + "\n")
	}
	if len(r.Errors) == 0 {
		fmt.Fprintf(&b, "%s, %s, %s in %s, %s; %.2f s\n", counted(r.Classes, "class"), counted(r.QualifierTypes, "qualifier type"),
			counted(r.Instances, "instance"), counted(r.Files, "file"), counted(len(r.Warnings), "warning"), r.took.Seconds())
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// counted returns a number and what it counts: "1 class", "2 classes".
func counted(n int, what string) string {
	switch {
	case n == 1:
		return "1 " + what
	case strings.HasSuffix(what, "s"):
		return fmt.Sprintf("%d %ses", n, what)
	default:
		return fmt.Sprintf("%d %ss", n, what)
	}
}

// failure returns what the exit code of mof check says.
func (r *mofReport) failure(werror bool) error {
	n := len(r.Errors)
	switch {
	case n > 0 && r.missesQualifiers():
		return withHint(fmt.Errorf("%s in MOF", counted(n, "error")),
			"name the files that declare the qualifiers too, such as the DMTF schema with --schema")
	case n > 0:
		return fmt.Errorf("%s in MOF", counted(n, "error"))
	case werror && len(r.Warnings) > 0:
		return fmt.Errorf("%s in MOF, which --werror takes for errors", counted(len(r.Warnings), "warning"))
	default:
		return nil
	}
}

// missesQualifiers tells the most common reason for which what comes from others does not
// compile.
func (r *mofReport) missesQualifiers() bool {
	for _, p := range r.Errors {
		if strings.HasPrefix(p.Message, "qualifier ") && strings.Contains(p.Message, "is not defined") ||
			strings.HasPrefix(p.Message, "superclass ") {
			return true
		}
	}
	return false
}
