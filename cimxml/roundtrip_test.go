package cimxml

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/cimwatch/cimwatch/cim"
)

func TestRoundTripExport(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := genInstance(0).Draw(t, "instance")
		id := genText().Draw(t, "id")
		body, err := EncodeExport(id, want)
		if err != nil {
			t.Fatal(err)
		}
		got, err := DecodeExport(body)
		if err != nil || got.ID != id || !got.Indication.Equal(want) {
			t.Fatalf("%s\ngot  %+v, %v\nwant %+v", body, got, err, want)
		}
	})
}

func TestRoundTripClass(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := genClass(0).Draw(t, "class")
		x := &encoder{}
		x.class(want)
		text := string(x.out)
		got, err := decodeElement(text, (*decoder).class)
		if err != nil || x.err != nil || !got.Equal(want) {
			t.Fatalf("%s\ngot  %+v, %v, %v\nwant %+v", text, got, err, x.err, want)
		}
	})
}

func TestRoundTripPath(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := genPath(1).Draw(t, "path")
		x := &encoder{}
		x.path(want)
		text := string(x.out)
		got, err := decodeElement(text, (*decoder).path)
		if err != nil || x.err != nil || !got.Equal(want) {
			t.Fatalf("%s\ngot  %s, %v, %v\nwant %s", text, got, err, x.err, want)
		}
	})
}

func TestRoundTripMethodCall(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := &Request{ID: genText().Draw(t, "id"), Method: genName().Draw(t, "method"), Object: genPath(1).Draw(t, "object").Local()}
		want.Object.Namespace = "root/cimv2"
		want.Params = genParams(t)
		body, err := want.Encode()
		if err != nil {
			t.Fatal(err)
		}
		got, err := ReadRequest(bytes.NewReader(body), Limits{})
		if err != nil || !equalRequests(got, want) {
			t.Fatalf("%s\ngot  %+v, %v\nwant %+v", body, got, err, want)
		}
	})
}

// genParams makes parameters of calls and their answers. The NULL of an array and of a
// class does not tell that it is one, so there is none.
func genParams(t *rapid.T) []cim.Parameter {
	var params []cim.Parameter
	for _, name := range genNames(t, 3) {
		v := genValue(0).Draw(t, "value")
		if v.IsNull() || v.IsArray() && allNull(v) {
			v = cim.Null(cim.TypeUint8)
		}
		params = append(params, cim.Param(name, v))
	}
	return params
}

func equalRequests(a, b *Request) bool {
	return a.ID == b.ID && a.Method == b.Method && a.Namespace == b.Namespace && a.Object.Equal(b.Object) &&
		slices.EqualFunc(a.Params, b.Params, cim.Parameter.Equal)
}

func TestRoundTripIntrinsicCall(t *testing.T) {
	path := cim.InstancePath("", "CIM_X", cim.Key{Name: "K", Value: cim.String("a")})
	named := cim.NewInstance("CIM_X", cim.Prop("K", cim.String("a")))
	named.Path = path
	want := &Request{ID: "7", Method: "Anything", Namespace: "root/cimv2", Params: []cim.Parameter{
		cim.Param("Class", cim.Reference(cim.ClassPath("", "CIM_X"))),
		cim.Param("Instance", cim.Reference(path)),
		cim.Param("Text", cim.String("a < b")),
		cim.Param("List", cim.Strings("a", "b")),
		cim.Param("NewInstance", cim.EmbeddedInstance(cim.NewInstance("CIM_X", cim.Prop("P", cim.Uint8(1))))),
		cim.Param("NewClass", cim.EmbeddedClass(&cim.Class{Name: "CIM_Y", SuperClass: "CIM_X"})),
		cim.Param("ModifiedInstance", cim.EmbeddedInstance(named)),
	}}
	sent := *want
	sent.Params = append(slices.Clone(want.Params), cim.Param("LeftOut", cim.Null(cim.TypeString)))
	body, err := sent.Encode()
	if err != nil {
		t.Fatal(err)
	}
	got, err := ReadRequest(bytes.NewReader(body), Limits{})
	if err != nil || got.Extrinsic() || !equalParams(got.Params, want.Params) || got.Namespace != want.Namespace {
		t.Errorf("%s\ngot  %+v, %v\nwant %+v", body, got, err, want)
	}
	if !slices.Equal(got.Names("list"), []string{"a", "b"}) || got.Names("none") != nil || !got.Path("INSTANCE").Equal(path) ||
		!got.Flag("none", true) || got.Flag("none", false) {
		t.Errorf("the parameters read as %v, %v", got.Names("list"), got.Path("INSTANCE"))
	}
}

