package listener_test

import (
	"strings"
	"testing"

	"github.com/cimwatch/cimwatch/listener"
)

// An answerTest is a request and what must be answered. lines must stand in the header to
// the letter.
type answerTest struct {
	name     string
	request  string
	status   int
	reason   string
	lines    []string
	body     string // a part of it
	kept     bool
	closes   bool
	internal bool // answered by net/http: no reason is counted
}

func invalid(reason string) []string { return []string{"CIMError: " + reason} }

// noPath is what net/http takes as the path of a CONNECT.
const noPath = ""

const mpost = "M-POST /alerts HTTP/1.1"

// extended returns a good M-POST, but for edits.
func extended(edits ...string) string {
	all := append([]string{
		"-CIMExport", "-CIMExportMethod", "-CIMProtocolVersion",
		"Man: http://www.dmtf.org/cim/operation ; ns=40",
		"40-CIMExport: MethodRequest",
		"40-CIMExportMethod: ExportIndication",
		"40-CIMProtocolVersion: 1.0",
	}, edits...)
	return request(mpost, alert, all...)
}

var goodLines = []string{
	"CIMExport: MethodResponse",
	`Content-Type: application/xml; charset="utf-8"`,
}

var methodTests = []answerTest{
	{name: "POST", request: post(), status: 200, reason: "kept", kept: true, lines: goodLines},
	{name: "GET", request: request("GET /alerts HTTP/1.1", "", "-Content-Length"), status: 405,
		reason: "method-not-allowed", lines: []string{"Allow: POST, M-POST"}},
	{name: "HEAD", request: request("HEAD /alerts HTTP/1.1", "", "-Content-Length"), status: 405,
		reason: "method-not-allowed", lines: []string{"Allow: POST, M-POST"}},
	{name: "PUT", request: request("PUT /alerts HTTP/1.1", alert), status: 405,
		reason: "method-not-allowed", lines: []string{"Allow: POST, M-POST"}},
	{name: "OPTIONS of the server", request: request("OPTIONS * HTTP/1.1", ""), status: 405,
		reason: "method-not-allowed", lines: []string{"Allow: POST, M-POST"}},
	{name: "CONNECT", request: request("CONNECT host:1 HTTP/1.1", ""), status: 405,
		reason: "method-not-allowed", lines: []string{"Allow: POST, M-POST"}},
	{name: "a method nobody knows", request: request("M_POST /alerts HTTP/1.1", alert), status: 405,
		reason: "method-not-allowed", lines: []string{"Allow: POST, M-POST"}},
	{name: "M-POST", request: extended(), status: 200, reason: "kept", kept: true, lines: []string{
		"40-CIMExport: MethodResponse", "Ext: ", "Man: http://www.dmtf.org/cim/mapping/http/v1.0 ; ns=40"}},
	{name: "M-POST as DSP0200 writes it", status: 200, reason: "kept", kept: true,
		request: extended(`Man: http://elsewhere.example/; ns=12, "http://www.dmtf.org/cim/mapping/http/v1.0";ns=40`)},
	{name: "M-POST on HTTP/1.0", status: 400, reason: "extension-on-http-1.0", closes: true,
		request: strings.Replace(extended(), "HTTP/1.1", "HTTP/1.0", 1)},
	{name: "M-POST without Man", request: extended("-Man"), status: 510, reason: "extension-unknown"},
	{name: "M-POST for something else", status: 510, reason: "extension-unknown",
		request: extended("Man: http://elsewhere.example/ ; ns=40")},
	{name: "M-POST with a prefix of letters", status: 510, reason: "extension-unknown",
		request: extended("Man: http://www.dmtf.org/cim/operation ; ns=xy")},
	{name: "M-POST with the headers of POST", request: request(mpost, alert, "Man: http://www.dmtf.org/cim/operation ; ns=40"),
		status: 400, reason: "unsupported-operation", lines: []string{"40-CIMError: unsupported-operation"}},
	{name: "unknown path", request: request("POST /other HTTP/1.1", alert), status: 404, reason: "unknown-path"},
	{name: "a path that walks", request: request("POST /alerts/../../etc/passwd HTTP/1.1", alert), status: 404, reason: "unknown-path"},
	{name: "escaped path", request: request("POST /%61lerts HTTP/1.1", alert), status: 200, reason: "kept", kept: true},
	{name: "no Host", request: post("-Host"), status: 400, internal: true, closes: true},
	{name: "HTTP/1.0 without Host", request: strings.Replace(post("-Host"), "HTTP/1.1", "HTTP/1.0", 1),
		status: 200, reason: "kept", kept: true, closes: true},
}

