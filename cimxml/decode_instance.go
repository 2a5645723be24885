package cimxml

import (
	"cmp"
	"slices"

	"github.com/cimwatch/cimwatch/cim"
)

// instance reads INSTANCE.
func (d *decoder) instance() *cim.Instance {
	lent := d.lent
	d.lent = nil // what is within it is not lent
	i := lent
	if i == nil {
		i = &cim.Instance{Properties: make([]cim.Property, 0, cmp.Or(d.tag.memo.count, usualProperties))}
	}
	i.Class = d.label("CLASSNAME")
	tag, list := d.tag, i.Properties
	var names nameSet
	for d.child() {
		switch d.name {
		case "PROPERTY", "PROPERTY.ARRAY", "PROPERTY.REFERENCE":
			tag := d.propertyTag()
			if list = append(list, tag.property); names.add(list, tag.hash) {
				d.invalidUnless(repeatedProperties, "property %s stands twice", clipName(tag.property.Name))
			}
			d.readProperty(&list[len(list)-1], tag.declared)
		case "QUALIFIER":
			i.Qualifiers = append(i.Qualifiers, d.qualifier())
		default:
			d.unexpected("QUALIFIER or PROPERTY")
		}
	}
	if lent == nil {
		list = fit(list)
	}
	i.Properties = list
	tag.count(len(list))
	return i
}

// usualProperties is how many properties are expected of a class not seen before.
const usualProperties = 32

// fit returns list without room that would be kept for nothing.
func fit[T any](list []T) []T {
	switch {
	case len(list) == 0:
		return nil
	case cap(list)-len(list) > len(list)/6:
		return slices.Clone(list)
	default:
		return list
	}
}

// property reads PROPERTY, PROPERTY.ARRAY and PROPERTY.REFERENCE.
func (d *decoder) property() (p cim.Property) {
	tag := d.propertyTag()
	p = tag.property
	d.readProperty(&p, tag.declared)
	return p
}

// readProperty reads what stands within the element of a property whose tag is read.
func (d *decoder) readProperty(p *cim.Property, t declared) {
	found := false
	for d.child() {
		if d.name == "QUALIFIER" {
			p.Qualifiers = append(p.Qualifiers, d.qualifier())
			continue
		}
		p.Value = d.onlyValue(t, &found)
	}
	p.Embedded = embeddedAs(p.Value, t.embedded)
}

// A propertyTag is what the tag of a property declares.
type propertyTag struct {
	declared declared
	property cim.Property // with its value NULL
	hash     uint8        // of its name
}

// propertyTag reads the tag of a property, or knows it.
func (d *decoder) propertyTag() *propertyTag {
	if known := d.tag.memo.property; known != nil {
		return known
	}
	p := &d.spareProperty
	p.property = cim.Property{Name: d.named()}
	p.declared = d.propertyDeclaration()
	p.property.Value = p.declared.null()
	p.hash = nameHash(p.property.Name)
	if len(d.tag.attrs) > 2 || p.declared.typ == cim.TypeReference {
		d.rareAttributes(&p.property)
	}
	if d.err == nil && d.tag.remembered() {
		known := *p
		d.tag.memo.property = &known
	}
	return p
}

func (d *decoder) propertyDeclaration() declared {
	t := d.declaration("TYPE")
	switch d.name {
	case "PROPERTY.REFERENCE":
		t.typ = cim.TypeReference
	case "PROPERTY.ARRAY":
		t.array = true
	}
	t.typ = d.requiredType(t.typ)
	return t
}

// rareAttributes reads what stands on the properties of classes, and on those of
// instances where it was asked for.
func (d *decoder) rareAttributes(p *cim.Property) {
	p.ClassOrigin = d.optional("CLASSORIGIN")
	p.Propagated = d.flag("PROPAGATED", false)
	p.ReferenceClass = d.optional("REFERENCECLASS")
	p.ArraySize = d.count("ARRAYSIZE")
}

// optional returns the value of an attribute that is a name, "" when it is not there.
func (d *decoder) optional(name string) string {
	if v := d.attr(name); v != nil {
		return d.intern(v)
	}
	return ""
}

