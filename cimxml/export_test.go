package cimxml_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
)

func TestAppendExportResponse(t *testing.T) {
	const head = `<?xml version="1.0" encoding="utf-8" ?>` + "\n" + `<CIM CIMVERSION="2.0" DTDVERSION="2.0">`
	for _, c := range []struct {
		id, method string
		failure    *cim.Error
		want       string
	}{
		{"42", "ExportIndication", nil, head + `<MESSAGE ID="42" PROTOCOLVERSION="1.0"><SIMPLEEXPRSP>` +
			`<EXPMETHODRESPONSE NAME="ExportIndication"><IRETURNVALUE></IRETURNVALUE></EXPMETHODRESPONSE></SIMPLEEXPRSP></MESSAGE></CIM>` + "\n"},
		{"<\"&>\t\x00\xff", "é", cim.Errorf(cim.StatusNotSupported, "no \"%s\"\r\n", "x"), head +
			"<MESSAGE ID=\"&lt;&quot;&amp;&gt;&#x9;\uFFFD\uFFFD\" PROTOCOLVERSION=\"1.0\"><SIMPLEEXPRSP><EXPMETHODRESPONSE NAME=\"é\">" +
			`<ERROR CODE="7" DESCRIPTION="no &quot;x&quot;&#xD;&#xA;"/></EXPMETHODRESPONSE></SIMPLEEXPRSP></MESSAGE></CIM>` + "\n"},
	} {
		got := cimxml.AppendExportResponse([]byte("before"), c.id, c.method, c.failure)
		if string(got) != "before"+c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}

func TestDecodeExport(t *testing.T) {
	message := func(content string) string {
		return `<CIM CIMVERSION="2.0" DTDVERSION="2.0"><MESSAGE ID="7" PROTOCOLVERSION="1.4">` + content + `</MESSAGE></CIM>`
	}
	call := func(content string) string {
		return message(`<SIMPLEEXPREQ><EXPMETHODCALL NAME="ExportIndication">` + content + `</EXPMETHODCALL></SIMPLEEXPREQ>`)
	}
	for _, c := range []struct {
		name, text string
		class      string // of the indication, "" for none
	}{
		{"an indication", call(`<EXPPARAMVALUE NAME="NewIndication"><INSTANCE CLASSNAME="X"/></EXPPARAMVALUE>`), "X"},
		{"a name in another case", call(`<EXPPARAMVALUE NAME="newindication"><INSTANCE CLASSNAME="X"/></EXPPARAMVALUE>`), "X"},
		{"no parameter", call(``), ""},
		{"an empty parameter", call(`<EXPPARAMVALUE NAME="NewIndication"/>`), ""},
		{"another parameter", call(`<EXPPARAMVALUE NAME="Other"><INSTANCE CLASSNAME="X"/></EXPPARAMVALUE>`), ""},
		{"a class", call(`<EXPPARAMVALUE NAME="NewIndication"><CLASS NAME="X"/></EXPPARAMVALUE>`), ""},
	} {
		e, err := cimxml.DecodeExport([]byte(c.text))
		if err != nil || e.ID != "7" || e.Method != "ExportIndication" || e.ProtocolVersion != "1.4" {
			t.Errorf("%s: got %+v, %v", c.name, e, err)
			continue
		}
		if got := e.Indication != nil; got != (c.class != "") || got && e.Indication.Class != c.class {
			t.Errorf("%s: got %v, want %q", c.name, e.Indication, c.class)
		}
	}
	for text, want := range map[string]string{
		message(``):                    "SIMPLEEXPREQ is missing",
		message(`<MULTIEXPREQ/>`):      "MULTIEXPREQ holds a batch",
		message(`<SIMPLEREQ/>`):        "SIMPLEREQ was not expected, expected SIMPLEEXPREQ",
		message(`<SIMPLEEXPREQ/>`):     "EXPMETHODCALL is missing",
		call(`<PARAMVALUE NAME="X"/>`): "PARAMVALUE was not expected, expected EXPPARAMVALUE",
		call(``) + `<CIM/>`:            "a second root element",
		call(`</EXPMETHODCALL><EXPMETHODCALL NAME="ExportIndication">`): "expected the end of the message",
	} {
		if _, err := cimxml.DecodeExport([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
}

// TestDecodeInto checks that what is used again holds nothing of the last message.
func TestDecodeInto(t *testing.T) {
	decoder := cimxml.NewExportDecoder(cimxml.Limits{})
	var got cimxml.Export
	message := func(instance string) []byte {
		return []byte(`<?xml version="1.0"?><CIM CIMVERSION="2.0" DTDVERSION="2.0"><MESSAGE ID="1" PROTOCOLVERSION="1.0"><SIMPLEEXPREQ>` +
			`<EXPMETHODCALL NAME="ExportIndication"><EXPPARAMVALUE NAME="NewIndication">` + instance +
			`</EXPPARAMVALUE></EXPMETHODCALL></SIMPLEEXPREQ></MESSAGE></CIM>`)
	}
	const property = `<PROPERTY NAME="P%d" TYPE="string"><QUALIFIER NAME="Q" TYPE="boolean"><VALUE>TRUE</VALUE></QUALIFIER><VALUE>%d</VALUE></PROPERTY>`
	for n, text := range []string{
		`<INSTANCE CLASSNAME="A"><QUALIFIER NAME="Q" TYPE="boolean"/>` + fmt.Sprintf(property+property, 1, 1, 2, 2) + `</INSTANCE>`,
		`<INSTANCE CLASSNAME="B">` + fmt.Sprintf(property, 3, 3) + `</INSTANCE>`,
		`<INSTANCE CLASSNAME="C"><PROPERTY NAME="E" TYPE="string" EmbeddedObject="object"><VALUE>&lt;INSTANCE CLASSNAME="D"/></VALUE></PROPERTY></INSTANCE>`,
		`<INSTANCE CLASSNAME="broken"><PROPERTY/></INSTANCE>`,
		`<INSTANCE CLASSNAME="E"/>`,
		``,
	} {
		err := decoder.DecodeInto(&got, message(text))
		want, wantErr := decoder.Decode(message(text))
		if (err == nil) != (wantErr == nil) || err == nil && !cmp.Equal(got, *want, cmp.Comparer((*cim.Instance).Equal)) {
			t.Errorf("message %d: got %+v, %v, want %+v, %v", n, got, err, want, wantErr)
		}
	}
	text := message(`<INSTANCE CLASSNAME="A">` + fmt.Sprintf(property, 1, 1) + `</INSTANCE>`)
	if err := decoder.DecodeInto(&got, text); err != nil {
		t.Fatal(err)
	}
	first := got.Indication
	if err := decoder.DecodeInto(&got, text); err != nil || got.Indication != first {
		t.Errorf("%v, or nothing is used again", err)
	}
}

// To take one of two indications would lose the other.
func TestExportOfTwo(t *testing.T) {
	const one = `<EXPPARAMVALUE NAME="NewIndication"><INSTANCE CLASSNAME="A"></INSTANCE></EXPPARAMVALUE>`
	_, err := cimxml.DecodeExport([]byte(`<CIM CIMVERSION="2.0" DTDVERSION="2.0"><MESSAGE ID="1" PROTOCOLVERSION="1.0"><SIMPLEEXPREQ>` +
		`<EXPMETHODCALL NAME="ExportIndication">` + one + one + `</EXPMETHODCALL></SIMPLEEXPREQ></MESSAGE></CIM>`))
	if !errors.Is(err, cimxml.ErrNotValid) || !strings.Contains(err.Error(), "NewIndication stands twice") {
		t.Errorf("error is %v, want that NewIndication stands twice", err)
	}
}
