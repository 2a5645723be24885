package cimxml

import (
	"io"
	"iter"
)

// WriteDeclarations writes a document of declarations, in their order and each as it
// comes, so that a whole schema needs no more memory than its largest class. Instances
// that have keys are written with their name. The error is the writer's, or that XML
// cannot carry a value, in which case a part of the document may have been written.
func WriteDeclarations(w io.Writer, declarations iter.Seq[Declaration]) error {
	x := &declarationWriter{}
	x.out = append(x.out, declarationHead...)
	for one := range declarations {
		x.declaration(one)
		if len(x.out) < flushSize && x.err == nil {
			continue
		}
		if err := x.flush(w); err != nil {
			return err
		}
	}
	if x.group == "" { // an empty DECLARATION is not valid
		x.begin("DECLGROUP")
		x.gt()
		x.group = "DECLGROUP"
	}
	x.end(x.group)
	x.out = append(x.out, "</DECLARATION></CIM>\n"...)
	return x.flush(w)
}

const declarationHead = `<?xml version="1.0" encoding="utf-8" ?>` + "\n" +
	`<CIM CIMVERSION="2.0" DTDVERSION="2.0"><DECLARATION>`

// A declarationWriter gathers declarations into as few groups as keep their order.
type declarationWriter struct {
	encoder

	group     string // the open one, "" for none
	namespace string // of the open one
	objects   bool   // it has an object: no qualifier type may follow
}

func (x *declarationWriter) declaration(one Declaration) {
	if one.Qualifier != nil {
		x.within("DECLGROUP", one.Namespace, false)
		x.qualifierType(one.Qualifier)
		return
	}
	path := pathOf(one.Object)
	if !path.IsInstance() {
		x.within("DECLGROUP", one.Namespace, true)
		x.start("VALUE.OBJECT")
		x.classOrInstance(one.Object)
		x.end("VALUE.OBJECT")
		return
	}
	x.within("DECLGROUP.WITHNAME", one.Namespace, true)
	x.withPath("VALUE.NAMEDOBJECT", one.Object, x.name)
}

// within opens a group that may hold what comes, unless the open one may.
func (x *declarationWriter) within(group, namespace string, object bool) {
	if x.group == group && x.namespace == namespace && (object || !x.objects) {
		x.objects = object
		return
	}
	if x.group != "" {
		x.end(x.group)
	}
	x.start(group)
	if namespace != "" {
		x.localNamespacePath(namespace)
	}
	x.group, x.namespace, x.objects = group, namespace, object
}
