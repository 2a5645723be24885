package cimxml

import (
	"fmt"

	"github.com/cimwatch/cimwatch/cim"
)

// The versions are those that every server known takes (observed: sfcb and OpenPegasus
// both write 2.0 and 1.0).
const (
	messageHead = `<?xml version="1.0" encoding="utf-8" ?>` + "\n" +
		`<CIM CIMVERSION="2.0" DTDVERSION="2.0"><MESSAGE ID="`
	messageMiddle = `" PROTOCOLVERSION="1.0">`
	messageTail   = `</MESSAGE></CIM>` + "\n"
)

// openMessage writes what stands before the content of a message.
func (x *encoder) openMessage(id string) {
	x.out = append(x.out, messageHead...)
	x.escape(id, true)
	x.out = append(x.out, messageMiddle...)
}

func (x *encoder) closeMessage() { x.out = append(x.out, messageTail...) }

// Encode returns the request as a document. MESSAGE ID is req.ID.
func (r *Request) Encode() ([]byte, error) {
	body, err := r.encode()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.Method, err)
	}
	return body, nil
}

func (r *Request) encode() ([]byte, error) {
	x := &encoder{}
	x.openMessage(r.ID)
	switch {
	case r.indication != nil:
		x.export(r.indication)
	case r.Extrinsic():
		x.start("SIMPLEREQ")
		x.methodCall(r)
		x.end("SIMPLEREQ")
	default:
		x.start("SIMPLEREQ")
		x.intrinsicCall(r)
		x.end("SIMPLEREQ")
	}
	x.closeMessage()
	if x.err != nil {
		return nil, x.err
	}
	return x.out, nil
}

func (x *encoder) intrinsicCall(r *Request) {
	x.start("IMETHODCALL", "NAME", r.Method)
	x.localNamespacePath(r.Namespace)
	for n := range r.Params {
		p := &r.Params[n]
		if p.Value.IsNull() {
			continue // an optional parameter left out has its default, NULL
		}
		x.start("IPARAMVALUE", "NAME", p.Name)
		x.intrinsicParam(p.Value)
		x.end("IPARAMVALUE")
	}
	if r.Declaration != nil {
		x.start("IPARAMVALUE", "NAME", declarationParam)
		x.qualifierType(r.Declaration)
		x.end("IPARAMVALUE")
	}
	x.end("IMETHODCALL")
}

// intrinsicParam writes what IPARAMVALUE holds. Paths are names here: the namespace is
// that of the call.
func (x *encoder) intrinsicParam(v cim.Value) {
	if p, ok := v.Reference(); ok {
		x.name(p)
		return
	}
	if c, ok := v.Class(); ok {
		x.class(c)
		return
	}
	i, ok := v.Instance()
	switch {
	case !ok:
		x.value(v)
	case i.Path.IsInstance():
		x.start("VALUE.NAMEDINSTANCE")
		x.name(i.Path)
		x.instance(i)
		x.end("VALUE.NAMEDINSTANCE")
	default:
		x.instance(i)
	}
}

func (x *encoder) methodCall(r *Request) {
	x.start("METHODCALL", "NAME", r.Method)
	x.path(r.Object.Local())
	for n := range r.Params {
		x.paramValue(&r.Params[n])
	}
	x.end("METHODCALL")
}

func (x *encoder) paramValue(p *cim.Parameter) {
	x.begin("PARAMVALUE")
	x.attr("NAME", p.Name)
	if p.Value.Type() != cim.TypeNone {
		x.attr("PARAMTYPE", typeName(p.Value))
	}
	x.embedded(p.Embedded, p.Value)
	x.gt()
	x.value(p.Value)
	x.end("PARAMVALUE")
}

func (x *encoder) export(indication *cim.Instance) {
	x.start("SIMPLEEXPREQ")
	x.start("EXPMETHODCALL", "NAME", exportMethod)
	x.start("EXPPARAMVALUE", "NAME", "NewIndication")
	x.instance(indication)
	x.end("EXPPARAMVALUE")
	x.end("EXPMETHODCALL")
	x.end("SIMPLEEXPREQ")
}

// EncodeExport returns an export message that carries an indication.
func EncodeExport(id string, indication *cim.Instance) ([]byte, error) {
	return (&Request{ID: id, Method: exportMethod, indication: indication}).Encode()
}
