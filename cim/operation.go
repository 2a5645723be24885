package cim

// ReadOptions are the parameters that DSP0200 gives to operations that read classes and
// instances. A nil *ReadOptions is the zero ReadOptions: everything but qualifiers and
// class origins.
type ReadOptions struct {
	LocalOnly          bool     // leave out what is inherited; deprecated for instances
	Shallow            bool     // DeepInheritance false: leave out what subclasses add
	IncludeQualifiers  bool     // classes, and deprecated for instances
	IncludeClassOrigin bool     // fill ClassOrigin
	Properties         []string // only these; nil: all of them; empty: none
}

// AssociationOptions are the filters of Associators, AssociatorNames, References and
// ReferenceNames (DSP0200 section 5.3.2.14 to 17). A nil *AssociationOptions filters nothing.
type AssociationOptions struct {
	ReadOptions

	AssocClass  string // Associators only: the association, or an ancestor of it
	ResultClass string // what is returned, or an ancestor of it
	Role        string // the property that refers to the source
	ResultRole  string // Associators only: the property that refers to the result
}
