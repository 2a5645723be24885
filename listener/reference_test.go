package listener_test

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/beevik/etree"

	"github.com/cimwatch/cimwatch/cim"
)

// A census counts what was compared.
type census struct {
	properties, nulls, arrays, references, embedded int
}

func (c *census) add(d census) {
	c.properties += d.properties
	c.nulls += d.nulls
	c.arrays += d.arrays
	c.references += d.references
	c.embedded += d.embedded
}

// compareInstance compares a decoded instance with an INSTANCE element, read here by
// nothing but etree and strconv.
func compareInstance(t *testing.T, got *cim.Instance, want *etree.Element) (c census) {
	t.Helper()
	if got == nil || got.Class != want.SelectAttrValue("CLASSNAME", "") {
		t.Errorf("instance of %v, want %s", got, want.SelectAttrValue("CLASSNAME", ""))
		return c
	}
	n := 0
	for _, e := range want.ChildElements() {
		if !strings.HasPrefix(e.Tag, "PROPERTY") {
			continue
		}
		n++
		name := e.SelectAttrValue("NAME", "")
		p := got.Property(name)
		if p == nil || p.Name != name {
			t.Errorf("%s: property %s is missing", got.Class, name)
			continue
		}
		c.properties++
		c.add(compareProperty(t, p, e))
	}
	if n != len(got.Properties) {
		t.Errorf("%s: %d properties, want %d", got.Class, len(got.Properties), n)
	}
	return c
}

func compareProperty(t *testing.T, got *cim.Property, want *etree.Element) (c census) {
	t.Helper()
	v := got.Value
	declared := want.SelectAttrValue("TYPE", "reference")
	if v.DeclaredType().String() != declared {
		t.Errorf("%s is of type %v, want %s", got.Name, v.DeclaredType(), declared)
	}
	if isArray := want.Tag == "PROPERTY.ARRAY" || want.Tag == "PROPERTY.REFARRAY"; v.IsArray() != isArray {
		t.Errorf("%s: array is %v, want %v", got.Name, v.IsArray(), isArray)
	}
	contents := want.ChildElements()
	contents = slices.DeleteFunc(contents, func(e *etree.Element) bool { return e.Tag == "QUALIFIER" })
	if v.IsNull() != (len(contents) == 0) {
		t.Errorf("%s: NULL is %v, want %v", got.Name, v.IsNull(), len(contents) == 0)
	}
	if len(contents) == 0 || v.IsNull() {
		c.nulls++
		return c
	}
	if !v.IsArray() {
		return compareValue(t, got.Name, v, contents[0], declared)
	}
	c.arrays++
	elements := contents[0].ChildElements()
	if len(elements) != v.Len() {
		t.Errorf("%s has %d elements, want %d", got.Name, v.Len(), len(elements))
		return c
	}
	for n, e := range elements {
		c.add(compareValue(t, fmt.Sprintf("%s[%d]", got.Name, n), v.Elements()[n], e, declared))
	}
	return c
}

func compareValue(t *testing.T, name string, got cim.Value, want *etree.Element, declared string) (c census) {
	t.Helper()
	if want.Tag == "VALUE.REFERENCE" {
		c.references++
		compareReference(t, name, got, want)
		return c
	}
	text := want.Text()
	if strings.HasPrefix(strings.TrimSpace(text), "<INSTANCE") {
		inner := etree.NewDocument()
		if err := inner.ReadFromString(strings.TrimSpace(text)); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		i, _ := got.Instance()
		c = compareInstance(t, i, inner.Root())
		c.embedded++
		return c
	}
	if have := plain(got); have != normal(declared, text) {
		t.Errorf("%s is %s, want %s", name, have, normal(declared, text))
	}
	return c
}

// plain returns a value as text by way of its Go value.
func plain(v cim.Value) string {
	if text, ok := v.Text(); ok {
		return text
	}
	if b, ok := v.Boolean(); ok {
		return strconv.FormatBool(b)
	}
	if c, ok := v.Char16(); ok {
		return string(rune(c))
	}
	if f, ok := v.Float64(); ok && v.Type().IsReal() {
		return bits(f)
	}
	if n, ok := v.Uint64(); ok {
		return strconv.FormatUint(n, 10)
	}
	if n, ok := v.Int64(); ok {
		return strconv.FormatInt(n, 10)
	}
	return v.String()
}

// normal returns the text of a VALUE in the form of plain.
func normal(declared, text string) string {
	switch declared {
	case "boolean":
		return strings.ToLower(text)
	case "real32":
		f, _ := strconv.ParseFloat(text, 32)
		return bits(float64(float32(f)))
	case "real64":
		f, _ := strconv.ParseFloat(text, 64)
		return bits(f)
	default:
		return text
	}
}

func bits(f float64) string { return strconv.FormatUint(math.Float64bits(f), 16) }

func compareReference(t *testing.T, name string, got cim.Value, want *etree.Element) {
	t.Helper()
	path, ok := got.Reference()
	instance := want.FindElement(".//INSTANCENAME")
	if !ok || instance == nil || path.Class != instance.SelectAttrValue("CLASSNAME", "") {
		t.Errorf("%s is %v, want a reference", name, got)
		return
	}
	var namespace []string
	for _, e := range want.FindElements(".//LOCALNAMESPACEPATH/NAMESPACE") {
		namespace = append(namespace, e.SelectAttrValue("NAME", ""))
	}
	if path.Namespace != strings.Join(namespace, "/") {
		t.Errorf("%s is in namespace %q, want %v", name, path.Namespace, namespace)
	}
	bindings := instance.SelectElements("KEYBINDING")
	if len(bindings) != len(path.Keys) {
		t.Errorf("%s has %d keys, want %d", name, len(path.Keys), len(bindings))
	}
	for _, b := range bindings {
		key, want := b.SelectAttrValue("NAME", ""), b.FindElement("KEYVALUE")
		if want != nil && plain(path.Key(key)) != want.Text() {
			t.Errorf("%s: key %s is %v, want %s", name, key, path.Key(key), want.Text())
		}
	}
}
