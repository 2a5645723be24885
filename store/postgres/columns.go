package postgres

import (
	"encoding/json"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/cimwatch/cimwatch/cim"
)

// A column of a table, and how its values are taken from rows that are written together: as an
// array, one for all rows.
type column[R any] struct {
	name    string
	sql     string // type of the array's elements
	cast    string // what they are turned into, "" for what they are
	collect func(rows []R) any
}

// columnOf returns a column whose values get returns.
func columnOf[R, V any](name, sql string, get func(*R) V) column[R] {
	return column[R]{name: name, sql: sql, collect: func(rows []R) any {
		values := make([]V, len(rows))
		for i := range rows {
			values[i] = get(&rows[i])
		}
		return values
	}}
}

func bytesOf[R any](name string, get func(*R) []byte) column[R] {
	return columnOf(name, "bytea", get)
}

func textOf[R any](name string, get func(*R) string) column[R] {
	return columnOf(name, "text", func(r *R) string { return text(get(r)) })
}

// orNull makes NULL of "".
func orNull[R any](name string, get func(*R) string) column[R] {
	return columnOf(name, "text", func(r *R) *string {
		if s := text(get(r)); s != "" {
			return &s
		}
		return nil
	})
}

func timeOf[R any](name string, get func(*R) time.Time) column[R] {
	return columnOf(name, "timestamptz", func(r *R) *time.Time { return stamp(get(r)) })
}

func boolOf[R any](name string, get func(*R) bool) column[R] { return columnOf(name, "boolean", get) }

func jsonOf[R any](name string, get func(*R) *string) column[R] {
	c := columnOf(name, "text", get)
	c.cast = "jsonb"
	return c
}

// insertion returns the statement that writes rows of a table, one array a column.
func insertion[R any](table string, columns []column[R], conflict string) string {
	var names, values, arrays []string
	for i, c := range columns {
		value := `"` + c.name + `"`
		names = append(names, value)
		if c.cast != "" {
			value += "::" + c.cast
		}
		values = append(values, value)
		arrays = append(arrays, "$"+itoa(i+1)+"::"+c.sql+"[]")
	}
	list := strings.Join(names, ", ")
	return "INSERT INTO cimwatch_data." + table + " (" + list + ") SELECT " + strings.Join(values, ", ") +
		" FROM unnest(" + strings.Join(arrays, ", ") + ") AS rows(" + list + ") " + conflict
}

// upsert returns the end of an insertion that replaces rows with the same key.
func upsert[R any](columns []column[R], key ...string) string {
	var set []string
next:
	for _, c := range columns {
		for _, k := range key {
			if c.name == k {
				continue next
			}
		}
		set = append(set, `"`+c.name+`" = excluded."`+c.name+`"`)
	}
	return "ON CONFLICT (" + strings.Join(key, ", ") + ") DO UPDATE SET " + strings.Join(set, ", ")
}

// arguments returns the arrays for an insertion.
func arguments[R any](columns []column[R], rows []R) []any {
	args := make([]any, len(columns))
	for i, c := range columns {
		args[i] = c.collect(rows)
	}
	return args
}

// text returns a text as PostgreSQL can hold it, and shows what it cannot.
func text(s string) string {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\ufffd")
	}
	return strings.ReplaceAll(s, "\x00", "\u2400")
}

// stamp returns a time as PostgreSQL can hold it: NULL for none and for those it has not.
func stamp(t time.Time) *time.Time {
	const first, last = -4700, 294_000
	if year := t.Year(); t.IsZero() || year < first || year > last {
		return nil
	}
	return &t
}

// whole returns a number as PostgreSQL can hold it, NULL for 0 and for those it has not.
func whole(n uint64) *int64 {
	if n == 0 || n > math.MaxInt64 {
		return nil
	}
	signed := int64(n)
	return &signed
}

// jsonText returns the JSON of a value as PostgreSQL can hold it.
func jsonText(v any) *string {
	b, err := json.Marshal(v)
	if err != nil { // values marshal without fail: an error can only be one of this program
		b, _ = json.Marshal(err.Error())
	}
	s := withoutNUL(string(b))
	return &s
}

// jsonValue returns the JSON of a CIM value, NULL for NULL.
func jsonValue(v cim.Value) *string {
	if v.IsNull() {
		return nil
	}
	return jsonText(v)
}

// withoutNUL replaces the escape of NUL in JSON, which jsonb does not take.
func withoutNUL(s string) string {
	const escape = `\u0000`
	if !strings.Contains(s, escape) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] != '\\':
			b.WriteByte(s[i])
		case strings.HasPrefix(s[i:], escape):
			b.WriteString("\u2400")
			i += len(escape) - 1
		default: // another escape, of which the second byte may be a backslash
			b.WriteString(s[i : i+2])
			i++
		}
	}
	return b.String()
}
