package cimxml

import (
	"strings"

	"github.com/cimwatch/cimwatch/cim"
)

func (x *encoder) localNamespacePath(namespace string) {
	x.start("LOCALNAMESPACEPATH")
	for part := range strings.SplitSeq(cim.CleanNamespace(namespace), "/") {
		x.empty("NAMESPACE", "NAME", part)
	}
	x.end("LOCALNAMESPACEPATH")
}

func (x *encoder) namespacePath(host, namespace string) {
	x.start("NAMESPACEPATH")
	x.start("HOST")
	x.text(host)
	x.end("HOST")
	x.localNamespacePath(namespace)
	x.end("NAMESPACEPATH")
}

// name writes CLASSNAME or INSTANCENAME, without host and namespace.
func (x *encoder) name(p cim.ObjectPath) {
	if !p.IsInstance() {
		x.empty("CLASSNAME", "NAME", p.Class)
		return
	}
	x.start("INSTANCENAME", "CLASSNAME", p.Class)
	for _, k := range p.Keys {
		if k.Name == "" && len(p.Keys) == 1 {
			x.key(k.Value)
			break
		}
		x.start("KEYBINDING", "NAME", k.Name)
		x.key(k.Value)
		x.end("KEYBINDING")
	}
	x.end("INSTANCENAME")
}

func (x *encoder) key(v cim.Value) {
	if _, ok := v.Reference(); ok {
		x.value(v)
		return
	}
	t := v.Type()
	kind := "string"
	switch {
	case t.IsNumeric():
		kind = "numeric"
	case t == cim.TypeBoolean:
		kind = "boolean"
	}
	x.begin("KEYVALUE")
	x.attr("VALUETYPE", kind)
	if t.IsNumeric() && t != cim.TypeInteger || t == cim.TypeChar16 || t == cim.TypeDateTime {
		x.attr("TYPE", t.String())
	}
	x.gt()
	x.text(v.Lexical())
	x.end("KEYVALUE")
}

// path writes the element for as much of a path as there is: a full path with a host, a
// local path with a namespace, else a name.
func (x *encoder) path(p cim.ObjectPath) {
	kind := "CLASSPATH"
	if p.IsInstance() {
		kind = "INSTANCEPATH"
	}
	if p.Namespace == "" {
		x.name(p)
		return
	}
	if p.Host == "" {
		kind = "LOCAL" + kind
	}
	x.start(kind)
	if p.Host == "" {
		x.localNamespacePath(p.Namespace)
	} else {
		x.namespacePath(p.Host, p.Namespace)
	}
	x.name(p)
	x.end(kind)
}
