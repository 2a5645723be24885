package cli

import (
	"io"
	"strings"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/mof"
)

// csvInstances writes a header and a record for each instance: the path, then the columns.
// Without columns it has to see all instances before it knows them.
type csvInstances struct {
	w       io.Writer
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
	fields := []string{"path"}
	for _, name := range c.columns {
		fields = append(fields, csvField(name))
	}
	return c.line(fields)
}

func (c *csvInstances) record(i *cim.Instance) error {
	fields := make([]string, 0, 1+len(c.columns))
	fields = append(fields, csvField(nameOf(i)))
	for _, name := range c.columns {
		fields = append(fields, csvValue(i.Get(name)))
	}
	return c.line(fields)
}

func (c *csvInstances) line(fields []string) error {
	_, err := io.WriteString(c.w, strings.Join(fields, ",")+"\n")
	return err
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
	return nil
}

// csvValue returns a field of CSV: nothing for NULL, and an empty text in quotes, which is how
// databases tell them apart.
func csvValue(v cim.Value) string {
	if v.IsNull() {
		return ""
	}
	return csvField(flatText(v))
}

// csvField returns a text as a field of CSV (RFC 4180), in quotes where it needs them.
func csvField(text string) string {
	if text != "" && !strings.ContainsAny(text, ",\"\r\n") && strings.TrimSpace(text) == text {
		return text
	}
	return `"` + strings.ReplaceAll(text, `"`, `""`) + `"`
}

// flatText returns a value that is not NULL, without what numbers mean.
func flatText(v cim.Value) string {
	if v.IsArray() {
		return arrayText(v, elementText)
	}
	return v.String()
}

// plainText returns a value, "" for NULL.
func plainText(v cim.Value) string {
	if v.IsNull() {
		return ""
	}
	return flatText(v)
}

// tableText returns a value for a table, in which a dash is NULL, so that a text which is empty
// or a dash stands in quotes.
func tableText(values *mof.ValueTable, class, name string, v cim.Value) string {
	if v.IsNull() {
		return "-"
	}
	text := meaningOf(values, class, name, v)
	if text == "" || text == "-" {
		return `"` + text + `"`
	}
	return text
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
			rows[n][c] = cell{text: tableText(t.values, i.Class, name, i.Get(name))}
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
