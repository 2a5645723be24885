package mof

import (
	"slices"

	"github.com/cimwatch/cimwatch/cim"
)

// Schema is what sources declare. Names are looked up without regard to case, and
// classes are shared by all namespaces; Path of a class tells where it was declared.
// What a Schema returns is its own: do not change it. It may be used by several
// goroutines.
type Schema struct {
	classes    map[string]*class // by folded name
	order      []*class
	qualifiers []cim.QualifierType
	instances  []*cim.Instance
	namespace  string
}

// schema moves what is resolved into a Schema.
func (c *compiler) schema() *Schema {
	s := &Schema{classes: make(map[string]*class, len(c.order)), order: c.order, namespace: c.opts.Namespace}
	for sym, cl := range c.classes {
		s.classes[sym.text] = cl
	}
	for _, q := range c.qualOrder {
		s.qualifiers = append(s.qualifiers, q.value)
	}
	return s
}

func (s *Schema) find(name string) *class { return s.classes[cim.FoldName(name)] }

// Class returns a class with everything it inherits: properties, methods and qualifiers
// with ClassOrigin, the class that introduced them, and Propagated, which is true where
// the class itself says nothing. It returns nil when there is no such class.
func (s *Schema) Class(name string) *cim.Class {
	if cl := s.find(name); cl != nil {
		return cl.whole()
	}
	return nil
}

// Local returns a class as it is declared, nil when there is no such class.
func (s *Schema) Local(name string) *cim.Class {
	if cl := s.find(name); cl != nil {
		return cl.local
	}
	return nil
}

// ClassNames returns the names of all classes in the order of their declaration.
func (s *Schema) ClassNames() []string { return classNames(s.order) }

func classNames(list []*class) []string {
	names := make([]string, len(list))
	for i, cl := range list {
		names[i] = cl.name()
	}
	return names
}

// Subclasses returns the classes derived directly from the class, in the order of their
// declaration. For "" it returns the root classes.
func (s *Schema) Subclasses(name string) []string {
	if name == "" {
		roots := slices.Clone(s.order)
		return classNames(slices.DeleteFunc(roots, func(cl *class) bool { return cl.super != nil }))
	}
	cl := s.find(name)
	if cl == nil {
		return nil
	}
	return classNames(cl.subclasses)
}

// Ancestors returns the superclasses of a class, the nearest first.
func (s *Schema) Ancestors(name string) []string {
	var names []string
	if cl := s.find(name); cl != nil {
		for cl = cl.super; cl != nil; cl = cl.super {
			names = append(names, cl.name())
		}
	}
	return names
}

// IsA reports whether class is ancestor or derived from it. Neither may be missing.
func (s *Schema) IsA(class, ancestor string) bool {
	cl, other := s.find(class), s.find(ancestor)
	return cl != nil && other != nil && cl.isA(other)
}

// QualifierTypes returns the qualifier types in the order of their declaration.
func (s *Schema) QualifierTypes() []cim.QualifierType { return s.qualifiers }

// Instances returns the instances in the order of their declaration. Each has its path,
// with namespace and keys, and all properties of its class, with the class's default
// or NULL where the instance gives no value.
func (s *Schema) Instances() []*cim.Instance { return s.instances }
