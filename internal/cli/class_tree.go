package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/mof"
)

func newClassTreeCommand(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "tree {URL | --mof FILE} [CLASS]",
		Short: "Show which class derives from which",
		Long: `Show all classes of a namespace, or CLASS and those below it, each indented below the class that
it derives from. The server is asked for one class after another, four at a time: some break
down when they are asked for all at once (seen: sfcb).

With --mof the classes are those of MOF files, and no server is needed: a file, a folder with all
below it, a zip file of them, or - for standard input.`,
		Example: `  cimwatch class tree https://esx1 CIM_AlertIndication -u root
  cimwatch class tree --mof models/array.mof
  cimwatch class tree --mof cim_schema_2.49.0Final-MOFs.zip CIM_Sensor`,
	}
	connection := addConnectionFlags(cmd)
	connection.complete(cmd, env, completeClasses)
	sources := cmd.Flags().StringSlice("mof", nil, "MOF `file`, folder or zip file in place of a server; can be repeated")
	output := addOutputFlag(cmd, formatText, formatJSON)
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if len(*sources) > 0 {
			return arguments("[CLASS]")(cmd, args)
		}
		return arguments("URL", "[CLASS]")(cmd, args)
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		tree := offlineTree(cmd.Context(), env, *sources)
		if len(*sources) == 0 {
			s, err := connection.client(cmd.Context(), env, args[0])
			if err != nil {
				return err
			}
			defer s.Close()
			tree, args = func(root string) (classTree, error) { return onlineTree(cmd.Context(), s, root) }, args[1:]
		}
		root := ""
		if len(args) > 0 {
			root = args[0]
			if err := checkClass(root); err != nil {
				return err
			}
		}
		t, err := tree(root)
		if err != nil {
			return withClassHint(err)
		}
		return env.print(output, t)
	}
	return cmd
}

// classTree is a class and the trees below it; without a class, all trees.
type classTree struct {
	Class      string      `json:"class"`
	Subclasses []classTree `json:"subclasses"`
}

// WriteText writes one name a line, two more spaces before each level.
func (t classTree) WriteText(w io.Writer, _ bool) error {
	var b strings.Builder
	if t.Class == "" {
		for _, root := range t.Subclasses {
			root.indented(&b, 0)
		}
	} else {
		t.indented(&b, 0)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (t *classTree) indented(b *strings.Builder, depth int) {
	b.WriteString(strings.Repeat("  ", depth) + printable(t.Class) + "\n")
	for i := range t.Subclasses {
		t.Subclasses[i].indented(b, depth+1)
	}
}

// offlineTree returns the tree below a class of MOF files.
func offlineTree(ctx context.Context, env *Env, sources []string) func(root string) (classTree, error) {
	return func(root string) (classTree, error) {
		compiled, err := (&mofFlags{}).compile(ctx, env, sources)
		if err != nil {
			return classTree{}, err
		}
		schema := compiled.Schema
		if root != "" {
			class := schema.Class(root)
			if class == nil {
				return classTree{}, noMOFClass(root)
			}
			root = class.Name
		}
		return schemaTree(schema, root), nil
	}
}

func schemaTree(schema *mof.Schema, name string) classTree {
	t := classTree{Class: name, Subclasses: []classTree{}}
	for _, below := range slices.Sorted(slices.Values(schema.Subclasses(name))) {
		t.Subclasses = append(t.Subclasses, schemaTree(schema, below))
	}
	return t
}

// maxTreeDepth ends a walk that would not end by itself; real schemas are about 12 deep.
const maxTreeDepth = 64

// onlineTree returns the tree below a class of a server. A root without subclasses must be
// there: servers answer with an empty list otherwise too.
func onlineTree(ctx context.Context, client classLister, root string) (classTree, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	w := &treeWalk{client: client, turns: make(chan struct{}, 4), fail: cancel, seen: make(map[string]bool)}
	t := classTree{Class: root}
	w.below(ctx, &t, maxTreeDepth)
	w.work.Wait()
	if ctx.Err() != nil {
		return t, context.Cause(ctx)
	}
	if root != "" && len(t.Subclasses) == 0 {
		class, err := client.GetClass(ctx, "", root, nil)
		if err != nil {
			return t, err
		}
		t.Class = class.Name
	}
	return t, nil
}

// treeWalk asks for the classes below classes, a few at a time.
type treeWalk struct {
	client classLister
	turns  chan struct{}
	work   sync.WaitGroup
	fail   context.CancelCauseFunc

	mu   sync.Mutex // protects seen: classes that derive from each other in a circle never end
	seen map[string]bool
}

// below fills in the classes below t, and starts to do so for each of them.
func (w *treeWalk) below(ctx context.Context, t *classTree, depth int) {
	names, err := w.ask(ctx, t.Class)
	if err == nil {
		err = w.check(names, depth)
	}
	if err != nil {
		w.fail(err)
		return
	}
	slices.Sort(names)
	t.Subclasses = make([]classTree, len(names))
	for i, name := range names {
		t.Subclasses[i].Class = name
		w.work.Go(func() { w.below(ctx, &t.Subclasses[i], depth-1) })
	}
}

// check returns an error for names that make the tree none.
func (w *treeWalk) check(names []string, depth int) error {
	if len(names) > 0 && depth == 0 {
		return errors.New("the classes of this server derive from each other without end")
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, name := range names {
		folded := cim.FoldName(name)
		if w.seen[folded] {
			return fmt.Errorf("on this server, class %s derives from several classes or from itself", name)
		}
		w.seen[folded] = true
	}
	return nil
}

func (w *treeWalk) ask(ctx context.Context, class string) ([]string, error) {
	select {
	case w.turns <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-w.turns }()
	return w.client.EnumerateClassNames(ctx, "", class, false)
}
