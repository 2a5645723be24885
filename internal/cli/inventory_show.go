package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"

	"github.com/cimwatch/cimwatch/mof"
	"github.com/cimwatch/cimwatch/web"
)

// componentView is one component, with the meaning of its numbers for eyes.
type componentView struct {
	web.Component
	values *mof.ValueTable
}

func newInventoryShowCommand(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "show HOST [COMPONENT]",
		Short: "Show a host as a tree, or one component with all its properties and conditions",
		Long: `show shows what is in a host, each component below what it is in, or one component, which is named
by its name, its ID or its object path.`,
		Example: `  cimwatch inventory show esx1 --db cimwatch.db
  cimwatch inventory show esx1 "Power Supply 1" --db cimwatch.db
  cimwatch inventory show esx1 host --db cimwatch.db -o json`,
		Args: arguments("HOST", "[COMPONENT]"),
	}
	from := addInventoryFlags(cmd)
	completeHosts(cmd, env, from, true)
	from.addAtFlag(cmd)
	output := addOutputFlag(cmd, formatTable, formatJSON)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return from.read(env, func(reader inventoryReader) error {
			if len(args) == 1 {
				t, err := readHostTree(cmd.Context(), reader, args[0])
				if err != nil {
					return err
				}
				return env.print(output, t)
			}
			c, err := showComponent(cmd.Context(), reader, args[0], args[1])
			if err != nil {
				return err
			}
			return env.print(output, componentView{c, mof.BuiltinValues()})
		})
	}
	return cmd
}

func showComponent(ctx context.Context, reader inventoryReader, host, name string) (c web.Component, err error) {
	if host, err = findHost(ctx, reader, host); err != nil {
		return c, err
	}
	id, err := findComponent(ctx, reader, host, name)
	if err != nil {
		return c, err
	}
	c, err = reader.Component(ctx, host, id)
	if errors.Is(err, web.ErrNotFound) {
		return c, withHint(fmt.Errorf("component %q is gone from host %s, and no longer kept", printable(name), host),
			fmt.Sprintf("see what became of it with \"cimwatch inventory history %s %s\"", shellWord(host), shellWord(id)))
	}
	return c, err
}

// WriteText writes a line for each thing that is known, then the conditions, then the
// properties.
func (v componentView) WriteText(w io.Writer, color bool) error {
	c := &v.Component
	var b strings.Builder
	b.WriteString(paint(color, text.Bold, printable(c.Name)) + "\n")
	writeFields(&b, [][2]string{
		{"Host", c.Host}, {"Kind", c.Kind}, {"Class", c.Class}, {"ID", c.ID}, {"Path", c.Path},
	})
	fmt.Fprintf(&b, "%14s  %s since %s\n", "Health", paint(color, healthColor(c.Health), c.Health), showTime(c.Since))
	removed := ""
	if !c.Removed.IsZero() {
		removed = showTime(c.Removed)
	}
	writeFields(&b, [][2]string{
		{"Reason", c.Reason}, {"Reading", c.Reading}, {"Slot", c.Slot}, {"Vendor", c.Vendor}, {"Model", c.Model}, {"Part", c.Part},
		{"Serial", c.Serial}, {"Firmware", c.Firmware}, {"First seen", showTime(c.FirstSeen)},
		{"Last seen", showTime(c.LastSeen)}, {"Removed", removed},
	})
	v.writeConditions(&b, color)
	v.writeProperties(&b, color)
	_, err := io.WriteString(w, b.String())
	return err
}

func writeFields(b *strings.Builder, fields [][2]string) {
	for _, f := range fields {
		if f[1] != "" {
			fmt.Fprintf(b, "%14s  %s\n", f[0], printable(f[1]))
		}
	}
}

func (v componentView) writeConditions(b *strings.Builder, color bool) {
	if len(v.Conditions) == 0 {
		return
	}
	b.WriteString("\n" + paint(color, text.Bold, "Conditions") + "\n")
	for i := range v.Conditions {
		c := &v.Conditions[i]
		fmt.Fprintf(b, "  %s  %s: %s (raised by %s", showTime(c.Since), c.Severity, printable(c.Text), printable(c.Cause.String()))
		if c.Count > 1 {
			fmt.Fprintf(b, ", %d times", c.Count)
		}
		b.WriteString(")\n")
	}
}

func (v componentView) writeProperties(b *strings.Builder, color bool) {
	if len(v.Properties) == 0 {
		return
	}
	b.WriteString("\n" + paint(color, text.Bold, "Properties") + "\n")
	width := 0
	for i := range v.Properties {
		width = max(width, len(v.Properties[i].Name))
	}
	for i := range v.Properties {
		p := &v.Properties[i]
		fmt.Fprintf(b, "  %*s = %s\n", width, printable(p.Name), printable(v.showValue(p)))
	}
}

// showValue writes the JSON of a value as people read it.
func (v componentView) showValue(p *web.Property) string {
	var value any
	if err := json.Unmarshal(p.Value, &value); err != nil {
		return string(p.Value)
	}
	return v.showJSON(p.Name, p.Value, value)
}

func (v componentView) showJSON(property string, raw json.RawMessage, value any) string {
	switch value := value.(type) {
	case nil:
		return "NULL"
	case string:
		return value
	case []any:
		var elements []json.RawMessage
		if err := json.Unmarshal(raw, &elements); err != nil {
			return string(raw)
		}
		parts := make([]string, len(elements))
		for i := range elements {
			parts[i] = v.showJSON(property, elements[i], value[i])
		}
		return "{" + strings.Join(parts, ", ") + "}"
	default:
		return string(raw) + v.meaning(property, raw)
	}
}

func (v componentView) meaning(property string, raw json.RawMessage) string {
	var n int64
	if err := json.Unmarshal(raw, &n); err != nil {
		return ""
	}
	if m, ok := v.values.Meaning(v.Class, property, n); ok {
		return " (" + m + ")"
	}
	return ""
}
