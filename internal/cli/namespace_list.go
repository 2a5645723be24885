package cli

import (
	"slices"

	"github.com/spf13/cobra"
)

func newNamespaceListCommand(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "list URL",
		Short:   "List the namespaces",
		Long:    "List the namespaces of a CIM server, as its interop namespace, which is found, tells.",
		Example: `  cimwatch namespace list https://esx1 -u root`,
		Args:    arguments("URL"),
	}
	connection := addServerFlags(cmd)
	output := addOutputFlag(cmd, formatText, formatJSON)
	connection.complete(cmd, env)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		s, err := connection.client(cmd.Context(), env, args[0])
		if err != nil {
			return err
		}
		defer s.Close()
		interop, err := s.InteropNamespace(cmd.Context())
		if err != nil {
			return err
		}
		names, err := s.Namespaces(cmd.Context())
		if err != nil {
			return err
		}
		slices.Sort(names)
		return env.print(output, namespaceList{interop, names})
	}
	return cmd
}
