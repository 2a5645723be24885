package cli

import (
	"errors"
	"strings"

	"github.com/spf13/cobra"
)

func newQueryCommand(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "query URL QUERY",
		Short: "List the instances that a query selects",
		Long: `List the result of a query as it arrives: in pieces where the server has pull operations, else all
at once. Text leaves out properties without a value; a table and CSV have the properties that any
instance has a value of, or those of --column.`,
		Example: `  cimwatch query https://esx1 'SELECT ElementName, HealthState FROM CIM_Fan' -u root -o table
  cimwatch query http://array:5988 'SELECT * FROM CIM_DiskDrive WHERE HealthState <> 5' --language DMTF:CQL -o json`,
		Args: arguments("URL", "QUERY"),
	}
	connection := addConnectionFlags(cmd)
	language := cmd.Flags().String("language", "WQL", "of the query: WQL, CIM:CQL or DMTF:CQL")
	columns := newPropertyFlag(cmd, "column", "`name` of a property that a table or CSV shows; can be repeated")
	output := addInstanceOutput(cmd, formatText)
	connection.complete(cmd, env)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if strings.TrimSpace(args[1]) == "" {
			return usage(errors.New("the query is empty"))
		}
		if err := columns.check(); err != nil {
			return err
		}
		s, err := connection.client(cmd.Context(), env, args[0])
		if err != nil {
			return err
		}
		defer s.Close()
		list := hinted(s.IterateQuery(cmd.Context(), "", *language, args[1], nil), withClassHint)
		return env.printInstances(instanceOutput{outputFlag: output, columns: columns.names}, columns.seen(s, list))
	}
	return cmd
}
