package listener_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/listener"
)

// A listenerCase is a request and what pywbem's listener made of it.
type listenerCase struct {
	Desc    string
	Request struct {
		Method, Path, Version string
		Headers               [][2]string
		Body                  string
		BodyB64               []byte `json:"body_b64"`
		NoLength              bool   `json:"no_length"`
		HalfClose             bool   `json:"half_close"`
		Twice                 bool
	}
	Expect struct {
		Error     string
		Responses []struct {
			Status  int
			Headers [][2]string
			Body    string
		}
		Delivered json.RawMessage // mostly []deliveredInstance
	}
}

type deliveredInstance struct {
	Classname  string
	Properties []struct {
		Name, Type string
		IsArray    bool `json:"is_array"`
		Value      json.RawMessage
	}
}

// Reasons that several cases share.
const (
	wellFormed    = "it is well-formed; what is no CIM-XML is request-not-valid"
	unsupported   = "DSP0200 answers 501 to what is not supported"
	refusedEntity = "entity declarations are refused"
	anyCase       = "CIM names compare without regard to case"
	encoded       = "415 is about what was sent, 406 about what may be answered"
	mismatch      = "the header must say what the message says"
	asText        = "a value that is not of its type is kept as text: what is refused may never come again"
)

// deviations are the cases in which pywbem is not followed, and why.
var deviations = map[string]string{
	"Invalid Content-Type header":                                       encoded,
	"Invalid Content-Encoding header":                                   encoded,
	"CIM-XML: Missing EXPMETHODCALL element":                            wellFormed,
	"500 nested elements inside VALUE":                                  wellFormed,
	"SIMPLEREQ instead of SIMPLEEXPREQ":                                 wellFormed,
	"unknown element in INSTANCE":                                       wellFormed,
	"no NAME on PROPERTY":                                               wellFormed,
	"no TYPE on PROPERTY":                                               asText,
	"uint8 not a number":                                                asText,
	`boolean "1"`:                                                       asText,
	`real32 "x"`:                                                        asText,
	`datetime "20100709160735"`:                                         asText,
	`datetime "20101309160735.766255+000"`:                              asText,
	`datetime "00000000000000.000000+000"`:                              asText,
	"embedded instance, escaped twice less (raw child element)":         wellFormed,
	"invalid UTF-8 byte FF in a value":                                  "bad UTF-8 is request-not-valid in DSP0200",
	"CESU-8 surrogate in a value":                                       "bad UTF-8 is request-not-valid in DSP0200",
	"UTF-16 body, declared":                                             "DSP0200 allows UTF-8 alone",
	"Unsupported protocol version (PROTOCOLVERSION in MESSAGE element)": unsupported,
	"CIMVERSION 3.0":                                                    unsupported,
	"CIMProtocolVersion 2.0":                                            unsupported,
	"MULTIEXPREQ of two":                                                mismatch,
	"internal entity":                                                   refusedEntity,
	"external entity file:///etc/hostname":                              refusedEntity,
	"entity expansion, 4 levels of 10 (100 kB)":                         refusedEntity,
	`entity expansion, 8 levels of 10 (1 GB, "billion laughs")`:         refusedEntity,
	"export method in lower case":                                       anyCase,
	"parameter name in lower case":                                      anyCase,
	"CIMExport: MethodResponse":                                         mismatch,
	"CIMExportMethod differs from EXPMETHODCALL NAME":                   mismatch,
	"Content-Length too long, half close":                               "a body that ends early may lack anything",
	"Invalid HTTP method M-POST (as DSP0200 1.0 spells it)":             "M-POST is served",
	"Unknown HTTP method FOO":                                           "405 names the methods served, whatever the other is",
	"EXPPARAMVALUE with CLASS":                                          "a parameter that holds no instance is ERROR 4",
	"unknown attribute on CIM":                                          "attributes that nobody knows are left alone",
	"embedded object empty":                                             "an empty embedded object is NULL",
	"two requests pipelined on one connection":                          "connections stay open, both are kept",
	"same property twice":                                               "the first counts, both are kept",
}

// TestConformance sends the cases of listener_http.json, in the directory that
// CIMWATCH_CONFORMANCE names, by default one beside the checkout, over TLS, too.
func TestConformance(t *testing.T) {
	dir := os.Getenv("CIMWATCH_CONFORMANCE")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared", "conformance")
	}
	text, err := os.ReadFile(filepath.Join(dir, "listener_http.json"))
	if err != nil {
		t.Skipf("no conformance cases: %v", err)
	}
	var file struct{ Cases []listenerCase }
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	for _, w := range wires(t) {
		t.Run(w.name, func(t *testing.T) { testConformance(t, w, file.Cases) })
	}
}

func testConformance(t *testing.T, w wire, cases []listenerCase) {
	passed, differing, failed := 0, 0, 0
	for _, c := range cases {
		problem, reason := c.problem(t, w), deviations[c.Desc]
		switch {
		case problem == "" && (reason == "" || os.Getenv("CIMWATCH_CONFORMANCE") != ""):
			passed++
		case problem == "":
			t.Errorf("%s: said to differ, but does not", c.Desc)
			failed++
		case reason == "":
			t.Errorf("%s: %s", c.Desc, problem)
			failed++
		default:
			t.Logf("differs: %s: %s: %s", c.Desc, problem, reason)
			differing++
		}
	}
	t.Logf("listener_http: %d passed, %d differing, %d failed", passed, differing, failed)
	if passed == 0 {
		t.Error("no case passed")
	}
}

