package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cimwatch/cimwatch/web"
)

type hostList struct {
	Hosts []web.Host `json:"hosts"`
}

func newInventoryHostsCommand(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "hosts",
		Short: "List the hosts with their state and health",
		Example: `  cimwatch inventory hosts --db cimwatch.db
  cimwatch inventory hosts --address http://127.0.0.1:9720 -o json`,
		Args: arguments(),
	}
	from := addInventoryFlags(cmd)
	output := addOutputFlag(cmd, formatTable, formatJSON)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return from.read(env, func(reader inventoryReader) error {
			hosts, err := reader.Hosts(cmd.Context())
			if err != nil {
				return err
			}
			return env.print(output, hostList{hosts})
		})
	}
	return cmd
}

// WriteText writes a table.
func (l hostList) WriteText(w io.Writer, color bool) error {
	rows := make([][]cell, len(l.Hosts))
	for i := range l.Hosts {
		h := &l.Hosts[i]
		rows[i] = []cell{
			{text: h.Name}, {text: h.State}, {h.Health, healthColor(h.Health)}, {text: countByHealth(h.Components)},
			{text: showTime(h.LastSync)}, {text: showTime(h.LastIndication)}, {text: h.URL}, {text: oneLine(h.Detail)},
		}
	}
	return writeTable(w, color, []string{"HOST", "STATE", "HEALTH", "COMPONENTS", "LAST SYNC", "LAST INDICATION", "URL", "WHY"}, rows)
}

// countByHealth writes "57: 1 critical, 2 warning".
func countByHealth(counts map[string]int) string {
	total := 0
	for _, n := range counts {
		total += n
	}
	var parts []string
	for _, health := range []string{"critical", "warning"} {
		if counts[health] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", counts[health], health))
		}
	}
	if len(parts) == 0 {
		return fmt.Sprint(total)
	}
	return fmt.Sprintf("%d: %s", total, strings.Join(parts, ", "))
}
