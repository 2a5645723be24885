package cli

import (
	"errors"
	"fmt"
	"slices"
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

var errNoObject = errors.New("an embedded object is not a key")

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
	objects    objectReader // nil where an embedded object cannot be given
}

// holdsObject reports whether the value is an embedded object.
func (d *declaration) holdsObject() bool {
	return d.embedded != cim.NotEmbedded || hasQualifier(d.qualifiers, "EmbeddedInstance", "EmbeddedObject")
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

// value reads what an assignment gives, as the declared type. Errors are of wrong usage, but
// for those of the files and the classes of embedded objects.
func (d *declaration) value(a *assignment) (cim.Value, error) {
	v, err := d.parse(a.texts)
	switch {
	case err == nil:
		return v, nil
	case d.holdsObject():
		return v, fmt.Errorf("%s: %w", d.name, err) // a file or the server may be to blame
	default:
		return v, usage(fmt.Errorf("%s: %w", d.name, err))
	}
}

func (d *declaration) parse(texts []string) (cim.Value, error) {
	t := d.null.Type()
	if !d.null.IsArray() {
		if len(texts) > 1 {
			return cim.Value{}, fmt.Errorf("%d values for one %s", len(texts), t)
		}
		return d.scalar(texts[0])
	}
	list, err := elementsOf(texts)
	if err != nil {
		return cim.Value{}, err
	}
	elements := make([]cim.Value, len(list))
	for i, e := range list {
		if e.null {
			elements[i] = cim.Null(t)
			continue
		}
		if elements[i], err = d.scalar(e.text); err != nil {
			return cim.Value{}, err
		}
	}
	if d.holdsObject() && slices.ContainsFunc(elements, func(e cim.Value) bool { return !e.IsNull() }) {
		t = cim.TypeInstance
	}
	return cim.ArrayOf(t, elements...), nil
}

// elementsOf returns what flags give for an array: one that begins with a brace is the whole
// array, else each is an element.
func elementsOf(texts []string) ([]element, error) {
	if len(texts) == 1 && strings.HasPrefix(texts[0], "{") {
		return splitElements(texts[0])
	}
	list := make([]element, len(texts))
	for i, text := range texts {
		list[i].text = text
	}
	return list, nil
}

// scalar reads one value: its lexical form or, of an enumeration, what a number means.
func (d *declaration) scalar(text string) (cim.Value, error) {
	t := d.null.Type()
	if d.holdsObject() {
		if d.objects == nil {
			return cim.Value{}, usage(errNoObject)
		}
		return d.objects(text)
	}
	v, err := cim.ParseValue(t, text)
	if err == nil || !t.IsInteger() {
		return v, err
	}
	if meant, ok := valueMapOf(t, d.qualifiers).Number(text); ok {
		return cim.ParseValue(t, meant.Lexical())
	}
	return v, err
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

// valueMapOf returns what numbers mean by the qualifiers of an element, nil where they do not
// tell.
func valueMapOf(t cim.Type, qualifiers []cim.Qualifier) *mof.ValueMap {
	m, err := mof.QualifiedValueMap(t, qualifiers)
	if err != nil {
		return nil // the class is wrong, its numbers are still numbers
	}
	return m
}
