package cli

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"
	"unicode"

	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/web"
)

// formatLines has an object a line.
const formatLines = "ndjson"

// componentOutput is how a command prints components.
type componentOutput struct {
	*outputFlag
	columns []componentColumn // of tables and CSV
}

// componentSeq yields components, up to the first error.
type componentSeq = iter.Seq2[web.Component, error]

// A componentWriter writes components one after another.
type componentWriter interface {
	write(c *web.Component) error
	end(next string) error // writes what comes after the last; next is the place to go on from
}

// printComponents writes what a query finds to standard output, as it arrives where the
// format allows. The sequence has one more than the query's limit, which is not written.
func (e *Env) printComponents(o componentOutput, q *inventory.Query, all componentSeq) error {
	w := bufio.NewWriter(e.Stdout)
	out := e.componentWriter(w, o)
	written, next := 0, ""
	var last web.Component
	for c, err := range all {
		if err != nil {
			_ = w.Flush() // the other failure came first
			return err
		}
		if q.Limit > 0 && written == q.Limit {
			next = web.Next(q, &last)
			break
		}
		if err := out.write(&c); err != nil {
			return fmt.Errorf("write the output: %w", err)
		}
		written++
		last = c
	}
	if err := errors.Join(out.end(next), w.Flush()); err != nil {
		return fmt.Errorf("write the output: %w", err)
	}
	if next != "" && o.format != formatJSON {
		note(e.Stderr, "note: there are more; go on with --after "+next)
	}
	return nil
}

// oneMore returns a query for one component more, which tells whether there are more.
func oneMore(q inventory.Query) inventory.Query {
	if q.Limit > 0 {
		q.Limit++
	}
	return q
}

func (e *Env) componentWriter(w io.Writer, o componentOutput) componentWriter {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	switch o.format {
	case formatJSON:
		return &jsonComponents{w: w}
	case formatLines:
		return lineComponents{encoder}
	case formatCSV:
		return &csvComponents{w: csv.NewWriter(w), columns: o.columns}
	default:
		return &tableComponents{w: w, color: e.color(), columns: o.columns}
	}
}

// jsonComponents writes {"components":[...]}.
type jsonComponents struct {
	w     io.Writer
	count int
}

func (j *jsonComponents) write(c *web.Component) error {
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(c); err != nil {
		return err
	}
	before := ","
	if j.count++; j.count == 1 {
		before = `{"components":[`
	}
	_, err := io.WriteString(j.w, before+strings.TrimSuffix(text.String(), "\n"))
	return err
}

func (j *jsonComponents) end(next string) error {
	text := "]"
	if j.count == 0 {
		text = `{"components":[]`
	}
	if next != "" {
		text += `,"next":` + strconv.Quote(next)
	}
	_, err := io.WriteString(j.w, text+"}\n")
	return err
}

// lineComponents writes one object a line.
type lineComponents struct{ encoder *json.Encoder }

func (l lineComponents) write(c *web.Component) error { return l.encoder.Encode(c) }
func (l lineComponents) end(string) error             { return nil }

// csvComponents writes CSV (RFC 4180).
type csvComponents struct {
	w       *csv.Writer
	columns []componentColumn
	begun   bool
}

func (c *csvComponents) begin() error {
	if c.begun {
		return nil
	}
	c.begun = true
	header := make([]string, len(c.columns))
	for i := range c.columns {
		header[i] = harmless(c.columns[i].name)
	}
	return c.w.Write(header)
}

func (c *csvComponents) write(component *web.Component) error {
	if err := c.begin(); err != nil {
		return err
	}
	record := make([]string, len(c.columns))
	for i := range c.columns {
		record[i] = harmless(c.columns[i].value(component))
	}
	return c.w.Write(record)
}

func (c *csvComponents) end(string) error {
	err := c.begin()
	c.w.Flush()
	return errors.Join(err, c.w.Error())
}

// harmless keeps a spreadsheet from taking what a host calls itself for a formula: an
// apostrophe before it makes it text, as it does where it is typed in. Numbers stay.
func harmless(text string) string {
	if text == "" || !strings.ContainsRune("=+-@\t\r\n＝＋－＠", []rune(text)[0]) {
		return text
	}
	number, _, _ := strings.Cut(text, " ") // a reading has its unit behind it
	if _, err := strconv.ParseFloat(number, 64); err == nil && !strings.ContainsFunc(text[len(number):], isOperator) {
		return text
	}
	return "'" + text
}

// isOperator reports whether a character can be part of a formula after a number.
func isOperator(r rune) bool { return r != ' ' && r != '%' && !unicode.IsLetter(r) }

// tableComponents writes a table when it has all.
type tableComponents struct {
	w       io.Writer
	color   bool
	columns []componentColumn
	rows    [][]cell
}

func (t *tableComponents) write(c *web.Component) error {
	row := make([]cell, len(t.columns))
	for i := range t.columns {
		column := &t.columns[i]
		if row[i] = (cell{text: column.value(c)}); column.shown != nil {
			row[i] = column.shown(c)
		}
	}
	t.rows = append(t.rows, row)
	return nil
}

func (t *tableComponents) end(string) error {
	header := make([]string, len(t.columns))
	for i := range t.columns {
		header[i] = strings.ToUpper(strings.ReplaceAll(t.columns[i].name, "_", " "))
	}
	return writeTable(t.w, t.color, header, t.rows)
}
