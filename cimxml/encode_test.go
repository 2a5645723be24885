package cimxml

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/beevik/etree"

	"github.com/cimwatch/cimwatch/cim"
)

// TestEncodeRefusesEverywhere encodes what XML cannot carry: it is an error, wherever it stands, and
// never replaced by something else.
func TestEncodeRefusesEverywhere(t *testing.T) {
	const bad = "a\x01b"
	instance := func(i *cim.Instance) *Request {
		return &Request{ID: "1", Method: "M", Namespace: "n", Params: []cim.Parameter{cim.Param("P", cim.EmbeddedInstance(i))}}
	}
	class := func(c *cim.Class) *Request {
		return &Request{ID: "1", Method: "M", Namespace: "n", Params: []cim.Parameter{cim.Param("P", cim.EmbeddedClass(c))}}
	}
	path := func(p cim.ObjectPath) *Request { return &Request{ID: "1", Method: "M", Object: p} }
	for name, req := range map[string]*Request{
		"ID":              {ID: bad, Method: "M", Namespace: "n"},
		"method":          {ID: "1", Method: bad, Namespace: "n"},
		"namespace":       {ID: "1", Method: "M", Namespace: bad},
		"parameter":       {ID: "1", Method: "M", Namespace: "n", Params: []cim.Parameter{cim.Param(bad, cim.String("x"))}},
		"class":           path(cim.ClassPath("n", bad)),
		"key":             path(cim.InstancePath("n", "C", cim.Key{Name: bad, Value: cim.String("x")})),
		"value of a key":  path(cim.InstancePath("n", "C", cim.Key{Name: "K", Value: cim.String(bad)})),
		"not UTF-8":       path(cim.ClassPath("n", "\xff")),
		"a surrogate":     path(cim.ClassPath("n", "\xed\xa0\x80")),
		"U+FFFE":          path(cim.ClassPath("n", "\uFFFE")),
		"class name":      instance(cim.NewInstance(bad)),
		"property":        instance(cim.NewInstance("C", cim.Prop(bad, cim.String("x")))),
		"value":           instance(cim.NewInstance("C", cim.Prop("P", cim.String(bad)))),
		"embedded value":  instance(cim.NewInstance("C", cim.Prop("P", cim.EmbeddedInstance(cim.NewInstance("D", cim.Prop("Q", cim.String(bad))))))),
		"class origin":    instance(cim.NewInstance("C", cim.Property{Name: "P", ClassOrigin: bad})),
		"reference class": instance(cim.NewInstance("C", cim.Property{Name: "P", Value: cim.Null(cim.TypeReference), ReferenceClass: bad})),
		"qualifier":       class(&cim.Class{Name: "C", Qualifiers: []cim.Qualifier{{Name: bad, Value: cim.Boolean(true)}}}),
		"super class":     class(&cim.Class{Name: "C", SuperClass: bad}),
		"method name":     class(&cim.Class{Name: "C", Methods: []cim.Method{{Name: bad}}}),
		"qualifier type":  {ID: "1", Method: "SetQualifier", Namespace: "n", Declaration: &cim.QualifierType{Name: bad}},
	} {
		body, err := req.Encode()
		if err == nil || !strings.Contains(err.Error(), "XML cannot carry the character at byte") || body != nil {
			t.Errorf("%s: got %s, %v, want an error", name, body, err)
		}
	}
	var out bytes.Buffer
	if err := WriteResponse(&out, &Request{ID: bad, Method: "M"}, &Response{}); err == nil {
		t.Errorf("the ID of a response: got %q", out.String())
	}
}

// TestWriteErrorDescription writes what a server may find in an error of its own: an answer
// is due all the same.
func TestWriteErrorDescription(t *testing.T) {
	var out bytes.Buffer
	err := WriteResponse(&out, &Request{ID: "1", Method: "M"}, &Response{Err: cim.Errorf(cim.StatusFailed, "a\x00b")})
	if err != nil || !strings.Contains(out.String(), "DESCRIPTION=\"a\uFFFDb\"") {
		t.Errorf("got %s, %v", out.String(), err)
	}
}

