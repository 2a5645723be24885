package cimxml

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/cimwatch/cimwatch/cim"
)

// refused stands for a document that is not taken.
const refused = "-"

// A modeCase is a document that only a tolerance takes, and what is made of it in each
// mode: a text of the value, or refused.
type modeCase struct {
	tolerance                tolerance
	name, xml                string
	strict, usually, lenient string
}

const (
	innerInstance = `&lt;INSTANCE CLASSNAME="CIM_Inner"&gt;&lt;PROPERTY NAME="A" TYPE="uint8"&gt;&lt;VALUE&gt;1&lt;/VALUE&gt;&lt;/PROPERTY&gt;&lt;/INSTANCE&gt;`
	innerShown    = `instance of CIM_Inner {A = 1}`
	shortPath     = `<LOCALINSTANCEPATH><LOCALNAMESPACEPATH><NAMESPACE NAME="n"/></LOCALNAMESPACEPATH>` + shortName + `</LOCALINSTANCEPATH>`
	shortName     = `<INSTANCENAME CLASSNAME="X"><KEYBINDING NAME="K"><KEYVALUE VALUETYPE="string">a</KEYVALUE></KEYBINDING></INSTANCENAME>`
)

func modeCases() []modeCase {
	return []modeCase{
		{unmarkedObjects, "an unmarked object", `<PROPERTY NAME="P" TYPE="string"><VALUE>` + innerInstance + `</VALUE></PROPERTY>`,
			`string <INSTANCE CLASSNAME="CIM_Inner"><PROPERTY NAME="A" TYPE="uint8"><VALUE>1</VALUE></PROPERTY></INSTANCE>`,
			"instance " + innerShown, "instance " + innerShown},
		{unmarkedObjects, "an array of unmarked objects", `<PROPERTY.ARRAY NAME="P" TYPE="string"><VALUE.ARRAY><VALUE>&lt;CLASS NAME="X"/&gt;</VALUE></VALUE.ARRAY></PROPERTY.ARRAY>`,
			`string {<CLASS NAME="X"/>}`, "class {class X}", "class {class X}"},
		{capitalEmbedded, "EMBEDDEDOBJECT", `<PROPERTY NAME="P" TYPE="string" EMBEDDEDOBJECT="instance"><VALUE>` + innerInstance + `</VALUE></PROPERTY>`,
			refused, "instance " + innerShown, "instance " + innerShown},
		{emptyObjects, "an empty object", `<PROPERTY NAME="P" TYPE="string" EmbeddedObject="instance"><VALUE> </VALUE></PROPERTY>`, refused, "instance NULL", "instance NULL"},
		{namedObjects, "an object with its path", `<PROPERTY NAME="P" TYPE="string" EmbeddedObject="instance"><VALUE><![CDATA[<VALUE.NAMEDINSTANCE>` + shortName + `<INSTANCE CLASSNAME="X"/></VALUE.NAMEDINSTANCE>]]></VALUE></PROPERTY>`,
			refused, "instance instance of X {}", "instance instance of X {}"},
		{typeForParamType, "TYPE for PARAMTYPE", `<PARAMVALUE NAME="P" TYPE="uint8"><VALUE>7</VALUE></PARAMVALUE>`, refused, "uint8 7", "uint8 7"},
		{untypedKeys, "a key of no type", `<KEYVALUE>7</KEYVALUE>`, refused, "string 7", "string 7"},
		{untypedKeys, "a key of an empty type", `<KEYVALUE TYPE="">7</KEYVALUE>`, refused, "string 7", "string 7"},
		{untypedKeys, "a key of two types", `<KEYVALUE VALUETYPE="string" TYPE="uint8">7</KEYVALUE>`, refused, "uint8 7", "uint8 7"},
		{untypedKeys, "a number that is said to be a string", `<KEYVALUE VALUETYPE="numeric" TYPE="string">7</KEYVALUE>`, refused, "integer 7", "integer 7"},
		{anyCase, "a type in capitals", `<PROPERTY NAME="P" TYPE="Uint8"><VALUE>7</VALUE></PROPERTY>`, refused, "uint8 7", "uint8 7"},
		{anyCase, "a flag in capitals", `<PROPERTY NAME="P" TYPE="uint8" PROPAGATED="TRUE"><VALUE>7</VALUE></PROPERTY>`, refused, "uint8 7", "uint8 7"},
		{shortPaths, "an object with a path without a host", `<VALUE.OBJECTWITHPATH>` + shortPath + `<INSTANCE CLASSNAME="X"/></VALUE.OBJECTWITHPATH>`,
			refused, "instance instance of X {}", "instance instance of X {}"},
		{shortPaths, "an instance with a path without a host", `<VALUE.INSTANCEWITHPATH>` + shortPath + `<INSTANCE CLASSNAME="X"/></VALUE.INSTANCEWITHPATH>`,
			refused, "instance instance of X {}", "instance instance of X {}"},
		{shortPaths, "a path without a host", `<OBJECTPATH>` + shortPath + `</OBJECTPATH>`, refused, `reference n:X.K="a"`, `reference n:X.K="a"`},
		{slashedNamespaces, "a namespace with slashes", `<LOCALCLASSPATH><LOCALNAMESPACEPATH><NAMESPACE NAME="a/b/"/></LOCALNAMESPACEPATH><CLASSNAME NAME="X"/></LOCALCLASSPATH>`,
			refused, "reference a/b:X", "reference a/b:X"},
		{paddedHosts, "space around a host", `<CLASSPATH><NAMESPACEPATH><HOST> h </HOST><LOCALNAMESPACEPATH><NAMESPACE NAME="n"/></LOCALNAMESPACEPATH></NAMESPACEPATH><CLASSNAME NAME="X"/></CLASSPATH>`,
			refused, "reference //h/n:X", "reference //h/n:X"},
		{otherAttributes, "an attribute of somebody's own", `<PROPERTY NAME="P" TYPE="uint8" XXX="1"><VALUE>7</VALUE></PROPERTY>`, refused, "uint8 7", "uint8 7"},
		{otherAttributes, "an attribute where there is none", `<PROPERTY NAME="P" TYPE="uint8"><VALUE NAME="x">7</VALUE></PROPERTY>`, refused, "uint8 7", "uint8 7"},

		{repeatedProperties, "a property twice", `<PROPERTY NAME="P" TYPE="string" EmbeddedObject="instance"><VALUE>&lt;INSTANCE CLASSNAME="X">` +
			`&lt;PROPERTY NAME="Ab" TYPE="uint8">&lt;VALUE>1&lt;/VALUE>&lt;/PROPERTY>&lt;PROPERTY NAME="aB" TYPE="uint8"/>&lt;/INSTANCE></VALUE></PROPERTY>`,
			refused, refused, "instance instance of X {Ab = 1; aB = NULL}"},
		{wrongValues, "a wrong date", `<PROPERTY NAME="P" TYPE="datetime"><VALUE>20260231000000</VALUE></PROPERTY>`, refused, refused, "string 20260231000000"},
		{wrongValues, "a number that is too large", `<PROPERTY NAME="P" TYPE="uint8"><VALUE> 256 </VALUE></PROPERTY>`, refused, refused, "string  256 "},
		{wrongValues, "an empty number", `<PROPERTY NAME="P" TYPE="uint8"><VALUE/></PROPERTY>`, refused, refused, "string "},
		{wrongValues, "a wrong number in an array", `<PROPERTY.ARRAY NAME="P" TYPE="uint8"><VALUE.ARRAY><VALUE>1</VALUE><VALUE.NULL/><VALUE>x</VALUE></VALUE.ARRAY></PROPERTY.ARRAY>`,
			refused, refused, "string {1, NULL, x}"},
		{wrongValues, "an embedded object that is none", `<PROPERTY NAME="P" TYPE="string" EmbeddedObject="instance"><VALUE>x&lt;</VALUE></PROPERTY>`, refused, refused, "string x<"},
		{wrongValues, "an embedded object among others that is none",
			`<PROPERTY.ARRAY NAME="P" TYPE="string" EmbeddedObject="instance"><VALUE.ARRAY><VALUE>` + innerInstance + `</VALUE><VALUE>x</VALUE></VALUE.ARRAY></PROPERTY.ARRAY>`,
			refused, refused, `string {<INSTANCE CLASSNAME="CIM_Inner"><PROPERTY NAME="A" TYPE="uint8"><VALUE>1</VALUE></PROPERTY></INSTANCE>, x}`},
		{wrongValues, "a class as an embedded instance", `<PROPERTY NAME="P" TYPE="string" EmbeddedObject="instance"><VALUE>&lt;CLASS NAME="X"/></VALUE></PROPERTY>`,
			refused, refused, `string <CLASS NAME="X"/>`},
		{wrongValues, "a key that is no number", `<KEYVALUE VALUETYPE="numeric">x</KEYVALUE>`, refused, refused, "string x"},
		{wrongValues, "a key that is no boolean", `<KEYVALUE VALUETYPE="boolean">x</KEYVALUE>`, refused, refused, "string x"},
		{wrongTypes, "an unknown type", `<PROPERTY NAME="P" TYPE="text"><VALUE>7</VALUE></PROPERTY>`, refused, refused, "string 7"},
		{wrongTypes, "no type", `<PROPERTY NAME="P"><VALUE>7</VALUE></PROPERTY>`, refused, refused, "string 7"},
		{wrongTypes, "a key of an unknown type", `<KEYVALUE VALUETYPE="numeric" TYPE="text">7</KEYVALUE>`, refused, refused, "integer 7"},
		{wrongAttributes, "a wrong flag", `<PROPERTY NAME="P" TYPE="uint8" PROPAGATED="yes"><VALUE>7</VALUE></PROPERTY>`, refused, refused, "uint8 7"},
		{wrongAttributes, "a wrong size", `<PROPERTY.ARRAY NAME="P" TYPE="uint8" ARRAYSIZE="-1"/>`, refused, refused, "uint8 NULL"},
		{wrongAttributes, "a wrong EmbeddedObject", `<PROPERTY NAME="P" TYPE="string" EmbeddedObject="yes"><VALUE>x</VALUE></PROPERTY>`, refused, refused, "string x"},
		{wrongAttributes, "a key of an unknown kind", `<KEYVALUE VALUETYPE="text">7</KEYVALUE>`, refused, refused, "string 7"},
	}
}