// problem sends the case and says what is not as pywbem had it, "" if nothing.
func (c *listenerCase) problem(t *testing.T, w wire) string {
	k := &keeper{}
	server, addr := start(t, k, &listener.Options{TLS: w.tls})
	defer func() { _ = server.Shutdown(t.Context()) }()
	conn := w.dial(t, addr)
	defer conn.Close()
	text := c.text()
	if c.Request.Twice {
		text += text
	}
	conn.send(t, text)
	if c.Request.HalfClose {
		if half, ok := conn.Conn.(interface{ CloseWrite() error }); ok {
			_ = half.CloseWrite()
		}
	}
	if len(c.Expect.Responses) == 0 {
		got := conn.receive(t, c.Request.Method)
		return fmt.Sprintf("status %d, pywbem: %s", got.StatusCode, c.Expect.Error)
	}
	for _, want := range c.Expect.Responses {
		got := conn.receive(t, c.Request.Method)
		if got.StatusCode == 100 && want.Status != 100 {
			got = conn.receive(t, c.Request.Method)
		}
		if got.StatusCode != want.Status {
			return fmt.Sprintf("status %d, pywbem %d", got.StatusCode, want.Status)
		}
		if e := headerOf(want.Headers, "CIMError"); got.Header.Get("CIMError") != e {
			return fmt.Sprintf("CIMError %q, pywbem %q", got.Header.Get("CIMError"), e)
		}
		if e := headerOf(want.Headers, "CIMExport"); got.Header.Get("CIMExport") != e {
			return fmt.Sprintf("CIMExport %q, pywbem %q", got.Header.Get("CIMExport"), e)
		}
		if code := errorCode(want.Body); errorCode(got.body) != code {
			return fmt.Sprintf("ERROR CODE %q, pywbem %q", errorCode(got.body), code)
		}
	}
	if c.Request.Twice && len(c.Expect.Responses) == 1 {
		if second := conn.receive(t, c.Request.Method); second.StatusCode != 200 {
			return fmt.Sprintf("status %d to the second request", second.StatusCode)
		}
	}
	return c.compareDelivered(k.take())
}

// bigMark stands for bigText in the table.
const bigMark = "@1048576x@"

var bigText = strings.Repeat("x", 1<<20)

func (c *listenerCase) text() string {
	r := c.Request
	lines := []string{r.Method + " " + r.Path + " " + r.Version}
	for _, h := range r.Headers {
		lines = append(lines, h[0]+": "+h[1])
	}
	body := strings.Replace(r.Body, bigMark, bigText, 1)
	if r.BodyB64 != nil {
		body = string(r.BodyB64)
	}
	return strings.Join(lines, "\r\n") + "\r\n\r\n" + body
}

func headerOf(headers [][2]string, name string) string {
	for _, h := range headers {
		if h[0] == name {
			return h[1]
		}
	}
	return ""
}

// errorCode returns the CODE of an ERROR in a body.
func errorCode(body string) string {
	_, rest, _ := strings.Cut(body, `<ERROR CODE="`)
	code, _, _ := strings.Cut(rest, `"`)
	return code
}

// compareDelivered compares what the handler got with what pywbem's callback got.
func (c *listenerCase) compareDelivered(kept []*listener.Indication) string {
	if strings.Contains(c.Request.Body, bigMark) {
		if len(kept) != 1 || kept[0].Instance.Text("A") != bigText {
			return "the big value did not arrive"
		}
		return ""
	}
	var want []deliveredInstance
	if err := json.Unmarshal(c.Expect.Delivered, &want); err != nil {
		return fmt.Sprintf("delivered: %v", err)
	}
	if len(kept) != len(want) {
		return fmt.Sprintf("%d delivered, pywbem %d", len(kept), len(want))
	}
	for n, w := range want {
		got := kept[n].Instance
		if got.Class != w.Classname {
			return fmt.Sprintf("class %q, pywbem %q", got.Class, w.Classname)
		}
		for _, p := range w.Properties {
			v := got.Get(p.Name)
			if v.DeclaredType().String() != p.Type || v.IsArray() != p.IsArray || !sameJSON(v, p.Value) {
				return fmt.Sprintf("%s is %v %v, pywbem %s %.100s", p.Name, v.DeclaredType(), v, p.Type, p.Value)
			}
		}
	}
	return ""
}

// sameJSON compares a value with its form in the table. Of objects only the kind counts.
func sameJSON(v cim.Value, want json.RawMessage) bool {
	var decoded any
	return json.Unmarshal(want, &decoded) == nil && sameAny(v, decoded)
}

func sameAny(v cim.Value, want any) bool {
	switch want := want.(type) {
	case nil:
		return v.IsNull()
	case []any:
		return v.IsArray() && slices.EqualFunc(v.Elements(), want, sameAny)
	case map[string]any:
		return v.Type() == cim.TypeInstance || v.Type() == cim.TypeClass || v.Type() == cim.TypeReference
	case bool:
		b, ok := v.Boolean()
		return ok && b == want
	case string:
		text, ok := v.Text()
		return ok && text == want || !ok && (v.String() == want || plain(v) == normal(v.Type().String(), want))
	default:
		return false
	}
}
