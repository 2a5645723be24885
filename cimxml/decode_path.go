package cimxml

import (
	"bytes"
	"cmp"
	"strings"

	"github.com/cimwatch/cimwatch/cim"
)

// localNamespacePath reads LOCALNAMESPACEPATH: "root/cimv2".
func (d *decoder) localNamespacePath() string {
	var parts []string
	for d.child() {
		if d.name != "NAMESPACE" {
			d.unexpected("NAMESPACE")
			break
		}
		parts = append(parts, d.namespace())
	}
	if len(parts) == 0 {
		d.invalid("LOCALNAMESPACEPATH holds no NAMESPACE")
	}
	return d.intern([]byte(strings.Join(parts, "/")))
}

// namespace reads NAMESPACE, which is a single name.
func (d *decoder) namespace() string {
	name := d.intern(d.required("NAME"))
	if strings.Contains(name, "/") {
		d.invalidUnless(slashedNamespaces, "NAMESPACE %s is no single name", clipName(name))
		name = strings.Trim(name, "/")
	}
	d.leaf()
	return name
}

// namespacePath reads NAMESPACEPATH: HOST, LOCALNAMESPACEPATH.
func (d *decoder) namespacePath() (host, namespace string) {
	if d.open("HOST") {
		host = d.host()
	}
	if d.open("LOCALNAMESPACEPATH") {
		namespace = d.localNamespacePath()
	}
	d.last("NAMESPACEPATH")
	return host, namespace
}

// host reads HOST.
func (d *decoder) host() string {
	text := d.content()
	plain := bytes.TrimSpace(text)
	if len(plain) != len(text) {
		d.invalidUnless(paddedHosts, "HOST holds white space")
	}
	return d.intern(plain)
}

// last reads the end tag of an element behind its last child.
func (d *decoder) last(element string) {
	if d.child() {
		d.unexpected("the end of " + element)
	}
}

// fullPath reads the children of LOCALINSTANCEPATH, INSTANCEPATH, LOCALCLASSPATH and
// CLASSPATH: a namespace path and a name.
func (d *decoder) fullPath() (p cim.ObjectPath) {
	element := d.name
	space, name := "NAMESPACEPATH", "CLASSNAME"
	if strings.HasPrefix(element, "LOCAL") {
		space = "LOCALNAMESPACEPATH"
	}
	if strings.HasSuffix(element, "INSTANCEPATH") {
		name = "INSTANCENAME"
	}
	var host, namespace string
	switch {
	case !d.open(space):
	case space == "NAMESPACEPATH":
		host, namespace = d.namespacePath()
	default:
		namespace = d.localNamespacePath()
	}
	if d.open(name) {
		p = d.path()
	}
	d.last(element)
	p.Host, p.Namespace = host, namespace
	return p
}

// className reads CLASSNAME.
func (d *decoder) className() string {
	name := d.named()
	d.leaf()
	return name
}

// instanceName reads INSTANCENAME: KEYBINDINGs, or one KEYVALUE or VALUE.REFERENCE that
// leaves its key unnamed.
func (d *decoder) instanceName() cim.ObjectPath {
	p := cim.ObjectPath{Class: d.label("CLASSNAME")}
	tag := d.tag
	keys := make([]cim.Key, 0, cmp.Or(tag.memo.count, 4))
	for d.child() {
		key := cim.Key{}
		switch {
		case d.name == "KEYBINDING":
			key = d.keyBinding()
		case len(keys) > 0:
			d.unexpected("KEYBINDING")
		default:
			key.Value = d.keyValue()
		}
		keys = append(keys, key)
	}
	tag.count(len(keys))
	p.Keys = keys
	return p
}

func (d *decoder) keyBinding() cim.Key {
	key := cim.Key{Name: d.named()}
	found := false
	for d.child() {
		if found {
			d.unexpected("the end of KEYBINDING")
		}
		key.Value, found = d.keyValue(), true
	}
	if !found {
		d.invalid("KEYBINDING holds no value")
	}
	return key
}

