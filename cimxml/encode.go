package cimxml

import (
	"fmt"
	"io"
	"strconv"

	"github.com/beevik/etree"

	"github.com/cimwatch/cimwatch/cim"
)

// WriteXML writes an element of CIM-XML for people to read: indented, with a line end.
// v is an *cim.Instance, *cim.Class or cim.ObjectPath.
func WriteXML(w io.Writer, v any) error {
	x := &encoder{}
	switch v := v.(type) {
	case *cim.Instance:
		x.instance(v)
	case *cim.Class:
		x.class(v)
	case cim.ObjectPath:
		x.path(v)
	default:
		return fmt.Errorf("encode %T: not an instance, class or object path", v)
	}
	if x.err != nil {
		return x.err
	}
	document := etree.NewDocument()
	if err := document.ReadFromBytes(x.out); err != nil {
		return fmt.Errorf("indent: %w", err)
	}
	document.WriteSettings = etree.WriteSettings{CanonicalText: true, CanonicalAttrVal: true, CanonicalEndTags: true}
	document.IndentWithSettings(&etree.IndentSettings{Spaces: 2, PreserveLeafWhitespace: true})
	_, err := document.WriteTo(w)
	return err
}

func (x *encoder) instance(i *cim.Instance) {
	x.start("INSTANCE", "CLASSNAME", i.Class)
	x.qualifiers(i.Qualifiers)
	for n := range i.Properties {
		x.property(&i.Properties[n])
	}
	x.end("INSTANCE")
}

func (x *encoder) property(p *cim.Property) {
	v := p.Value
	name := propertyElement(v)
	x.begin(name)
	x.attr("NAME", p.Name)
	if v.Type() != cim.TypeReference {
		x.attr("TYPE", typeName(v))
	}
	x.optional("REFERENCECLASS", p.ReferenceClass)
	x.arraySize(p.ArraySize)
	x.optional("CLASSORIGIN", p.ClassOrigin)
	x.flag("PROPAGATED", p.Propagated)
	x.embedded(p.Embedded, v)
	x.gt()
	x.qualifiers(p.Qualifiers)
	x.value(v)
	x.end(name)
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

// flag writes an attribute that is false when it is missing.
func (x *encoder) flag(name string, value bool) {
	if value {
		x.attr(name, "true")
	}
}

func (x *encoder) arraySize(n int) {
	if n > 0 {
		x.attr("ARRAYSIZE", strconv.Itoa(n))
	}
}

// embedded writes EmbeddedObject, in the spelling of DSP0201 2.3 and later.
func (x *encoder) embedded(embedded cim.EmbeddedObject, v cim.Value) {
	switch embeddedAs(v, embedded) {
	case cim.EmbeddedAsInstance:
		x.attr("EmbeddedObject", "instance")
	case cim.EmbeddedAsObject:
		x.attr("EmbeddedObject", "object")
	}
}

// value writes the element that holds a value, nothing for NULL.
func (x *encoder) value(v cim.Value) {
	reference := v.Type() == cim.TypeReference
	switch {
	case v.IsNull():
	case v.IsArray() && reference:
		x.elements("VALUE.REFARRAY", v)
	case v.IsArray():
		x.elements("VALUE.ARRAY", v)
	case reference:
		p, _ := v.Reference()
		x.start("VALUE.REFERENCE")
		x.path(p)
		x.end("VALUE.REFERENCE")
	default:
		x.start("VALUE")
		x.scalar(v)
		x.end("VALUE")
	}
}

func (x *encoder) elements(name string, v cim.Value) {
	x.start(name)
	for _, elem := range v.Elements() {
		if elem.IsNull() {
			x.empty("VALUE.NULL")
			continue
		}
		x.value(elem)
	}
	x.end(name)
}

// scalar writes the text of VALUE.
func (x *encoder) scalar(v cim.Value) {
	if v.Type() != cim.TypeInstance && v.Type() != cim.TypeClass {
		x.text(v.Lexical())
		return
	}
	x.depth++
	x.classOrInstance(v)
	x.depth--
}
