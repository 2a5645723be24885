package cli

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"github.com/cimwatch/cimwatch/web"
)

type componentList struct {
	Components []web.Component `json:"components"`
}

func newInventoryListCommand(env *Env) *cobra.Command {
	var host string
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the components with kind, name, health and since when",
		Example: `  cimwatch inventory list --db cimwatch.db
  cimwatch inventory list --db cimwatch.db --host esx1 -o json`,
		Args: arguments(),
	}
	from := addInventoryFlags(cmd)
	from.addAtFlag(cmd)
	cmd.Flags().StringVar(&host, "host", "", "only the components of this host")
	output := addOutputFlag(cmd, formatTable, formatJSON)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return from.read(env, func(reader inventoryReader) error {
			l, err := listComponents(cmd.Context(), reader, host)
			if err != nil {
				return err
			}
			return env.print(output, l)
		})
	}
	return cmd
}

func listComponents(ctx context.Context, reader inventoryReader, host string) (l componentList, err error) {
	if host != "" {
		if host, err = findHost(ctx, reader, host); err != nil {
			return l, err
		}
	}
	l.Components, err = reader.Components(ctx, host)
	return l, err
}

// WriteText writes a table.
func (l componentList) WriteText(w io.Writer, color bool) error {
	rows := make([][]cell, len(l.Components))
	for i := range l.Components {
		c := &l.Components[i]
		rows[i] = []cell{
			{text: c.Host}, {text: c.Kind}, {text: c.Name}, {c.Health, healthColor(c.Health)},
			{text: showTime(c.Since)}, {text: c.Reading}, {text: notOK(c)},
		}
	}
	return writeTable(w, color, []string{"HOST", "KIND", "NAME", "HEALTH", "SINCE", "READING", "REASON"}, rows)
}

// notOK returns why a component is not well.
func notOK(c *web.Component) string {
	if c.Health == "warning" || c.Health == "critical" {
		return c.Reason
	}
	return ""
}
