package simulator_test

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
	"github.com/cimwatch/cimwatch/simulator"
)

const enumerateClassNames = `<?xml version="1.0" encoding="utf-8" ?>
<CIM CIMVERSION="2.0" DTDVERSION="2.0"><MESSAGE ID="1001" PROTOCOLVERSION="1.0"><SIMPLEREQ>
<IMETHODCALL NAME="EnumerateClassNames"><LOCALNAMESPACEPATH><NAMESPACE NAME="root"/><NAMESPACE NAME="cimv2"/>
</LOCALNAMESPACEPATH></IMETHODCALL></SIMPLEREQ></MESSAGE></CIM>`

// answer is what a server answers.
type answer struct {
	status int
	header http.Header
	body   string
}

// post sends a request as it stands.
func post(t *testing.T, s *simulator.Server, request string) answer {
	t.Helper()
	conn, err := net.Dial("tcp", s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte(request)); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var b strings.Builder
	if _, err := bufio.NewReader(resp.Body).WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, b.String()}
}

func request(line, headers, body string) string {
	return fmt.Sprintf("%s\r\nHost: x\r\n%sContent-Length: %d\r\n\r\n%s", line, headers, len(body), body)
}

const goodHeaders = "Content-Type: application/xml; charset=\"utf-8\"\r\nCIMOperation: MethodCall\r\n" +
	"CIMMethod: EnumerateClassNames\r\nCIMObject: root%2Fcimv2\r\n"

func TestAnswerLooksLikeSfcb(t *testing.T) {
	s, _ := startLab(t, nil)
	got := post(t, s, request("POST /cimom HTTP/1.1", goodHeaders, enumerateClassNames))
	for name, want := range map[string]string{
		"Content-Type":   `application/xml; charset="utf-8"`,
		"Content-Length": strconv.Itoa(len(got.body)),
		"Cache-Control":  "no-cache",
		"Cimoperation":   "MethodResponse",
	} {
		if value := got.header.Get(name); value != want {
			t.Errorf("%s: %s, want %s", name, value, want)
		}
	}
	if got.status != http.StatusOK || !strings.HasPrefix(got.body, "<?xml") ||
		!strings.Contains(got.body, `ID="1001"`) || !strings.Contains(got.body, `<CLASSNAME NAME="LAB_Root">`) {
		t.Errorf("HTTP %d\n%s", got.status, got.body)
	}
}

// The whole header is compared on the wire: net/http would hide how it is spelt.
func TestHeaderSpelling(t *testing.T) {
	s, _ := startLab(t, nil)
	conn, err := net.Dial("tcp", s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte(request("POST / HTTP/1.1", "Connection: close\r\n", enumerateClassNames))); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if _, err := bufio.NewReader(conn).WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), "\r\nCIMOperation: MethodResponse\r\n") {
		t.Errorf("received %s", b.String())
	}
}

