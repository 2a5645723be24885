package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/mof"
)

// What the MOF of an embedded instance may take.
const (
	maxEmbeddedText    = 1 << 20 // bytes
	maxEmbeddedClasses = 32      // of the instance and of those embedded in it
)

// valueHelp says how commands take values.
const valueHelp = `Within the braces of an array, text with a comma, a brace, a quote or a space at its end stands in
double quotes: {a, "b, c"}. There, a quote is doubled or written \", and backslashes begin the
escapes of MOF: \\ \n \t \x41. NULL without quotes is NULL. An embedded instance is MOF, as in
--set 'Inner=instance of CIM_X { Name = "a"; }', or @FILE with that in it.`

// objectReader returns the embedded instance that a flag gives as MOF, or as the name of a
// file with MOF behind an @.
type objectReader func(text string) (cim.Value, error)

// objects returns an objectReader that knows the classes of a namespace.
func (s *session) objects(ctx context.Context, namespace string) objectReader {
	return func(text string) (cim.Value, error) {
		source := "MOF"
		if file, named := strings.CutPrefix(text, "@"); named {
			content, err := readText(file)
			if err != nil {
				return cim.Value{}, err
			}
			source, text = file, content
		}
		names := embeddedClasses(text)
		if len(names) == 0 {
			return cim.Value{}, withHint(usage(fmt.Errorf("%s: there is no embedded instance", source)),
				`write it like 'instance of CIM_X { Name = "a"; }', or @FILE`)
		}
		var declared []*cim.Class
		for i, name := range names {
			class, err := s.GetClass(ctx, namespace, name, &cim.ReadOptions{IncludeQualifiers: true})
			switch {
			case err == nil:
				declared = append(declared, class)
			case i > 0 && isAbsent(err): // words of a string or comment, or the compiler misses it
			default:
				return cim.Value{}, withClassHint(err)
			}
		}
		return compileEmbedded(mof.Source{Name: source, Text: []byte(text)}, declared, namespace)
	}
}

func readText(name string) (string, error) {
	file, err := os.Open(name)
	if err != nil {
		return "", fmt.Errorf("read an embedded instance: %w", err)
	}
	defer func() { _ = file.Close() }() // only read from
	text, err := io.ReadAll(io.LimitReader(file, maxEmbeddedText+1))
	switch {
	case err != nil:
		return "", fmt.Errorf("read an embedded instance: %w", err)
	case len(text) > maxEmbeddedText:
		return "", fmt.Errorf("read an embedded instance: %s has more than %d bytes", name, maxEmbeddedText)
	}
	return string(text), nil
}

// instanceOf finds the classes of instances, and what reads alike within strings and comments.
var instanceOf = regexp.MustCompile(`(?i)\binstance\s+of\s+([a-z_][a-z0-9_]*)`)

func embeddedClasses(text string) []string {
	var names []string
	for _, match := range instanceOf.FindAllStringSubmatch(text, -1) {
		if !hasFold(names, match[1]) && len(names) < maxEmbeddedClasses {
			names = append(names, match[1])
		}
	}
	return names
}

// What the classes of an embedded instance are compiled with. anyClass is what its references
// may refer to: which class that must be is for the server to check.
const (
	anyClass        = "CIMWATCH_Any"
	embeddedPrelude = "Qualifier EmbeddedObject : boolean = false, Scope(property), Flavor(DisableOverride, ToSubclass);\n" +
		"class " + anyClass + " {};\n"
)

// compileEmbedded returns the one instance of a source, without the properties that it leaves
// NULL.
func compileEmbedded(source mof.Source, declared []*cim.Class, namespace string) (cim.Value, error) {
	var classes strings.Builder
	classes.WriteString(embeddedPrelude)
	for _, class := range declared {
		if err := mof.WriteClass(&classes, withoutQualifiers(class)); err != nil {
			return cim.Value{}, err
		}
	}
	text := strings.TrimSpace(string(source.Text))
	if !strings.HasSuffix(text, ";") {
		text += ";"
	}
	schema, err := mof.Compile([]mof.Source{
		{Name: "classes of the server", Text: []byte(classes.String())}, {Name: source.Name, Text: []byte(text)},
	}, &mof.Options{Namespace: namespace})
	if err != nil {
		return cim.Value{}, withHint(usage(err), "it must be one instance, of a class that the server has")
	}
	list := schema.Instances()
	if len(list) != 1 {
		return cim.Value{}, usage(fmt.Errorf("%s: %d instances, expected one", source.Name, len(list)))
	}
	return cim.EmbeddedInstance(bare(list[0])), nil
}

// withoutQualifiers returns a class as far as the values of its instances depend on it, with
// what it inherits. It has no keys: an embedded instance may leave them out.
func withoutQualifiers(class *cim.Class) *cim.Class {
	plain := &cim.Class{Name: class.Name, SuperClass: anyClass}
	for i := range class.Properties {
		p := class.Properties[i]
		d := propertyDeclaration(&p)
		p.Qualifiers, p.Propagated, p.ClassOrigin = nil, false, class.Name
		if d.holdsObject() {
			p.Value = cim.Null(cim.TypeString)
			if d.null.IsArray() {
				p.Value = cim.NullArray(cim.TypeString)
			}
			p.Qualifiers = []cim.Qualifier{{Name: "EmbeddedObject", Value: cim.Boolean(true)}}
		}
		if p.ReferenceClass != "" {
			p.ReferenceClass = anyClass
		}
		plain.Properties = append(plain.Properties, p)
	}
	return plain
}

// bare returns an instance without its path, qualifiers and what is NULL, and likewise those
// embedded in it.
func bare(i *cim.Instance) *cim.Instance {
	plain := cim.NewInstance(i.Class)
	for n := range i.Properties {
		p := &i.Properties[n]
		if p.Value.IsNull() {
			continue
		}
		plain.Set(p.Name, bareValue(p.Value))
	}
	return plain
}

func bareValue(v cim.Value) cim.Value {
	if inner, ok := v.Instance(); ok {
		return cim.EmbeddedInstance(bare(inner))
	}
	if v.Type() != cim.TypeInstance || !v.IsArray() {
		return v
	}
	elements := make([]cim.Value, v.Len())
	for n, e := range v.Elements() {
		elements[n] = bareValue(e)
	}
	return cim.ArrayOf(cim.TypeInstance, elements...)
}
