package mof

import "github.com/cimwatch/cimwatch/cim"

// Associations returns the associations in which instances of a class may stand: those
// with a reference to the class or one of its ancestors, in the order of their
// declaration. A subclass that refers to something narrower does not count by what it
// inherits. It returns nil when there is no such class.
func (s *Schema) Associations(class string) []string {
	cl := s.find(class)
	if cl == nil {
		return nil
	}
	var names []string
	for _, a := range s.order {
		if a.association && s.reaches(a, cl) {
			names = append(names, a.name())
		}
	}
	return names
}

// reaches reports whether an association refers to a class or one of its ancestors.
func (s *Schema) reaches(association, cl *class) bool {
	whole := association.whole()
	for i := range whole.Properties {
		if p := &whole.Properties[i]; p.Value.Type() == cim.TypeReference {
			if to := s.find(p.ReferenceClass); to != nil && cl.isA(to) {
				return true
			}
		}
	}
	return false
}

// QualifierType returns the declaration of a qualifier, nil when there is none.
func (s *Schema) QualifierType(name string) *cim.QualifierType {
	for i := range s.qualifiers {
		if cim.EqualNames(s.qualifiers[i].Name, name) {
			return &s.qualifiers[i]
		}
	}
	return nil
}

// Effective returns the value that a qualifier has on an element with these qualifiers,
// which [Schema.Class] returns with those that are inherited: the one that stands there,
// and where it does not, the default of its type (DSP0004 section 5.6.1). ok is false
// when there is no such qualifier.
func (s *Schema) Effective(list []cim.Qualifier, name string) (v cim.Value, ok bool) {
	for i := range list {
		if cim.EqualNames(list[i].Name, name) {
			return list[i].Value, true
		}
	}
	if q := s.QualifierType(name); q != nil {
		return q.Default, true
	}
	return v, false
}
