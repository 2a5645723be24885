package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"

	"github.com/cimwatch/cimwatch/mof"
)

// formatOptions are the flags of mof fmt.
type formatOptions struct {
	write, diff, list bool
}

func newMOFFmtCommand(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "fmt FILE...",
		Short: "Lay out MOF files",
		Long: `Print MOF files laid out as the DMTF schema is: indentation, spaces, one qualifier, property or
parameter on a line. Comments, pragmas and the order of everything stay, and so do the line ends
within values and between the values of an instance. What the files declare does not change.

FILE is a MOF file, a folder, of which all files that end in .mof are taken, also those further
down, or - for standard input.`,
		Example: `  cimwatch mof fmt array.mof
  cimwatch mof fmt -w models/
  cimwatch mof fmt -l models/ || echo "not formatted"`,
		Args:              mofFiles(),
		ValidArgsFunction: completeMOF,
	}
	var o formatOptions
	flags := cmd.Flags()
	flags.BoolVarP(&o.write, "write", "w", false, "change the files in place, and print nothing")
	flags.BoolVarP(&o.diff, "diff", "d", false, "print what would change, as diff -u does")
	flags.BoolVarP(&o.list, "list", "l", false, "print the names of files that would change; exit code 1 when there are any")
	cmd.MarkFlagsMutuallyExclusive("write", "diff", "list")
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return runMOFFmt(cmd.Context(), env, args, o) }
	return cmd
}

func runMOFFmt(ctx context.Context, env *Env, args []string, o formatOptions) error {
	if n := slices.IndexFunc(args, isMOFArchive); n >= 0 {
		return withHint(usage(fmt.Errorf("%s is a zip file, which cannot be formatted", args[n])), "unpack it, and name the folder")
	}
	if o.write && slices.Contains(args, "-") {
		return usage(errors.New("-w is for files, and - is standard input"))
	}
	tree, err := readMOF(ctx, env, args, nil)
	if err != nil {
		return err
	}
	formatted, err := tree.format()
	if err != nil {
		return err
	}
	changed := 0
	for i, file := range tree.files {
		differs := string(tree.texts[file]) != string(formatted[i])
		if differs {
			changed++
		}
		if err := o.put(env, tree, file, formatted[i], differs); err != nil {
			return err
		}
	}
	if o.list && changed > 0 {
		return withHint(fmt.Errorf("%s not formatted", counted(changed, "file")), "cimwatch mof fmt -w changes them")
	}
	return nil
}

// format formats all files, so that nothing is written where one of them is wrong.
func (t *mofTree) format() ([][]byte, error) {
	slices.Sort(t.files)
	formatted := make([][]byte, len(t.files))
	var wrong mof.ErrorList
	for i, file := range t.files {
		text, err := mof.Format(mof.Source{Name: t.shown(file), Text: t.texts[file]})
		list, ok := errors.AsType[mof.ErrorList](err)
		if err != nil && !ok {
			return nil, err
		}
		wrong = append(wrong, list...)
		formatted[i] = text
	}
	if wrong != nil {
		return nil, wrong
	}
	return formatted, nil
}

// put prints or writes one file.
func (o *formatOptions) put(env *Env, tree *mofTree, file string, formatted []byte, differs bool) error {
	name := tree.shown(file)
	var err error
	switch {
	case o.write && differs:
		return rewriteFile(name, formatted)
	case o.write, o.list && !differs:
	case o.list:
		_, err = fmt.Fprintln(env.Stdout, printable(name))
	case o.diff:
		_, err = env.Stdout.Write(diff.Diff(name+".orig", tree.texts[file], name, formatted))
	default:
		_, err = env.Stdout.Write(formatted)
	}
	if err != nil {
		return fmt.Errorf("write the output: %w", err)
	}
	return nil
}

// rewriteFile replaces what is in a file, which may be behind a link, wholly or not at all, and
// keeps its permissions.
func rewriteFile(name string, text []byte) error {
	target, err := filepath.EvalSymlinks(name)
	if err != nil {
		return err
	}
	info, err := os.Stat(target)
	if err != nil {
		return err
	}
	const ownerWrites = 0o200
	if info.Mode().Perm()&ownerWrites == 0 {
		return &os.PathError{Op: "write", Path: name, Err: os.ErrPermission}
	}
	if err := replaceFile(target, text); err != nil {
		return err
	}
	return os.Chmod(target, info.Mode().Perm())
}
