package cimxml

import (
	"bufio"
	"io"
	"iter"
	"strconv"

	"github.com/beevik/etree"

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

// WriteResponse writes the answer to req. The values of the result are written one by
// one as the sequence gives them, so that a long result needs no more memory than a
// short one. The error is the writer's, or that a value cannot be carried by XML, in
// which case a part of the answer has been written.
func WriteResponse(w io.Writer, req *Request, resp *Response) error {
	b := bufio.NewWriter(w)
	kind := "IMETHODRESPONSE"
	if req.Extrinsic() {
		kind = "METHODRESPONSE"
	}
	head := messageHead + string(appendAttribute(nil, req.ID)) + `" PROTOCOLVERSION="1.0"><SIMPLERSP><` +
		kind + ` NAME="` + string(appendAttribute(nil, req.Method)) + `">`
	_, _ = b.WriteString(head) // Flush reports it
	x := &encoder{}
	switch {
	case resp.Err != nil:
		x.writeError(b, resp.Err)
	case req.Extrinsic():
		x.writeReturn(b, resp)
	default:
		x.writeResult(b, resp)
	}
	if x.err != nil {
		return x.err
	}
	_, _ = b.WriteString("</" + kind + "></SIMPLERSP></MESSAGE></CIM>\n") // Flush reports it
	return b.Flush()
}

func (x *encoder) writeError(b *bufio.Writer, e *cim.Error) {
	el := element("ERROR", "CODE", strconv.FormatUint(uint64(e.Status), 10), "DESCRIPTION", e.Description)
	for _, i := range e.Instances {
		el.AddChild(x.instance(i))
	}
	el.WriteTo(b, settings())
}

func (x *encoder) writeReturn(b *bufio.Writer, resp *Response) {
	if !resp.Return.IsNull() {
		e := element("RETURNVALUE", "PARAMTYPE", typeName(resp.Return))
		markEmbedded(e, cim.NotEmbedded, resp.Return)
		with(e, x.value(resp.Return)).WriteTo(b, settings())
	}
	x.writeOut(b, resp.Out)
}

func (x *encoder) writeOut(b *bufio.Writer, out []cim.Parameter) {
	for n := range out {
		x.paramValue(&out[n]).WriteTo(b, settings())
	}
}

func (x *encoder) writeResult(b *bufio.Writer, resp *Response) {
	if resp.Form != FormNone {
		_, _ = b.WriteString("<IRETURNVALUE>") // Flush reports it
		for _, q := range resp.Declarations {
			x.qualifierType(q).WriteTo(b, settings())
		}
		if resp.Result != nil {
			for v := range resp.Result {
				x.result(resp.Form, v).WriteTo(b, settings())
				if _, err := b.Write(nil); err != nil || x.err != nil {
					return // nobody reads on: make no more
				}
			}
		}
		_, _ = b.WriteString("</IRETURNVALUE>") // Flush reports it
	}
	x.writeOut(b, resp.Out)
}

// result returns the element for one value of a result.
func (x *encoder) result(form Form, v cim.Value) *etree.Element {
	p, _ := v.Reference()
	switch form {
	case FormName:
		return x.name(p)
	case FormObjectPath:
		return with(element("OBJECTPATH"), x.path(p))
	case FormInstancePath:
		return x.path(p)
	case FormValue:
		return x.value(v)
	}
	object, path := x.objectOf(v)
	switch form {
	case FormNamedInstance:
		return with(element("VALUE.NAMEDINSTANCE"), x.name(path), object)
	case FormObjectWithPath:
		return with(element("VALUE.OBJECTWITHPATH"), x.path(path), object)
	case FormInstanceWithPath:
		return with(element("VALUE.INSTANCEWITHPATH"), x.path(path), object)
	default:
		return object
	}
}

func (x *encoder) objectOf(v cim.Value) (*etree.Element, cim.ObjectPath) {
	if c, ok := v.Class(); ok {
		return x.class(c), c.Path
	}
	i, ok := v.Instance()
	if !ok {
		i = &cim.Instance{}
	}
	return x.instance(i), i.Path
}
