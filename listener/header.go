package listener

import (
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/cimwatch/cimwatch/cim"
)

// Header values that never change. The CIM header names are written as DSP0200 spells
// them, past the canonical form of net/http, for senders that look at the letters.
var (
	xmlType        = []string{`application/xml; charset="utf-8"`}
	methodResponse = []string{"MethodResponse"}
	noValue        = []string{""}
	closing        = []string{"close"}
)

// setHeader writes what every answer carries. The answer to an M-POST marks the extension
// as done (RFC 2774 section 4).
func (x *exchange) setHeader(h http.Header) {
	h[x.extension+"CIMExport"] = methodResponse
	if x.extension != "" {
		h["Ext"] = noValue
		h["Man"] = []string{cimMapping + " ; ns=" + strings.TrimSuffix(x.extension, "-")}
	}
}

// header returns a CIM header of the request, by its canonical name; ok is false when it
// is missing.
func (x *exchange) header(name string) (value string, ok bool) {
	values := x.request.Header[x.extension+name]
	if len(values) == 0 {
		return "", false
	}
	return strings.TrimSpace(values[0]), true
}

// The URIs by which Man names the CIM extension: that of DSP0200, and another in use.
const (
	cimMapping   = "http://www.dmtf.org/cim/mapping/http/v1.0"
	cimOperation = "http://www.dmtf.org/cim/operation"
)

func (x *exchange) checkMethod() error {
	switch x.request.Method {
	case http.MethodPost:
		return nil
	case "M-POST":
	default:
		return reject(methodNotAllowed, "indications come by POST or M-POST")
	}
	if !x.request.ProtoAtLeast(1, 1) {
		return reject(extensionOnHTTP10, "M-POST needs HTTP/1.1")
	}
	for _, value := range x.request.Header["Man"] {
		for declaration := range strings.SplitSeq(value, ",") {
			if ns := extensionNamespace(declaration); ns != "" {
				x.extension = ns + "-"
				return nil
			}
		}
	}
	return reject(extensionUnknown, "Man names no CIM extension, expected "+cimMapping+" ; ns=NN")
}

// extensionNamespace returns the two digits that a declaration of the CIM extension puts
// before its headers, "" when it declares something else.
func extensionNamespace(declaration string) string {
	uri, parameters, _ := strings.Cut(declaration, ";")
	uri = strings.Trim(strings.TrimSpace(uri), `"`)
	if uri != cimMapping && uri != cimOperation {
		return ""
	}
	for parameter := range strings.SplitSeq(parameters, ";") {
		name, ns, _ := strings.Cut(strings.TrimSpace(parameter), "=")
		if strings.EqualFold(strings.TrimSpace(name), "ns") && isNamespace(strings.TrimSpace(ns)) {
			return strings.TrimSpace(ns)
		}
	}
	return ""
}

func isNamespace(ns string) bool {
	return len(ns) == 2 && ns[0] >= '0' && ns[0] <= '9' && ns[1] >= '0' && ns[1] <= '9'
}

// checkHeader checks what can be said before the body is read.
func (x *exchange) checkHeader() error {
	h := x.request.Header
	if got := h.Get("Content-Type"); !isXMLType(got) {
		return reject(contentType, fmt.Sprintf("Content-Type is %.80q, expected application/xml; charset=utf-8", got))
	}
	if got := h.Get("Content-Encoding"); got != "" && !strings.EqualFold(got, "identity") {
		return reject(contentType, fmt.Sprintf("Content-Encoding is %.40q, expected none", got))
	}
	if !accepts(h["Accept"], "application/xml", "text/xml") {
		return reject(notAcceptable, "the answer is application/xml, which Accept excludes")
	}
	if !accepts(h["Accept-Charset"], "utf-8") {
		return reject(notAcceptable, "the answer is in UTF-8, which Accept-Charset excludes")
	}
	if got, _ := x.header("Cimexport"); !strings.EqualFold(got, "MethodRequest") {
		return reject(unsupportedOperation, fmt.Sprintf("CIMExport is %.40q, expected MethodRequest", got))
	}
	_, x.batched = x.header("Cimexportbatch")
	if _, ok := x.header("Cimexportmethod"); ok == x.batched {
		return reject(headerMismatch, "one of CIMExportMethod and CIMExportBatch is expected")
	}
	if v, ok := x.header("Cimprotocolversion"); ok && !strings.HasPrefix(v, "1.") {
		return reject(protocolVersion, fmt.Sprintf("CIMProtocolVersion is %.20q, expected 1.x", v))
	}
	return nil
}

// checkMethodName checks that the header names the method that the message calls.
func (x *exchange) checkMethodName(called string) error {
	got, _ := x.header("Cimexportmethod")
	method, err := url.PathUnescape(got)
	if err != nil || !cim.EqualNames(method, called) {
		return reject(headerMismatch,
			fmt.Sprintf("CIMExportMethod is %.80q, EXPMETHODCALL is %.80q", got, called))
	}
	return nil
}

// checkProtocol checks the version that the header gives. A sender without
// CIMProtocolVersion speaks 1.0 (observed: OpenPegasus).
func (x *exchange) checkProtocol(version string) error {
	v, ok := x.header("Cimprotocolversion")
	if ok && v != version {
		return reject(headerMismatch,
			fmt.Sprintf("CIMProtocolVersion is %.20q, PROTOCOLVERSION is %.20q", v, version))
	}
	return nil
}

// isXMLType reports whether a Content-Type is XML in UTF-8. The first cases are all that
// known senders write.
func isXMLType(value string) bool {
	switch value {
	case `application/xml; charset="utf-8"`, `application/xml; charset=utf-8`:
		return true
	}
	media, parameters, err := mime.ParseMediaType(value)
	if err != nil || media != "application/xml" && media != "text/xml" {
		return false
	}
	charset := parameters["charset"]
	return charset == "" || strings.EqualFold(charset, "utf-8")
}

// accepts reports whether a header of the Accept kind leaves one of names possible. What
// is named outright counts before what stars cover (RFC 9110 section 12.5).
func accepts(header []string, names ...string) bool {
	if len(header) == 0 || len(header) == 1 && (header[0] == "*/*" || header[0] == "") {
		return true
	}
	named, wanted, covered := false, false, false
	for _, value := range header {
		for item := range strings.SplitSeq(value, ",") {
			name, parameters, _ := strings.Cut(item, ";")
			name = strings.TrimSpace(name)
			for _, n := range names {
				switch {
				case strings.EqualFold(name, n):
					named, wanted = true, wanted || !zeroWeight(parameters)
				case covers(name, n):
					covered = covered || !zeroWeight(parameters)
				}
			}
		}
	}
	if named && !wanted {
		return false
	}
	return wanted || covered
}

// covers reports whether a range such as "*/*", "application/*" or "*" includes name.
func covers(pattern, name string) bool {
	family, _, _ := strings.Cut(name, "/")
	return pattern == "*" || pattern == "*/*" || strings.EqualFold(pattern, family+"/*")
}

// zeroWeight reports whether parameters hold q=0, which excludes.
func zeroWeight(parameters string) bool {
	for p := range strings.SplitSeq(parameters, ";") {
		name, weight, _ := strings.Cut(p, "=")
		if strings.EqualFold(strings.TrimSpace(name), "q") {
			return strings.Trim(strings.TrimSpace(weight), "0.") == ""
		}
	}
	return false
}
