package cli

import (
	"slices"

	"github.com/spf13/cobra"
)

func newClassNamesCommand(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "names URL [CLASS]",
		Short: "List the names of classes",
		Long: `List the names of all classes of a namespace or, with CLASS, of those that derive from it.
--direct lists one level only: the classes without a superclass, or those directly below CLASS.`,
		Example: `  cimwatch class names https://esx1 -u root
  cimwatch class names https://esx1 CIM_LogicalDevice -u root --direct`,
		Args: arguments("URL", "[CLASS]"),
	}
	connection := addConnectionFlags(cmd)
	direct := cmd.Flags().Bool("direct", false, "list one level only")
	output := addOutputFlag(cmd, formatText, formatJSON)
	connection.complete(cmd, env, completeClasses)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		class := ""
		if len(args) > 1 {
			class = args[1]
			if err := checkClass(class); err != nil {
				return err
			}
		}
		s, err := connection.client(cmd.Context(), env, args[0])
		if err != nil {
			return err
		}
		defer s.Close()
		names, err := s.EnumerateClassNames(cmd.Context(), "", class, !*direct)
		if err != nil {
			return withClassHint(err)
		}
		slices.Sort(names)
		return env.print(output, classNames{Classes: append([]string{}, names...)})
	}
	return cmd
}
