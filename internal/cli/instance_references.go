package cli

import (
	"github.com/spf13/cobra"

	"github.com/cimwatch/cimwatch/cimxml"
)

func newInstanceReferencesCommand(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "references URL OBJECT",
		Short: "List the associations that refer to an instance",
		Long: `List the instances of associations that refer to an instance, or their object paths.

` + objectHelp,
		Example: `  cimwatch instance references https://esx1 OMC_Fan -k DeviceID=fan1 -u root --names`,
		Args:    arguments("URL", "OBJECT"),
	}
	connection := addConnectionFlags(cmd)
	o := addAssociationFlags(cmd)
	flags := cmd.Flags()
	flags.StringVar(&o.ResultClass, "result-class", "", "`class` of the associations, or one above it")
	flags.StringVar(&o.Role, "role", "", "`property` of the association that refers to OBJECT")
	connection.complete(cmd, env, completeClasses)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return o.run(cmd.Context(), env, connection, args)
	}
	o.paths, o.instances = (*cimxml.Client).IterateReferencePaths, (*cimxml.Client).IterateReferences
	return cmd
}
