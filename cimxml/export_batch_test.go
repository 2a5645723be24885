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

func batchOf(content string) string {
	return "\uFEFF" + `<?xml version="1.0" encoding="utf-8"?><CIM CIMVERSION="2.3" DTDVERSION="2.2"><MESSAGE ID="a&lt;b" PROTOCOLVERSION="1.4">` +
		`<MULTIEXPREQ>` + content + `</MULTIEXPREQ></MESSAGE></CIM>`
}

func exportOf(class string) string {
	return `<SIMPLEEXPREQ><EXPMETHODCALL NAME="ExportIndication"><EXPPARAMVALUE NAME="NewIndication"><INSTANCE CLASSNAME="` + class +
		`"><PROPERTY NAME="é" TYPE="string"><VALUE>&amp;<![CDATA[<]]></VALUE></PROPERTY></INSTANCE></EXPPARAMVALUE></EXPMETHODCALL></SIMPLEEXPREQ>`
}

// TestDecodeBatch checks that each export of a batch is the one that its document holds.
func TestDecodeBatch(t *testing.T) {
	text := batchOf("\n <!-- first -->" + exportOf("A") + "\n" + exportOf("B") +
		`<SIMPLEEXPREQ><EXPMETHODCALL NAME="Other"/></SIMPLEEXPREQ> `)
	x := cimxml.NewExportDecoder(cimxml.Limits{})
	b, err := x.DecodeBatch([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if b.ID != "a<b" || b.ProtocolVersion != "1.4" || len(b.Exports) != 3 {
		t.Fatalf("got %+v", b)
	}
	for n, want := range []string{"A", "B", ""} {
		e := b.Exports[n]
		alone, err := x.Decode(e.Document)
		if err != nil {
			t.Fatalf("export %d: %v\n%s", n, err, e.Document)
		}
		if !cmp.Equal(*alone, e.Export, cmp.Comparer((*cim.Instance).Equal)) {
			t.Errorf("export %d: %+v, its document says %+v", n, e.Export, alone)
		}
		if want != "" && e.Indication.Class != want {
			t.Errorf("export %d is of class %s, want %s", n, e.Indication.Class, want)
		}
	}
}

func TestDecodeBatchFails(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       error
	}{
		{"empty", batchOf(""), cimxml.ErrNotValid},
		{"not an export", batchOf(exportOf("A") + "<SIMPLEREQ/>"), cimxml.ErrNotValid},
		{"a call twice", batchOf(strings.Replace(exportOf("A"), "</SIMPLE", `<EXPMETHODCALL NAME="X"/></SIMPLE`, 1)), cimxml.ErrNotValid},
		{"something behind it", strings.Replace(batchOf(exportOf("A")), "</MESSAGE>", "<X/></MESSAGE>", 1), cimxml.ErrNotValid},
		{"cut", batchOf(exportOf("A"))[:400], cimxml.ErrNotWellFormed},
		{"a single export", strings.NewReplacer("<MULTIEXPREQ>", "", "</MULTIEXPREQ>", "").Replace(batchOf(exportOf("A"))), cimxml.ErrNotValid},
		{"too many", batchOf(strings.Repeat(`<SIMPLEEXPREQ><EXPMETHODCALL NAME="X"/></SIMPLEEXPREQ>`, 4097)), cimxml.ErrTooLarge},
	} {
		x := cimxml.NewExportDecoder(cimxml.Limits{})
		if b, err := x.DecodeBatch([]byte(c.text)); !errors.Is(err, c.want) {
			t.Errorf("%s: got %+v, %v, want %v", c.name, b, err, c.want)
		}
	}
}

func TestAppendBatchResponse(t *testing.T) {
	got := string(cimxml.AppendBatchResponse(nil, "1", []cimxml.ExportResult{
		{Method: "ExportIndication"}, {Method: "X", Failure: cim.Errorf(cim.StatusNotSupported, "no")},
	}))
	result := func(name, content string) string {
		return fmt.Sprintf(`<SIMPLEEXPRSP><EXPMETHODRESPONSE NAME="%s">%s</EXPMETHODRESPONSE></SIMPLEEXPRSP>`, name, content)
	}
	want := `<?xml version="1.0" encoding="utf-8" ?>` + "\n" + `<CIM CIMVERSION="2.0" DTDVERSION="2.0"><MESSAGE ID="1" PROTOCOLVERSION="1.0"><MULTIEXPRSP>` +
		result("ExportIndication", "<IRETURNVALUE></IRETURNVALUE>") + result("X", `<ERROR CODE="7" DESCRIPTION="no"/>`) +
		"</MULTIEXPRSP></MESSAGE></CIM>\n"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
