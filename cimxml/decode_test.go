package cimxml

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/cimwatch/cimwatch/cim"
)

// decodeElement reads a document that is a single element with read.
func decodeElement[T any](document string, read func(*decoder) T) (T, error) {
	return decodeElementMode(document, ModeDefault, read)
}

func decodeElementMode[T any](document string, mode Mode, read func(*decoder) T) (T, error) {
	d := newDecoder([]byte(document), Limits{}, mode)
	var v T
	if d.child() {
		v = read(d)
	}
	if d.err == nil {
		d.shut(0)
	}
	return v, d.err
}

func property(d *decoder) cim.Property { return d.property() }

func TestDecodeProperty(t *testing.T) {
	disk := cim.InstancePath("root/cimv2", "CIM_Disk", cim.Key{Name: "ID", Value: cim.String("d1")})
	inner := cim.NewInstance("CIM_Inner", cim.Prop("A", cim.Uint8(1)))
	const escaped = `&lt;INSTANCE CLASSNAME="CIM_Inner"&gt;&lt;PROPERTY NAME="A" TYPE="uint8"&gt;&lt;VALUE&gt;1&lt;/VALUE&gt;&lt;/PROPERTY&gt;&lt;/INSTANCE&gt;`
	const path = `<LOCALINSTANCEPATH><LOCALNAMESPACEPATH><NAMESPACE NAME="root"/><NAMESPACE NAME="cimv2"/></LOCALNAMESPACEPATH>` +
		`<INSTANCENAME CLASSNAME="CIM_Disk"><KEYBINDING NAME="ID"><KEYVALUE VALUETYPE="string">d1</KEYVALUE></KEYBINDING></INSTANCENAME></LOCALINSTANCEPATH>`
	for _, c := range []struct {
		name, xml string
		want      cim.Property
	}{
		{"a string", `<PROPERTY NAME="P" TYPE="string"><VALUE>a b</VALUE></PROPERTY>`, cim.Prop("P", cim.String("a b"))},
		{"an empty string", `<PROPERTY NAME="P" TYPE="string"><VALUE/></PROPERTY>`, cim.Prop("P", cim.String(""))},
		{"a string of white space", `<PROPERTY NAME="P" TYPE="string"><VALUE> </VALUE></PROPERTY>`, cim.Prop("P", cim.String(" "))},
		{"NULL", `<PROPERTY NAME="P" TYPE="uint16"> </PROPERTY>`, cim.Prop("P", cim.Null(cim.TypeUint16))},
		{"a type in capitals", `<PROPERTY NAME="P" TYPE="UINT16"><VALUE>7</VALUE></PROPERTY>`, cim.Prop("P", cim.Uint16(7))},
		{"attributes in another order", `<PROPERTY TYPE="sint8" NAME="P"><VALUE> -128 </VALUE></PROPERTY>`, cim.Prop("P", cim.Sint8(-128))},
		{"a hexadecimal number", `<PROPERTY NAME="P" TYPE="uint64"><VALUE>0xFFFFFFFFFFFFFFFF</VALUE></PROPERTY>`, cim.Prop("P", cim.Uint64(1<<64-1))},
		{"a boolean", `<PROPERTY NAME="P" TYPE="boolean"><VALUE>tRUE</VALUE></PROPERTY>`, cim.Prop("P", cim.Boolean(true))},
		{"a real", `<PROPERTY NAME="P" TYPE="real32"><VALUE>3.1415927e+00</VALUE></PROPERTY>`, cim.Prop("P", cim.Real32(3.1415927))},
		{"a char16", `<PROPERTY NAME="P" TYPE="char16"><VALUE>&#x20AC;</VALUE></PROPERTY>`, cim.Prop("P", cim.Char16('€'))},
		{"an empty array", `<PROPERTY.ARRAY NAME="P" TYPE="uint8"><VALUE.ARRAY/></PROPERTY.ARRAY>`, cim.Prop("P", cim.ArrayOf(cim.TypeUint8))},
		{"a NULL array", `<PROPERTY.ARRAY NAME="P" TYPE="uint8"/>`, cim.Prop("P", cim.NullArray(cim.TypeUint8))},
		{"an array with NULL", `<PROPERTY.ARRAY NAME="P" TYPE="uint8"><VALUE.ARRAY><VALUE>1</VALUE><VALUE.NULL/></VALUE.ARRAY></PROPERTY.ARRAY>`,
			cim.Prop("P", cim.ArrayOf(cim.TypeUint8, cim.Uint8(1), cim.Null(cim.TypeUint8)))},
		{"a reference", `<PROPERTY.REFERENCE NAME="P"><VALUE.REFERENCE>` + path + `</VALUE.REFERENCE></PROPERTY.REFERENCE>`, cim.Prop("P", cim.Reference(disk))},
		{"a NULL reference of a class", `<PROPERTY.REFERENCE NAME="P" REFERENCECLASS="CIM_Disk"/>`,
			cim.Property{Name: "P", Value: cim.Null(cim.TypeReference), ReferenceClass: "CIM_Disk"}},
		{"a reference with its origin", `<PROPERTY.REFERENCE CLASSORIGIN="CIM_X" NAME="P"/>`,
			cim.Property{Name: "P", Value: cim.Null(cim.TypeReference), ClassOrigin: "CIM_X"}},
		{"all attributes", `<PROPERTY.ARRAY NAME="P" TYPE="uint8" ARRAYSIZE="3" CLASSORIGIN="CIM_X" PROPAGATED="true"/>`,
			cim.Property{Name: "P", Value: cim.NullArray(cim.TypeUint8), ArraySize: 3, ClassOrigin: "CIM_X", Propagated: true}},
		{"a qualifier", `<PROPERTY NAME="P" TYPE="string"><QUALIFIER NAME="Key" TYPE="boolean" OVERRIDABLE="false"><VALUE>true</VALUE></QUALIFIER></PROPERTY>`,
			cim.Property{Name: "P", Value: cim.Null(cim.TypeString), Qualifiers: []cim.Qualifier{{Name: "Key", Value: cim.Boolean(true), Flavor: cim.ToSubclass}}}},
		{"an embedded instance", `<PROPERTY NAME="P" TYPE="string" EmbeddedObject="instance"><VALUE>` + escaped + `</VALUE></PROPERTY>`,
			cim.Prop("P", cim.EmbeddedInstance(inner))},
		{"an embedded instance in capitals and twice", `<PROPERTY NAME="P" TYPE="string" EmbeddedObject="instance" EMBEDDEDOBJECT="instance"><VALUE>` + escaped + `</VALUE></PROPERTY>`,
			cim.Prop("P", cim.EmbeddedInstance(inner))},
		{"an embedded instance in CDATA, with a declaration",
			`<PROPERTY NAME="P" TYPE="string" EMBEDDEDOBJECT="object"><VALUE><![CDATA[` + "\n" + `<?xml version="1.0"?><INSTANCE CLASSNAME="CIM_Inner"><PROPERTY NAME="A" TYPE="uint8"><VALUE>1</VALUE></PROPERTY></INSTANCE>]]></VALUE></PROPERTY>`,
			cim.Property{Name: "P", Value: cim.EmbeddedInstance(inner), Embedded: cim.EmbeddedAsObject}},
		{"an unmarked embedded instance", `<PROPERTY NAME="P" TYPE="string"><VALUE>` + escaped + `</VALUE></PROPERTY>`, cim.Prop("P", cim.EmbeddedInstance(inner))},
		{"an embedded class", `<PROPERTY NAME="P" TYPE="string" EmbeddedObject="object"><VALUE>&lt;CLASS NAME="CIM_X"/&gt;</VALUE></PROPERTY>`,
			cim.Prop("P", cim.EmbeddedClass(&cim.Class{Name: "CIM_X"}))},
		{"a NULL embedded object", `<PROPERTY NAME="P" TYPE="string" EmbeddedObject="instance"><VALUE> </VALUE></PROPERTY>`, cim.Prop("P", cim.Null(cim.TypeInstance))},
		{"text that begins like an embedded object", `<PROPERTY NAME="P" TYPE="string"><VALUE>&lt;INSTANCE CLASSNAME="x</VALUE></PROPERTY>`,
			cim.Prop("P", cim.String(`<INSTANCE CLASSNAME="x`))},
		{"an array of unmarked embedded instances", `<PROPERTY.ARRAY NAME="P" TYPE="string"><VALUE.ARRAY><VALUE.NULL/><VALUE>` + escaped + `</VALUE></VALUE.ARRAY></PROPERTY.ARRAY>`,
			cim.Prop("P", cim.ArrayOf(cim.TypeInstance, cim.Null(cim.TypeInstance), cim.EmbeddedInstance(inner)))},
		{"an array of which one string is like an embedded instance", `<PROPERTY.ARRAY NAME="P" TYPE="string"><VALUE.ARRAY><VALUE>&lt;CLASS NAME="X"/&gt;</VALUE><VALUE>x</VALUE></VALUE.ARRAY></PROPERTY.ARRAY>`,
			cim.Prop("P", cim.Strings(`<CLASS NAME="X"/>`, "x"))},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := decodeElement(c.xml, property)
			if err != nil || !got.Equal(c.want) {
				t.Errorf("%s\ngot  %+v, %v\nwant %+v", c.xml, got, err, c.want)
			}
		})
	}
}

