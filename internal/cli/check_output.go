package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/cimwatch/cimwatch/internal/check"
	"github.com/cimwatch/cimwatch/inventory"
)

// hostCheck is what check prints.
type hostCheck struct {
	Host    string  `json:"host"` // as the URL or the inventory names it
	Seconds float64 `json:"seconds"`
	check.Report

	options *check.Options
	verbose bool
	graphs  bool // performance data in the text
}

// WriteText writes the lines of a plugin: a summary with performance data, then one for each
// trouble, or with verbose for everything.
func (r hostCheck) WriteText(w io.Writer, _ bool) error {
	var b strings.Builder
	b.WriteString(r.summary())
	if data := r.Perfdata(r.options); data != "" && r.graphs {
		b.WriteString(" | " + data)
	}
	b.WriteByte('\n')
	trouble, rest := r.split()
	writeComponents(&b, trouble)
	r.writeUnread(&b)
	if r.verbose {
		writeComponents(&b, rest)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// split returns the components in trouble and the others.
func (r *hostCheck) split() (trouble, rest []check.Component) {
	n := slices.IndexFunc(r.Components, func(c check.Component) bool { return c.Ignored || c.State == check.OK })
	if n < 0 {
		n = len(r.Components)
	}
	return r.Components[:n], r.Components[n:]
}

func writeComponents(b *strings.Builder, components []check.Component) {
	for n := range components {
		fmt.Fprintf(b, "%s: %s\n", componentWord(&components[n]), componentText(&components[n]))
	}
}

// writeUnread writes what could not be read, unless it is all there is, and the summary has it.
func (r *hostCheck) writeUnread(b *strings.Builder) {
	for n := range r.Unread {
		u := &r.Unread[n]
		if r.Counts.Sum() > 0 || len(r.Unread) > 1 {
			fmt.Fprintf(b, "%s: %s\n", u.State, unreadText(u))
		}
		if u.Hint != "" {
			b.WriteString("hint: " + pluginLine(u.Hint) + "\n")
		}
	}
}

// summary returns the first line, but for the performance data.
func (r *hostCheck) summary() string {
	parts := []string{r.worst(), r.numbers(), computerText(&r.Computer)}
	parts = slices.DeleteFunc(parts, func(part string) bool { return part == "" })
	return r.State.String() + " - " + strings.Join(parts, "; ")
}

// worst returns the first of what the state comes from.
func (r *hostCheck) worst() string {
	for n := range r.Components {
		if c := &r.Components[n]; !c.Ignored && c.State == r.State && r.State != check.OK {
			return componentText(c)
		}
	}
	for n := range r.Unread {
		if u := &r.Unread[n]; u.State == r.State && r.State != check.OK {
			return unreadText(u)
		}
	}
	return ""
}

func (r *hostCheck) numbers() string {
	var parts []string
	add := func(n int, what string) {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, what))
		}
	}
	add(r.Counts.Critical, "critical")
	add(r.Counts.Warning, "warning")
	add(r.Counts.Unknown, "unknown")
	add(r.Counts.OK, "ok")
	add(r.Counts.Absent, "absent")
	add(r.Counts.Ignored, "ignored")
	if r.Counts.Sum() > 0 {
		add(len(r.Unread), "in doubt")
	}
	return strings.Join(parts, ", ")
}

// computerText says which product a host is.
func computerText(c *inventory.Computer) string {
	text := strings.TrimSpace(c.Vendor + " " + c.Model)
	if c.Serial != "" {
		text = strings.TrimSpace(text + " s/n " + c.Serial)
	}
	if c.Chassis != "" {
		text += ", chassis s/n " + c.Chassis
	}
	if c.BIOS != "" {
		text += strings.TrimRight(", BIOS "+c.BIOS+" "+c.BIOSDate, " ")
	}
	return pluginLine(strings.TrimPrefix(text, ", "))
}

// componentWord is the state of a component, or why it does not count.
func componentWord(c *check.Component) string {
	switch {
	case c.Ignored:
		return "IGNORED"
	case c.State == check.OK && c.Health == inventory.Absent:
		return "ABSENT"
	default:
		return c.State.String()
	}
}

func componentText(c *check.Component) string {
	text := fmt.Sprintf("%s %s", c.Kind, c.Name)
	if c.Reason != "" {
		text += ": " + c.Reason
	}
	if c.Reading != nil {
		text += fmt.Sprintf(", %.6g %s", c.Reading.Value, c.Reading.Unit)
	}
	return pluginLine(strings.TrimSpace(text))
}

func unreadText(u *check.Unread) string {
	if u.Class == "" {
		return pluginLine(u.Error)
	}
	return pluginLine("class " + u.Class + ": " + u.Error)
}

// pluginLine returns text, part of which may be the words of a server, as one line without the
// bar that performance data begin with.
func pluginLine(text string) string { return strings.ReplaceAll(oneLine(text), "|", "/") }

func (r hostCheck) print(env *Env, output *outputFlag) error {
	if output.format == formatPrometheus {
		if err := r.writePrometheus(env.Stdout); err != nil {
			return fmt.Errorf("write the output: %w", err)
		}
		return nil
	}
	return env.print(output, r)
}
