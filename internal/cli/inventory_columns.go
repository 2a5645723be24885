package cli

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/web"
)

// A componentColumn is a field of components in tables and CSV.
type componentColumn struct {
	name  string
	value func(c *web.Component) string // for programs
	shown func(c *web.Component) cell   // for people; nil: the value
}

// componentColumns are all columns but those of single properties.
func componentColumns() []componentColumn {
	return []componentColumn{
		{"host", func(c *web.Component) string { return c.Host }, nil},
		{"kind", func(c *web.Component) string { return c.Kind }, nil},
		{"name", func(c *web.Component) string { return c.Name }, nil},
		{"health", func(c *web.Component) string { return c.Health }, func(c *web.Component) cell {
			return cell{c.Health, healthColor(c.Health)}
		}},
		timeColumn("since", func(c *web.Component) time.Time { return c.Since }),
		{"reading", func(c *web.Component) string { return c.Reading }, nil},
		{"reason", func(c *web.Component) string { return c.Reason }, func(c *web.Component) cell { return cell{text: notOK(c)} }},
		{"slot", func(c *web.Component) string { return c.Slot }, nil},
		{"vendor", func(c *web.Component) string { return c.Vendor }, nil},
		{"model", func(c *web.Component) string { return c.Model }, nil},
		{"part", func(c *web.Component) string { return c.Part }, nil},
		{"serial", func(c *web.Component) string { return c.Serial }, nil},
		{"firmware", func(c *web.Component) string { return c.Firmware }, nil},
		{"class", func(c *web.Component) string { return c.Class }, nil},
		{"id", func(c *web.Component) string { return c.ID }, nil},
		{"path", func(c *web.Component) string { return c.Path }, nil},
		timeColumn("first_seen", func(c *web.Component) time.Time { return c.FirstSeen }),
		timeColumn("last_seen", func(c *web.Component) time.Time { return c.LastSeen }),
		{"conditions", func(c *web.Component) string { return asJSON(c.Conditions, len(c.Conditions)) }, func(c *web.Component) cell {
			return countCell(len(c.Conditions))
		}},
		{"relations", func(c *web.Component) string { return asJSON(c.Relations, len(c.Relations)) }, func(c *web.Component) cell {
			return countCell(len(c.Relations))
		}},
		{"properties", func(c *web.Component) string { return asJSON(c.Properties, len(c.Properties)) }, func(c *web.Component) cell {
			return countCell(len(c.Properties))
		}},
	}
}

// The columns that a table and a list as CSV have unless others are asked for: the first of all.
const (
	tableColumns = 7
	listColumns  = 15
)

func timeColumn(name string, of func(c *web.Component) time.Time) componentColumn {
	return componentColumn{name, func(c *web.Component) string {
		if at := of(c); !at.IsZero() {
			return at.Format(time.RFC3339Nano)
		}
		return ""
	}, func(c *web.Component) cell { return cell{text: showTime(of(c))} }}
}

// asJSON writes a list, nothing where it is empty.
func asJSON(v any, length int) string {
	if length == 0 {
		return ""
	}
	text, err := json.Marshal(v)
	if err != nil { // what was read as JSON marshals: an error is one of this program
		return err.Error()
	}
	return string(text)
}

// propertyPrefix is before the name of a property in the name of a column.
const propertyPrefix = "properties."

func propertyColumn(name string) componentColumn {
	return componentColumn{name: propertyPrefix + name, value: func(c *web.Component) string {
		for i := range c.Properties {
			if cim.EqualNames(c.Properties[i].Name, name) && string(c.Properties[i].Value) != "null" {
				return plain(c.Properties[i].Value)
			}
		}
		return ""
	}}
}

// addColumnsFlag adds --columns, whose value is empty while it is not given.
func addColumnsFlag(cmd *cobra.Command) *[]componentColumn {
	var chosen []componentColumn
	all := componentColumns()
	names := make([]string, len(all))
	for i := range all {
		names[i] = all[i].name
	}
	cmd.Flags().Func("columns", "`columns` of table and csv, with commas between: "+strings.Join(names, ", ")+", or properties.NAME for one property",
		func(text string) error {
			for name := range strings.SplitSeq(text, ",") {
				column, ok := columnNamed(all, strings.TrimSpace(name))
				if !ok {
					return fmt.Errorf("no column %q: choose from %s, properties.NAME", printable(name), strings.Join(names, ", "))
				}
				chosen = append(chosen, column)
			}
			return nil
		})
	completeList(cmd, "columns", names)
	return &chosen
}

func columnNamed(all []componentColumn, name string) (componentColumn, bool) {
	for _, c := range all {
		if strings.EqualFold(c.name, name) {
			return c, true
		}
	}
	if len(name) > len(propertyPrefix) && strings.EqualFold(name[:len(propertyPrefix)], propertyPrefix) {
		return propertyColumn(name[len(propertyPrefix):]), true
	}
	return componentColumn{}, false
}
