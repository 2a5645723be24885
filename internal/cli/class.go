package cli

import "github.com/spf13/cobra"

func newClassCommand(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "class",
		Short: "Look at the classes of a CIM server",
	}
	cmd.AddCommand(
		newClassFindCommand(env),
		newClassGetCommand(env),
		newClassLeavesCommand(env),
		newClassNamesCommand(env),
		newClassTreeCommand(env),
	)
	return cmd
}
