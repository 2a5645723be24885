package cimxml

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/beevik/etree"

	"github.com/cimwatch/cimwatch/cim"
)

// An encoder builds the elements of DSP0203 from cim values. The first value that XML
// cannot carry sticks as its error.
type encoder struct {
	err error
}

func element(name string, attributes ...string) *etree.Element {
	e := etree.NewElement(name)
	for n := 0; n+1 < len(attributes); n += 2 {
		e.CreateAttr(attributes[n], attributes[n+1])
	}
	return e
}

func with(e *etree.Element, children ...*etree.Element) *etree.Element {
	for _, c := range children {
		e.AddChild(c)
	}
	return e
}

// text returns an element that holds a text.
func (x *encoder) text(name, text string, attributes ...string) *etree.Element {
	x.check(text)
	e := element(name, attributes...)
	if text != "" {
		e.SetText(text)
	}
	return e
}

// check records an error when XML cannot carry text: control characters other than tab
// and line ends, or bytes that are not UTF-8.
func (x *encoder) check(text string) {
	if x.err != nil {
		return
	}
	for i, r := range text {
		if !legal(r) || r == utf8.RuneError && !strings.HasPrefix(text[i:], "\uFFFD") {
			x.err = fmt.Errorf("encode %.40q: XML cannot carry the character at byte %d", text, i)
			return
		}
	}
}

// settings make etree write line ends and tabs so that they survive being read, and an
// end tag behind every start tag: wbemcli takes no other NULL property (observed).
func settings() *etree.WriteSettings {
	return &etree.WriteSettings{CanonicalText: true, CanonicalAttrVal: true, CanonicalEndTags: true}
}

// render returns an element as text.
func render(e *etree.Element) string {
	var b strings.Builder
	e.WriteTo(&b, settings())
	return b.String()
}

// WriteXML writes an element of CIM-XML for people to read: indented, with a line end.
// v is an *cim.Instance, *cim.Class or cim.ObjectPath.
func WriteXML(w io.Writer, v any) error {
	x := &encoder{}
	var e *etree.Element
	switch v := v.(type) {
	case *cim.Instance:
		e = x.instance(v)
	case *cim.Class:
		e = x.class(v)
	case cim.ObjectPath:
		e = x.path(v)
	default:
		return fmt.Errorf("encode %T: not an instance, class or object path", v)
	}
	if x.err != nil {
		return x.err
	}
	e.IndentWithSettings(&etree.IndentSettings{Spaces: 2, PreserveLeafWhitespace: true})
	b := bufio.NewWriter(w)
	e.WriteTo(b, settings())
	_ = b.WriteByte('\n') // Flush reports it
	return b.Flush()
}

func (x *encoder) instance(i *cim.Instance) *etree.Element {
	e := element("INSTANCE", "CLASSNAME", i.Class)
	for n := range i.Qualifiers {
		e.AddChild(x.qualifier(i.Qualifiers[n]))
	}
	for n := range i.Properties {
		e.AddChild(x.property(&i.Properties[n]))
	}
	return e
}

func (x *encoder) property(p *cim.Property) *etree.Element {
	v := p.Value
	e := element(propertyElement(v), "NAME", p.Name)
	if v.Type() != cim.TypeReference {
		e.CreateAttr("TYPE", typeName(v))
	}
	if p.ReferenceClass != "" {
		e.CreateAttr("REFERENCECLASS", p.ReferenceClass)
	}
	if p.ArraySize > 0 {
		e.CreateAttr("ARRAYSIZE", strconv.Itoa(p.ArraySize))
	}
	if p.ClassOrigin != "" {
		e.CreateAttr("CLASSORIGIN", p.ClassOrigin)
	}
	if p.Propagated {
		e.CreateAttr("PROPAGATED", "true")
	}
	markEmbedded(e, p.Embedded, v)
	for n := range p.Qualifiers {
		e.AddChild(x.qualifier(p.Qualifiers[n]))
	}
	if !v.IsNull() {
		e.AddChild(x.value(v))
	}
	return e
}

func propertyElement(v cim.Value) string {
	switch {
	case v.Type() == cim.TypeReference:
		return "PROPERTY.REFERENCE"
	case v.IsArray():
		return "PROPERTY.ARRAY"
	default:
		return "PROPERTY"
	}
}

// typeName is what TYPE says of a value. A value of no type is a string, and integers
// of no stated type are the widest of their kind.
func typeName(v cim.Value) string {
	switch t := v.DeclaredType(); t {
	case cim.TypeNone:
		return cim.TypeString.String()
	case cim.TypeInteger:
		if _, ok := v.Uint64(); ok {
			return cim.TypeUint64.String()
		}
		return cim.TypeSint64.String()
	default:
		return t.String()
	}
}

// markEmbedded sets EmbeddedObject, in the spelling of DSP0201 2.3 and later.
func markEmbedded(e *etree.Element, embedded cim.EmbeddedObject, v cim.Value) {
	switch embeddedAs(v, embedded) {
	case cim.EmbeddedAsInstance:
		e.CreateAttr("EmbeddedObject", "instance")
	case cim.EmbeddedAsObject:
		e.CreateAttr("EmbeddedObject", "object")
	}
}

// value returns the element that holds a value other than NULL.
func (x *encoder) value(v cim.Value) *etree.Element {
	reference := v.Type() == cim.TypeReference
	switch {
	case v.IsArray() && reference:
		return x.elements("VALUE.REFARRAY", v)
	case v.IsArray():
		return x.elements("VALUE.ARRAY", v)
	case reference:
		p, _ := v.Reference()
		return with(element("VALUE.REFERENCE"), x.path(p))
	default:
		return x.text("VALUE", x.scalar(v))
	}
}

func (x *encoder) elements(name string, v cim.Value) *etree.Element {
	e := element(name)
	for _, elem := range v.Elements() {
		if elem.IsNull() {
			e.CreateElement("VALUE.NULL")
			continue
		}
		e.AddChild(x.value(elem))
	}
	return e
}

// scalar returns the text of VALUE. Embedded objects are a document within the text.
func (x *encoder) scalar(v cim.Value) string {
	if i, ok := v.Instance(); ok {
		return render(x.instance(i))
	}
	if c, ok := v.Class(); ok {
		return render(x.class(c))
	}
	return v.Lexical()
}
