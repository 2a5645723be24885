package gogen

import (
	"strconv"
	"strings"
	"unicode"

	"github.com/cimwatch/cimwatch/cim"
)

// enum is a Go type for the numbers of a property.
type enum struct {
	name      string
	of        string // the property, as CIM has it
	base      string // the integer type
	signed    bool
	constants []constant
}

type constant struct {
	name, number, meaning string
}

// enumOf returns the type for the numbers of a property, nil where they have no meaning. All
// classes that inherit the meanings share it.
func (g *generator) enumOf(class string, p *cim.Property) *enum {
	values := g.schema.ValueMap(class, p.Name)
	if values == nil || !p.Value.Type().IsInteger() {
		return nil
	}
	from := g.meaningsFrom(class, p.Name)
	key := cim.FoldName(from + "." + p.Name)
	if e, known := g.enums[key]; known {
		return e
	}
	e := &enum{
		of: from + "." + p.Name, base: goTypes[p.Value.Type()].name, signed: p.Value.Type().IsSigned(),
	}
	g.enums[key] = nil
	names, numbers := make(taken), make(map[string]bool)
	for _, entry := range values.Entries() {
		number, meaning := entry.Low, entry.Meaning
		if number.IsNull() || !number.Equal(entry.High) || numbers[number.Lexical()] || isReserved(meaning) {
			continue
		}
		if _, err := cim.ParseValue(p.Value.Type(), number.Lexical()); err != nil {
			continue // schemas have entries that are too large for the type
		}
		numbers[number.Lexical()] = true
		word := goName(strings.ReplaceAll(meaning, "+", " Plus "))
		if word == "" {
			word = "Value" + strings.Replace(number.Lexical(), "-", "Minus", 1)
		}
		e.constants = append(e.constants, constant{names.choose(word), number.Lexical(), meaning})
	}
	if len(e.constants) == 0 {
		return nil
	}
	e.name = g.names.choose(exported(goName(from)) + exported(goName(p.Name)))
	for i := range e.constants {
		e.constants[i].name = g.names.choose(e.name + e.constants[i].name)
	}
	g.enums[key] = e
	g.ordered = append(g.ordered, e)
	return e
}

// meaningsFrom returns the class that gives a property the values that a class inherits.
func (g *generator) meaningsFrom(class, property string) string {
	for _, name := range append([]string{class}, g.schema.Ancestors(class)...) {
		local := g.schema.Local(name)
		if p := local.Property(property); p != nil && p.Qualifier("Values") != nil {
			return local.Name
		}
	}
	return class
}

// isReserved tells numbers that are kept for what may come.
func isReserved(meaning string) bool {
	meaning = strings.ToLower(strings.TrimSpace(meaning))
	return strings.HasSuffix(meaning, "reserved") || meaning == "vendor specific"
}

func (g *generator) writeEnum(e *enum) {
	g.printf("\n// %s is a value of %s.\ntype %s %s\n\nconst (\n", e.name, e.of, e.name, e.base)
	for _, c := range e.constants {
		g.printf("\t// %s is %s.\n\t%s %s = %s\n", c.name, strconv.Quote(printable(c.meaning)), c.name, e.name, c.number)
	}
	g.printf(")\n\n// String returns what the value means, the number where that is not known.\n")
	g.printf("func (v %s) String() string {\n\tswitch v {\n", e.name)
	for _, c := range e.constants {
		g.printf("\tcase %s:\n\t\treturn %s\n", c.name, strconv.Quote(c.meaning))
	}
	g.printf("\tdefault:\n")
	if e.signed {
		g.printf("\t\treturn strconv.FormatInt(int64(v), 10)\n\t}\n}\n")
	} else {
		g.printf("\t\treturn strconv.FormatUint(uint64(v), 10)\n\t}\n}\n")
	}
}

// printable returns text that can stand in a comment on one line.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, text)
}
