package cimxml

import (
	"fmt"
	"io"
	"iter"
	"slices"

	"github.com/cimwatch/cimwatch/cim"
)

// Declaration is one declaration of a document that holds no message but classes,
// instances and qualifier types (DSP0201 section 5.2.2, DECLARATION), the XML form of a
// MOF file.
type Declaration struct {
	Namespace string             // "root/cimv2", "" where the document names none
	Qualifier *cim.QualifierType // a qualifier type, else nil
	Object    cim.Value          // else an embedded class or instance, with its path where there is one
}

// ReadDeclarations reads a document of declarations in ModeDefault, one by one in
// constant memory. limits hold for the whole document and for each declaration. The
// error ends the sequence and is a [DecodeError].
func ReadDeclarations(r io.Reader, limits Limits) iter.Seq2[Declaration, error] {
	return func(yield func(Declaration, error) bool) {
		d := newStreamDecoder(r, limits, ModeDefault)
		if !d.declarations(func(one Declaration) bool { return yield(one, nil) }) {
			return
		}
		if d.err != nil {
			yield(Declaration{}, fmt.Errorf("decode declarations: %w", d.err))
		}
	}
}

// declarations reads CIM with DECLARATION. It returns false when each did.
func (d *decoder) declarations(each func(Declaration) bool) bool {
	if !d.open("CIM") {
		return true
	}
	d.version("CIMVERSION", "2", ErrCIMVersion)
	d.version("DTDVERSION", "2", ErrDTDVersion)
	if d.open("DECLARATION") && !d.declarationGroups(each) {
		return false
	}
	d.shut(1)
	return true
}

// declarationGroups reads DECLARATION.
func (d *decoder) declarationGroups(each func(Declaration) bool) bool {
	groups := 0
	for d.child() {
		groups++
		if !d.declarationGroup(each) {
			return false
		}
	}
	if groups == 0 {
		d.invalid("DECLARATION is empty, expected DECLGROUP")
	}
	return true
}

// declarationGroup reads DECLGROUP, DECLGROUP.WITHNAME and DECLGROUP.WITHPATH.
func (d *decoder) declarationGroup(each func(Declaration) bool) bool {
	g := groupReader{decoder: d}
	switch d.name {
	case "DECLGROUP":
		g.holds = []string{"VALUE.OBJECT"}
	case "DECLGROUP.WITHNAME":
		g.holds = []string{"VALUE.NAMEDOBJECT"}
	case "DECLGROUP.WITHPATH":
		g.holds, g.paths = []string{"VALUE.OBJECTWITHPATH", "VALUE.OBJECTWITHLOCALPATH"}, true
	default:
		d.unexpected("DECLGROUP, DECLGROUP.WITHNAME or DECLGROUP.WITHPATH")
		return true
	}
	for d.child() {
		one, ok := g.member()
		if d.err == nil && ok && !each(one) {
			return false
		}
	}
	return true
}

// A groupReader reads what a group holds, which comes in the order namespace, qualifier
// types, objects.
type groupReader struct {
	*decoder

	holds     []string // the elements of its objects
	paths     bool     // they name their namespaces, and there are no qualifier types
	namespace string
	stage     groupStage // what came last
}

type groupStage uint8

const (
	groupBegun groupStage = iota
	groupNamed
	groupQualifiers
	groupObjects
)

// member reads one member of a group; ok is false when it declares nothing.
func (g *groupReader) member() (one Declaration, ok bool) {
	one.Namespace = g.namespace
	switch {
	case !g.paths && g.stage == groupBegun && g.name == "LOCALNAMESPACEPATH":
		g.namespace, g.stage = g.localNamespacePath(), groupNamed
		return one, false
	case !g.paths && g.stage == groupBegun && g.name == "NAMESPACEPATH":
		_, g.namespace = g.namespacePath()
		g.stage = groupNamed
		return one, false
	case !g.paths && g.stage <= groupQualifiers && g.name == "QUALIFIER.DECLARATION":
		g.stage, one.Qualifier = groupQualifiers, g.resultQualifierType()
		return one, true
	case slices.Contains(g.holds, g.name):
		g.newObject()
		g.stage, one.Object = groupObjects, g.declaredObject()
		if path := pathOf(one.Object); path.Namespace != "" {
			one.Namespace = path.Namespace
		}
		return one, true
	default:
		g.unexpected("a namespace, QUALIFIER.DECLARATION and " + g.holds[0] + ", in this order")
		return one, false
	}
}

// declaredObject reads the element of an object within a group.
func (d *decoder) declaredObject() cim.Value {
	if d.name == "VALUE.NAMEDOBJECT" {
		return d.objectAndName()
	}
	return d.object()
}

// objectAndName reads VALUE.NAMEDOBJECT: CLASS, or INSTANCENAME, INSTANCE.
func (d *decoder) objectAndName() (v cim.Value) {
	const element = "VALUE.NAMEDOBJECT"
	switch {
	case !d.child():
		d.invalid("%s is empty, expected CLASS or INSTANCENAME", element)
	case d.name == "CLASS":
		v = cim.EmbeddedClass(d.class())
	case d.name == "INSTANCENAME":
		path := d.path()
		if d.open("INSTANCE") {
			i := d.instance()
			i.Path = path
			v = cim.EmbeddedInstance(i)
		}
	default:
		d.unexpected("CLASS or INSTANCENAME")
	}
	d.last(element)
	return v
}

// pathOf returns the path of an embedded class or instance.
func pathOf(v cim.Value) cim.ObjectPath {
	if c, ok := v.Class(); ok {
		return c.Path
	}
	if i, ok := v.Instance(); ok {
		return i.Path
	}
	return cim.ObjectPath{}
}
