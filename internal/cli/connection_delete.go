package cli

import "github.com/spf13/cobra"

func newConnectionDeleteCommand(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "delete NAME",
		Short:   "Delete a named connection",
		Example: `  cimwatch connection delete esx1`,
		Args:    arguments("NAME"),
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return changeConnections(cmd.Context(), env, func(file *connectionFile) error {
			if _, ok := file.Connections[args[0]]; !ok {
				return unknownConnection(args[0])
			}
			delete(file.Connections, args[0])
			return nil
		})
	}
	return cmd
}
