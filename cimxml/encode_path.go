package cimxml

import (
	"strings"

	"github.com/beevik/etree"

	"github.com/cimwatch/cimwatch/cim"
)

func (x *encoder) localNamespacePath(namespace string) *etree.Element {
	e := element("LOCALNAMESPACEPATH")
	for part := range strings.SplitSeq(cim.CleanNamespace(namespace), "/") {
		e.AddChild(element("NAMESPACE", "NAME", part))
	}
	return e
}

func (x *encoder) namespacePath(host, namespace string) *etree.Element {
	return with(element("NAMESPACEPATH"), x.text("HOST", host), x.localNamespacePath(namespace))
}

// name returns CLASSNAME or INSTANCENAME, without host and namespace.
func (x *encoder) name(p cim.ObjectPath) *etree.Element {
	if !p.IsInstance() {
		return element("CLASSNAME", "NAME", p.Class)
	}
	e := element("INSTANCENAME", "CLASSNAME", p.Class)
	for _, k := range p.Keys {
		if k.Name == "" && len(p.Keys) == 1 {
			return with(e, x.key(k.Value))
		}
		e.AddChild(with(element("KEYBINDING", "NAME", k.Name), x.key(k.Value)))
	}
	return e
}

func (x *encoder) key(v cim.Value) *etree.Element {
	if p, ok := v.Reference(); ok {
		return with(element("VALUE.REFERENCE"), x.path(p))
	}
	t := v.Type()
	kind := "string"
	switch {
	case t.IsNumeric():
		kind = "numeric"
	case t == cim.TypeBoolean:
		kind = "boolean"
	}
	e := x.text("KEYVALUE", v.Lexical(), "VALUETYPE", kind)
	if t.IsNumeric() && t != cim.TypeInteger || t == cim.TypeChar16 || t == cim.TypeDateTime {
		e.CreateAttr("TYPE", t.String())
	}
	return e
}

// path returns the element for as much of a path as there is: a full path with a host, a
// local path with a namespace, else a name.
func (x *encoder) path(p cim.ObjectPath) *etree.Element {
	kind := "CLASSPATH"
	if p.IsInstance() {
		kind = "INSTANCEPATH"
	}
	switch {
	case p.Host != "" && p.Namespace != "":
		return with(element(kind), x.namespacePath(p.Host, p.Namespace), x.name(p))
	case p.Namespace != "":
		return with(element("LOCAL"+kind), x.localNamespacePath(p.Namespace), x.name(p))
	default:
		return x.name(p)
	}
}
