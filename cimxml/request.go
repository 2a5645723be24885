package cimxml

import (
	"fmt"
	"io"

	"github.com/cimwatch/cimwatch/cim"
)

// Request is a method call on a CIM server, intrinsic or extrinsic, as DSP0200 carries it.
type Request struct {
	ID        string         // of the MESSAGE
	Method    string         // such as "EnumerateInstances"
	Namespace string         // intrinsic methods: the target namespace, "root/cimv2"
	Object    cim.ObjectPath // extrinsic methods: the class or instance, with its namespace
	Params    []cim.Parameter

	Declaration *cim.QualifierType // SetQualifier only: its parameter QualifierDeclaration

	indication *cim.Instance // an export message of the client instead
}

// Extrinsic reports whether the request calls a method of a class, not an operation of
// the server.
func (r *Request) Extrinsic() bool { return r.Object.Class != "" }

// Param returns a parameter's value, the zero Value, which is NULL, when there is none.
// Class and instance names come as references, instances and classes as embedded ones,
// and the values of intrinsic parameters, which carry no type, as strings.
func (r *Request) Param(name string) cim.Value {
	for i := range r.Params {
		if cim.EqualNames(r.Params[i].Name, name) {
			return r.Params[i].Value
		}
	}
	return cim.Value{}
}

// Flag returns a boolean intrinsic parameter, fallback when it is missing or NULL.
func (r *Request) Flag(name string, fallback bool) bool {
	text, ok := r.Param(name).Text()
	if !ok {
		return fallback
	}
	v, err := cim.ParseValue(cim.TypeBoolean, text)
	if err != nil {
		return fallback
	}
	b, _ := v.Boolean()
	return b
}

// Names returns a parameter that is a list of names, such as PropertyList; nil when it
// is missing or NULL.
func (r *Request) Names(name string) []string {
	v := r.Param(name)
	if v.IsNull() {
		return nil
	}
	names := make([]string, 0, v.Len())
	for _, e := range v.Elements() {
		if s, ok := e.Text(); ok {
			names = append(names, s)
		}
	}
	return names
}

// Path returns a parameter that is the name of a class or an instance.
func (r *Request) Path(name string) cim.ObjectPath {
	p, _ := r.Param(name).Reference()
	return p
}

// ReadRequest reads a simple request message in ModeDefault. The error is a [DecodeError].
func ReadRequest(r io.Reader, limits Limits) (*Request, error) {
	return ReadRequestMode(r, limits, ModeDefault)
}

// ReadRequestMode reads a simple request message. The error is a [DecodeError].
func ReadRequestMode(r io.Reader, limits Limits, mode Mode) (*Request, error) {
	d := newStreamDecoder(r, limits, mode)
	req := d.request()
	if d.err != nil {
		return nil, fmt.Errorf("decode request: %w", d.err)
	}
	return req, nil
}

func (d *decoder) request() *Request {
	e := d.message()
	if !d.child() {
		d.invalid("SIMPLEREQ is missing")
		return nil
	}
	if d.name == "MULTIREQ" && d.err == nil {
		d.err = d.fail(ErrBatch, "MULTIREQ is not supported")
		return nil
	}
	if d.name != "SIMPLEREQ" {
		d.unexpected("SIMPLEREQ")
		return nil
	}
	req := &Request{ID: e.id}
	if !d.callBehind() {
		d.invalid("IMETHODCALL or METHODCALL is missing")
		return nil
	}
	switch d.name {
	case "IMETHODCALL":
		d.intrinsicCall(req)
	case "METHODCALL":
		d.methodCall(req)
	default:
		d.unexpected("IMETHODCALL or METHODCALL")
	}
	d.shut(3)
	return req
}

func (d *decoder) intrinsicCall(req *Request) {
	req.Method = d.named()
	for d.child() {
		switch d.name {
		case "LOCALNAMESPACEPATH":
			req.Namespace = d.localNamespacePath()
		case "IPARAMVALUE":
			d.intrinsicParam(req)
		default:
			d.unexpected("LOCALNAMESPACEPATH or IPARAMVALUE")
		}
	}
	if req.Namespace == "" {
		d.invalid("IMETHODCALL %s names no namespace", clipName(req.Method))
	}
}

// intrinsicParam reads IPARAMVALUE. A qualifier type is no value and stands by itself.
func (d *decoder) intrinsicParam(req *Request) {
	if string(d.attr("NAME")) != declarationParam {
		req.Params = append(req.Params, d.paramValue())
		return
	}
	d.named()
	for d.child() {
		req.Declaration = d.resultQualifierType()
	}
}

// declarationParam is the parameter of SetQualifier.
const declarationParam = "QualifierDeclaration"

func (d *decoder) methodCall(req *Request) {
	req.Method = d.named()
	for d.child() {
		switch d.name {
		case "LOCALCLASSPATH", "LOCALINSTANCEPATH":
			if req.Object.Class != "" {
				d.unexpected("a single object")
				return
			}
			req.Object = d.fullPath()
		case "PARAMVALUE":
			req.Params = append(req.Params, d.paramValue())
		default:
			d.unexpected("LOCALCLASSPATH, LOCALINSTANCEPATH or PARAMVALUE")
		}
	}
	if req.Object.Class == "" {
		d.invalid("METHODCALL %s names no object", clipName(req.Method))
	}
}
