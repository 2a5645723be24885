package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/cimwatch/cimwatch/cim"
)

func newNamespaceDeleteCommand(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "delete URL NAME",
		Short: "Delete a namespace",
		Long: `Delete a namespace. On a terminal it is asked first whether that is meant. Most servers refuse
unless the namespace is empty.`,
		Example: `  cimwatch namespace delete http://array:5988 root/lab --yes`,
		Args:    arguments("URL", "NAME"),
	}
	connection := addServerFlags(cmd)
	yes := addYesFlag(cmd)
	connection.complete(cmd, env, completeNamespaces)
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
		if !*yes {
			if err := env.confirm(cmd.Context(), fmt.Sprintf("Delete the namespace %s?", name)); err != nil {
				return err
			}
		}
		err = s.DeleteNamespace(cmd.Context(), name)
		if errors.Is(err, cim.StatusNotFound) {
			return withHint(err, `list the namespaces with "cimwatch namespace list URL"`)
		}
		return err
	}
	return cmd
}