func TestDecodePropertyRefuses(t *testing.T) {
	for _, c := range []struct{ name, xml, want string }{
		{"no name", `<PROPERTY TYPE="string"/>`, "PROPERTY: PROPERTY has no attribute NAME"},
		{"no type", `<PROPERTY NAME="P"/>`, "PROPERTY P: PROPERTY has no attribute TYPE"},
		{"an unknown type", `<PROPERTY NAME="P" TYPE="text"/>`, `PROPERTY P: TYPE: "text" is not a CIM type`},
		{"a wrong number", `<PROPERTY NAME="P" TYPE="uint8"><VALUE>x</VALUE></PROPERTY>`, `PROPERTY P: "x" is not a uint8`},
		{"a number too large", `<PROPERTY NAME="P" TYPE="uint8"><VALUE>256</VALUE></PROPERTY>`, `PROPERTY P: 256 is out of range for uint8`},
		{"an empty number", `<PROPERTY NAME="P" TYPE="uint8"><VALUE/></PROPERTY>`, `PROPERTY P: "" is not a uint8`},
		{"a wrong date", `<PROPERTY NAME="P" TYPE="datetime"><VALUE>20260231000000.000000+000</VALUE></PROPERTY>`, `PROPERTY P: "20260231000000.000000+000" is not a datetime: there is no such day`},
		{"two values", `<PROPERTY NAME="P" TYPE="uint8"><VALUE>1</VALUE><VALUE>2</VALUE></PROPERTY>`, "PROPERTY P: VALUE: VALUE was not expected, expected a single value"},
		{"an array in a scalar", `<PROPERTY NAME="P" TYPE="uint8"><VALUE.ARRAY/></PROPERTY>`, "PROPERTY P: VALUE.ARRAY: VALUE.ARRAY was not expected, expected a value of the declared type"},
		{"a scalar in an array", `<PROPERTY.ARRAY NAME="P" TYPE="uint8"><VALUE>1</VALUE></PROPERTY.ARRAY>`, "PROPERTY.ARRAY P: VALUE: VALUE was not expected, expected a value of the declared type"},
		{"a value in a reference", `<PROPERTY.REFERENCE NAME="P"><VALUE>1</VALUE></PROPERTY.REFERENCE>`, "PROPERTY.REFERENCE P: VALUE: VALUE was not expected, expected a value of the declared type"},
		{"an element in a value", `<PROPERTY NAME="P" TYPE="string"><VALUE>a<b/></VALUE></PROPERTY>`, "PROPERTY P: VALUE: b: VALUE holds b, expected text"},
		{"text", `<PROPERTY NAME="P" TYPE="string">text</PROPERTY>`, `PROPERTY P: text stands where elements are expected: "text"`},
		{"a wrong flag", `<PROPERTY NAME="P" TYPE="string" PROPAGATED="yes"/>`, `PROPERTY P: PROPAGATED is "yes", expected true or false`},
		{"a wrong size", `<PROPERTY.ARRAY NAME="P" TYPE="string" ARRAYSIZE="-1"/>`, `PROPERTY.ARRAY P: ARRAYSIZE: -1 is out of range for uint32`},
		{"a wrong EmbeddedObject", `<PROPERTY NAME="P" TYPE="string" EmbeddedObject="class"/>`, `PROPERTY P: EmbeddedObject is "class", expected instance or object`},
		{"an embedded object that is none", `<PROPERTY NAME="P" TYPE="string" EmbeddedObject="instance"><VALUE>x</VALUE></PROPERTY>`,
			"PROPERTY P: embedded object: text stands outside the root element (byte 1)"},
		{"a class as an embedded instance", `<PROPERTY NAME="P" TYPE="string" EmbeddedObject="instance"><VALUE>&lt;CLASS NAME="X"/></VALUE></PROPERTY>`,
			"PROPERTY P: embedded object: a class, expected an instance"},
		{"an element in VALUE.NULL", `<PROPERTY.ARRAY NAME="P" TYPE="string"><VALUE.ARRAY><VALUE.NULL><a/></VALUE.NULL></VALUE.ARRAY></PROPERTY.ARRAY>`,
			"VALUE.ARRAY: VALUE.NULL: a: VALUE.NULL holds a, expected nothing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := decodeElement(c.xml, property)
			var e *DecodeError
			if !errors.As(err, &e) || !errors.Is(e.Kind, ErrNotValid) || !strings.HasPrefix(e.Error(), c.want+" (byte ") {
				t.Errorf("%s\ngot  %v\nwant %s", c.xml, err, c.want)
			}
		})
	}
}

