package cimxml

import (
	"errors"
	"fmt"
	"strings"

	"github.com/cimwatch/cimwatch/cim"
)

// A readResponse is what a response held.
type readResponse struct {
	code   string // of ERROR, "" for none
	values []any
	params []cim.Parameter
}

// responseWrappings are what stands around an element of a response in a message.
func responseWrappings() map[string]string {
	const message = `<CIM CIMVERSION="2.0" DTDVERSION="2.0"><MESSAGE ID="42" PROTOCOLVERSION="1.0">%s</MESSAGE></CIM>`
	simple := fmt.Sprintf(message, `<SIMPLERSP>%s</SIMPLERSP>`)
	return map[string]string{
		"MESSAGE":   `<CIM CIMVERSION="2.0" DTDVERSION="2.0">%s</CIM>`,
		"SIMPLERSP": message, "SIMPLEEXPRSP": message, "MULTIEXPRSP": message,
		"METHODRESPONSE": simple, "IMETHODRESPONSE": simple,
		"IRETURNVALUE":      fmt.Sprintf(simple, `<IMETHODRESPONSE NAME="M1">%s</IMETHODRESPONSE>`),
		"EXPMETHODRESPONSE": fmt.Sprintf(message, `<SIMPLEEXPRSP>%s</SIMPLEEXPRSP>`),
	}
}

// agreeOnResponse reads an element of a response within what stands around it, as the
// client does, and compares it with what a table holds.
func agreeOnResponse(c conformanceCase, wrapping string, readers map[string]func(*decoder) any) error {
	got, err := responseOf(fmt.Sprintf(wrapping, c.XML), readers)
	if err != nil || c.Expect.Error != "" {
		return agreeOnError(err, c.Expect.Error)
	}
	want := &expectedResponse{}
	want.add(c.Expect.Result)
	if got.code != want.code || len(got.values) != len(want.values) || len(got.params) != len(want.params) {
		return fmt.Errorf("got %+v, want %+v", got, *want)
	}
	for n, v := range got.values {
		if err := agree(v, want.values[n]); err != nil {
			return fmt.Errorf("value %d: %w", n, err)
		}
	}
	for n, p := range got.params {
		if p.Name != want.params[n][0] {
			return fmt.Errorf("parameter %d is %s, want %v", n, p.Name, want.params[n])
		}
		if err := agree(p.Value, want.params[n][2]); err != nil {
			return fmt.Errorf("parameter %s: %w", p.Name, err)
		}
	}
	return nil
}

func responseOf(document string, readers map[string]func(*decoder) any) (r readResponse, err error) {
	d := newDecoder([]byte(document), Limits{}, ModeDefault)
	switch {
	case strings.Contains(document, "EXPRSP"):
		d.exportResponse("42")
	case strings.Contains(document, "<METHODRESPONSE"):
		var v cim.Value
		if v, r.params = d.methodResponse("42", "M1"); strings.Contains(document, "<RETURNVALUE") {
			r.values = []any{v}
		}
	default:
		kind := ""
		r.params = d.intrinsicResponse("42", "M1", func() bool {
			if kind == "" {
				kind = d.name // an operation returns objects of one kind
			}
			read := readers[d.name]
			if read == nil || d.name != kind {
				d.unexpected("what is returned")
				return false
			}
			r.values = append(r.values, read(d))
			return true
		})
	}
	if refusal, ok := errors.AsType[*cim.Error](d.err); ok {
		r.code = fmt.Sprint(uint32(refusal.Status))
		return r, nil
	}
	return r, d.err
}

// An expectedResponse is what a table says that a response holds: trees of
// (element, attributes, children), in which a parameter is (name, type, value).
type expectedResponse struct {
	code   string
	values []any
	params [][]any
}

func (e *expectedResponse) add(tree any) {
	o, ok := tree.(object)
	if !ok {
		return
	}
	items := list(o, "items")
	switch items[0] {
	case "MESSAGE", "SIMPLERSP":
		e.add(items[2])
	case "METHODRESPONSE", "IMETHODRESPONSE":
		for _, child := range items[2].([]any) {
			e.add(child)
		}
	case "ERROR":
		e.code = list(items[1].(object), "items")[0].([]any)[1].(string)
	case "RETURNVALUE":
		e.values = append(e.values, items[2])
	case "IRETURNVALUE":
		for _, v := range items[2].([]any) {
			e.values = append(e.values, innermost(v))
		}
	default:
		e.params = append(e.params, items)
	}
}

// innermost returns what (element, attributes, object) and (path, object) are about; an
// object gets the path.
func innermost(v any) any {
	o, ok := v.(object)
	if !ok || text(o, "kind") != "tuple" {
		return v
	}
	items := list(o, "items")
	if len(items) != 2 {
		return innermost(items[len(items)-1])
	}
	made, ok := items[1].(object)
	if ok {
		made["path"] = items[0]
	}
	return made
}
