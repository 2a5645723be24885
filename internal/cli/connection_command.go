package cli

import "github.com/spf13/cobra"

func newConnectionCommand(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "connection",
		Short: "Keep how to reach CIM servers under names",
		Long: `A named connection holds the URL of a CIM server and the flags that are needed with it. Every
command that takes a URL takes @NAME in its place; flags that are given all the same come first.

The connections are kept in $XDG_CONFIG_HOME/cimwatch/connections.yaml, ~/.config where that is
not set, which only its owner can read. It holds a password only where --save-password asked
for it; a connection with its password in the file is not used while others can read the file.
list and delete work all the same, and every change closes the file to others again.`,
	}
	cmd.AddCommand(
		newConnectionSaveCommand(env),
		newConnectionListCommand(env),
		newConnectionDeleteCommand(env),
	)
	return cmd
}
