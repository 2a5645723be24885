package cimxml

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/cimwatch/cimwatch/cim"
)

// seeds adds the messages of testdata and some that are wrong in ways of their own.
func seeds(f *testing.F) {
	for _, text := range messages(f) {
		f.Add(text)
	}
	for _, text := range []string{
		"", "<", "<?>", "<!>", "<!-->", "<![CDATA[", "<a>]]></a>", "&#xD800;", "\uFEFF<a/>", "<a b='&lt'>;</a>",
		`<!DOCTYPE a [<!ENTITY b "&b;&b;">]><a>&b;</a>`, "<a\r\nb='\r\n'>\r\r\n</a>", "\xFF\xFE<\x00",
		`<CIM CIMVERSION="2." DTDVERSION="2."><MESSAGE ID="" PROTOCOLVERSION="1."><SIMPLEEXPREQ><EXPMETHODCALL NAME="">` +
			`<EXPPARAMVALUE NAME="NewIndication"><INSTANCE CLASSNAME="0"><PROPERTY NAME="" TYPE="string"/><PROPERTY NAME="" TYPE="sint64"/>` +
			`</INSTANCE></EXPPARAMVALUE></EXPMETHODCALL></SIMPLEEXPREQ></MESSAGE></CIM>`,
		`<CIM CIMVERSION="2.0" DTDVERSION="2.0"><MESSAGE ID="" PROTOCOLVERSION="1.0"><SIMPLEEXPREQ><EXPMETHODCALL NAME=""/></SIMPLEEXPREQ></MESSAGE></CIM>`,
		`<CIM CIMVERSION="2.0" DTDVERSION="2.0"><MESSAGE ID="" PROTOCOLVERSION="1.0"><SIMPLEEXPREQ><EXPMETHODCALL NAME="E"><EXPPARAMVALUE NAME="NewIndication">` +
			`<INSTANCE CLASSNAME="A"><PROPERTY NAME="P" TYPE="` + strings.Repeat("k", 5000) + `"/></INSTANCE></EXPPARAMVALUE></EXPMETHODCALL></SIMPLEEXPREQ></MESSAGE></CIM>`,
	} {
		f.Add([]byte(text))
	}
}

// FuzzScanner scans from memory and byte by byte, which must come to the same.
func FuzzScanner(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, document []byte) {
		for _, limits := range []Limits{{}, {Depth: 4, Attributes: 2}} {
			_, _ = bothWays(t, document, limits) // it reports what differs
		}
	})
}

// FuzzDecodeExport holds what the decoder takes against the reference decoder, decodes it
// again from its own encoding, and sees to it that errors are short and of a known kind.
func FuzzDecodeExport(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := DecodeExport(body)
		if err != nil {
			checkKind(t, err)
			return
		}
		compareWithReference(t, body, got)
		decodeAgain(t, body, got)
		if got.Indication == nil {
			return
		}
		again, err := EncodeExport(got.ID, got.Indication)
		if err != nil {
			t.Fatalf("what was decoded is not encoded: %v", err)
		}
		if _, err := DecodeExport(again); err != nil {
			t.Fatalf("what was encoded is not decoded: %v\n%s", err, again)
		}
	})
}

// decodeAgain decodes an export that a decoder has read before, in each mode: what it
// remembers changes nothing.
func decodeAgain(t *testing.T, body []byte, want *Export) {
	t.Helper()
	x := NewExportDecoder(Limits{})
	for _, mode := range []Mode{ModeDefault, ModeLenient, ModeStrict} {
		x.Mode = mode
		first, firstErr := x.Decode(body)
		if mode != ModeStrict && (firstErr != nil || !sameExport(first, want)) {
			t.Fatalf("%s: got %+v, %v, want %+v", mode, first, firstErr, want)
		}
		for range 2 {
			if again, err := x.Decode(body); fmt.Sprint(err) != fmt.Sprint(firstErr) || !sameExport(again, first) {
				t.Fatalf("%s: at first %+v, %v, and then %+v, %v", mode, first, firstErr, again, err)
			}
		}
	}
}

