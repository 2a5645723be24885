package cimxml

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
	"testing/iotest"

	"github.com/cimwatch/cimwatch/cim"
)

// FuzzResponse reads the results of intrinsic and extrinsic methods, every element that
// one can hold, in each mode, whole and in pieces. What was read is written and read
// again.
func FuzzResponse(f *testing.F) {
	seeds(f)
	for element := range resultForms() {
		f.Add(fmt.Appendf(nil, wrapResult, "<"+element+"></"+element+">"))
	}
	f.Add([]byte(`<CIM CIMVERSION="2.0" DTDVERSION="2.0"><MESSAGE ID="1" PROTOCOLVERSION="1.0"><SIMPLERSP><METHODRESPONSE NAME="M">` +
		`<RETURNVALUE PARAMTYPE="uint32"><VALUE>4096</VALUE></RETURNVALUE><PARAMVALUE NAME="Job" PARAMTYPE="reference"/>` +
		`</METHODRESPONSE></SIMPLERSP></MESSAGE></CIM>`))
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, mode := range []Mode{ModeDefault, ModeLenient, ModeStrict} {
			whole := readResult(newDecoder(body, Limits{}, mode))
			pieces := readResult(newStreamDecoder(iotest.HalfReader(bytes.NewReader(body)), Limits{}, mode))
			if fmt.Sprint(whole.err) != fmt.Sprint(pieces.err) || len(whole.values) != len(pieces.values) {
				t.Fatalf("%s: whole %d, %v, in pieces %d, %v", mode, len(whole.values), whole.err, len(pieces.values), pieces.err)
			}
			if whole.err == nil && mode == ModeDefault {
				readBack(t, whole)
			}
		}
	})
}

const wrapResult = `<CIM CIMVERSION="2.0" DTDVERSION="2.0"><MESSAGE ID="1" PROTOCOLVERSION="1.0"><SIMPLERSP><IMETHODRESPONSE NAME="M">` +
	`<IRETURNVALUE>%s</IRETURNVALUE></IMETHODRESPONSE></SIMPLERSP></MESSAGE></CIM>`

// resultForms are the elements of a result, with the form that writes each.
func resultForms() map[string]Form {
	return map[string]Form{
		"CLASSNAME": FormName, "INSTANCENAME": FormName, "CLASS": FormObject, "INSTANCE": FormObject,
		"VALUE.NAMEDINSTANCE": FormNamedInstance, "OBJECTPATH": FormObjectPath, "VALUE.OBJECTWITHPATH": FormObjectWithPath,
		"VALUE.INSTANCEWITHPATH": FormInstanceWithPath, "INSTANCEPATH": FormInstancePath, "VALUE": FormValue, "VALUE.ARRAY": FormValue,
	}
}

type result struct {
	form   Form
	values []cim.Value
	err    error
}

// readResult reads a response as a client does that asked for whatever comes first.
func readResult(d *decoder) (r result) {
	first := ""
	d.intrinsicResponse("1", "M", func() bool {
		if first == "" {
			first = d.name
		}
		form, ok := resultForms()[d.name]
		if !ok || d.name != first {
			d.unexpected(first)
			return false
		}
		r.form = form
		r.values = append(r.values, d.resultOf(form))
		return d.err == nil
	})
	r.err = d.err
	return r
}

// resultOf reads the element that a form writes.
func (d *decoder) resultOf(form Form) cim.Value {
	req := &Request{Namespace: "root"}
	switch form {
	case FormName, FormInstancePath, FormObjectPath:
		return cim.Reference(d.resultPath(req))
	case FormNamedInstance, FormInstanceWithPath:
		return cim.EmbeddedInstance(d.resultInstance(req))
	case FormObjectWithPath:
		return d.resultValue()
	case FormValue:
		return d.paramContent(declared{typ: cim.TypeString})
	default:
		if d.name == "CLASS" {
			return cim.EmbeddedClass(d.resultClass(req))
		}
		return cim.EmbeddedInstance(d.resultInstance(req))
	}
}

// readBack writes a result as a server does and reads it again.
func readBack(t *testing.T, r result) {
	t.Helper()
	var b bytes.Buffer
	err := WriteResponse(&b, &Request{ID: "1", Method: "M"}, &Response{Form: r.form, Result: slices.Values(r.values)})
	if err != nil {
		t.Fatalf("what was decoded is not encoded: %v", err)
	}
	again := readResult(newDecoder(b.Bytes(), Limits{}, ModeDefault))
	if again.err != nil || len(again.values) != len(r.values) {
		t.Fatalf("%d values became %d, %v\n%s", len(r.values), len(again.values), again.err, b.String())
	}
	for n, v := range again.values {
		if wireText(v) != wireText(r.values[n]) {
			t.Fatalf("got  %s\nwant %s", wireText(v), wireText(r.values[n]))
		}
	}
}

// FuzzDeclarations reads documents of declarations, writes what they hold and reads it
// again.
func FuzzDeclarations(f *testing.F) {
	seeds(f)
	var b bytes.Buffer
	if err := WriteDeclarations(&b, slices.Values(someDeclarations())); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, body []byte) {
		all, err := decodeDeclarations(string(body))
		if err != nil {
			checkKind(t, err)
			return
		}
		var b bytes.Buffer
		if err := WriteDeclarations(&b, slices.Values(all)); err != nil {
			t.Fatalf("what was decoded is not encoded: %v", err)
		}
		again, err := decodeDeclarations(b.String())
		if err != nil || len(again) != len(all) {
			t.Fatalf("%d declarations became %d, %v\n%s", len(all), len(again), err, b.String())
		}
	})
}
