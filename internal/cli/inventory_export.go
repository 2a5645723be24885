package cli

import (
	"github.com/spf13/cobra"

	"github.com/cimwatch/cimwatch/inventory"
)

func newInventoryExportCommand(env *Env) *cobra.Command {
	var q inventory.Query
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Write the whole inventory for another program",
		Long: `export writes every component of every host, or of those that the flags choose, with all that is known of
it, in one pass and in little memory however many there are. As ndjson, one object a line, and as json
it is complete. In csv, the columns conditions, relations and properties hold JSON, or --columns chooses others;
what a spreadsheet would take for a formula, such as a name that begins with =, has an apostrophe
before it there, so take ndjson where every letter counts.`,
		Example: `  cimwatch inventory export --db cimwatch.db > inventory.ndjson
  cimwatch inventory export --address http://127.0.0.1:9720 -o csv --columns host,kind,name,part,serial,firmware`,
		Args: arguments(),
	}
	from := addInventoryFlags(cmd)
	from.addAtFlag(cmd)
	addQueryFlags(cmd, &q)
	completeHosts(cmd, env, from, false)
	columns := addColumnsFlag(cmd)
	output := addOutputFlag(cmd, formatLines, formatJSON, formatCSV)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		o, err := chooseColumns(output, *columns, len(componentColumns()))
		if err != nil {
			return err
		}
		return from.read(env, func(reader inventoryReader) error {
			return env.listComponents(cmd.Context(), reader, o, q)
		})
	}
	return cmd
}
