package cli

import (
	"encoding/csv"
	"errors"
	"fmt"
	"strings"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/mof"
)

// assignment is what flags of the form Name=Value say of one name. Repeating the flag adds
// the elements of an array.
type assignment struct {
	name  string
	texts []string
}

// parseAssignments reads the values of a flag that can be repeated, in their order.
func parseAssignments(flag string, list []string) ([]assignment, error) {
	var all []assignment
	for _, text := range list {
		name, value, ok := strings.Cut(text, "=")
		if !ok || !isClassName(name) { // classes and their members are named alike
			return nil, withHint(usage(fmt.Errorf("--%s %q: expected Name=Value", flag, printable(text))),
				fmt.Sprintf("write it like --%s ElementName='Fan 1'", flag))
		}
		if a := findAssignment(all, name); a != nil {
			a.texts = append(a.texts, value)
			continue
		}
		all = append(all, assignment{name: name, texts: []string{value}})
	}
	return all, nil
}

func findAssignment(list []assignment, name string) *assignment {
	for i := range list {
		if cim.EqualNames(list[i].name, name) {
			return &list[i]
		}
	}
	return nil
}

// declaration is what a class says of a property or a parameter.
type declaration struct {
	name       string
	null       cim.Value // of the type
	embedded   cim.EmbeddedObject
	qualifiers []cim.Qualifier
}

func propertyDeclaration(p *cim.Property) declaration {
	return declaration{name: p.Name, null: nullOf(p.Value), embedded: p.Embedded, qualifiers: p.Qualifiers}
}

func parameterDeclaration(p *cim.Parameter) declaration {
	return declaration{name: p.Name, null: nullOf(p.Value), embedded: p.Embedded, qualifiers: p.Qualifiers}
}

// nullOf returns the NULL of a value's type.
func nullOf(v cim.Value) cim.Value {
	if v.IsArray() {
		return cim.NullArray(v.DeclaredType())
	}
	return cim.Null(v.DeclaredType())
}

// value reads what an assignment gives, as the declared type. Errors are of wrong usage.
func (d *declaration) value(a *assignment) (cim.Value, error) {
	v, err := d.parse(a.texts)
	if err != nil {
		return v, usage(fmt.Errorf("%s: %w", d.name, err))
	}
	return v, nil
}

func (d *declaration) parse(texts []string) (cim.Value, error) {
	t := d.null.Type()
	if d.embedded != cim.NotEmbedded || hasQualifier(d.qualifiers, "EmbeddedInstance", "EmbeddedObject") {
		return cim.Value{}, errors.New("an embedded object cannot be given on the command line")
	}
	if !d.null.IsArray() {
		if len(texts) > 1 {
			return cim.Value{}, fmt.Errorf("%d values for one %s", len(texts), t)
		}
		return d.scalar(texts[0])
	}
	texts, err := splitElements(texts)
	if err != nil {
		return cim.Value{}, err
	}
	elements := make([]cim.Value, len(texts))
	for i, text := range texts {
		if elements[i], err = d.scalar(text); err != nil {
			return cim.Value{}, err
		}
	}
	return cim.ArrayOf(t, elements...), nil
}

// scalar reads one value: its lexical form or, of an enumeration, what a number means.
func (d *declaration) scalar(text string) (cim.Value, error) {
	t := d.null.Type()
	v, err := cim.ParseValue(t, text)
	if err == nil || !t.IsInteger() {
		return v, err
	}
	if meant, ok := valueMapOf(t, d.qualifiers).Number(text); ok {
		return cim.ParseValue(t, meant.Lexical())
	}
	return v, err
}

// splitElements takes arrays in braces apart: {a,b} and {"a, with a comma",b}.
func splitElements(texts []string) ([]string, error) {
	if len(texts) != 1 || !strings.HasPrefix(texts[0], "{") || !strings.HasSuffix(texts[0], "}") {
		return texts, nil
	}
	inside := strings.TrimSpace(texts[0][1 : len(texts[0])-1])
	if inside == "" {
		return nil, nil
	}
	r := csv.NewReader(strings.NewReader(inside))
	r.TrimLeadingSpace = true
	elements, err := r.Read()
	if err != nil {
		return nil, fmt.Errorf("array %s: a quote is missing or in the wrong place", printable(texts[0]))
	}
	return elements, nil
}

func hasQualifier(list []cim.Qualifier, names ...string) bool {
	for _, name := range names {
		if findQualifier(list, name) != nil {
			return true
		}
	}
	return false
}

func findQualifier(list []cim.Qualifier, name string) *cim.Qualifier {
	for i := range list {
		if cim.EqualNames(list[i].Name, name) && !list[i].Value.IsNull() {
			return &list[i]
		}
	}
	return nil
}

// valueMapOf returns what numbers mean by the ValueMap and Values qualifiers of an element,
// nil where they do not tell.
func valueMapOf(t cim.Type, qualifiers []cim.Qualifier) *mof.ValueMap {
	values := findQualifier(qualifiers, "Values")
	if values == nil {
		return nil
	}
	var numbers []string
	if q := findQualifier(qualifiers, "ValueMap"); q != nil {
		numbers = textsOf(q.Value)
	}
	m, err := mof.NewValueMap(t, numbers, textsOf(values.Value))
	if err != nil {
		return nil // the class is wrong, its numbers are still numbers
	}
	return m
}

func textsOf(v cim.Value) []string {
	texts := make([]string, v.Len())
	for i, e := range v.Elements() {
		texts[i], _ = e.Text()
	}
	return texts
}