// keyValue reads KEYVALUE or VALUE.REFERENCE.
func (d *decoder) keyValue() cim.Value {
	switch d.name {
	case "KEYVALUE":
	case "VALUE.REFERENCE":
		p := d.valueReference()
		if !p.IsInstance() {
			d.invalid("a key refers to a class")
		}
		return cim.Reference(p)
	default:
		d.unexpected("KEYVALUE or VALUE.REFERENCE")
		return cim.Value{}
	}
	typ := d.tag.memo.key
	if typ == cim.TypeNone {
		typ = d.keyType()
		if d.err == nil && d.tag.remembered() {
			d.tag.memo.key = typ
		}
	}
	text := d.content()
	switch {
	case d.err != nil:
		return cim.Value{}
	case typ == cim.TypeInteger:
		return d.number(d.keep(text))
	default:
		return d.parse(typ, text)
	}
}

// keyType returns the type that the attributes of KEYVALUE state. TypeInteger stands for
// a number of no stated type. TYPE is the finer of the two, whatever VALUETYPE has as its
// default.
func (d *decoder) keyType() cim.Type {
	var typ cim.Type
	kind, text := d.intern(d.attr("VALUETYPE")), d.attr("TYPE")
	if len(text) > 0 {
		typ = d.typeAttr("TYPE")
	}
	if kind == "" && typ == cim.TypeNone || text != nil && len(text) == 0 {
		d.invalidUnless(untypedKeys, "KEYVALUE states no type")
	}
	stated := cim.TypeString
	contradicts := typ.IsNumeric() || typ == cim.TypeBoolean
	switch kind {
	case "":
		contradicts = false
	case "string":
	case "boolean":
		stated, contradicts = cim.TypeBoolean, typ != cim.TypeBoolean
	case "numeric":
		stated, contradicts = cim.TypeInteger, !typ.IsNumeric()
	default:
		d.invalidUnless(wrongAttributes, "VALUETYPE is %.20q, expected string, boolean or numeric", kind)
	}
	switch {
	case typ == cim.TypeNone:
		return stated
	case contradicts:
		d.invalidUnless(untypedKeys, "KEYVALUE is %s and %s", kind, typ)
	}
	if contradicts && kind != "string" {
		return stated
	}
	return typ
}

// number reads a numeric key of no stated type: an integer, else a real.
func (d *decoder) number(text string) cim.Value {
	v, err := cim.ParseNumber(text)
	if err != nil {
		d.invalidUnless(wrongValues, "%v", err)
		return cim.String(text)
	}
	return v
}

// valueReference reads VALUE.REFERENCE, in every form of path that servers write.
func (d *decoder) valueReference() (p cim.ObjectPath) {
	found := false
	for d.child() {
		if found {
			d.unexpected("the end of VALUE.REFERENCE")
		}
		p, found = d.path(), true
	}
	if !found {
		d.invalid("VALUE.REFERENCE holds no path")
	}
	return p
}

// path reads any element that is a path.
func (d *decoder) path() cim.ObjectPath {
	switch d.name {
	case "INSTANCENAME":
		return d.instanceName()
	case "CLASSNAME":
		return cim.ClassPath("", d.className())
	case "INSTANCEPATH", "LOCALINSTANCEPATH", "CLASSPATH", "LOCALCLASSPATH":
		return d.fullPath()
	default:
		d.unexpected("a path")
		return cim.ObjectPath{}
	}
}

// objectPath reads OBJECTPATH.
func (d *decoder) objectPath() (p cim.ObjectPath) {
	if !d.child() {
		d.invalid("OBJECTPATH holds no path")
		return p
	}
	if d.name != "INSTANCEPATH" && d.name != "CLASSPATH" {
		d.invalidUnless(shortPaths, "OBJECTPATH holds %s", d.name)
	}
	p = d.path()
	d.last("OBJECTPATH")
	return p
}
