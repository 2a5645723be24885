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
)

func newClassLeavesCommand(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "leaves URL [CLASS]",
		Short: "List the classes below a class that no other class derives from",
		Long: `List the classes below CLASS, CIM_Indication when it is left out, that no other class derives
from. Those are the indications that providers really send; a subscription to a class further
up gets all that are below it.

Servers close the connection or worse when they are asked for all classes at once (seen: sfcb),
so the names come first and then one question for each, four at a time.`,
		Example: `  cimwatch class leaves https://esx1 -u root
  cimwatch class leaves http://array:5988 CIM_AlertIndication -n root/array`,
		Args: arguments("URL", "[CLASS]"),
	}
	connection := addConnectionFlags(cmd)
	output := addOutputFlag(cmd, formatText, formatJSON)
	connection.complete(cmd, env, completeClasses)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		class := "CIM_Indication"
		if len(args) > 1 {
			class = args[1]
		}
		if !isClassName(class) {
			return usage(fmt.Errorf("%q is not the name of a class", class))
		}
		client, err := connection.client(cmd.Context(), env, args[0])
		if err != nil {
			return err
		}
		defer client.Close()
		leaves, err := findLeaves(cmd.Context(), client, class)
		if err != nil {
			return withClassHint(err)
		}
		return env.print(output, classNames{Classes: leaves})
	}
	return cmd
}

// withClassHint adds what helps when a class is missing, which servers say in two ways.
func withClassHint(err error) error {
	if errors.Is(err, cim.StatusInvalidClass) || errors.Is(err, cim.StatusNotFound) {
		return withHint(err, `check the spelling of the class; "cimwatch class find URL NAME" looks for it in all namespaces`)
	}
	return err
}

// classNames is a list of classes.
type classNames struct {
	Classes []string `json:"classes"`
}

// WriteText writes one name a line.
func (c classNames) WriteText(w io.Writer, _ bool) error {
	var b strings.Builder
	for _, name := range c.Classes {
		b.WriteString(printable(name) + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// isClassName reports whether name can be that of a class (DSP0004 annex A: letters, digits
// and underscores, no digit first, everything beyond ASCII is a letter).
func isClassName(name string) bool {
	for i, r := range name {
		letter := r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= 0x80
		if !letter && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return name != ""
}

// classLister is what findLeaves needs of a client.
type classLister interface {
	EnumerateClassNames(ctx context.Context, namespace, class string, deep bool) ([]string, error)
	GetClass(ctx context.Context, namespace, class string, o *cim.ReadOptions) (*cim.Class, error)
}

// findLeaves returns the classes below root without subclasses, sorted. A root without any
// is an error when there is no such class: servers answer with an empty list then too.
func findLeaves(ctx context.Context, client classLister, root string) ([]string, error) {
	names, err := client.EnumerateClassNames(ctx, "", root, true)
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		_, err := client.GetClass(ctx, "", root, &cim.ReadOptions{LocalOnly: true, Properties: []string{}})
		return []string{}, err
	}
	return filterLeaves(ctx, client, names)
}

// filterLeaves asks for the subclasses of each class, a few at a time, and stops at the
// first error.
func filterLeaves(ctx context.Context, client classLister, names []string) ([]string, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	const atOnce = 4
	var (
		workers sync.WaitGroup
		work    = make(chan string)
		mu      sync.Mutex // protects leaves
		leaves  = []string{}
	)
	for range atOnce {
		workers.Go(func() {
			for name := range work {
				below, err := client.EnumerateClassNames(ctx, "", name, false)
				if err != nil {
					cancel(err)
					return
				}
				if len(below) == 0 {
					mu.Lock()
					leaves = append(leaves, name)
					mu.Unlock()
				}
			}
		})
	}
	feed(ctx, work, names)
	workers.Wait()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	slices.Sort(leaves)
	return leaves, nil
}

// feed sends names until all are sent or ctx ends, and closes work.
func feed(ctx context.Context, work chan<- string, names []string) {
	defer close(work)
	for _, name := range names {
		select {
		case work <- name:
		case <-ctx.Done():
			return
		}
	}
}