// embeddedAs tells what a value is, of which marked is said: an unmarked string may have
// turned out to be an object, and a marked one to be none.
func embeddedAs(v cim.Value, marked cim.EmbeddedObject) cim.EmbeddedObject {
	switch {
	case v.Type() == cim.TypeString && !v.IsNull():
		return cim.NotEmbedded
	case marked != cim.NotEmbedded:
		return marked
	case v.Type() == cim.TypeInstance:
		return cim.EmbeddedAsInstance
	case v.Type() == cim.TypeClass:
		return cim.EmbeddedAsObject
	default:
		return cim.NotEmbedded
	}
}

// value reads the element that holds a declared value.
func (d *decoder) value(t declared) cim.Value {
	switch {
	case d.name == "VALUE" && !t.array && t.typ != cim.TypeReference:
		return d.scalar(t)
	case d.name == "VALUE.ARRAY" && t.array:
		return d.array(t)
	case d.name == "VALUE.REFERENCE" && t.typ == cim.TypeReference && !t.array:
		return cim.Reference(d.valueReference())
	case d.name == "VALUE.REFARRAY" && t.typ == cim.TypeReference:
		return d.referenceArray()
	default:
		d.unexpected("a value of the declared type")
		return cim.Value{}
	}
}

// onlyValue reads the element that holds a declared value, where a single one may stand.
func (d *decoder) onlyValue(t declared, found *bool) cim.Value {
	if *found {
		d.unexpected("a single value")
		return cim.Value{}
	}
	*found = true
	return d.value(t)
}

// namedInstance reads VALUE.NAMEDINSTANCE: INSTANCENAME, INSTANCE.
func (d *decoder) namedInstance() *cim.Instance {
	return d.pathAndInstance("VALUE.NAMEDINSTANCE", "INSTANCENAME")
}

// instanceWithPath reads VALUE.INSTANCEWITHPATH: INSTANCEPATH, INSTANCE.
func (d *decoder) instanceWithPath() *cim.Instance {
	if d.tolerates(shortPaths) {
		return d.pathAndInstance("VALUE.INSTANCEWITHPATH", "INSTANCEPATH", "LOCALINSTANCEPATH")
	}
	return d.pathAndInstance("VALUE.INSTANCEWITHPATH", "INSTANCEPATH")
}

func (d *decoder) pathAndInstance(element string, kinds ...string) *cim.Instance {
	if !d.child() {
		d.invalid("%s is missing", kinds[0])
		return &cim.Instance{}
	}
	if !slices.Contains(kinds, d.name) {
		d.unexpected(kinds[0])
		return &cim.Instance{}
	}
	path := d.path()
	if !d.open("INSTANCE") {
		return &cim.Instance{}
	}
	i := d.instance()
	i.Path = path
	d.last(element)
	return i
}

// object reads VALUE.OBJECT, VALUE.OBJECTWITHPATH and VALUE.OBJECTWITHLOCALPATH: an
// instance or a class, with its path where it has one.
func (d *decoder) object() cim.Value {
	element := d.name
	var path cim.ObjectPath
	if element != "VALUE.OBJECT" {
		path = d.objectsPath(element)
	}
	var v cim.Value
	switch {
	case !d.child():
		d.invalid("%s holds no INSTANCE or CLASS", element)
	case d.name == "INSTANCE":
		i := d.instance()
		i.Path = path
		v = cim.EmbeddedInstance(i)
	case d.name == "CLASS":
		c := d.class()
		c.Path = path
		v = cim.EmbeddedClass(c)
	default:
		d.unexpected("INSTANCE or CLASS")
	}
	d.last(element)
	if element != "VALUE.OBJECT" && path.IsInstance() != (v.Type() == cim.TypeInstance) {
		d.invalid("%s holds an object of another kind than its path", element)
	}
	return v
}

// objectsPath reads the path that stands before an object.
func (d *decoder) objectsPath(element string) cim.ObjectPath {
	if !d.child() {
		d.invalid("%s holds no path", element)
		return cim.ObjectPath{}
	}
	due := element == "VALUE.OBJECTWITHLOCALPATH"
	switch d.name {
	case "INSTANCEPATH", "CLASSPATH":
		due = !due
	case "LOCALINSTANCEPATH", "LOCALCLASSPATH":
	case "INSTANCENAME":
		due = false
	default:
		d.unexpected("a path")
		return cim.ObjectPath{}
	}
	if !due {
		d.invalidUnless(shortPaths, "%s holds %s", element, d.name)
	}
	return d.path()
}
