package cli

import "github.com/spf13/cobra"

func newMethodCommand(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "method",
		Short: "Call methods of a CIM server's objects",
	}
	cmd.AddCommand(newMethodInvokeCommand(env))
	return cmd
}
