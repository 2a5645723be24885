package gogen

import (
	"strconv"
	"strings"

	"github.com/cimwatch/cimwatch/cim"
)

// goType is how Go holds values of a CIM type.
type goType struct {
	name  string // "uint16"
	read  string // a function from cim.Value, with a verb for the type where it is generic
	write string // a function to cim.Value, likewise
}

// goTypes is never written.
var goTypes = map[cim.Type]goType{
	cim.TypeBoolean:   {"bool", "cim.Value.Boolean", "cim.Boolean"},
	cim.TypeString:    {"string", "cim.Value.Text", "cim.String"},
	cim.TypeChar16:    {"uint16", "cim.Value.Char16", "cim.Char16"},
	cim.TypeUint8:     {"uint8", "typed.ToUint", "typed.Uint8"},
	cim.TypeUint16:    {"uint16", "typed.ToUint", "typed.Uint16"},
	cim.TypeUint32:    {"uint32", "typed.ToUint", "typed.Uint32"},
	cim.TypeUint64:    {"uint64", "typed.ToUint", "typed.Uint64"},
	cim.TypeSint8:     {"int8", "typed.ToSint", "typed.Sint8"},
	cim.TypeSint16:    {"int16", "typed.ToSint", "typed.Sint16"},
	cim.TypeSint32:    {"int32", "typed.ToSint", "typed.Sint32"},
	cim.TypeSint64:    {"int64", "typed.ToSint", "typed.Sint64"},
	cim.TypeReal32:    {"float32", "typed.ToReal", "cim.Real32"},
	cim.TypeReal64:    {"float64", "typed.ToReal", "cim.Real64"},
	cim.TypeDateTime:  {"cim.DateTime", "cim.Value.DateTime", "cim.DateTime.Value"},
	cim.TypeReference: {"cim.ObjectPath", "cim.Value.Reference", "cim.Reference"},
}

// goStruct is a struct for a class.
type goStruct struct {
	class    *cim.Class
	name     string
	constant string // that holds the name of the class
	fields   []field
}

// field is a property as Go has it.
type field struct {
	property *cim.Property
	name     string
	typ      goType
	constant string // of package cim, for the type of an array's elements
	array    bool
	raw      bool   // the field is a cim.Value: it may hold any object
	getter   string // "" where the name is taken
}

// typeConstants are the names of the types in package cim; it is never written.
var typeConstants = map[cim.Type]string{
	cim.TypeBoolean: "Boolean", cim.TypeString: "String", cim.TypeChar16: "Char16", cim.TypeUint8: "Uint8",
	cim.TypeUint16: "Uint16", cim.TypeUint32: "Uint32", cim.TypeUint64: "Uint64", cim.TypeSint8: "Sint8",
	cim.TypeSint16: "Sint16", cim.TypeSint32: "Sint32", cim.TypeSint64: "Sint64", cim.TypeReal32: "Real32",
	cim.TypeReal64: "Real64", cim.TypeDateTime: "DateTime", cim.TypeReference: "Reference",
}

// newStruct works out the fields of a class.
func (g *generator) newStruct(s *goStruct) *goStruct {
	names := taken{"CIMClass": true, "CIMPath": true, "Instance": true, "FromInstance": true}
	for i := range s.class.Properties {
		p := &s.class.Properties[i]
		name := exported(goName(p.Name))
		if name == "Instance" || name == "FromInstance" {
			name += "Property"
		}
		s.fields = append(s.fields, g.newField(s.class.Name, p, names.choose(name)))
	}
	for i := range s.fields {
		f := &s.fields[i]
		if getter := "Get" + f.name; !f.array && !f.raw && !names[getter] {
			names[getter] = true
			f.getter = getter
		}
	}
	return s
}

func (g *generator) newField(class string, p *cim.Property, name string) field {
	t := p.Value.DeclaredType()
	f := field{property: p, name: name, typ: goTypes[t], constant: "cim.Type" + typeConstants[t], array: p.Value.IsArray()}
	if p.Embedded != cim.NotEmbedded {
		f.raw = true
		return f
	}
	e := g.enumOf(class, p)
	if e != nil {
		f.typ.name = e.name
	}
	if t.IsNumeric() {
		f.typ.read += "[" + f.typ.name + "]"
	}
	return f
}