// TestEncodeEscapes reads what was encoded with another parser, through three levels of
// embedded objects.
func TestEncodeEscapes(t *testing.T) {
	const text = "<&>\"']]>\t\r\n é€𐅂 &amp; "
	i := cim.NewInstance("C", cim.Prop(`A"<&>`, cim.String(text)))
	for range 3 {
		i = cim.NewInstance("C", cim.Prop("P", cim.EmbeddedInstance(i)), cim.Prop("Q", cim.String(text)))
	}
	x := &encoder{}
	x.instance(i)
	document := string(x.out)
	for level := range 4 {
		tree := etree.NewDocument()
		if err := tree.ReadFromString(document); err != nil {
			t.Fatalf("level %d: %v\n%s", level, err, document)
		}
		properties := tree.Root().SelectElements("PROPERTY")
		last := properties[len(properties)-1]
		if got := last.SelectElement("VALUE").Text(); got != text {
			t.Errorf("level %d: got %q, want %q", level, got, text)
		}
		if name := last.SelectAttrValue("NAME", ""); level == 3 && name != `A"<&>` {
			t.Errorf("got the name %q", name)
		}
		document = properties[0].SelectElement("VALUE").Text()
	}
}

// TestWriteResponseStops sees to it that no more of a result is made than somebody reads.
func TestWriteResponseStops(t *testing.T) {
	made := 0
	endless := func(yield func(cim.Value) bool) {
		for yield(cim.EmbeddedInstance(cim.NewInstance("C", cim.Prop("P", cim.String(strings.Repeat("x", 1000)))))) {
			made++
		}
	}
	r, w := io.Pipe()
	gone := errors.New("gone")
	if err := r.CloseWithError(gone); err != nil {
		t.Fatal(err)
	}
	err := WriteResponse(w, &Request{ID: "1", Method: "M"}, &Response{Form: FormObject, Result: endless})
	if !errors.Is(err, gone) || made > 2*flushSize/1000 {
		t.Errorf("got %v after %d objects", err, made)
	}
}

// TestWriteResponseAllocations writes long results: what it takes does not grow with them.
func TestWriteResponseAllocations(t *testing.T) {
	one := cim.NewInstance("C", cim.Prop("A", cim.String("x<y")), cim.Prop("B", cim.Uint16s(1, 2)),
		cim.Prop("E", cim.EmbeddedInstance(cim.NewInstance("D", cim.Prop("P", cim.Boolean(true))))))
	one.Path = cim.InstancePath("n", "C", cim.Key{Name: "A", Value: cim.String("x")})
	values := slices.Repeat([]cim.Value{cim.EmbeddedInstance(one)}, 10_000)
	allocations := testing.AllocsPerRun(5, func() {
		resp := &Response{Form: FormNamedInstance, Result: slices.Values(values)}
		if err := WriteResponse(io.Discard, &Request{ID: "1", Method: "EnumerateInstances"}, resp); err != nil {
			t.Error(err)
		}
	})
	if perInstance := allocations / float64(len(values)); perInstance > 4 {
		t.Errorf("an instance takes %.1f allocations", perInstance)
	}
}

// BenchmarkWriteResponse writes a result of 1000 instances of 25 properties.
func BenchmarkWriteResponse(b *testing.B) {
	body := enumerateReply(b, 1000)
	values := make([]cim.Value, 0, 1000)
	for _, i := range decodeEnumerate(b, body, true) {
		values = append(values, cim.EmbeddedInstance(i))
	}
	b.ReportAllocs()
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		resp := &Response{Form: FormNamedInstance, Result: slices.Values(values)}
		if err := WriteResponse(io.Discard, &Request{ID: "1", Method: "EnumerateInstances"}, resp); err != nil {
			b.Fatal(err)
		}
	}
}
