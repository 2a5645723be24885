package cimxml

import (
	"strings"

	"github.com/cimwatch/cimwatch/cim"
)

// open moves into elements that stand within each other, each the first child of the
// one before.
func (d *decoder) open(names ...string) bool {
	for _, name := range names {
		if !d.child() {
			d.invalid("%s is missing", name)
			return false
		}
		if d.name != name {
			d.unexpected(name)
			return false
		}
	}
	return d.err == nil
}

// shut checks that n open elements and then the document end here.
func (d *decoder) shut(n int) {
	for range n {
		if d.child() {
			d.unexpected("the end of the message")
			return
		}
	}
	if d.err != nil {
		return
	}
	kind, err := d.next()
	if err != nil {
		d.err = err
	} else if kind != tokenEOF {
		d.invalid("something stands behind the message")
	}
}

// envelope is what CIM and MESSAGE say of a message.
type envelope struct {
	id, cimVersion, dtdVersion, protocolVersion string
}

// message opens CIM and MESSAGE and checks the versions (DSP0200 section 5.3 and 6.3:
// the major number decides).
func (d *decoder) message() (e envelope) {
	if !d.open("CIM") {
		return e
	}
	e.cimVersion = d.version("CIMVERSION", "2", ErrCIMVersion)
	e.dtdVersion = d.version("DTDVERSION", "2", ErrDTDVersion)
	if !d.open("MESSAGE") {
		return e
	}
	e.protocolVersion = d.version("PROTOCOLVERSION", "1", ErrProtocolVersion)
	e.id = d.keep(d.required("ID"))
	return e
}

func (d *decoder) version(attribute, major string, kind error) string {
	v := d.intern(d.required(attribute))
	if got, _, ok := strings.Cut(v, "."); d.err == nil && (got != major || !ok) {
		d.err = d.fail(kind, "%s is %.20q, expected %s.x", attribute, v, major)
	}
	return v
}

// errorElement reads ERROR.
func (d *decoder) errorElement() *cim.Error {
	code, err := cim.ParseValue(cim.TypeUint32, d.keep(d.required("CODE")))
	if err != nil {
		d.invalid("CODE: %v", err)
	}
	n, _ := code.Uint64()
	e := &cim.Error{Status: cim.Status(n), Description: d.keep(d.attr("DESCRIPTION"))}
	for d.child() {
		if d.name != "INSTANCE" {
			d.unexpected("INSTANCE")
			break
		}
		e.Instances = append(e.Instances, d.instance())
	}
	return e
}

// finish reads to the end of a response. A refusal, if there was one, is the decoder's
// error then; a response that is not whole is no refusal.
func (d *decoder) finish(refusal *cim.Error) {
	d.shut(3)
	if d.err == nil && refusal != nil {
		d.err = refusal
	}
}

// intrinsicResponse reads the response to an intrinsic method. each is called at every
// element of IRETURNVALUE and reads it, or returns false to end the reading early.
func (d *decoder) intrinsicResponse(id, method string, each func() bool) (out []cim.Parameter) {
	if !d.response(id, "IMETHODRESPONSE", method) {
		return nil
	}
	var refusal *cim.Error
	for d.child() {
		switch d.name {
		case "ERROR":
			refusal = d.errorElement()
		case "IRETURNVALUE":
			for d.child() {
				if !each() {
					return out
				}
			}
		case "PARAMVALUE":
			out = append(out, d.paramValue())
		default:
			d.unexpected("ERROR, IRETURNVALUE or PARAMVALUE")
		}
	}
	d.finish(refusal)
	return out
}

// methodResponse reads the response to an extrinsic method.
func (d *decoder) methodResponse(id, method string) (result cim.Value, out []cim.Parameter) {
	if !d.response(id, "METHODRESPONSE", method) {
		return result, nil
	}
	var refusal *cim.Error
	for d.child() {
		switch d.name {
		case "ERROR":
			refusal = d.errorElement()
		case "RETURNVALUE":
			result = d.paramContents(d.paramDeclaration())
		case "PARAMVALUE":
			out = append(out, d.paramValue())
		default:
			d.unexpected("ERROR, RETURNVALUE or PARAMVALUE")
		}
	}
	d.finish(refusal)
	return result, out
}

// response opens a simple response. One that names no method is a refusal (observed:
// sfcb on a request it could not parse, ID and NAME empty) and read to its end.
func (d *decoder) response(id, element, method string) bool {
	e := d.message()
	if !d.open("SIMPLERSP") || !d.child() {
		d.invalid("%s is missing", element)
		return false
	}
	refused := d.name == "IMETHODRESPONSE" && d.tolerates(namelessRefusals)
	if d.name != element && !refused {
		d.unexpected(element)
		return false
	}
	name := d.named()
	if name == "" && e.id == "" && d.tolerates(namelessRefusals) {
		d.nameless()
		return false
	}
	switch {
	case e.id != id:
		d.invalid("the MESSAGE ID is %.40q, expected %q", e.id, id)
	case !cim.EqualNames(name, method):
		d.invalid("this is the response to %.40q, expected %s", name, method)
	}
	return d.err == nil
}

// nameless reads a response that can be nothing but a refusal.
func (d *decoder) nameless() {
	if !d.open("ERROR") {
		return
	}
	refusal := d.errorElement()
	if d.child() {
		d.unexpected("the end of the response")
	}
	d.finish(refusal)
}

// paramValue reads PARAMVALUE, IPARAMVALUE and EXPPARAMVALUE.
func (d *decoder) paramValue() cim.Parameter {
	p := cim.Parameter{Name: d.named()}
	t := d.paramDeclaration()
	p.Value = d.paramContents(t)
	if t.embedded != cim.NotEmbedded || t.typ == cim.TypeString {
		p.Embedded = embeddedAs(p.Value, t.embedded)
	}
	return p
}

// paramDeclaration reads the attributes that declare a parameter or return value.
func (d *decoder) paramDeclaration() declared {
	if d.attr("PARAMTYPE") == nil && d.attr("TYPE") != nil {
		d.invalidUnless(typeForParamType, "%s has TYPE, expected PARAMTYPE", d.name)
		return d.declaration("TYPE")
	}
	return d.declaration("PARAMTYPE")
}

// paramContents reads what a parameter or return value holds, NULL when it is empty.
func (d *decoder) paramContents(t declared) cim.Value {
	v := t.null()
	found := false
	for d.child() {
		if found {
			d.unexpected("a single value")
			break
		}
		v, found = d.paramContent(t), true
	}
	return v
}

func (d *decoder) paramContent(t declared) cim.Value {
	switch d.name {
	case "VALUE":
		return d.scalar(t)
	case "VALUE.ARRAY":
		return d.array(t)
	case "VALUE.REFERENCE":
		return cim.Reference(d.valueReference())
	case "VALUE.REFARRAY":
		return d.referenceArray()
	case "CLASSNAME", "INSTANCENAME", "INSTANCEPATH", "LOCALINSTANCEPATH", "CLASSPATH", "LOCALCLASSPATH":
		return cim.Reference(d.path())
	case "INSTANCE":
		return cim.EmbeddedInstance(d.instance())
	case "CLASS":
		return cim.EmbeddedClass(d.class())
	case "VALUE.NAMEDINSTANCE":
		return cim.EmbeddedInstance(d.namedInstance())
	default:
		d.unexpected("a value")
		return cim.Value{}
	}
}
