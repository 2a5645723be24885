package mof

import (
	"slices"
	"strings"
	"sync"

	"github.com/cimwatch/cimwatch/cim"
)

// maxInheritance bounds the classes between a class and its root. The DMTF schema needs 9.
const maxInheritance = 100

// qualifierType is a qualifier's declaration, looked up by name.
type qualifierType struct {
	decl  *qualifierDecl
	value cim.QualifierType
}

// class is a class's declaration and what it becomes. decl is nil once the schema is
// complete, as nothing needs the syntax tree any more.
type class struct {
	decl        *classDecl
	super       *class
	subclasses  []*class
	features    int // properties, with those inherited
	depth       int // 0 for a root class, -1 while its ancestors are looked at
	linked      bool
	incomplete  bool // features are unknown: here or in an ancestor something is wrong
	association bool
	indication  bool
	abstract    bool

	local     *cim.Class
	once      sync.Once // makes effective when it is first asked for
	effective *cim.Class
	index     map[*symbol]int // of effective properties, while instances are compiled
}

// cimSlabs is what classes are cut from.
type cimSlabs struct {
	qualifiers slab[cim.Qualifier]
	properties slab[cim.Property]
	parameters slab[cim.Parameter]

	qualifierBuf []cim.Qualifier
	propertyBuf  []cim.Property
	parameterBuf []cim.Parameter
}

func (c *compiler) resolveQualifierTypes() {
	for _, q := range c.qualOrder {
		d := q.decl
		q.value = cim.QualifierType{
			Name: d.name.String(), ArraySize: d.size, Scope: d.scope,
			Flavor:  d.flavors.apply(cim.DefaultFlavor),
			Default: null(d.typ, d.array),
		}
		if d.initial == nil {
			continue
		}
		if v, ok := c.value(target{typ: d.typ, array: d.array, size: d.size}, d.initial); ok {
			q.value.Default = v
		}
	}
}

func null(t cim.Type, array bool) cim.Value {
	if array {
		return cim.NullArray(t)
	}
	return cim.Null(t)
}

// linkClasses finds every class's superclass.
func (c *compiler) linkClasses() {
	for _, cl := range c.order {
		super := cl.decl.super
		if super.sym == nil {
			continue
		}
		if cl.super = c.classes[super.sym.fold]; cl.super == nil {
			cl.incomplete = true
			c.errors.errorf(super.pos, "superclass %s of class %s is not defined%s",
				super, cl.decl.name, c.suggestClass(super))
		}
	}
	for _, cl := range c.order {
		c.measure(cl)
	}
	for _, cl := range c.order {
		cl.incomplete = cl.incomplete || cl.decl.broken
		if cl.super != nil {
			cl.super.subclasses = append(cl.super.subclasses, cl)
		}
	}
}

// measure works out depths from the class up, and cuts what never reaches a root.
func (c *compiler) measure(cl *class) {
	var chain []*class
	top := cl
	for top != nil && !top.linked {
		if top.depth < 0 {
			bottom := chain[len(chain)-1]
			c.errors.conflictf(bottom.decl.super.pos, top.decl.name.pos,
				"class %s is its own ancestor through class %s", top.decl.name, bottom.decl.name)
			bottom.super, bottom.incomplete, top = nil, true, nil
			break
		}
		top.depth = -1
		chain = append(chain, top)
		top = top.super
	}
	depth := 0
	if top != nil {
		depth = top.depth + 1
	}
	for _, cl := range slices.Backward(chain) {
		if depth > maxInheritance {
			c.errors.errorf(cl.decl.super.pos, "class %s has more than %d ancestors", cl.decl.name, maxInheritance)
			cl.super, cl.incomplete, depth = nil, true, 0
		}
		cl.depth, cl.linked = depth, true
		depth++
	}
}

// byDepth returns the classes so that each stands behind its superclass.
func (c *compiler) byDepth() []*class {
	list := slices.Clone(c.order)
	slices.SortStableFunc(list, func(a, b *class) int { return a.depth - b.depth })
	return list
}

