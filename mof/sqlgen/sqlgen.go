// Package sqlgen writes PostgreSQL views for CIM classes: one a class, with a column of a type for
// each of its properties, over the tables of package store/postgres:
//
//	source, err := sqlgen.Generate(schema, []string{"CIM_Fan"})
//
// "cimwatch mof sql" is this as a command.
//
// # What is written
//
// A view has the name of its class, in the schema cimwatch_class, and a row for each component
// that is there and is an instance of the class or of a class that the MOF schema derives from
// it. Its first columns, host, id, class, kind, name and health, are those of the component; then
// comes a column for each property, also those it inherits, with its name as CIM has it, in
// quotes. Where a name is taken, or longer than PostgreSQL's 63 bytes, a number is put behind it.
//
// # Types
//
//	boolean                  boolean
//	uint8 to sint32          bigint
//	uint64, sint64           numeric
//	real32, real64           double precision
//	string, char16, ref      text
//	datetime                 timestamptz, and beside it a column of type interval, "X_interval"
//	embedded objects         jsonb
//	arrays                   the same as an array, of datetime and ref of text; bigint as numeric
//
// What a host sends as another type is NULL: views use functions of the schema cimwatch for that.
// A property is found by the name that the class gives it, as it is written.
//
// The same schema gives the same text, byte for byte.
package sqlgen

import (
	"errors"
	"fmt"
	"strings"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/mof"
)

// viewSchema is the PostgreSQL schema of the views.
const viewSchema = "cimwatch_class"

// Generate returns statements that make views for classes of a schema, in the order in which the
// classes are named, and replace those that there are. A class that the schema does not have is
// an error.
func Generate(schema *mof.Schema, classes []string) (string, error) {
	if len(classes) == 0 {
		return "", errors.New("there are no classes")
	}
	var b strings.Builder
	fmt.Fprintf(&b, "CREATE SCHEMA IF NOT EXISTS %s;\n", viewSchema)
	views, seen := names{}, map[string]bool{}
	for _, name := range classes {
		c := schema.Class(name)
		if c == nil {
			return "", fmt.Errorf("no class %q", name)
		}
		if folded := cim.FoldName(c.Name); !seen[folded] {
			seen[folded] = true
			writeView(&b, views.choose(c.Name), c, family(schema, c.Name))
		}
	}
	return b.String(), nil
}

// family returns a class and all that are derived from it, folded.
func family(schema *mof.Schema, name string) []string {
	list := []string{cim.FoldName(name)}
	for _, sub := range schema.Subclasses(name) {
		list = append(list, family(schema, sub)...)
	}
	return list
}

func writeView(b *strings.Builder, name string, c *cim.Class, family []string) {
	view := viewSchema + "." + identifier(name)
	columns := names{}
	for _, own := range []string{"host", "id", "class", "kind", "name", "health"} {
		columns.choose(own)
	}
	fmt.Fprintf(b, "\nDROP VIEW IF EXISTS %s;\nCREATE VIEW %s AS SELECT\n    c.host, c.id, c.class, c.kind, c.name, c.health", view, view)
	for i := range c.Properties {
		p := &c.Properties[i]
		value := "c.properties -> " + literal(p.Name)
		fmt.Fprintf(b, ",\n    %s AS %s", column(p, value), identifier(columns.choose(p.Name)))
		if p.Value.Type() == cim.TypeDateTime && !p.Value.IsArray() {
			fmt.Fprintf(b, ",\n    cimwatch.interval_of(%s) AS %s", value, identifier(columns.choose(p.Name+"_interval")))
		}
	}
	var literals []string
	for _, class := range family {
		literals = append(literals, literal(class))
	}
	fmt.Fprintf(b, "\nFROM cimwatch_data.components c\nWHERE NOT c.is_removed AND lower(c.class) IN (%s);\n", strings.Join(literals, ", "))
}

// column returns what makes a value of a property's type out of its JSON.
func column(p *cim.Property, value string) string {
	if p.Embedded != cim.NotEmbedded {
		return "nullif(" + value + ", 'null')"
	}
	function := function(p.Value.DeclaredType())
	if p.Value.IsArray() {
		function = arrayFunction(p.Value.DeclaredType())
	}
	return "cimwatch." + function + "(" + value + ")"
}

func function(t cim.Type) string {
	switch {
	case t == cim.TypeBoolean:
		return "boolean_of"
	case t.IsInteger() && t.Bits() < 64:
		return "integer_of"
	case t.IsInteger():
		return "number_of"
	case t.IsReal():
		return "real_of"
	case t == cim.TypeDateTime:
		return "time_of"
	default:
		return "text_of"
	}
}

func arrayFunction(t cim.Type) string {
	switch {
	case t == cim.TypeBoolean:
		return "booleans_of"
	case t.IsInteger():
		return "numbers_of"
	case t.IsReal():
		return "reals_of"
	default:
		return "texts_of"
	}
}