var headerTests = []answerTest{
	{name: "CIMExport missing", request: post("-CIMExport"), status: 400, reason: "unsupported-operation", lines: invalid("unsupported-operation")},
	{name: "CIMExport of a response", request: post("CIMExport: MethodResponse"), status: 400,
		reason: "unsupported-operation", lines: invalid("unsupported-operation")},
	{name: "header names in lower case", request: strings.ReplaceAll(post(), "CIME", "cime"), status: 200, reason: "kept", kept: true},
	{name: "CIMExportMethod missing", request: post("-CIMExportMethod"), status: 400, reason: "header-mismatch", lines: invalid("header-mismatch")},
	{name: "CIMExportMethod of another method", request: post("CIMExportMethod: Other"), status: 400,
		reason: "header-mismatch", lines: invalid("header-mismatch")},
	{name: "CIMExportMethod escaped", request: post("CIMExportMethod: Export%49ndication"), status: 200, reason: "kept", kept: true},
	{name: "CIMExportMethod escaped badly", request: post("CIMExportMethod: ExportIndication%4"), status: 400,
		reason: "header-mismatch", lines: invalid("header-mismatch")},
	{name: "CIMExportBatch", request: post("-CIMExportMethod", "CIMExportBatch:"), status: 400,
		reason: "request-not-valid", lines: invalid("request-not-valid")},
	{name: "CIMExportBatch and CIMExportMethod", request: post("CIMExportBatch:"), status: 400,
		reason: "header-mismatch", lines: invalid("header-mismatch")},
	{name: "no CIMProtocolVersion", request: post("-CIMProtocolVersion"), status: 200, reason: "kept", kept: true},
	{name: "CIMProtocolVersion 2.0", request: post("CIMProtocolVersion: 2.0"), status: 501,
		reason: "unsupported-protocol-version", lines: invalid("unsupported-protocol-version")},
	{name: "CIMProtocolVersion of another message", request: post("CIMProtocolVersion: 1.3"), status: 400,
		reason: "header-mismatch", lines: invalid("header-mismatch")},
	{name: "Content-Type missing", request: post("-Content-Type"), status: 415, reason: "content-type", lines: invalid("header-mismatch")},
	{name: "Content-Type of a form", request: post("Content-Type: application/x-www-form-urlencoded"), status: 415, reason: "content-type"},
	{name: "Content-Type text/xml", request: post("Content-Type: text/xml"), status: 200, reason: "kept", kept: true},
	{name: "charset not quoted", request: post("Content-Type: application/xml; charset=UTF-8"), status: 200, reason: "kept", kept: true},
	{name: "charset of Europe", request: post(`Content-Type: text/xml; charset="iso-8859-1"`), status: 415, reason: "content-type"},
	{name: "compressed", request: post("Content-Encoding: gzip"), status: 415, reason: "content-type"},
	{name: "Accept of a browser", status: 200, reason: "kept", kept: true,
		request: post("Accept: text/html, application/*;q=0.9, image/webp")},
	{name: "Accept excludes XML", request: post("Accept: text/html"), status: 406, reason: "not-acceptable", lines: invalid("header-mismatch")},
	{name: "Accept excludes XML by weight", request: post("Accept: application/xml;q=0.0, */*"), status: 406, reason: "not-acceptable"},
	{name: "no Accept", request: post("-Accept"), status: 200, reason: "kept", kept: true},
	{name: "Accept-Charset excludes UTF-8", request: post("Accept-Charset: iso-8859-1"), status: 406, reason: "not-acceptable"},
	{name: "Accept-Charset of anything", request: post("Accept-Charset: iso-8859-1;q=0.5, *"), status: 200, reason: "kept", kept: true},
	{name: "Authorization is not looked at", request: post("Authorization: Basic Og=="), status: 200, reason: "kept", kept: true},
}

