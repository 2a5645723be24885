package cimxml

import (
	"bytes"
	"fmt"

	"github.com/beevik/etree"

	"github.com/cimwatch/cimwatch/cim"
)

// message wraps an element into MESSAGE and CIM. The versions are those that every
// server known takes (observed: sfcb and OpenPegasus both write 2.0 and 1.0).
func message(id string, body *etree.Element) *etree.Element {
	return with(element("CIM", "CIMVERSION", "2.0", "DTDVERSION", "2.0"),
		with(element("MESSAGE", "ID", id, "PROTOCOLVERSION", "1.0"), body))
}

// document returns a message as the bytes of a document.
func (x *encoder) document(root *etree.Element) ([]byte, error) {
	if x.err != nil {
		return nil, x.err
	}
	var b bytes.Buffer
	b.WriteString(xmlDeclaration)
	root.WriteTo(&b, settings())
	return b.Bytes(), nil
}

const xmlDeclaration = `<?xml version="1.0" encoding="utf-8" ?>` + "\n"

// Encode returns the request as a document. MESSAGE ID is req.ID.
func (r *Request) Encode() ([]byte, error) {
	body, err := r.encode()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.Method, err)
	}
	return body, nil
}

func (r *Request) encode() ([]byte, error) {
	if r.indication != nil {
		return EncodeExport(r.ID, r.indication)
	}
	x := &encoder{}
	var call *etree.Element
	if r.Extrinsic() {
		call = x.methodCall(r)
	} else {
		call = x.intrinsicCall(r)
	}
	return x.document(message(r.ID, with(element("SIMPLEREQ"), call)))
}

func (x *encoder) intrinsicCall(r *Request) *etree.Element {
	e := with(element("IMETHODCALL", "NAME", r.Method), x.localNamespacePath(r.Namespace))
	for n := range r.Params {
		p := &r.Params[n]
		if p.Value.IsNull() {
			continue // an optional parameter left out has its default, NULL
		}
		e.AddChild(with(element("IPARAMVALUE", "NAME", p.Name), x.intrinsicParam(p.Value)))
	}
	if r.Declaration != nil {
		e.AddChild(with(element("IPARAMVALUE", "NAME", declarationParam), x.qualifierType(r.Declaration)))
	}
	return e
}

// intrinsicParam returns what IPARAMVALUE holds. Paths are names here: the namespace is
// that of the call.
func (x *encoder) intrinsicParam(v cim.Value) *etree.Element {
	if p, ok := v.Reference(); ok {
		return x.name(p)
	}
	if c, ok := v.Class(); ok {
		return x.class(c)
	}
	i, ok := v.Instance()
	switch {
	case !ok:
		return x.value(v)
	case i.Path.IsInstance():
		return with(element("VALUE.NAMEDINSTANCE"), x.name(i.Path), x.instance(i))
	default:
		return x.instance(i)
	}
}

func (x *encoder) methodCall(r *Request) *etree.Element {
	object := r.Object.Local()
	e := with(element("METHODCALL", "NAME", r.Method), x.path(object))
	for n := range r.Params {
		e.AddChild(x.paramValue(&r.Params[n]))
	}
	return e
}

func (x *encoder) paramValue(p *cim.Parameter) *etree.Element {
	e := element("PARAMVALUE", "NAME", p.Name)
	if p.Value.Type() != cim.TypeNone {
		e.CreateAttr("PARAMTYPE", typeName(p.Value))
	}
	markEmbedded(e, p.Embedded, p.Value)
	if !p.Value.IsNull() {
		e.AddChild(x.value(p.Value))
	}
	return e
}

// EncodeExport returns an export message that carries an indication.
func EncodeExport(id string, indication *cim.Instance) ([]byte, error) {
	x := &encoder{}
	call := with(element("EXPMETHODCALL", "NAME", exportMethod),
		with(element("EXPPARAMVALUE", "NAME", "NewIndication"), x.instance(indication)))
	body, err := x.document(message(id, with(element("SIMPLEEXPREQ"), call)))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", exportMethod, err)
	}
	return body, nil
}