// isA reports whether cl is other or one of its descendants.
func (cl *class) isA(other *class) bool {
	for ; cl != nil; cl = cl.super {
		if cl == other {
			return true
		}
	}
	return false
}

func (cl *class) name() string { return cl.local.Name }

// resolveClass checks a class and makes its local form. Its ancestors are done.
func (c *compiler) resolveClass(cl *class) {
	d := cl.decl
	cl.local = &cim.Class{Name: d.name.String(), Path: cim.ClassPath(d.namespace, d.name.String())}
	if cl.super != nil {
		cl.local.SuperClass = cl.super.name()
		cl.incomplete = cl.incomplete || cl.super.incomplete
		cl.association, cl.indication = cl.super.association, cl.super.indication
	}
	c.classKind(cl)
	cl.local.Qualifiers = c.resolveQualifiers(d.qualifiers, place{
		what: what{kind: "class", name: d.name.String()}, scope: cl.scope(), super: cl.super, of: classQualifiers,
	})
	c.resolveProperties(cl)
	c.resolveMethods(cl)
	c.checkReferences(cl)
}

// classKind reads the qualifiers that say what kind of class this is.
func (c *compiler) classKind(cl *class) {
	for i := range cl.decl.qualifiers {
		q := &cl.decl.qualifiers[i]
		set := q.value == nil || len(q.value.elems) != 1 || isSet(q.value.elems[0])
		switch q.name.sym.fold.text {
		case "association":
			if cl.super != nil && !cl.super.association && set && !cl.super.incomplete {
				c.errors.conflictf(q.name.pos, cl.super.decl.name.pos,
					"association %s has superclass %s, expected an association as defined", cl.decl.name, cl.super.name())
			}
			cl.association = set
		case "indication":
			cl.indication = set
		case "abstract":
			cl.abstract = set
		}
	}
}

// isSet reports whether a literal switches a boolean qualifier on, as one of a wrong type
// was probably meant to.
func isSet(lit literal) bool {
	return lit.kind != litNull && (lit.kind != litBoolean || strings.EqualFold(lit.text, "true"))
}

// checkArity refuses references that are added to those of an association (DSP0004
// section 5.6.3, Association).
func (c *compiler) checkArity(cl *class) {
	if !cl.super.hasReference() {
		return
	}
	for i := range cl.decl.properties {
		e := &cl.decl.properties[i]
		if base, _ := cl.inheritedElement(e.name.sym); e.typ == cim.TypeReference && base == nil {
			c.errors.conflictf(e.name.pos, cl.super.decl.name.pos, "reference %s added to association %s, expected the references of its superclass %s, defined",
				e.name, cl.name(), cl.super.name())
		}
	}
}

// hasReference reports whether the class or an ancestor declares a reference.
func (cl *class) hasReference() bool {
	for ; cl != nil; cl = cl.super {
		if slices.ContainsFunc(cl.decl.properties, func(e element) bool { return e.typ == cim.TypeReference }) {
			return true
		}
	}
	return false
}

func classQualifiers(cl *class) []cim.Qualifier { return cl.local.Qualifiers }

func (cl *class) scope() cim.Scope {
	switch {
	case cl.association:
		return cim.ScopeAssociation
	case cl.indication:
		return cim.ScopeIndication
	default:
		return cim.ScopeClass
	}
}

// checkReferences sees to it that references stand in associations, two or more.
func (c *compiler) checkReferences(cl *class) {
	count := 0
	for k := cl; k != nil; k = k.super {
		for _, e := range k.decl.properties {
			if e.typ != cim.TypeReference {
				continue
			}
			count++
			if k == cl && !cl.association && !cl.incomplete {
				c.errors.errorf(e.name.pos, "reference %s in class %s, expected references in associations only", e.name, cl.name())
			}
			if k == cl && e.array {
				c.errors.errorf(e.name.pos, "reference %s is an array, expected a single reference", e.name)
			}
		}
	}
	if cl.super != nil && cl.association {
		c.checkArity(cl)
	}
	if cl.association && count < 2 && !cl.abstract && !cl.incomplete {
		c.errors.errorf(cl.decl.name.pos, "association %s has too few references, %d, expected two or more", cl.name(), count)
	}
}
