package cimxml

import (
	"bytes"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/cimwatch/cimwatch/cim"
)

func decodeDeclarations(document string) (all []Declaration, err error) {
	for one, failed := range ReadDeclarations(strings.NewReader(document), Limits{}) {
		if failed != nil {
			return all, failed
		}
		all = append(all, one)
	}
	return all, nil
}

func someDeclarations() []Declaration {
	disk := cim.NewInstance("CIM_Disk", cim.Prop("ID", cim.String("<d1>")), cim.Prop("Size", cim.Uint64(1<<60)))
	disk.Path = cim.ObjectPath{Class: "CIM_Disk", Keys: []cim.Key{{Name: "ID", Value: cim.String("<d1>")}}}
	class := &cim.Class{Name: "CIM_Disk", SuperClass: "CIM_Thing", Properties: []cim.Property{
		{Name: "ID", Value: cim.Null(cim.TypeString), Qualifiers: []cim.Qualifier{{Name: "Key", Value: cim.Boolean(true), Flavor: cim.DefaultFlavor}}},
	}}
	key := &cim.QualifierType{Name: "Key", Default: cim.Boolean(false), Scope: cim.ScopeProperty, Flavor: cim.DefaultFlavor}
	return []Declaration{
		{Namespace: "root/cimv2", Qualifier: key},
		{Namespace: "root/cimv2", Object: cim.EmbeddedClass(class)},
		{Namespace: "root/cimv2", Object: cim.EmbeddedInstance(disk)},
		{Namespace: "root/interop", Object: cim.EmbeddedInstance(cim.NewInstance("CIM_Alert"))},
		{Object: cim.EmbeddedInstance(cim.NewInstance("CIM_Alert"))},
		{Qualifier: key}, // no group has objects before qualifier types
	}
}

// TestDeclarations writes declarations and reads them back.
func TestDeclarations(t *testing.T) {
	want := someDeclarations()
	var b bytes.Buffer
	if err := WriteDeclarations(&b, slices.Values(want)); err != nil {
		t.Fatal(err)
	}
	got, err := decodeDeclarations(b.String())
	if err != nil || len(got) != len(want) {
		t.Fatalf("got %d declarations, %v, of\n%s", len(got), err, b.String())
	}
	for n, w := range want {
		g := got[n]
		same := g.Namespace == w.Namespace && (g.Qualifier == nil) == (w.Qualifier == nil) && g.Object.Equal(w.Object) &&
			pathOf(g.Object).Equal(pathOf(w.Object))
		if !same || g.Qualifier != nil && (g.Qualifier.Name != w.Qualifier.Name || g.Qualifier.Scope != w.Qualifier.Scope) {
			t.Errorf("%d: got %+v, want %+v", n, g, w)
		}
	}
	if groups := strings.Count(b.String(), "<DECLGROUP"); groups != 5 {
		t.Errorf("%d groups, want 5:\n%s", groups, b.String())
	}
	for one, err := range ReadDeclarations(&b, Limits{}) {
		if err != nil || one.Qualifier == nil {
			t.Errorf("got %+v, %v", one, err)
		}
		break // the rest is not read
	}
}

