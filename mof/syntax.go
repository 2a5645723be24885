package mof

import "github.com/cimwatch/cimwatch/cim"

// The syntax tree of DSP0004 appendix A, as parsed: names are not looked up, values
// have no type yet.

// name is a name at a place. sym is nil where the name is optional and missing.
type name struct {
	sym *symbol
	pos pos
}

func (n name) String() string {
	if n.sym == nil {
		return ""
	}
	return n.sym.text
}

// declaration is one of *classDecl, *instanceDecl, *qualifierDecl and *pragma.
type declaration any

type classDecl struct {
	namespace  string
	name       name
	super      name
	alias      name
	qualifiers []qualifier
	properties []element
	methods    []method
	broken     bool // features are missing, as reported
}

// element is a property or a parameter: the forms differ in what they may have.
type element struct {
	name       name
	qualifiers []qualifier
	typ        cim.Type
	class      name // references only
	array      bool
	size       int // of a fixed-size array, else 0
	initial    *value
}

type method struct {
	name       name
	qualifiers []qualifier
	typ        cim.Type // TypeNone for void
	parameters []element
}

type qualifier struct {
	name    name
	value   *value
	flavors flavors
}

// flavors are the changes to a default: what is switched on and what off.
type flavors struct {
	on, off cim.Flavor
}

func (f flavors) apply(to cim.Flavor) cim.Flavor { return to&^f.off | f.on }

type qualifierDecl struct {
	element

	scope   cim.Scope
	flavors flavors
}

type instanceDecl struct {
	namespace  string
	class      name
	alias      name
	qualifiers []qualifier
	values     []assignment
	broken     bool // values are missing, as reported
	depth      int  // of embedding, 0 for an instance of its own
}

type assignment struct {
	name       name
	qualifiers []qualifier
	value      *value
}

type pragma struct {
	name  name
	param literal
}

// value is what stands behind an equals sign: one literal or, in braces, any number.
// Arrays do not nest in MOF 2.
type value struct {
	pos   pos
	array bool
	elems []literal
}

type literalKind uint8

const (
	litNull literalKind = iota
	litBoolean
	litNumber
	litString
	litChar
	litAlias
)

// literal is a constant. text is what a string means, the source of anything else.
type literal struct {
	kind literalKind
	pos  pos
	text string
}
