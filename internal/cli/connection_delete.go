package cli

import "github.com/spf13/cobra"

func newConnectionDeleteCommand(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "delete NAME",
		Short:   "Delete a named connection",
		Example: `  cimwatch connection delete esx1`,
		Args:    arguments("NAME"),
	}
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		file, err := readConnections(env)
		if err != nil {
			return err
		}
		if _, ok := file.Connections[args[0]]; !ok {
			return unknownConnection(args[0])
		}
		delete(file.Connections, args[0])
		return file.write(env)
	}
	return cmd
}