// TestDeclarationsWithPath reads the third kind of group, and no namespace but the path's.
func TestDeclarationsWithPath(t *testing.T) {
	got, err := decodeDeclarations(`<CIM CIMVERSION="2.0" DTDVERSION="2.0"><DECLARATION><DECLGROUP.WITHPATH>` +
		`<VALUE.OBJECTWITHLOCALPATH><LOCALCLASSPATH><LOCALNAMESPACEPATH><NAMESPACE NAME="root"/><NAMESPACE NAME="cimv2"/></LOCALNAMESPACEPATH>` +
		`<CLASSNAME NAME="A"/></LOCALCLASSPATH><CLASS NAME="A"/></VALUE.OBJECTWITHLOCALPATH></DECLGROUP.WITHPATH>` +
		`<DECLGROUP><NAMESPACEPATH><HOST>h</HOST><LOCALNAMESPACEPATH><NAMESPACE NAME="b"/></LOCALNAMESPACEPATH></NAMESPACEPATH>` +
		`<VALUE.OBJECT><CLASS NAME="B"/></VALUE.OBJECT></DECLGROUP></DECLARATION></CIM>`)
	if err != nil || len(got) != 2 || got[0].Namespace != "root/cimv2" || got[1].Namespace != "b" {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestDeclarationsWrong(t *testing.T) {
	const key, object = `<QUALIFIER.DECLARATION NAME="Key" TYPE="boolean"/>`, `<VALUE.OBJECT><CLASS NAME="A"/></VALUE.OBJECT>`
	tests := []struct{ content, want string }{
		{``, "DECLARATION is empty"},
		{`<XXX/>`, "XXX was not expected, expected DECLGROUP"},
		{`<DECLGROUP>` + object + key + `</DECLGROUP>`, "QUALIFIER.DECLARATION was not expected"},
		{`<DECLGROUP>` + key + `<LOCALNAMESPACEPATH><NAMESPACE NAME="a"/></LOCALNAMESPACEPATH></DECLGROUP>`, "LOCALNAMESPACEPATH was not expected"},
		{`<DECLGROUP.WITHPATH>` + key + `</DECLGROUP.WITHPATH>`, "QUALIFIER.DECLARATION was not expected"},
		{`<DECLGROUP.WITHNAME>` + object + `</DECLGROUP.WITHNAME>`, "VALUE.OBJECT was not expected"},
		{`<DECLGROUP.WITHNAME><VALUE.NAMEDOBJECT/></DECLGROUP.WITHNAME>`, "VALUE.NAMEDOBJECT is empty"},
		{`<DECLGROUP.WITHNAME><VALUE.NAMEDOBJECT><INSTANCENAME CLASSNAME="A"/></VALUE.NAMEDOBJECT></DECLGROUP.WITHNAME>`, "INSTANCE is missing"},
		{`<DECLGROUP/></DECLARATION><DECLARATION>`, "DECLARATION was not expected"},
		{`<DECLGROUP>`, `end tag "DECLARATION" closes DECLGROUP`},
	}
	for _, tt := range tests {
		_, err := decodeDeclarations(`<CIM CIMVERSION="2.0" DTDVERSION="2.0"><DECLARATION>` + tt.content + `</DECLARATION></CIM>`)
		var e *DecodeError
		if !errors.As(err, &e) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %s", tt.content, err, tt.want)
		}
	}
	var b bytes.Buffer
	bad := Declaration{Object: cim.EmbeddedClass(&cim.Class{Name: "A\x00"})}
	if err := WriteDeclarations(&b, slices.Values([]Declaration{bad})); err == nil {
		t.Error("a NUL was written")
	}
	if err := WriteDeclarations(failingWriter{}, slices.Values(someDeclarations())); !errors.Is(err, os.ErrClosed) {
		t.Errorf("got %v, want the writer's error", err)
	}
}

type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, os.ErrClosed }

// TestCorrelators has requests and exports that correlators stand before.
func TestCorrelators(t *testing.T) {
	const correlator = `<CORRELATOR NAME="job" TYPE="uint32"><VALUE>7</VALUE></CORRELATOR>`
	const head, tail = `<CIM CIMVERSION="2.0" DTDVERSION="2.4"><MESSAGE ID="1" PROTOCOLVERSION="1.4">`, `</MESSAGE></CIM>`
	call := `<IMETHODCALL NAME="EnumerateClassNames"><LOCALNAMESPACEPATH><NAMESPACE NAME="root"/></LOCALNAMESPACEPATH></IMETHODCALL>`
	req, err := ReadRequest(strings.NewReader(head+`<SIMPLEREQ>`+correlator+correlator+call+`</SIMPLEREQ>`+tail), Limits{})
	if err != nil || req.Method != "EnumerateClassNames" {
		t.Errorf("got %+v, %v", req, err)
	}
	x, err := DecodeExport([]byte(head + `<SIMPLEEXPREQ>` + correlator + `<EXPMETHODCALL NAME="ExportIndication"/></SIMPLEEXPREQ>` + tail))
	if err != nil || x.Method != "ExportIndication" {
		t.Errorf("got %+v, %v", x, err)
	}
	for _, wrong := range []string{
		`<SIMPLEREQ>` + correlator + `</SIMPLEREQ>`, `<SIMPLEREQ>` + call + correlator + `</SIMPLEREQ>`,
		`<SIMPLEREQ><CORRELATOR NAME="job" TYPE="uint32"><VALUE>x</VALUE></CORRELATOR>` + call + `</SIMPLEREQ>`,
	} {
		if _, err := ReadRequest(strings.NewReader(head+wrong+tail), Limits{}); err == nil {
			t.Errorf("%s was read", wrong)
		}
	}
}
