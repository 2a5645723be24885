package cli

import (
	"io"
	"strconv"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// cell is one field of a table. Its text may come from a server: the table makes it safe to
// print.
type cell struct {
	text  string
	color text.Color // 0 is the terminal's own
}

// terminalWriter writes to a terminal, where lines have an end.
type terminalWriter struct{ io.Writer }

// fitted returns a text bounded to so many characters for a terminal, and whole for programs.
func fitted(w io.Writer, text string, most int) string {
	if _, ok := w.(terminalWriter); !ok {
		return text
	}
	return clipText(text, most)
}

// countCell shows how many of something there are, nothing where there are none.
func countCell(count int) cell {
	if count == 0 {
		return cell{}
	}
	return cell{text: strconv.Itoa(count)}
}

// writeTable writes rows below a header, in aligned columns without lines between them, so
// that what it writes also suits awk.
func writeTable(w io.Writer, color bool, header []string, rows [][]cell) error {
	t := table.NewWriter()
	t.SetStyle(plainStyle())
	t.SuppressTrailingSpaces()
	t.AppendHeader(tableRow(header, func(name string) string { return paint(color, text.Bold, name) }))
	for _, row := range rows {
		t.AppendRow(tableRow(row, func(c cell) string { return paint(color, c.color, printable(c.text)) }))
	}
	_, err := io.WriteString(w, t.Render()+"\n")
	return err
}

func tableRow[T any](fields []T, format func(T) string) table.Row {
	row := make(table.Row, len(fields))
	for i, field := range fields {
		row[i] = format(field)
	}
	return row
}

func plainStyle() table.Style {
	style := table.StyleDefault
	style.Box.PaddingLeft = ""
	style.Box.PaddingRight = "  "
	style.Options = table.OptionsNoBordersAndSeparators
	style.Format.Header = text.FormatDefault
	return style
}

// paint returns s in a color when color is true. It asks nothing but color, whereas go-pretty
// would also look at its own idea of the terminal.
func paint(color bool, c text.Color, s string) string {
	if !color || c == 0 || s == "" {
		return s
	}
	return text.Escape(s, c.EscapeSeq())
}
