package mof

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cimwatch/cimwatch/cim"
)

// Contents is what a schema is made of that does not come from sources, but from a CIM
// server or a program.
type Contents struct {
	QualifierTypes []cim.QualifierType

	// Classes in any order, each as declared (LocalOnly) or with what it inherits, as
	// long as that is marked Propagated or is spelled out without an Override qualifier.
	// A default that an overriding property inherits then counts as its own.
	Classes   []*cim.Class
	Instances []*cim.Instance
	Namespace string // of classes whose path names none; "" is DefaultNamespace
}

// NewSchema makes a schema of what is there already. The error is an ErrorList of names
// that stand twice or are missing; values are not checked. The schema keeps the values.
func NewSchema(from Contents) (*Schema, error) {
	b := &builder{schema: &Schema{
		classes: make(map[string]*class, len(from.Classes)), qualifiers: from.QualifierTypes,
		instances: from.Instances, namespace: cim.CleanNamespace(from.Namespace),
	}}
	if b.schema.namespace == "" {
		b.schema.namespace = DefaultNamespace
	}
	b.qualifierTypes(from.QualifierTypes)
	for _, c := range from.Classes {
		b.add(c)
	}
	for _, cl := range b.schema.order {
		b.link(cl)
	}
	for _, cl := range b.byDepth() {
		b.resolve(cl)
	}
	for _, i := range from.Instances {
		if b.schema.find(i.Class) == nil {
			b.errorf("class %s of an instance is missing", i.Class)
		}
	}
	if b.errors != nil {
		return nil, b.errors
	}
	return b.schema, nil
}

// builder makes a schema without sources.
type builder struct {
	schema *Schema
	errors ErrorList
}

func (b *builder) errorf(format string, args ...any) {
	if len(b.errors) < defaultMaxErrors {
		b.errors = append(b.errors, &Error{Message: fmt.Sprintf(format, args...)})
	}
}

func (b *builder) qualifierTypes(list []cim.QualifierType) {
	seen := make(map[string]bool, len(list))
	for _, q := range list {
		if name := cim.FoldName(q.Name); seen[name] {
			b.errorf("qualifier %s stands twice", q.Name)
		} else {
			seen[name] = true
		}
	}
}

func (b *builder) add(c *cim.Class) {
	name := cim.FoldName(c.Name)
	if b.schema.classes[name] != nil {
		b.errorf("class %s stands twice", c.Name)
		return
	}
	local := *c
	namespace := c.Path.Namespace
	if namespace == "" {
		namespace = b.schema.namespace
	}
	local.Path = cim.ClassPath(namespace, c.Name)
	cl := &class{local: &local}
	b.schema.classes[name] = cl
	b.schema.order = append(b.schema.order, cl)
}

// link finds the superclass.
func (b *builder) link(cl *class) {
	super := cl.local.SuperClass
	if super == "" {
		return
	}
	if cl.super = b.schema.find(super); cl.super == nil {
		b.errorf("superclass %s of class %s is missing", super, cl.name())
		return
	}
	cl.local.SuperClass = cl.super.name()
}

// byDepth returns the classes so that each stands behind its superclass. Circles are cut.
func (b *builder) byDepth() []*class {
	for _, cl := range b.schema.order {
		cl.depth = 0
		for k := cl.super; k != nil; k = k.super {
			if cl.depth++; cl.depth > maxInheritance {
				b.errorf("class %s has more than %d ancestors, or is its own", cl.name(), maxInheritance)
				cl.super, cl.depth = nil, 0
				break
			}
		}
	}
	for _, cl := range b.schema.order {
		if cl.super != nil {
			cl.super.subclasses = append(cl.super.subclasses, cl)
		}
	}
	list := slices.Clone(b.schema.order)
	slices.SortStableFunc(list, func(a, b *class) int { return a.depth - b.depth })
	return list
}

// resolve takes from a class what it inherits. Its superclass is done.
func (b *builder) resolve(cl *class) {
	local := cl.local
	base := &cim.Class{}
	if cl.super != nil {
		base = cl.super.whole()
		cl.association, cl.indication = cl.super.association, cl.super.indication
	}
	cl.association = cl.association || local.HasQualifier("Association")
	cl.indication = cl.indication || local.HasQualifier("Indication")
	cl.abstract = local.HasQualifier("Abstract")
	local.Qualifiers = ownQualifiers(local.Qualifiers)

	var properties []cim.Property
	for _, p := range local.Properties {
		if p.Propagated || base.Property(p.Name) != nil && !declared(p.Qualifiers) {
			continue
		}
		p.ClassOrigin, p.Qualifiers, p.Value = "", ownQualifiers(p.Qualifiers), declaredValue(p.Value)
		properties = append(properties, p)
	}
	local.Properties = properties

	var methods []cim.Method
	for _, m := range local.Methods {
		if m.Propagated || base.Method(m.Name) != nil && !declared(m.Qualifiers) {
			continue
		}
		m.ClassOrigin, m.Qualifiers = "", ownQualifiers(m.Qualifiers)
		m.Parameters = slices.Clone(m.Parameters)
		for i := range m.Parameters {
			p := &m.Parameters[i]
			p.Qualifiers, p.Value = ownQualifiers(p.Qualifiers), declaredValue(p.Value)
		}
		methods = append(methods, m)
	}
	local.Methods = methods
}

// declared reports whether an element that the superclass has is declared anew.
func declared(list []cim.Qualifier) bool {
	return slices.ContainsFunc(list, func(q cim.Qualifier) bool {
		return !q.Propagated && strings.EqualFold(q.Name, "Override")
	})
}

// declaredValue returns NULL with the type that declarations say, which is a string for
// embedded objects.
func declaredValue(v cim.Value) cim.Value {
	if v.IsNull() {
		return null(v.DeclaredType(), v.IsArray())
	}
	return v
}

func ownQualifiers(list []cim.Qualifier) []cim.Qualifier {
	return slices.DeleteFunc(slices.Clone(list), func(q cim.Qualifier) bool { return q.Propagated })
}
