package simulator

import (
	"slices"

	"github.com/cimwatch/cimwatch/cim"
)

// QualifierTypes returns the qualifier types in the order of their declaration.
func (s *schema) QualifierTypes() []cim.QualifierType {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Clone(s.qualifiers)
}

// QualifierType returns the qualifier type of that name.
func (s *schema) QualifierType(name string) (q cim.QualifierType, ok bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if n := s.qualifierIndex(name); n >= 0 {
		return s.qualifiers[n], true
	}
	return q, false
}

func (s *schema) qualifierIndex(name string) int {
	return slices.IndexFunc(s.qualifiers, func(q cim.QualifierType) bool { return cim.EqualNames(q.Name, name) })
}

// setQualifier adds or replaces a qualifier type.
func (s *schema) setQualifier(q cim.QualifierType) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := s.qualifierIndex(q.Name); n >= 0 {
		s.qualifiers[n] = q
		return
	}
	s.qualifiers = append(s.qualifiers, q)
}

func (s *schema) removeQualifier(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.qualifiers = slices.DeleteFunc(s.qualifiers, func(q cim.QualifierType) bool { return cim.EqualNames(q.Name, name) })
}

// usesQualifier reports whether a class, or anything in it, has a qualifier of that name.
func (s *schema) usesQualifier(name string) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.ContainsFunc(s.order, func(c *class) bool { return uses(c.local, name) })
}

func uses(c *cim.Class, name string) bool {
	has := func(list []cim.Qualifier) bool {
		return slices.ContainsFunc(list, func(q cim.Qualifier) bool { return cim.EqualNames(q.Name, name) })
	}
	return has(c.Qualifiers) ||
		slices.ContainsFunc(c.Properties, func(p cim.Property) bool { return has(p.Qualifiers) }) ||
		slices.ContainsFunc(c.Methods, func(m cim.Method) bool {
			return has(m.Qualifiers) ||
				slices.ContainsFunc(m.Parameters, func(p cim.Parameter) bool { return has(p.Qualifiers) })
		})
}
