package cli

import (
	"fmt"

	"github.com/spf13/cobra"
)

func newInstanceDeleteCommand(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "delete URL OBJECT",
		Short: "Delete an instance",
		Long: `Delete an instance. On a terminal it is asked first whether that is meant.

` + objectHelp,
		Example: `  cimwatch instance delete http://array:5988 CIM_IndicationFilter -k Name=mine -n root/interop --yes`,
		Args:    arguments("URL", "OBJECT"),
	}
	connection := addConnectionFlags(cmd)
	object := addObjectFlags(cmd)
	yes := addYesFlag(cmd)
	connection.complete(cmd, env, completeClasses)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		s, err := connection.client(cmd.Context(), env, args[0])
		if err != nil {
			return err
		}
		defer s.Close()
		path, err := object.instance(cmd.Context(), env, s, args[1])
		if err != nil {
			return err
		}
		if !*yes {
			if err := env.confirm(cmd.Context(), fmt.Sprintf("Delete %s?", path)); err != nil {
				return err
			}
		}
		return withInstanceHint(s.DeleteInstance(cmd.Context(), path), path.Class)
	}
	return cmd
}

// addYesFlag adds --yes.
func addYesFlag(cmd *cobra.Command) *bool {
	return cmd.Flags().BoolP("yes", "y", false, "do not ask on a terminal whether it is meant")
}
