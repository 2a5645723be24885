package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"

	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/web"
)

type changeList struct {
	Changes []web.Change `json:"changes"`
}

func newInventoryHistoryCommand(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "history [HOST] [COMPONENT]",
		Short: "Show what changed when, and what caused it",
		Long: `history shows the changes of all hosts, of one host, or of one component of it, oldest first, each
with what caused it: an indication and its number in the journal, or a reading of the inventory. The
table cuts long texts short.

Times are those of whoever told of a change: --since and --until go by them.`,
		Example: `  cimwatch inventory history --db cimwatch.db --since 7d --change appeared,disappeared,replaced
  cimwatch inventory history esx1 "Power Supply 1" --db cimwatch.db`,
		Args: arguments("[HOST]", "[COMPONENT]"),
	}
	from := addInventoryFlags(cmd)
	completeHosts(cmd, env, from, true)
	filter := addChangeFilter(cmd)
	output := addOutputFlag(cmd, formatTable, formatJSON)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := filter.check(); err != nil {
			return err
		}
		return from.read(env, func(reader inventoryReader) error {
			l, err := listChanges(cmd.Context(), reader, args, filter.filter())
			if err != nil {
				return err
			}
			return env.print(output, l)
		})
	}
	return cmd
}

func listChanges(ctx context.Context, reader inventoryReader, args []string, f web.ChangeFilter) (l changeList, err error) {
	if len(args) > 0 {
		if f.Host, err = findHost(ctx, reader, args[0]); err != nil {
			return l, err
		}
	}
	if len(args) > 1 {
		if f.ID, err = findComponent(ctx, reader, f.Host, args[1]); err != nil {
			return l, err
		}
	}
	l.Changes, err = reader.Changes(ctx, f)
	if len(l.Changes) > 0 || err != nil {
		return l, err
	}
	for _, kind := range f.Kinds {
		if err := checkKind(ctx, reader, inventory.Kind(strings.ToLower(kind))); err != nil {
			return l, err
		}
	}
	return l, nil
}

// changeWidth is how much of a change's texts a row shows on a terminal.
const changeWidth = 80

// WriteText writes a table.
func (l changeList) WriteText(w io.Writer, color bool) error {
	rows := make([][]cell, len(l.Changes))
	for i := range l.Changes {
		c := &l.Changes[i]
		rows[i] = []cell{
			{text: showTime(c.Time)}, {text: c.Host}, {text: c.Name}, {c.Kind, changeColor(c)},
			{text: fitted(w, changed(c), changeWidth)}, {text: c.Cause.String()},
		}
	}
	return writeTable(w, color, []string{"TIME", "HOST", "COMPONENT", "CHANGE", "FROM -> TO", "CAUSE"}, rows)
}

func changeColor(c *web.Change) text.Color {
	switch c.Kind {
	case "raised", "disappeared":
		return text.FgYellow
	case "health":
		return healthColor(c.Health)
	default:
		return 0
	}
}

// changed writes what a change made of what: "HealthState: 5 -> 25".
func changed(c *web.Change) string {
	if c.Kind == inventory.Condensed.String() {
		return fmt.Sprintf("%s changes up to %s not kept", plain(c.New), showTime(c.Time))
	}
	from, to := plain(c.Old), plain(c.New)
	text := from + " -> " + to
	switch {
	case from == "" && to == "":
		text = ""
	case from == "":
		text = to
	case to == "":
		text = from
	}
	if c.Kind == "property" {
		text = c.Property + ": " + text
	}
	return text
}

// plain writes the JSON of a value as people read it, "" for null.
func plain(raw json.RawMessage) string {
	var s string
	if err := json.Unmarshal(raw, &s); err == nil {
		return s
	}
	return string(raw)
}