func TestDecodeKeyValue(t *testing.T) {
	for _, c := range []struct {
		xml  string
		want cim.Value
	}{
		{`<KEYVALUE>a</KEYVALUE>`, cim.String("a")},
		{`<KEYVALUE VALUETYPE="string">1</KEYVALUE>`, cim.String("1")},
		{`<KEYVALUE VALUETYPE="numeric">42</KEYVALUE>`, cim.Integer(42)},
		{`<KEYVALUE VALUETYPE="numeric">-42</KEYVALUE>`, cim.Integer(-42)},
		{`<KEYVALUE VALUETYPE="numeric">1.5</KEYVALUE>`, cim.Real64(1.5)},
		{`<KEYVALUE VALUETYPE="numeric" TYPE="uint8">42</KEYVALUE>`, cim.Uint8(42)},
		{`<KEYVALUE VALUETYPE="boolean">TRUE</KEYVALUE>`, cim.Boolean(true)},
		{`<KEYVALUE TYPE="sint16">-1</KEYVALUE>`, cim.Sint16(-1)},
		{`<KEYVALUE VALUETYPE="string" TYPE="uint8">7</KEYVALUE>`, cim.Uint8(7)},
		{`<KEYVALUE TYPE="">7</KEYVALUE>`, cim.String("7")},
		{`<VALUE.REFERENCE><INSTANCENAME CLASSNAME="CIM_X"/></VALUE.REFERENCE>`, cim.Reference(cim.InstancePath("", "CIM_X"))},
	} {
		got, err := decodeElement(c.xml, (*decoder).keyValue)
		if err != nil || !got.Equal(c.want) {
			t.Errorf("%s: got %v %v, %v, want %v %v", c.xml, got.Type(), got, err, c.want.Type(), c.want)
		}
	}
	for _, xml := range []string{
		`<KEYVALUE VALUETYPE="numeric">x</KEYVALUE>`, `<KEYVALUE VALUETYPE="text">x</KEYVALUE>`,
		`<VALUE.REFERENCE><CLASSNAME NAME="CIM_X"/></VALUE.REFERENCE>`, `<KEYVALUE VALUETYPE="boolean">1</KEYVALUE>`, `<VALUE>x</VALUE>`, `<VALUE.REFERENCE/>`,
	} {
		if v, err := decodeElement(xml, (*decoder).keyValue); !errors.Is(err, ErrNotValid) {
			t.Errorf("%s: got %v, %v, want an error", xml, v, err)
		}
	}
}