// readAny reads an element that the cases use, as a value.
func readAny(d *decoder) cim.Value {
	switch d.name {
	case "PARAMVALUE":
		return d.paramValue().Value
	case "KEYVALUE":
		return d.keyValue()
	case "VALUE.OBJECTWITHPATH":
		return d.object()
	case "VALUE.INSTANCEWITHPATH":
		return cim.EmbeddedInstance(d.instanceWithPath())
	case "OBJECTPATH":
		return cim.Reference(d.objectPath())
	case "LOCALCLASSPATH", "CLASSPATH":
		return cim.Reference(d.path())
	default:
		p := d.property()
		if marked := p.Embedded != cim.NotEmbedded; marked != (p.Value.Type() == cim.TypeInstance || p.Value.Type() == cim.TypeClass) {
			d.invalid("a %s is marked as %d", p.Value.Type(), p.Embedded)
		}
		return p.Value
	}
}

func TestModes(t *testing.T) {
	seen := namelessRefusals | wholeAnswers | valuesOfNothing // of operations, below
	for _, c := range modeCases() {
		seen |= c.tolerance
		for mode, want := range map[Mode]string{ModeStrict: c.strict, ModeDefault: c.usually, ModeLenient: c.lenient} {
			v, err := decodeElementMode(c.xml, mode, readAny)
			switch {
			case want == refused && !errors.Is(err, ErrNotValid):
				t.Errorf("%s, %s: got %v, %v, want an error", c.name, mode, v, err)
			case want != refused && (err != nil || fmt.Sprintf("%s %s", v.Type(), v) != want):
				t.Errorf("%s, %s: got %s %s, %v, want %s", c.name, mode, v.Type(), v, err, want)
			}
		}
	}
	if seen != lenientTolerances {
		t.Errorf("the tolerances %b have no case", lenientTolerances&^seen)
	}
}

