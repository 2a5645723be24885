package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cimwatch/cimwatch/cim"
)

func newNamespaceCreateCommand(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "create URL NAME",
		Short:   "Create a namespace",
		Example: `  cimwatch namespace create http://array:5988 root/lab`,
		Args:    arguments("URL", "NAME"),
	}
	connection := addServerFlags(cmd)
	connection.complete(cmd, env)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		name, err := namespaceName(args[1])
		if err != nil {
			return err
		}
		s, err := connection.client(cmd.Context(), env, args[0])
		if err != nil {
			return err
		}
		defer s.Close()
		return s.CreateNamespace(cmd.Context(), name)
	}
	return cmd
}

// namespaceName returns a namespace without slashes around it.
func namespaceName(arg string) (string, error) {
	name := cim.CleanNamespace(arg)
	if name == "" {
		return "", usage(errors.New("the name of the namespace is empty"))
	}
	for part := range strings.SplitSeq(name, "/") {
		if !isClassName(part) {
			return "", usage(fmt.Errorf("%q is not the name of a namespace", printable(arg)))
		}
	}
	return name, nil
}