func TestDecodePaths(t *testing.T) {
	const namespace = `<LOCALNAMESPACEPATH><NAMESPACE NAME="root"/><NAMESPACE NAME="cimv2"/></LOCALNAMESPACEPATH>`
	const host = `<NAMESPACEPATH><HOST> esx1:5989 </HOST>` + namespace + `</NAMESPACEPATH>`
	const name = `<INSTANCENAME CLASSNAME="CIM_X"><KEYBINDING NAME="K"><KEYVALUE>a</KEYVALUE></KEYBINDING></INSTANCENAME>`
	for xml, want := range map[string]string{
		`<CLASSNAME NAME="CIM_X"/>`: `CIM_X`,
		`<LOCALCLASSPATH>` + namespace + `<CLASSNAME NAME="CIM_X"/></LOCALCLASSPATH>`: `root/cimv2:CIM_X`,
		`<CLASSPATH>` + host + `<CLASSNAME NAME="CIM_X"/></CLASSPATH>`:                `//esx1:5989/root/cimv2:CIM_X`,
		name: `CIM_X.K="a"`,
		`<LOCALINSTANCEPATH>` + namespace + name + `</LOCALINSTANCEPATH>`:                                                                    `root/cimv2:CIM_X.K="a"`,
		`<INSTANCEPATH>` + host + name + `</INSTANCEPATH>`:                                                                                   `//esx1:5989/root/cimv2:CIM_X.K="a"`,
		`<INSTANCENAME CLASSNAME="CIM_X"/>`:                                                                                                  `CIM_X=@`,
		`<INSTANCENAME CLASSNAME="CIM_X"><KEYVALUE>a</KEYVALUE></INSTANCENAME>`:                                                              `CIM_X.="a"`,
		`<LOCALCLASSPATH><LOCALNAMESPACEPATH><NAMESPACE NAME="root/cimv2/"/></LOCALNAMESPACEPATH><CLASSNAME NAME="CIM_X"/></LOCALCLASSPATH>`: `root/cimv2:CIM_X`,
	} {
		got, err := decodeElement(xml, (*decoder).path)
		if err != nil || got.String() != want {
			t.Errorf("%s: got %s, %v, want %s", xml, got, err, want)
		}
	}
	for _, xml := range []string{
		`<CLASSNAME/>`, `<INSTANCENAME/>`, `<HOST>x</HOST>`, `<INSTANCEPATH/>`,
		`<INSTANCEPATH>` + host + `<CLASSNAME NAME="CIM_X"/></INSTANCEPATH>`,
		`<LOCALCLASSPATH>` + namespace + name + `</LOCALCLASSPATH>`,
		`<LOCALCLASSPATH>` + namespace + `</LOCALCLASSPATH>`,
		`<LOCALCLASSPATH><LOCALNAMESPACEPATH/><CLASSNAME NAME="CIM_X"/></LOCALCLASSPATH>`,
		`<INSTANCENAME CLASSNAME="X"><KEYBINDING NAME="K"/></INSTANCENAME>`,
		`<INSTANCENAME CLASSNAME="X"><KEYBINDING NAME="K"><KEYVALUE/><KEYVALUE/></KEYBINDING></INSTANCENAME>`,
	} {
		if p, err := decodeElement(xml, (*decoder).path); !errors.Is(err, ErrNotValid) {
			t.Errorf("%s: got %s, %v, want an error", xml, p, err)
		}
	}
}