// TestModesOfOperations asks a server that answers loosely, in each mode.
func TestModesOfOperations(t *testing.T) {
	const refusal = `<ERROR CODE="1"/>`
	for _, c := range []struct {
		name, body string
		call       func(context.Context, *Client) error
		strict     error // what the error is in ModeStrict
		usually    error // and in the others
	}{
		{"a refusal of nobody", strings.Replace(bareResponse("EnumerateClassNames", refusal), `ID="1"`, `ID=""`, 1), enumerateNames, ErrNotValid, cim.StatusFailed},
		{"a refusal of a method as one of an operation", strings.Replace(bareResponse("", refusal), `ID="1"`, `ID=""`, 1), invoke, ErrNotValid, cim.StatusFailed},
		{"an Open that is answered whole", bareResponse("OpenEnumerateInstances", `<IRETURNVALUE/>`), openEnumeration, ErrNotValid, nil},
		{"a value of nothing", bareResponse("DeleteInstance", `<IRETURNVALUE><VALUE/></IRETURNVALUE>`), deleteInstance, ErrNotValid, nil},
	} {
		body := strings.Replace(c.body, `RESPONSE NAME="EnumerateClassNames"`, `RESPONSE NAME=""`, 1)
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/xml")
			_, _ = w.Write([]byte(body)) // the client reads it or fails
		}))
		for mode, want := range map[Mode]error{ModeStrict: c.strict, ModeDefault: c.usually, ModeLenient: c.usually} {
			client, err := NewClient(s.URL, &Options{Mode: mode})
			if err != nil {
				t.Fatal(err)
			}
			if err := c.call(t.Context(), client); !errors.Is(err, want) {
				t.Errorf("%s, %s: got %v, want %v", c.name, mode, err, want)
			}
			client.Close()
		}
		s.Close()
	}
}