func withBody(body string) string { return request("POST /alerts HTTP/1.1", body) }

func calling(method, parameters string) string {
	return message(`<SIMPLEEXPREQ><EXPMETHODCALL NAME="` + method + `">` + parameters + `</EXPMETHODCALL></SIMPLEEXPREQ>`)
}

var bodyTests = []answerTest{
	{name: "no body", request: withBody(""), status: 400, reason: "no-body", lines: invalid("request-not-well-formed"), closes: true},
	{name: "no Content-Length", request: post("-Content-Length"), status: 400, reason: "no-body", closes: true},
	{name: "not XML", request: withBody("fan failed"), status: 400, reason: "request-not-well-formed", lines: invalid("request-not-well-formed")},
	{name: "XML cut short", request: withBody(alert[:len(alert)-4]), status: 400, reason: "request-not-well-formed"},
	{name: "entity declared", status: 400, reason: "request-not-valid",
		request: withBody(strings.Replace(alert, "<CIM ", `<!DOCTYPE CIM [<!ENTITY x "y">]><CIM `, 1))},
	{name: "not CIM-XML", request: withBody("<html></html>"), status: 400, reason: "request-not-valid",
		lines: invalid("request-not-valid"), body: "html was not expected"},
	{name: "not UTF-8", request: withBody(strings.Replace(alert, "fan", "f\xffn", 1)), status: 400,
		reason: "request-not-valid", lines: invalid("request-not-valid")},
	{name: "a value that is not of its type", status: 200, reason: "kept", kept: true, lines: goodLines,
		request: withBody(export("CIM_A", `<PROPERTY NAME="Size" TYPE="uint64"><VALUE>x</VALUE></PROPERTY>`))},
	{name: "a property without a name", status: 400, reason: "request-not-valid", body: `PROPERTY has no attribute NAME`,
		request: withBody(export("CIM_A", `<PROPERTY TYPE="uint64"><VALUE>1</VALUE></PROPERTY>`))},
	{name: "nested without end", status: 400, reason: "request-not-valid",
		request: withBody(message(strings.Repeat("<A>", 500)))},
	{name: "CIMVERSION 3.0", request: withBody(strings.Replace(alert, `CIMVERSION="2.0"`, `CIMVERSION="3.0"`, 1)), status: 501,
		reason: "unsupported-cim-version", lines: invalid("unsupported-cim-version")},
	{name: "DTDVERSION 3.0", request: withBody(strings.Replace(alert, `DTDVERSION="2.0"`, `DTDVERSION="3.0"`, 1)), status: 501,
		reason: "unsupported-dtd-version", lines: invalid("unsupported-dtd-version")},
	{name: "PROTOCOLVERSION 2.0", status: 501, reason: "unsupported-protocol-version", lines: invalid("unsupported-protocol-version"),
		request: request("POST /alerts HTTP/1.1", strings.Replace(alert, `PROTOCOLVERSION="1.0"`, `PROTOCOLVERSION="2.0"`, 1), "-CIMProtocolVersion")},
	{name: "MULTIEXPREQ", request: withBody(message("<MULTIEXPREQ></MULTIEXPREQ>")), status: 400,
		reason: "header-mismatch", lines: invalid("header-mismatch")},
	{name: "an operation", request: withBody(message(`<SIMPLEREQ></SIMPLEREQ>`)), status: 400, reason: "request-not-valid"},
	{name: "unknown export method", status: 200, reason: "unknown-export-method", lines: goodLines, body: `<ERROR CODE="7"`,
		request: request("POST /alerts HTTP/1.1", calling("ExportNothing", ""), "CIMExportMethod: ExportNothing")},
	{name: "no NewIndication", request: withBody(calling("ExportIndication", "")), status: 200,
		reason: "no-indication", lines: goodLines, body: `<ERROR CODE="4"`},
	{name: "NewIndication without an instance", status: 200, reason: "no-indication", body: `<ERROR CODE="4"`,
		request: withBody(calling("ExportIndication", `<EXPPARAMVALUE NAME="NewIndication"></EXPPARAMVALUE>`))},
	{name: "NewIndication is a class", status: 200, reason: "no-indication", body: `<ERROR CODE="4"`,
		request: withBody(calling("ExportIndication", `<EXPPARAMVALUE NAME="NewIndication"><CLASS NAME="CIM_A"></CLASS></EXPPARAMVALUE>`))},
	{name: "too large", request: withBody(alert + strings.Repeat(" ", 64<<10)), status: 413, reason: "too-large", closes: true},
	{name: "said to be too large", request: post("Content-Length: 9999999999"), status: 413, reason: "too-large", closes: true},
}

