package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/web"
)

func newInventoryListCommand(env *Env) *cobra.Command {
	var q inventory.Query
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the components with kind, name, health and since when",
		Long: `list shows the components of all hosts, or those that the flags choose, by host and ID. Case does not
count but in --where, whose condition is that of WQL: comparisons, LIKE, IS NULL, AND, OR and NOT. In a
table the columns conditions, relations and properties say how many there are; csv has them as JSON. In a
pattern of LIKE % is any text and _ any character; a backslash before one of %_[*?\ takes its meaning away.

With --watch the list of a daemon is followed: it tells what it writes, so that a change shows at once; one of
an earlier version is read again and again. On a terminal the list is shown anew when it has changed; elsewhere
all of it is written as ndjson, and then each component that has changed, as docs/json.md says. In csv, what a spreadsheet would take for a formula has an apostrophe before it.`,
		Example: `  cimwatch inventory list --db cimwatch.db --worse-than ok --sort -health,since
  cimwatch inventory list --db cimwatch.db --host 'esx*' --kind disk,volume -o csv
  cimwatch inventory list --db cimwatch.db --kind memory-module --where 'Capacity < 34359738368' \
    --columns host,name,part,properties.Capacity
  cimwatch inventory list --address http://127.0.0.1:9720 --worse-than ok --watch`,
		Args: arguments(),
	}
	from := addInventoryFlags(cmd)
	from.addAtFlag(cmd)
	addQueryFlags(cmd, &q)
	completeHosts(cmd, env, from, false)
	addOrderFlags(cmd, &q)
	columns := addColumnsFlag(cmd)
	output := addOutputFlag(cmd, formatTable, formatJSON, formatCSV, formatLines)
	watch := addWatchFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		o, err := chooseColumns(output, *columns, listColumns)
		if err != nil {
			return err
		}
		if cmd.Flags().Changed("interval") && !watch.on {
			return withHint(usage(errors.New("--interval is given without --watch")), "add --watch")
		}
		if watch.on {
			return from.watch(cmd, env, watch, o, q)
		}
		return from.read(env, func(reader inventoryReader) error {
			return env.listComponents(cmd.Context(), reader, o, q)
		})
	}
	return cmd
}

// chooseColumns returns the output with the columns that were chosen, or with the first of all.
func chooseColumns(output *outputFlag, chosen []componentColumn, csvColumns int) (componentOutput, error) {
	o := componentOutput{output, chosen}
	switch {
	case len(chosen) > 0 && (output.format == formatJSON || output.format == formatLines):
		return o, usage(errors.New("--columns is for tables and csv: JSON has all fields"))
	case len(chosen) > 0:
	case output.format == formatCSV:
		o.columns = componentColumns()[:csvColumns]
	default:
		o.columns = componentColumns()[:tableColumns]
	}
	return o, nil
}

// listComponents writes what a query finds.
func (e *Env) listComponents(ctx context.Context, reader inventoryReader, o componentOutput, q inventory.Query) error {
	if err := checkComponentQuery(ctx, reader, &q); err != nil {
		return err
	}
	if err := e.printComponents(o, &q, reader.Find(ctx, oneMore(q))); err != nil {
		return err
	}
	return e.noteProperties(ctx, reader, &q)
}

// notOK returns why a component is not well.
func notOK(c *web.Component) string {
	if c.Health == "warning" || c.Health == "critical" {
		return c.Reason
	}
	return ""
}
