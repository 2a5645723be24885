package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cimwatch/cimwatch/mof"
)

// standardQualifiers is the file of the simulator that declares the standard qualifiers.
const standardQualifiers = "qualifiers.mof"

// mofFlags are the flags of every command that compiles MOF.
type mofFlags struct {
	schema    []string
	namespace string // of what stands before any namespace pragma; "" is that of package mof
}

func addMOFFlags(cmd *cobra.Command) *mofFlags {
	f := &mofFlags{}
	cmd.Flags().StringSliceVar(&f.schema, "schema", nil,
		"MOF `file`, folder or zip file that the others need, such as the DMTF schema; can be repeated")
	return f
}

// oneStdin refuses to read both MOF and the password from standard input.
func (f *mofFlags) oneStdin(connection *connectionFlags, files []string) error {
	if connection.passwordFile == "-" && slices.Contains(slices.Concat(files, f.schema), "-") {
		return usage(errors.New("both the password and MOF are to be read from standard input"))
	}
	return nil
}

// compiledMOF is what files declare, together with what --schema declares.
type compiledMOF struct {
	*mof.Schema

	tree     *mofTree
	warnings []*mof.Error

	// How much of Schema is there for the rest, always the first: what --schema declares,
	// or the standard qualifiers.
	usedClasses, usedQualifiers, usedInstances int
}

// compile reads and compiles what arguments name.
func (f *mofFlags) compile(ctx context.Context, env *Env, files []string) (*compiledMOF, error) {
	tree, err := readMOF(ctx, env, files, f.schema)
	if err != nil {
		return nil, err
	}
	tree.namespace = f.namespace
	c, err := compileTree(ctx, tree)
	if _, wrong := errors.AsType[mof.ErrorList](err); wrong {
		err = withHint(err, checkHint(files, f.schema))
	}
	return c, err
}

// checkHint says where to see all that is wrong with files.
func checkHint(files, schema []string) string {
	command := "cimwatch mof check " + strings.Join(quotedWords(files), " ")
	if len(schema) > 0 {
		command += " --schema " + shellWord(strings.Join(schema, ","))
	}
	return fmt.Sprintf("see all that is wrong with %q", command)
}

// compileTree compiles the files of a tree. The error is a mof.ErrorList that names files as
// their arguments do.
func compileTree(ctx context.Context, tree *mofTree) (*compiledMOF, error) {
	c := &compiledMOF{tree: tree}
	all := slices.Concat(tree.used, tree.files)
	schema, err := c.compile(all)
	if err != nil {
		schema, all, err = c.withStandard(all, err)
	}
	if err == nil {
		err = c.countUsed(all[:len(all)-len(tree.files)])
	}
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, tree.errorsShown(err)
	}
	c.Schema = schema
	c.ownWarnings()
	return c, nil
}

// countUsed counts what is declared before the files.
func (c *compiledMOF) countUsed(files []string) error {
	if len(files) == 0 {
		return nil
	}
	warnings := c.warnings
	alone, err := c.compile(files)
	if err != nil {
		return err
	}
	c.warnings = warnings
	c.usedClasses, c.usedQualifiers, c.usedInstances = len(alone.ClassNames()), len(alone.QualifierTypes()), len(alone.Instances())
	return nil
}

// compile compiles files of the tree. Warnings are those of the last time.
func (c *compiledMOF) compile(files []string) (*mof.Schema, error) {
	c.warnings = nil
	return mof.CompileFS(c.tree, files, &mof.Options{
		MaxSize: maxMOFBytes, Namespace: c.tree.namespace,
		Warn: func(w *mof.Error) { c.warnings = append(c.warnings, w) },
	})
}

// withStandard compiles files that do not compile once more, with the standard qualifiers before
// them: for files that declare none, and do not compile for that reason. It returns what was
// compiled. Where that is of no use the error stays.
func (c *compiledMOF) withStandard(files []string, err error) (*mof.Schema, []string, error) {
	with := append([]string{standardQualifiers}, files...)
	schema, errWith := c.compile(with)
	if declareQualifiers(errWith) {
		return nil, files, err
	}
	return schema, with, errWith
}

// declareQualifiers reports whether files that were compiled behind the standard qualifiers
// declare some of them too.
func declareQualifiers(err error) bool {
	list, _ := errors.AsType[mof.ErrorList](err)
	return slices.ContainsFunc(list, func(e *mof.Error) bool {
		return e.Other.File == standardQualifiers && strings.Contains(e.Message, "already defined")
	})
}

// ownWarnings leaves out those on what is only used, and names files as their arguments do.
func (c *compiledMOF) ownWarnings() {
	c.warnings = slices.DeleteFunc(c.warnings, func(w *mof.Error) bool { return slices.Contains(c.tree.used, w.Pos.File) })
	for i, w := range c.warnings {
		c.warnings[i] = c.tree.errorShown(w)
	}
}

// errorsShown returns an error that names files as their arguments do.
func (t *mofTree) errorsShown(err error) error {
	list, ok := errors.AsType[mof.ErrorList](err)
	if !ok {
		return err
	}
	shown := make(mof.ErrorList, len(list))
	for i, e := range list {
		shown[i] = t.errorShown(e)
	}
	return shown
}

func (t *mofTree) errorShown(e *mof.Error) *mof.Error {
	shown := *e
	if e.Pos.File != "" {
		shown.Pos.File = t.shown(e.Pos.File)
	}
	if e.Other.File != "" {
		shown.Other.File = t.shown(e.Other.File)
		shown.Message = strings.Replace(e.Message, e.Other.String(), shown.Other.String(), 1)
	}
	return &shown
}