// TestAnswers sends each request over a connection of its own and looks at the answer
// byte by byte.
func TestAnswers(t *testing.T) {
	for group, tests := range map[string][]answerTest{"method": methodTests, "header": headerTests, "body": bodyTests} {
		for _, test := range tests {
			t.Run(group+"/"+test.name, func(t *testing.T) { testAnswer(t, test) })
		}
	}
}

func testAnswer(t *testing.T, test answerTest) {
	t.Parallel()
	k := &keeper{}
	answers := make(chan listener.Answer, 1)
	server, addr := start(t, k, &listener.Options{
		Paths: []string{"/first", "/alerts", noPath, "*"}, MaxBody: 32 << 10,
		OnAnswer: func(a listener.Answer) { answers <- a },
	})
	c := dial(t, addr)
	c.send(t, test.request)
	method, _, _ := strings.Cut(test.request, " ")
	got := c.receive(t, method)
	if got.StatusCode != test.status {
		t.Errorf("status %d, want %d\n%s", got.StatusCode, test.status, got.raw)
	}
	checkReply(t, test, got)
	if n := len(k.take()); (n == 1) != test.kept || n > 1 {
		t.Errorf("the handler was called %d times, kept is to be %v", n, test.kept)
	}
	if test.closes != got.Close {
		t.Errorf("connection to be closed: %v, want %v", got.Close, test.closes)
	}
	if test.internal {
		return
	}
	if n := server.Stats().Answers[test.reason]; n != 1 {
		t.Errorf("%d answers are counted as %q, want 1: %v", n, test.reason, server.Stats().Answers)
	}
	a := <-answers
	if a.Reason != test.reason || a.Status != test.status || a.Method != method || !a.Remote.IsValid() {
		t.Errorf("OnAnswer was told %+v", a)
	}
}

func checkReply(t *testing.T, test answerTest, got reply) {
	t.Helper()
	head, _, _ := strings.Cut(got.raw, "\r\n\r\n")
	for _, line := range test.lines {
		if !strings.Contains(head+"\r\n", "\r\n"+line+"\r\n") {
			t.Errorf("header %q is missing in\n%s", line, head)
		}
	}
	for _, never := range []string{"CIMExportMethod", "Transfer-Encoding", "CIMOperation"} {
		if strings.Contains(strings.ToLower(head), strings.ToLower(never)) {
			t.Errorf("header %s stands in\n%s", never, head)
		}
	}
	if !test.internal && got.ContentLength != int64(len(got.body)) && got.Request.Method != "HEAD" {
		t.Errorf("Content-Length %d, the body has %d bytes", got.ContentLength, len(got.body))
	}
	if !strings.Contains(got.body, test.body) {
		t.Errorf("body %q, want %q in it", got.body, test.body)
	}
	if (got.Header.Get("Allow") != "") != (test.status == 405) {
		t.Errorf("Allow is %q with status %d", got.Header.Get("Allow"), test.status)
	}
	if test.status == 200 {
		checkResponse(t, got.body, test.kept)
	}
}

// checkResponse checks what OpenPegasus demands of a body: an XML declaration and the
// MESSAGE ID of the request.
func checkResponse(t *testing.T, body string, success bool) {
	t.Helper()
	if !strings.HasPrefix(body, "<?xml ") || !strings.Contains(body, `<MESSAGE ID="a&amp;b" PROTOCOLVERSION="1.0">`) {
		t.Errorf("the body begins otherwise: %s", body)
	}
	if success != strings.Contains(body, `<EXPMETHODRESPONSE NAME="ExportIndication"><IRETURNVALUE></IRETURNVALUE></EXPMETHODRESPONSE>`) {
		t.Errorf("success is to be %v: %s", success, body)
	}
}