// equalParams compares what intrinsic parameters carry: names and values.
func equalParams(a, b []cim.Parameter) bool {
	return slices.EqualFunc(a, b, func(p, q cim.Parameter) bool { return p.Name == q.Name && p.Value.Equal(q.Value) })
}

func TestRequestFlag(t *testing.T) {
	req := &Request{Params: []cim.Parameter{
		cim.Param("Yes", cim.String("TRUE")), cim.Param("No", cim.String("false")), cim.Param("Odd", cim.String("x")),
	}}
	if !req.Flag("yes", false) || req.Flag("no", true) || !req.Flag("odd", true) {
		t.Error("flags are read wrongly")
	}
}

func TestRoundTripMethodResponse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		req := &Request{ID: "9", Method: "Start", Object: cim.ClassPath("root/cimv2", "CIM_X")}
		want := &Response{Return: genScalar(rapid.SampledFrom(scalarTypes()).Draw(t, "type")).Draw(t, "value"), Out: genParams(t)}
		var b bytes.Buffer
		if err := WriteResponse(&b, req, want); err != nil {
			t.Fatal(err)
		}
		d := newStreamDecoder(bytes.NewReader(b.Bytes()), Limits{}, ModeDefault)
		result, out := d.methodResponse("9", "Start")
		if d.err != nil || !result.Equal(want.Return) || !slices.EqualFunc(out, want.Out, cim.Parameter.Equal) {
			t.Fatalf("%s\ngot  %v %+v, %v\nwant %v %+v", b.String(), result, out, d.err, want.Return, want.Out)
		}
	})
}

// TestEncodeRefuses gives what XML cannot carry: it is an error, not a changed value.
func TestEncodeRefuses(t *testing.T) {
	for _, text := range []string{"\x00", "a\x1f", "\xff", "\uFFFE", "a\xE2\x82"} {
		if body, err := EncodeExport("1", cim.NewInstance("X", cim.Prop("P", cim.String(text)))); err == nil {
			t.Errorf("%q: no error: %s", text, body)
		}
		inner := cim.NewInstance("X", cim.Prop("P", cim.Strings("a", text)))
		if body, err := EncodeExport("1", cim.NewInstance("X", cim.Prop("P", cim.EmbeddedInstance(inner)))); err == nil {
			t.Errorf("%q embedded: no error: %s", text, body)
		}
		path := cim.InstancePath("n", "X", cim.Key{Name: "K", Value: cim.String(text)})
		req := &Request{Method: "GetInstance", Namespace: "n", Params: []cim.Parameter{cim.Param("InstanceName", cim.Reference(path))}}
		if body, err := req.Encode(); err == nil || !strings.HasPrefix(err.Error(), "GetInstance: encode ") {
			t.Errorf("%q in a key: %v: %s", text, err, body)
		}
	}
}

func TestWriteXML(t *testing.T) {
	var b bytes.Buffer
	if err := WriteXML(&b, cim.NewInstance("X", cim.Prop("P", cim.String(" a\n<b> ")))); err != nil {
		t.Fatal(err)
	}
	want := `<INSTANCE CLASSNAME="X">
  <PROPERTY NAME="P" TYPE="string">
    <VALUE> a
&lt;b&gt; </VALUE>
  </PROPERTY>
</INSTANCE>
`
	if b.String() != want {
		t.Errorf("got  %q\nwant %q", b.String(), want)
	}
	for _, v := range []any{&cim.Class{Name: "X"}, cim.ClassPath("n", "X")} {
		if err := WriteXML(&b, v); err != nil {
			t.Errorf("%T: %v", v, err)
		}
	}
	if err := WriteXML(&b, "text"); err == nil {
		t.Error("a string was written")
	}
	if err := WriteXML(&b, cim.NewInstance("X", cim.Prop("P", cim.String("\x00")))); err == nil {
		t.Error("a control character was written")
	}
}
