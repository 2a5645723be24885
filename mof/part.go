package mof

import (
	"io"

	"github.com/cimwatch/cimwatch/cim"
)

// Part is some of what a schema declares, in the order in which it is to be written.
type Part struct {
	QualifierTypes []cim.QualifierType
	Classes        []*cim.Class
	Instances      []*cim.Instance
}

// WritePart writes a part of a schema as MOF: of classes what they do not inherit, of
// qualifiers the flavors that differ from those of their types. Together with the rest it
// compiles to an equal schema.
func (s *Schema) WritePart(w io.Writer, part Part) error {
	p := newPrinter()
	p.types, p.namespace = make(map[string]cim.Flavor, len(s.qualifiers)), s.namespace
	for _, q := range s.qualifiers {
		p.types[cim.FoldName(q.Name)] = q.Flavor
	}
	for _, q := range part.QualifierTypes {
		p.qualifierType(q)
		p.put("\n")
	}
	for _, c := range part.Classes {
		p.inNamespace(c.Path.Namespace)
		p.class(c)
		p.put("\n")
	}
	for _, i := range part.Instances {
		p.inNamespace(i.Path.Namespace)
		p.instance(i)
		p.put("\n")
	}
	return p.writeTo(w, "schema")
}