func (f *field) declaration() string {
	switch {
	case f.raw:
		return "cim.Value"
	case f.array:
		return "[]" + f.typ.name
	default:
		return "*" + f.typ.name
	}
}

func (g *generator) writeStruct(s *goStruct) {
	class := s.class
	g.printf("\n// %s is the name of the class that %s is for.\nconst %s = %q\n\n", s.constant, s.name, s.constant, class.Name)
	g.comment("", s.name+" is an instance of "+class.Name+". "+summary(class.Qualifiers))
	g.printf("type %s struct {\n", s.name)
	g.printf("\tCIMClass string // of the instance: %s or one derived from it\n", class.Name)
	g.printf("\tCIMPath cim.ObjectPath // zero where it is not known, as of an indication\n\n")
	for i := range s.fields {
		f := &s.fields[i]
		if about := f.describe(); about != "" {
			g.comment("\t", about)
		}
		g.printf("\t%s %s\n", f.name, f.declaration())
	}
	g.printf("}\n\n")
	g.writeRead(s)
	g.writeWrite(s)
	for i := range s.fields {
		if f := &s.fields[i]; f.getter != "" {
			g.printf("// %s returns %s, the zero value for NULL.\n", f.getter, f.name)
			g.printf("func (o *%s) %s() %s { return typed.Get(o.%s) }\n\n", s.name, f.getter, f.typ.name, f.name)
		}
	}
}

// describe says what a property is, as far as its name and type do not.
func (f *field) describe() string {
	p := f.property
	var parts []string
	if f.name != p.Name {
		parts = append(parts, "The property "+p.Name+".")
	}
	if about := summary(p.Qualifiers); about != "" {
		parts = append(parts, about)
	}
	if p.IsKey() {
		parts = append(parts, "A key.")
	}
	if f.raw {
		parts = append(parts, "An embedded object.")
	}
	if p.ReferenceClass != "" {
		parts = append(parts, "Refers to "+p.ReferenceClass+".")
	}
	if q := p.Qualifier("PUnit"); q != nil {
		if unit, ok := q.Value.Text(); ok {
			parts = append(parts, "In "+strconv.Quote(printable(unit))+".")
		}
	}
	return strings.Join(parts, " ")
}

func (g *generator) writeRead(s *goStruct) {
	g.printf("// FromInstance reads an instance of the class or of one derived from it. The error tells of\n")
	g.printf("// values that do not fit their fields, which are NULL then; all others are read.\n")
	g.printf("func (o *%s) FromInstance(i *cim.Instance) error {\n\tr := typed.NewReader(i)\n\t*o = %s{\n", s.name, s.name)
	g.printf("\t\tCIMClass: r.Class(), CIMPath: r.Path(),\n")
	for i := range s.fields {
		f := &s.fields[i]
		switch {
		case f.raw:
			g.printf("\t\t%s: r.Value(%q),\n", f.name, f.property.Name)
		case f.array:
			g.printf("\t\t%s: typed.Array(r, %q, %s),\n", f.name, f.property.Name, f.typ.read)
		default:
			g.printf("\t\t%s: typed.Scalar(r, %q, %s),\n", f.name, f.property.Name, f.typ.read)
		}
	}
	g.printf("\t}\n\treturn r.Err()\n}\n\n")
}

func (g *generator) writeWrite(s *goStruct) {
	g.printf("// Instance returns an instance with the properties that are not NULL. It is of CIMClass, or of\n// %s where that is \"\".\n", s.class.Name)
	g.printf("func (o *%s) Instance() *cim.Instance {\n\ti := &cim.Instance{Class: o.CIMClass, Path: o.CIMPath}\n", s.name)
	g.printf("\tif i.Class == \"\" {\n\t\ti.Class = %s\n\t}\n", s.constant)
	for i := range s.fields {
		f := &s.fields[i]
		switch {
		case f.raw:
			g.printf("\ttyped.PutValue(i, %q, o.%s)\n", f.property.Name, f.name)
		case f.array:
			g.printf("\ttyped.PutArray(i, %q, %s, o.%s, %s)\n", f.property.Name, f.constant, f.name, f.typ.write)
		default:
			g.printf("\ttyped.Put(i, %q, o.%s, %s)\n", f.property.Name, f.name, f.typ.write)
		}
	}
	g.printf("\treturn i\n}\n\n")
}