func bareResponse(method, content string) string {
	return `<CIM CIMVERSION="2.0" DTDVERSION="2.0"><MESSAGE ID="1" PROTOCOLVERSION="1.0"><SIMPLERSP><IMETHODRESPONSE NAME="` +
		method + `">` + content + `</IMETHODRESPONSE></SIMPLERSP></MESSAGE></CIM>`
}

func enumerateNames(ctx context.Context, c *Client) error {
	_, err := c.EnumerateClassNames(ctx, "", "", false)
	return err
}

func invoke(ctx context.Context, c *Client) error {
	_, _, err := c.InvokeMethod(ctx, cim.ClassPath("", "X"), "Reset")
	return err
}

func openEnumeration(ctx context.Context, c *Client) error {
	_, _, err := c.OpenEnumerateInstances(ctx, "", "X", nil)
	return err
}

func deleteInstance(ctx context.Context, c *Client) error {
	return c.DeleteInstance(ctx, cim.InstancePath("", "X"))
}

func TestModeString(t *testing.T) {
	for mode, want := range map[Mode]string{ModeDefault: "default", ModeStrict: "strict", ModeLenient: "lenient", 9: "Mode(9)"} {
		if got := mode.String(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// TestLenientRoundTrip encodes what had to be taken as text: it comes back as text.
func TestLenientRoundTrip(t *testing.T) {
	for _, c := range modeCases() {
		if c.usually != refused || !strings.HasPrefix(c.xml, "<PROPERTY") || c.tolerance == repeatedProperties {
			continue // two properties of a name are kept as they are, and written so
		}
		p, err := decodeElementMode(c.xml, ModeLenient, property)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		x := &encoder{}
		x.property(&p)
		again, err := decodeElementMode(string(x.out), ModeStrict, property)
		if err != nil || !again.Equal(p) {
			t.Errorf("%s: got %+v, %v, want %+v", c.name, again, err, p)
		}
	}
}
