package cimxml

import (
	"io"
	"iter"
	"strconv"

	"github.com/cimwatch/cimwatch/cim"
)

// Form is the element that carries each value of an intrinsic method's result.
type Form uint8

// The forms, by the operations that use them.
const (
	FormNone             Form = iota // nothing is returned: DeleteInstance, ModifyInstance
	FormName                         // CLASSNAME or INSTANCENAME: Enumerate*Names, CreateInstance
	FormObject                       // CLASS or INSTANCE: GetClass, EnumerateClasses, GetInstance
	FormNamedInstance                // VALUE.NAMEDINSTANCE: EnumerateInstances
	FormObjectPath                   // OBJECTPATH: AssociatorNames, ReferenceNames
	FormObjectWithPath               // VALUE.OBJECTWITHPATH: Associators, References, ExecQuery
	FormInstanceWithPath             // VALUE.INSTANCEWITHPATH: Open and PullInstancesWithPath
	FormInstancePath                 // INSTANCEPATH: Open*Paths, PullInstancePaths
	FormValue                        // VALUE, VALUE.ARRAY or VALUE.REFERENCE: GetProperty, EnumerationCount
	FormDeclaration                  // QUALIFIER.DECLARATION, out of Declarations: GetQualifier
)

// Response is the answer to a [Request], as a CIM server gives it. The values of Result
// are references, embedded instances or embedded classes, as Form asks for.
type Response struct {
	Form   Form
	Result iter.Seq[cim.Value] // intrinsic methods
	Return cim.Value           // extrinsic methods
	Out    []cim.Parameter
	Err    *cim.Error // instead of all the others

	Declarations []*cim.QualifierType // FormDeclaration: in place of Result
}

// WriteResponse writes the answer to req. The values of the result are written as the
// sequence gives them, so that a long result needs no more memory than a short one. The
// error is the writer's, or that XML cannot carry a value, in which case a part of the
// answer may have been written.
func WriteResponse(w io.Writer, req *Request, resp *Response) error {
	x := &encoder{}
	kind := "IMETHODRESPONSE"
	if req.Extrinsic() {
		kind = "METHODRESPONSE"
	}
	x.openMessage(req.ID)
	x.start("SIMPLERSP")
	x.start(kind, "NAME", req.Method)
	switch {
	case resp.Err != nil:
		x.refusal(resp.Err)
	case req.Extrinsic():
		x.returned(resp)
	default:
		if err := x.result(w, resp); err != nil {
			return err
		}
	}
	x.end(kind)
	x.end("SIMPLERSP")
	x.closeMessage()
	return x.flush(w)
}

// flush writes what the encoder holds.
func (x *encoder) flush(w io.Writer) error {
	if x.err != nil {
		return x.err
	}
	_, err := w.Write(x.out)
	x.out = x.out[:0]
	return err
}

func (x *encoder) refusal(e *cim.Error) {
	x.begin("ERROR")
	x.attr("CODE", strconv.FormatUint(uint64(e.Status), 10))
	x.attr("DESCRIPTION", legalText(e.Description))
	x.gt()
	for _, i := range e.Instances {
		x.instance(i)
	}
	x.end("ERROR")
}

func (x *encoder) returned(resp *Response) {
	if v := resp.Return; !v.IsNull() {
		x.begin("RETURNVALUE")
		x.attr("PARAMTYPE", typeName(v))
		x.embedded(cim.NotEmbedded, v)
		x.gt()
		x.value(v)
		x.end("RETURNVALUE")
	}
	x.paramValues(resp.Out)
}

func (x *encoder) paramValues(out []cim.Parameter) {
	for n := range out {
		x.paramValue(&out[n])
	}
}

// flushSize is how much of a result is gathered before it is written.
const flushSize = 16 << 10

func (x *encoder) result(w io.Writer, resp *Response) error {
	if resp.Form == FormNone {
		x.paramValues(resp.Out)
		return nil
	}
	x.start("IRETURNVALUE")
	for _, q := range resp.Declarations {
		x.qualifierType(q)
	}
	if resp.Result != nil {
		for v := range resp.Result {
			x.object(resp.Form, v)
			if len(x.out) < flushSize && x.err == nil {
				continue
			}
			if err := x.flush(w); err != nil {
				return err // nobody reads on: make no more
			}
		}
	}
	x.end("IRETURNVALUE")
	x.paramValues(resp.Out)
	return nil
}

// object writes the element for one value of a result.
func (x *encoder) object(form Form, v cim.Value) {
	p, _ := v.Reference()
	switch form {
	case FormName:
		x.name(p)
	case FormObjectPath:
		x.start("OBJECTPATH")
		x.path(p)
		x.end("OBJECTPATH")
	case FormInstancePath:
		x.path(p)
	case FormValue:
		x.value(v)
	case FormNamedInstance:
		x.withPath("VALUE.NAMEDINSTANCE", v, x.name)
	case FormObjectWithPath:
		x.withPath("VALUE.OBJECTWITHPATH", v, x.path)
	case FormInstanceWithPath:
		x.withPath("VALUE.INSTANCEWITHPATH", v, x.path)
	default:
		x.classOrInstance(v)
	}
}

// withPath writes an object behind its path.
func (x *encoder) withPath(element string, v cim.Value, path func(cim.ObjectPath)) {
	x.start(element)
	path(pathOf(v))
	x.classOrInstance(v)
	x.end(element)
}

func (x *encoder) classOrInstance(v cim.Value) {
	if c, ok := v.Class(); ok {
		x.class(c)
	} else if i, ok := v.Instance(); ok {
		x.instance(i)
	}
}
