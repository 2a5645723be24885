package cli

import (
	"context"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cimwatch/cimwatch/cim"
)

func newClassFindCommand(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "find URL PATTERN",
		Short: "Find classes by a part of their name, in all namespaces",
		Long: `Find the classes that have PATTERN anywhere in their names or, where there is a * or ? or [ in it,
whose whole names match it: * stands for any letters, ? for one and [abc] for one of some. Upper and
lower case are the same. All namespaces of the server are searched unless --namespace names one.`,
		Example: `  cimwatch class find https://esx1 fan -u root
  cimwatch class find https://esx1 '*Sensor' -u root
  cimwatch class find http://array:5988 'CIM_*Pool' -n root/array`,
		Args: arguments("URL", "PATTERN"),
	}
	connection := addConnectionFlags(cmd)
	namespace := cmd.Flags().Lookup("namespace")
	namespace.Usage, namespace.DefValue = "`namespace` to search, instead of all", ""
	output := addOutputFlag(cmd, formatTable, formatJSON)
	connection.complete(cmd, env, completeClasses)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		pattern := namePattern(args[1])
		if _, err := path.Match(pattern, ""); err != nil {
			return withHint(usage(fmt.Errorf("pattern %q: %w", printable(args[1]), err)), "a [ needs its ]")
		}
		s, err := connection.client(cmd.Context(), env, args[0])
		if err != nil {
			return err
		}
		defer s.Close()
		namespaces := []string{s.namespace}
		if !connection.changed("namespace") {
			if namespaces, err = s.Namespaces(cmd.Context()); err != nil {
				return err
			}
		}
		found, err := findClasses(cmd.Context(), s, namespaces, pattern)
		if err != nil {
			return err
		}
		return env.print(output, found)
	}
	return cmd
}

// namePattern returns the pattern of path.Match for folded names that a person means.
func namePattern(typed string) string {
	pattern := cim.FoldName(typed)
	if !strings.ContainsAny(pattern, `*?[\`) {
		return "*" + pattern + "*"
	}
	return pattern
}

// foundClasses is what class find prints.
type foundClasses struct {
	Classes []foundClass `json:"classes"`
}

type foundClass struct {
	Namespace string `json:"namespace"`
	Class     string `json:"class"`
}

func findClasses(ctx context.Context, client classLister, namespaces []string, pattern string) (foundClasses, error) {
	found := foundClasses{Classes: []foundClass{}}
	for _, namespace := range slices.Sorted(slices.Values(namespaces)) {
		names, err := client.EnumerateClassNames(ctx, namespace, "", true)
		if err != nil {
			return found, err
		}
		slices.Sort(names)
		for _, name := range names {
			if fits, err := path.Match(pattern, cim.FoldName(name)); err == nil && fits {
				found.Classes = append(found.Classes, foundClass{namespace, name})
			}
		}
	}
	return found, nil
}

// WriteText writes a table.
func (f foundClasses) WriteText(w io.Writer, color bool) error {
	rows := make([][]cell, len(f.Classes))
	for i, c := range f.Classes {
		rows[i] = []cell{{text: c.Namespace}, {text: c.Class}}
	}
	return writeTable(w, color, []string{"NAMESPACE", "CLASS"}, rows)
}