func TestDecodeObjects(t *testing.T) {
	const name = `<INSTANCENAME CLASSNAME="X"><KEYBINDING NAME="K"><KEYVALUE>a</KEYVALUE></KEYBINDING></INSTANCENAME>`
	const local = `<LOCALINSTANCEPATH><LOCALNAMESPACEPATH><NAMESPACE NAME="n"/></LOCALNAMESPACEPATH>` + name + `</LOCALINSTANCEPATH>`
	const class = `<LOCALCLASSPATH><LOCALNAMESPACEPATH><NAMESPACE NAME="n"/></LOCALNAMESPACEPATH><CLASSNAME NAME="X"/></LOCALCLASSPATH>`
	for _, c := range []struct {
		xml  string
		path string // "-" when it is refused
	}{
		{`<VALUE.OBJECT><INSTANCE CLASSNAME="X"/></VALUE.OBJECT>`, ""},
		{`<VALUE.OBJECT><CLASS NAME="X"/></VALUE.OBJECT>`, ""},
		{`<VALUE.OBJECTWITHLOCALPATH>` + local + `<INSTANCE CLASSNAME="X"/></VALUE.OBJECTWITHLOCALPATH>`, `n:X.K="a"`},
		{`<VALUE.OBJECTWITHPATH>` + class + `<CLASS NAME="X"/></VALUE.OBJECTWITHPATH>`, `n:X`},
		{`<VALUE.OBJECTWITHPATH>` + local + `<CLASS NAME="X"/></VALUE.OBJECTWITHPATH>`, "-"},
		{`<VALUE.OBJECTWITHPATH>` + class + `<INSTANCE CLASSNAME="X"/></VALUE.OBJECTWITHPATH>`, "-"},
		{`<VALUE.OBJECTWITHPATH><INSTANCE CLASSNAME="X"/></VALUE.OBJECTWITHPATH>`, "-"},
		{`<VALUE.OBJECTWITHPATH>` + local + `</VALUE.OBJECTWITHPATH>`, "-"},
		{`<VALUE.OBJECTWITHPATH/>`, "-"},
		{`<VALUE.OBJECT><INSTANCE CLASSNAME="X"/><INSTANCE CLASSNAME="X"/></VALUE.OBJECT>`, "-"},
	} {
		v, err := decodeElement(c.xml, (*decoder).object)
		if c.path == "-" {
			if !errors.Is(err, ErrNotValid) {
				t.Errorf("%s: got %v, %v, want an error", c.xml, v, err)
			}
			continue
		}
		var path cim.ObjectPath
		if i, ok := v.Instance(); ok {
			path = i.Path
		} else if c, ok := v.Class(); ok {
			path = c.Path
		}
		if err != nil || path.String() != c.path {
			t.Errorf("%s: got %s, %v, want %s", c.xml, path, err, c.path)
		}
	}
}