func TestHTTP(t *testing.T) {
	s, _ := startLab(t, &simulator.Options{MaxBody: 2000})
	const failed = `<IMETHODRESPONSE NAME=""><ERROR CODE="1" DESCRIPTION="invalid imethodcall payload">`
	for _, test := range []struct {
		name, request string
		status        int
		body          string // that the answer contains
	}{
		{"other path", request("POST /some/path HTTP/1.1", goodHeaders, enumerateClassNames), 200, "LAB_Root"},
		{"HTTP 1.0", request("POST /cimom HTTP/1.0", goodHeaders, enumerateClassNames), 200, "LAB_Root"},
		{"no CIM headers", request("POST /cimom HTTP/1.1", "", enumerateClassNames), 200, "LAB_Root"},
		{"GET", "GET /cimom HTTP/1.1\r\nHost: x\r\n\r\n", 501, ""},
		{"PUT", request("PUT /cimom HTTP/1.1", goodHeaders, enumerateClassNames), 501, ""},
		{"M-POST", request("M-POST /cimom HTTP/1.1", goodHeaders, enumerateClassNames), 501, ""},
		{"OPTIONS", "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", 501, ""},
		{"no length", "POST /cimom HTTP/1.1\r\nHost: x\r\n\r\n", 411, ""},
		{"chunked", "POST /cimom HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 411, ""},
		{"too long", request("POST /cimom HTTP/1.1", goodHeaders, enumerateClassNames+strings.Repeat(" ", 2000)), 413, ""},
		{"empty", request("POST /cimom HTTP/1.1", goodHeaders, ""), 200, failed},
		{"bad XML", request("POST /cimom HTTP/1.1", goodHeaders, "<CIM><broken\n"), 200, failed},
		{"not well-formed", request("POST /cimom HTTP/1.1", goodHeaders, strings.TrimSuffix(enumerateClassNames, "</CIM>")), 200, failed},
		{"no declaration", request("POST /cimom HTTP/1.1", goodHeaders, strings.Replace(enumerateClassNames, "<?xml", "<?other", 1)), 200, failed},
		{"DOCTYPE", request("POST /cimom HTTP/1.1", goodHeaders, strings.Replace(enumerateClassNames, "<CIM ", "<!DOCTYPE CIM><CIM ", 1)), 200, failed},
		{"unknown operation", request("POST /cimom HTTP/1.1", goodHeaders, strings.Replace(enumerateClassNames, `"EnumerateClassNames"`, `"EnumerateEverything"`, 1)), 200, `<ERROR CODE="7"`},
		{"missing parameter", request("POST /cimom HTTP/1.1", goodHeaders, strings.Replace(enumerateClassNames, `"EnumerateClassNames"`, `"GetInstance"`, 1)), 200, `<ERROR CODE="4"`},
		{"missing instance", request("POST /cimom HTTP/1.1", goodHeaders, strings.Replace(enumerateClassNames, `"EnumerateClassNames"`, `"CreateInstance"`, 1)), 200, `<ERROR CODE="4"`},
		{"missing change", request("POST /cimom HTTP/1.1", goodHeaders, strings.Replace(enumerateClassNames, `"EnumerateClassNames"`, `"ModifyInstance"`, 1)), 200, `<ERROR CODE="4"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := post(t, s, test.request)
			if got.status != test.status || !strings.Contains(got.body, test.body) {
				t.Errorf("HTTP %d\n%s", got.status, got.body)
			}
			if test.status != 200 && got.body != "" {
				t.Errorf("body %q", got.body)
			}
		})
	}
}

func TestStrict(t *testing.T) {
	s, c := startLab(t, &simulator.Options{Strict: true})
	if _, err := c.EnumerateClassNames(t.Context(), cimv2, "", false); err != nil {
		t.Fatalf("our own client is refused: %v", err)
	}
	for _, test := range []struct {
		name, headers, body, want string
	}{
		{"good", goodHeaders, enumerateClassNames, ""},
		{"no CIMOperation", "", enumerateClassNames, "unsupported-operation"},
		{"other CIMOperation", strings.Replace(goodHeaders, "MethodCall", "MethodRequest", 1), enumerateClassNames, "unsupported-operation"},
		{"other CIMMethod", strings.Replace(goodHeaders, "ClassNames", "Classes", 1), enumerateClassNames, "header-mismatch"},
		{"other CIMObject", strings.Replace(goodHeaders, "cimv2", "interop", 1), enumerateClassNames, "header-mismatch"},
		{"bad escape", strings.Replace(goodHeaders, "%2F", "%2", 1), enumerateClassNames, "header-mismatch"},
		{"bad XML", goodHeaders, strings.TrimSuffix(enumerateClassNames, "</CIM>"), "request-not-well-formed"},
		{"DOCTYPE", goodHeaders, strings.Replace(enumerateClassNames, "<CIM ", "<!DOCTYPE CIM><CIM ", 1), ""},
		{"not CIM-XML", goodHeaders, "<?xml version=\"1.0\"?><CIM></CIM>", "request-not-valid"},
		{"batch", goodHeaders, strings.NewReplacer("<SIMPLEREQ>", "<MULTIREQ><SIMPLEREQ>", "</SIMPLEREQ>", "</SIMPLEREQ></MULTIREQ>").Replace(enumerateClassNames), "multiple-requests-unsupported"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := post(t, s, request("POST /cimom HTTP/1.1", test.headers, test.body))
			want := http.StatusOK
			if test.want != "" {
				want = http.StatusBadRequest
			}
			if reason := got.header.Get("CIMError"); got.status != want || reason != test.want {
				t.Errorf("HTTP %d, CIMError %q, want %q", got.status, reason, test.want)
			}
		})
	}
}

func TestAuthentication(t *testing.T) {
	s := start(t, lab(t), &simulator.Options{User: "root", Password: "right"})
	for _, test := range []struct {
		user, password string
		status         int // 0 for success
	}{
		{"root", "right", 0},
		{"root", "wrong", http.StatusUnauthorized},
		{"other", "right", http.StatusUnauthorized},
		{"", "", http.StatusUnauthorized},
	} {
		c := connect(t, s, &cimxml.Options{User: test.user, Password: test.password})
		_, err := c.EnumerateClassNames(t.Context(), cimv2, "", false)
		var refused *cimxml.HTTPError
		switch {
		case test.status == 0 && err != nil:
			t.Errorf("%s:%s: %v", test.user, test.password, err)
		case test.status != 0 && (!errors.As(err, &refused) || refused.StatusCode != test.status):
			t.Errorf("%s:%s: error %v, want HTTP %d", test.user, test.password, err, test.status)
		}
	}
	got := post(t, s, request("POST /cimom HTTP/1.1", goodHeaders, enumerateClassNames))
	if realm := got.header.Get("WWW-Authenticate"); realm != `Basic realm="cimom"` || got.body != "" {
		t.Errorf("WWW-Authenticate %q, body %q", realm, got.body)
	}
}

func TestTLS(t *testing.T) {
	certificates := httptest.NewTLSServer(nil)
	certificates.Close()
	s := start(t, lab(t), &simulator.Options{TLS: &tls.Config{Certificates: certificates.TLS.Certificates}})
	if !strings.HasPrefix(s.URL(), "https://127.0.0.1:") {
		t.Errorf("URL %s", s.URL())
	}
	roots := x509.NewCertPool()
	roots.AddCert(certificates.Certificate())
	c := connect(t, s, &cimxml.Options{TLS: &tls.Config{RootCAs: roots}})
	if _, err := c.EnumerateClassNames(t.Context(), cimv2, "", false); err != nil {
		t.Error(err)
	}
}

// The server is a handler of anybody's HTTP server.
func TestHandler(t *testing.T) {
	s, err := simulator.New(lab(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(s)
	t.Cleanup(web.Close)
	c, err := cimxml.NewClient(web.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	if _, err := c.GetInstance(t.Context(), thing("LAB_Box", "box"), nil); err != nil {
		t.Error(err)
	}
	if s.URL() != "" || s.Addr() != nil {
		t.Errorf("URL %q without a listener", s.URL())
	}
}

func TestListenErrors(t *testing.T) {
	s, _ := startLab(t, nil)
	other, err := simulator.New(lab(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Listen(s.Addr().String()); err == nil {
		t.Error("two servers listen on one address")
	}
	if err := other.Close(t.Context()); err != nil {
		t.Error(err)
	}
	l, err := net.Listen("tcp", ":0")
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Serve(l); err != nil {
		t.Errorf("serving after Close: %v", err)
	}
	if got := other.URL(); !strings.HasPrefix(got, "http://127.0.0.1:") {
		t.Errorf("URL %s of a listener on all addresses", got)
	}
}

// TestExportToServer answers an indication, which is for listeners, as an export is answered.
func TestExportToServer(t *testing.T) {
	s, c := startLab(t, nil)
	body, err := cimxml.EncodeExport("7", cim.NewInstance("CIM_AlertIndication"))
	if err != nil {
		t.Fatal(err)
	}
	const headers = "CIMExport: MethodRequest\r\nCIMExportMethod: ExportIndication\r\n"
	got := post(t, s, request("POST /cimom HTTP/1.1", headers, string(body)))
	want := `<MESSAGE ID="7" PROTOCOLVERSION="1.0"><SIMPLEEXPRSP><EXPMETHODRESPONSE NAME="ExportIndication"><ERROR CODE="7"`
	if got.status != http.StatusOK || !strings.Contains(got.body, want) {
		t.Errorf("HTTP %d, %s, want %s in it", got.status, got.body, want)
	}
	wantStatus(t, c.ExportIndication(t.Context(), cim.NewInstance("CIM_AlertIndication")), cim.StatusNotSupported)
}
