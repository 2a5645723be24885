package cli

import "github.com/spf13/cobra"

func newServerCommand(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "server",
		Short: "See what a CIM server is and can do",
	}
	cmd.AddCommand(
		newServerInfoCommand(env),
		newServerProfilesCommand(env),
		newServerTestCommand(env),
	)
	return cmd
}
