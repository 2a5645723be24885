package simulator_test

import (
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/cimwatch/cimwatch/simulator"
)

// call returns a request for an operation with parameters.
func call(method, params string) string {
	body := strings.Replace(enumerateClassNames, `"EnumerateClassNames"`, `"`+method+`"`, 1)
	return strings.Replace(body, "</LOCALNAMESPACEPATH>", "</LOCALNAMESPACEPATH>"+params, 1)
}

// Whatever is posted, the answer is a document or a status, and the server goes on.
func FuzzServeHTTP(f *testing.F) {
	value := func(name, content string) string {
		return `<IPARAMVALUE NAME="` + name + `">` + content + `</IPARAMVALUE>`
	}
	const box = `<INSTANCENAME CLASSNAME="LAB_Box"><KEYBINDING NAME="Name"><KEYVALUE VALUETYPE="string">box</KEYVALUE></KEYBINDING></INSTANCENAME>`
	for _, seed := range []string{
		enumerateClassNames,
		call("GetInstance", value("InstanceName", box)),
		call("OpenEnumerateInstances", value("ClassName", `<CLASSNAME NAME="LAB_Thing"/>`)+value("MaxObjectCount", `<VALUE>1</VALUE>`)+
			value("FilterQueryLanguage", `<VALUE>DMTF:FQL</VALUE>`)+value("FilterQuery", `<VALUE>Size = 3 OR Name LIKE 'b%'</VALUE>`)),
		call("PullInstancesWithPath", value("EnumerationContext", `<VALUE>1</VALUE>`)+value("MaxObjectCount", `<VALUE>1</VALUE>`)),
		call("ExecQuery", value("QueryLanguage", `<VALUE>WQL</VALUE>`)+value("Query", `<VALUE>SELECT * FROM LAB_Box WHERE Size &gt; 1</VALUE>`)),
		call("SetProperty", value("InstanceName", box)+value("PropertyName", `<VALUE>Size</VALUE>`)+value("NewValue", `<VALUE>7</VALUE>`)),
		call("CreateClass", value("NewClass", `<CLASS NAME="LAB_New" SUPERCLASS="LAB_Box"><QUALIFIER NAME="Description" TYPE="string"><VALUE>x</VALUE></QUALIFIER>`+
			`<PROPERTY NAME="P" TYPE="uint8"><VALUE>1</VALUE></PROPERTY><METHOD NAME="M" TYPE="string"><PARAMETER.REFERENCE NAME="R" REFERENCECLASS="LAB_Box"/></METHOD></CLASS>`)),
		call("SetQualifier", value("QualifierDeclaration", `<QUALIFIER.DECLARATION NAME="New" TYPE="string" ISARRAY="true"><SCOPE CLASS="true"/></QUALIFIER.DECLARATION>`)),
		call("Associators", value("ObjectName", `<CLASSNAME NAME="LAB_Box"/>`)),
		call("CreateInstance", value("NewInstance", `<INSTANCE CLASSNAME="__Namespace"><PROPERTY NAME="Name" TYPE="string"><VALUE>root/x</VALUE></PROPERTY></INSTANCE>`)),
	} {
		f.Add(seed)
	}
	m, err := simulator.LoadModel(labFiles(), "lab.mof")
	if err != nil {
		f.Fatal(err)
	}
	s, err := simulator.New(m, nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body string) {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/cimom", strings.NewReader(body)))
		if w.Code != http.StatusOK && w.Body.Len() > 0 || w.Code == http.StatusOK && !wellFormed(w.Body) {
			t.Errorf("HTTP %d for %q\n%s", w.Code, body, w.Body)
		}
	})
}

func wellFormed(r io.Reader) bool {
	d := xml.NewDecoder(r)
	for {
		if _, err := d.Token(); err != nil {
			return errors.Is(err, io.EOF)
		}
	}
}