func TestDecodeNamedInstance(t *testing.T) {
	const name = `<INSTANCENAME CLASSNAME="X"><KEYBINDING NAME="K"><KEYVALUE>a</KEYVALUE></KEYBINDING></INSTANCENAME>`
	i, err := decodeElement(`<VALUE.NAMEDINSTANCE>`+name+`<INSTANCE CLASSNAME="X"/></VALUE.NAMEDINSTANCE>`, (*decoder).namedInstance)
	if err != nil || i.Class != "X" || i.Path.String() != `X.K="a"` {
		t.Errorf("got %v at %s, %v", i, i.Path, err)
	}
	for _, content := range []string{
		"", name, `<INSTANCE CLASSNAME="X"/>`, `<INSTANCE CLASSNAME="X"/>` + name,
		name + `<INSTANCE CLASSNAME="X"/><INSTANCE CLASSNAME="X"/>`, `<CLASSNAME NAME="X"/><INSTANCE CLASSNAME="X"/>`,
	} {
		if i, err := decodeElement(`<VALUE.NAMEDINSTANCE>`+content+`</VALUE.NAMEDINSTANCE>`, (*decoder).namedInstance); !errors.Is(err, ErrNotValid) {
			t.Errorf("%s: got %v, %v, want an error", content, i, err)
		}
	}
}

