package cli

import (
	"encoding/csv"
	"io"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/mof"
)

// csvInstances writes a header and a record for each instance: the path, then the columns.
// Without columns it has to see all instances before it knows them.
type csvInstances struct {
	w       *csv.Writer
	columns []string
	begun   bool
	held    []*cim.Instance
}

func (c *csvInstances) write(i *cim.Instance) error {
	if c.columns == nil {
		c.held = append(c.held, i)
		return nil
	}
	if err := c.begin(); err != nil {
		return err
	}
	return c.record(i)
}

func (c *csvInstances) begin() error {
	if c.begun {
		return nil
	}
	c.begun = true
	return c.w.Write(append([]string{"path"}, c.columns...))
}

func (c *csvInstances) record(i *cim.Instance) error {
	fields := make([]string, 0, 1+len(c.columns))
	fields = append(fields, nameOf(i))
	for _, name := range c.columns {
		fields = append(fields, plainText(i.Get(name)))
	}
	if err := c.w.Write(fields); err != nil {
		return err
	}
	c.w.Flush() // it has a buffer of its own, which nobody empties when the instances end early
	return c.w.Error()
}

func (c *csvInstances) end() error {
	if c.columns == nil {
		c.columns = usedProperties(c.held)
	}
	if err := c.begin(); err != nil {
		return err
	}
	for _, i := range c.held {
		if err := c.record(i); err != nil {
			return err
		}
	}
	c.w.Flush()
	return c.w.Error()
}

// plainText returns a value for a field, "" for NULL.
func plainText(v cim.Value) string {
	if v.IsNull() {
		return ""
	}
	return v.String()
}

// tableInstances writes a table of the columns, numbers with what they mean. It has to see
// all instances before it knows how wide the columns are.
type tableInstances struct {
	w       io.Writer
	columns []string
	color   bool
	values  *mof.ValueTable
	held    []*cim.Instance
}

func (t *tableInstances) write(i *cim.Instance) error {
	t.held = append(t.held, i)
	return nil
}

func (t *tableInstances) end() error {
	columns := t.columns
	if columns == nil {
		columns = usedProperties(t.held)
	}
	rows := make([][]cell, len(t.held))
	for n, i := range t.held {
		rows[n] = make([]cell, len(columns))
		for c, name := range columns {
			rows[n][c] = cell{text: "-"}
			if v := i.Get(name); !v.IsNull() {
				rows[n][c] = known(meaningOf(t.values, i.Class, name, v))
			}
		}
	}
	return writeTable(t.w, t.color, columns, rows)
}

// usedProperties returns the names of the properties that have a value in any instance, in
// the order they were seen.
func usedProperties(list []*cim.Instance) []string {
	names := []string{}
	seen := make(map[string]bool)
	for _, i := range list {
		for n := range i.Properties {
			p := &i.Properties[n]
			if name := cim.FoldName(p.Name); !p.Value.IsNull() && !seen[name] {
				seen[name] = true
				names = append(names, p.Name)
			}
		}
	}
	return names
}
