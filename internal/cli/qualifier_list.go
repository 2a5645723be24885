package cli

import (
	"cmp"
	"slices"

	"github.com/spf13/cobra"
)

func newQualifierListCommand(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "list URL",
		Short: "List the qualifier types of a namespace",
		Example: `  cimwatch qualifier list https://esx1 -u root
  cimwatch qualifier list https://esx1 -u root -o mof >qualifiers.mof`,
		Args: arguments("URL"),
	}
	connection := addConnectionFlags(cmd)
	output := addOutputFlag(cmd, formatTable, formatMOF, formatJSON)
	connection.complete(cmd, env)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		s, err := connection.client(cmd.Context(), env, args[0])
		if err != nil {
			return err
		}
		defer s.Close()
		list := qualifierList{Qualifiers: []qualifierView{}}
		for q, err := range s.EnumerateQualifiers(cmd.Context(), "") {
			if err != nil {
				return err
			}
			list.Qualifiers = append(list.Qualifiers, newQualifierView(q))
		}
		slices.SortFunc(list.Qualifiers, func(a, b qualifierView) int { return cmp.Compare(a.Name, b.Name) })
		return env.print(output, list)
	}
	return cmd
}