func TestDecodeQualifierType(t *testing.T) {
	got, err := decodeElement(`<QUALIFIER.DECLARATION NAME="Values" TYPE="string" ISARRAY="true" TRANSLATABLE="true">`+
		`<SCOPE PROPERTY="true" METHOD="true"/><VALUE.ARRAY><VALUE>a</VALUE></VALUE.ARRAY></QUALIFIER.DECLARATION>`, (*decoder).qualifierType)
	want := &cim.QualifierType{
		Name: "Values", Default: cim.Strings("a"), Scope: cim.ScopeProperty | cim.ScopeMethod,
		Flavor: cim.DefaultFlavor | cim.Translatable,
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}

// TestDecodeNothingCutOff cuts every message of testdata at every byte: none of the
// pieces may be taken for the whole.
func TestDecodeNothingCutOff(t *testing.T) {
	for name, text := range messages(t) {
		text = bytes.TrimSpace(text)
		decode := decoderOf(name)
		if err := decode(text); err != nil && !errors.Is(err, ErrBatch) && !errors.Is(err, cim.StatusInvalidNamespace) {
			t.Errorf("%s: %v", name, err)
		}
		for n := range text {
			err := decode(text[:n:n])
			if _, ok := errors.AsType[*DecodeError](err); !ok {
				t.Fatalf("%s, the first %d of %d bytes: %v", name, n, len(text), err)
			}
		}
	}
}

// decoderOf returns what decodes a message of testdata, by its name.
func decoderOf(name string) func([]byte) error {
	kind, operation, _ := strings.Cut(name, "-")
	switch kind {
	case "export":
		return func(text []byte) error { _, err := DecodeExport(text); return err }
	case "request":
		return func(text []byte) error {
			d := newDecoder(text, Limits{}, ModeDefault)
			d.request()
			return d.err
		}
	default:
		return func(text []byte) error { return decodeResponse(text, operation) }
	}
}

func decodeResponse(text []byte, operation string) error {
	d := newDecoder(text, Limits{}, ModeDefault)
	req := &Request{Namespace: "root/cimv2"}
	each := func() bool { d.resultInstance(req); return true }
	method, _, _ := strings.Cut(operation, "-")
	switch method {
	case "invokemethod":
		d.methodResponse("1001", "SayHello")
		return d.err
	case "enumerateinstancenames":
		each = func() bool { d.resultPath(req); return true }
	case "associators":
		each = func() bool { d.resultObject(req); return true }
	case "refused":
		method = "EnumerateInstances"
	}
	d.intrinsicResponse("1001", method, each)
	return d.err
}

// TestExportDecoderKeepsNothing decodes different messages with one decoder, overwrites
// each body behind its back, and finds every indication as it was.
func TestExportDecoderKeepsNothing(t *testing.T) {
	x := NewExportDecoder(Limits{})
	type pair struct{ got, want *Export }
	var pairs []pair
	for range 3 {
		for name, text := range messages(t) {
			if !strings.HasPrefix(name, "export-") {
				_, err := x.Decode(text)
				if err == nil {
					t.Errorf("%s was taken for an export", name)
				}
				continue
			}
			want, err := DecodeExport(bytes.Clone(text))
			if err != nil {
				t.Fatal(err)
			}
			got, err := x.Decode(text)
			if err != nil {
				t.Fatal(err)
			}
			for i := range text {
				text[i] = 'x'
			}
			pairs = append(pairs, pair{got, want})
		}
	}
	for _, p := range pairs {
		if !p.got.Indication.Equal(p.want.Indication) || p.got.ID != p.want.ID || p.got.Method != p.want.Method {
			t.Errorf("got  %s %v\nwant %s %v", p.got.ID, p.got.Indication, p.want.ID, p.want.Indication)
		}
	}
	if x.d.buf != nil || x.d.free == nil || x.d.free.buf != nil {
		t.Error("the decoder holds on to a body")
	}
}

// TestExportDecoderShrinks sees to it that one large message does not stay in a pool.
func TestExportDecoderShrinks(t *testing.T) {
	big := strings.Repeat("x", 10*maxScratch)
	var many strings.Builder
	for range maxCount + 1 {
		many.WriteString("<VALUE>1</VALUE>")
	}
	text := `<CIM CIMVERSION="2.0" DTDVERSION="2.0"><MESSAGE ID="` + big + `" PROTOCOLVERSION="1.0"><SIMPLEEXPREQ>` +
		`<EXPMETHODCALL NAME="ExportIndication"><EXPPARAMVALUE NAME="NewIndication"><INSTANCE CLASSNAME="X">` +
		`<PROPERTY NAME="P" TYPE="string"><VALUE>` + big + `</VALUE></PROPERTY><PROPERTY.ARRAY NAME="Q" TYPE="uint8"><VALUE.ARRAY>` + many.String() +
		`</VALUE.ARRAY></PROPERTY.ARRAY></INSTANCE></EXPPARAMVALUE></EXPMETHODCALL></SIMPLEEXPREQ></MESSAGE></CIM>`
	x := NewExportDecoder(Limits{})
	e, err := x.Decode([]byte(text))
	if err != nil || e.Indication.Text("P") != big || e.ID != big {
		t.Fatalf("%v", err)
	}
	if n := max(largest(x.d.spares), cap(x.d.data)); n > maxScratch {
		t.Errorf("the decoder keeps %d bytes", n)
	}
	if cap(x.d.values) > maxCount {
		t.Errorf("the decoder keeps %d values", cap(x.d.values))
	}
}

// TestEmbeddedLimits nests embedded objects, which cost an escaping each time.
func TestEmbeddedLimits(t *testing.T) {
	inner := cim.NewInstance("X")
	for range 5 {
		inner = cim.NewInstance("X", cim.Prop("P", cim.EmbeddedInstance(inner)))
	}
	body, err := EncodeExport("1", inner)
	if err != nil {
		t.Fatal(err)
	}
	e, err := NewExportDecoder(Limits{Embedded: 5}).Decode(body)
	if err != nil || !e.Indication.Equal(inner) {
		t.Errorf("got %v, %v", e, err)
	}
	if _, err := NewExportDecoder(Limits{Embedded: 4}).Decode(body); !errors.Is(err, ErrTooLarge) ||
		!strings.Contains(err.Error(), "embedded objects are nested deeper than 4") {
		t.Errorf("got %v, want that they are nested too deep", err)
	}
	// Six elements stand around each, and open elements count through embedded objects.
	if _, err := NewExportDecoder(Limits{Depth: 12}).Decode(body); !errors.Is(err, ErrTooLarge) ||
		!strings.Contains(err.Error(), "elements are nested deeper") {
		t.Errorf("got %v, want that elements are nested too deep", err)
	}
}
