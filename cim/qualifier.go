package cim

// Flavor is how a qualifier is passed on and may be changed (DSP0004 section 5.6.1.2).
type Flavor uint8

// The flavors, as the attributes of DSP0201 name them. DefaultFlavor is what stands
// when nothing is said: overridable and passed on to subclasses.
const (
	Overridable Flavor = 1 << iota
	ToSubclass
	ToInstance
	Translatable

	DefaultFlavor = Overridable | ToSubclass
)

// Qualifier is a qualifier on a class, property, method or parameter, or on an instance.
type Qualifier struct {
	Name       string
	Value      Value
	Flavor     Flavor
	Propagated bool
}

// Scope is the set of elements that a qualifier type may stand on (DSP0004 section 5.6.1.3).
type Scope uint8

// The scopes of a qualifier type.
const (
	ScopeClass Scope = 1 << iota
	ScopeAssociation
	ScopeIndication
	ScopeProperty
	ScopeReference
	ScopeMethod
	ScopeParameter

	ScopeAny = ScopeClass | ScopeAssociation | ScopeIndication | ScopeProperty |
		ScopeReference | ScopeMethod | ScopeParameter
)

// QualifierType is the declaration of a qualifier (DSP0201 QUALIFIER.DECLARATION). Its
// type is that of its default, which may be NULL.
type QualifierType struct {
	Name      string
	Default   Value
	ArraySize int
	Scope     Scope
	Flavor    Flavor
}

// Equal reports whether two qualifiers are the same in name, value and flavor.
func (q Qualifier) Equal(r Qualifier) bool {
	return EqualNames(q.Name, r.Name) && q.Value.Equal(r.Value) && q.Flavor == r.Flavor && q.Propagated == r.Propagated
}

func findQualifier(qualifiers []Qualifier, name string) *Qualifier {
	for n := range qualifiers {
		if EqualNames(qualifiers[n].Name, name) {
			return &qualifiers[n]
		}
	}
	return nil
}

func hasQualifier(qualifiers []Qualifier, name string) bool {
	q := findQualifier(qualifiers, name)
	if q == nil {
		return false
	}
	b, ok := q.Value.Boolean()
	return b || !ok
}

func equalQualifiers(a, b []Qualifier) bool {
	if len(a) != len(b) {
		return false
	}
	for n := range a {
		other := findQualifier(b, a[n].Name)
		if other == nil || !a[n].Equal(*other) {
			return false
		}
	}
	return true
}