// sameExport compares exports. Equal takes properties by their names, of which a document
// may have two.
func sameExport(a, b *Export) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.ID == b.ID && a.Method == b.Method && sameInstance(a.Indication, b.Indication)
}

func sameInstance(a, b *cim.Instance) bool {
	if a == nil || b == nil {
		return a == b
	}
	return wireText(cim.EmbeddedInstance(a)) == wireText(cim.EmbeddedInstance(b))
}

func checkKind(t *testing.T, err error) {
	t.Helper()
	var e *DecodeError
	if !errors.As(err, &e) || len(err.Error()) > 3000 {
		t.Fatalf("the error is %.4000v", err)
	}
	for _, kind := range []error{
		ErrNotWellFormed, ErrNotUTF8, ErrNotValid, ErrTooLarge, ErrCIMVersion, ErrDTDVersion, ErrProtocolVersion, ErrBatch,
	} {
		if errors.Is(e.Kind, kind) {
			return
		}
	}
	t.Fatalf("the kind of %v is %v", err, e.Kind)
}

func compareWithReference(t *testing.T, body []byte, got *Export) {
	t.Helper()
	id, indication, err := referenceExport(body)
	switch {
	case errors.Is(err, errOutside) || err != nil && strings.Contains(err.Error(), "invalid XML name"):
		return // encoding/xml has the names of XML 1.0's fourth edition
	case err != nil:
		t.Fatalf("the reference decoder refuses: %v\n%s", err, body)
	case id != got.ID:
		t.Fatalf("the ID is %q, that of the reference %q", got.ID, id)
	case !sameInstance(got.Indication, indication):
		t.Fatalf("got       %v\nreference %v\n%s", got.Indication, indication, body)
	}
}

// TestReference holds the decoder and the reference decoder equal on the exports of
// testdata and of the captures.
func TestReference(t *testing.T) {
	compared := 0
	for name, body := range messages(t) {
		if strings.HasPrefix(name, "export-") {
			compared += compareExport(t, name, body)
		}
	}
	if compared < 3 {
		t.Errorf("only %d exports of testdata were compared", compared)
	}
	if _, err := os.Stat("../../shared/captures"); err == nil || os.Getenv("CIMWATCH_CAPTURES") != "" {
		for _, c := range captures(t) {
			if bytes.HasPrefix(c.request, []byte("POST ")) && bytes.Contains(c.request, []byte("\r\nCIMExportMethod:")) {
				compared += compareExport(t, c.name, c.body())
			}
		}
	}
	t.Logf("%d exports compared", compared)
}

func compareExport(t *testing.T, name string, body []byte) int {
	t.Helper()
	got, err := DecodeExport(body)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return 0
	}
	if _, _, err := referenceExport(body); errors.Is(err, errOutside) {
		return 0
	}
	compareWithReference(t, body, got)
	return 1
}

// FuzzReadRequest reads requests as a server does.
func FuzzReadRequest(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		req, err := ReadRequest(bytes.NewReader(body), Limits{})
		if _, other := ReadRequest(iotest.HalfReader(bytes.NewReader(body)), Limits{}); fmt.Sprint(err) != fmt.Sprint(other) {
			t.Fatalf("in one piece %v, in many %v", err, other)
		}
		if err != nil {
			checkKind(t, err)
			return
		}
		if req.Method == "" && req.Namespace == "" && !req.Extrinsic() {
			t.Fatalf("a request of nothing: %+v", req)
		}
		var b bytes.Buffer
		if err := WriteResponse(&b, req, &Response{}); err != nil {
			t.Fatal(err)
		}
		d := newDecoder(b.Bytes(), Limits{}, ModeDefault)
		if req.ID == "" {
			return // is taken for a refusal
		}
		if req.Extrinsic() {
			d.methodResponse(req.ID, req.Method)
		} else {
			d.intrinsicResponse(req.ID, req.Method, func() bool { return true })
		}
		if d.err != nil {
			t.Fatalf("the client does not read %s: %v", b.String(), d.err)
		}
	})
}
