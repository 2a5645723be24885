package cimxml_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/cimwatch/cimwatch/cimxml"
)

// listNames calls an operation, for tests of what all operations have in common.
func listNames(t *testing.T, url string) ([]string, error) {
	t.Helper()
	return newClient(t, url).EnumerateClassNames(t.Context(), "", "", false)
}

// body is a whole response to the first request of a client.
func body(content string) string {
	return `<?xml version="1.0" encoding="utf-8"?><CIM CIMVERSION="2.0" DTDVERSION="2.0"><MESSAGE ID="1" PROTOCOLVERSION="1.0">` +
		`<SIMPLERSP><IMETHODRESPONSE NAME="EnumerateClassNames">` + content + `</IMETHODRESPONSE></SIMPLERSP></MESSAGE></CIM>`
}

// TestHTTPErrors answers with statuses. None of the bodies may be waited for.
func TestHTTPErrors(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer string // the whole answer; the connection stays open behind it
		want   cimxml.HTTPError
		text   string
	}{
		{"401", "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"cimom\"\r\nContent-Length: 0\r\n\r\n",
			cimxml.HTTPError{StatusCode: 401}, "HTTP status 401 Unauthorized"},
		{"400 without a body or its length", "HTTP/1.1 400 Bad Request\r\nCIMError: request-not-valid\r\nPGErrorDetail: Bad%20root%0Aelement%3A%20%22X%22\r\n\r\n",
			cimxml.HTTPError{StatusCode: 400, CIMError: "request-not-valid", Detail: `Bad root element: "X"`},
			`HTTP status 400 Bad Request: request-not-valid: Bad root element: "X"`},
		{"500 with half of its body", "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 1000\r\n\r\n<html>",
			cimxml.HTTPError{StatusCode: 500}, "HTTP status 500 Internal Server Error"},
		{"a redirect", "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/stolen\r\nContent-Length: 0\r\n\r\n",
			cimxml.HTTPError{StatusCode: 302}, "HTTP status 302 Found"},
		{"204", "HTTP/1.1 204 No Content\r\n\r\n", cimxml.HTTPError{StatusCode: 204}, "HTTP status 204 No Content"},
		{"a long reason", "HTTP/1.1 501 Not Implemented\r\nCIMError: " + strings.Repeat("x", 300) + "\r\nPGErrorDetail: 100%\r\n\r\n",
			cimxml.HTTPError{StatusCode: 501, CIMError: strings.Repeat("x", 200) + "...", Detail: "100%"},
			"HTTP status 501 Not Implemented: " + strings.Repeat("x", 200) + "...: 100%"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := listNames(t, "http://"+answerAndStay(t, c.answer))
			var h *cimxml.HTTPError
			if !errors.As(err, &h) || *h != c.want || !strings.HasSuffix(err.Error(), c.text) {
				t.Errorf("got %v, want %s", err, c.text)
			}
			checkOpError(t, err)
		})
	}
}

// answerAndStay listens, answers every request with the same bytes and keeps the
// connections open until the test is over. It returns its address.
func answerAndStay(t *testing.T, answer string) string {
	t.Helper()
	return serveByHand(t, func(conn net.Conn) {
		if _, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
			_, _ = io.WriteString(conn, answer) // the client may be gone
		}
	})
}

// checkOpError sees to it that an error says what was called and tells no password.
func checkOpError(t *testing.T, err error) {
	t.Helper()
	var op *cimxml.OpError
	if !errors.As(err, &op) || op.Op != "EnumerateClassNames" || op.Object != "root/cimv2" || !strings.HasPrefix(op.Server, "http") ||
		!strings.HasPrefix(err.Error(), "EnumerateClassNames root/cimv2: ") {
		t.Errorf("%v is no OpError of EnumerateClassNames", err)
	}
	if err != nil && strings.Contains(fmt.Sprintf("%v %+v %#v", err, err, op), secret) {
		t.Error("the error tells the password")
	}
}

func TestBadReplies(t *testing.T) {
	for _, c := range []struct {
		name, contentType, body string
		want                    string // of the error, behind the operation
		kind                    error
	}{
		{"HTML", "text/html; charset=utf-8", "<html></html>", `the reply is "text/html", expected XML: is this a CIM server?`, nil},
		{"HTML that says it is XML", "text/xml", "<html></html>", "decode reply: html: html was not expected, expected CIM", cimxml.ErrNotValid},
		{"nothing", "text/xml", "", "decode reply: the document is empty", cimxml.ErrNotWellFormed},
		{"a cut document", "text/xml", body("")[:150], "decode reply: ", cimxml.ErrNotWellFormed},
		{"another MESSAGE ID", "text/xml", strings.Replace(body(""), `ID="1"`, `ID="2"`, 1), `the MESSAGE ID is "2", expected "1"`, cimxml.ErrNotValid},
		{"no MESSAGE ID", "text/xml", strings.Replace(body(""), `ID="1"`, `ID=""`, 1), `the MESSAGE ID is "", expected "1"`, cimxml.ErrNotValid},
		{"the answer to another method", "text/xml", strings.Replace(body(""), "ClassNames", "Classes", 1), `this is the response to "EnumerateClasses", expected EnumerateClassNames`, cimxml.ErrNotValid},
		{"neither ID nor method, and names", "text/xml",
			strings.NewReplacer(`ID="1"`, `ID=""`, "EnumerateClassNames", "").Replace(body("<IRETURNVALUE/>")), "expected ERROR", cimxml.ErrNotValid},
		{"a class where names are expected", "text/xml", body(`<IRETURNVALUE><CLASS NAME="X"/></IRETURNVALUE>`), "CLASS was not expected, expected CLASSNAME", cimxml.ErrNotValid},
		{"another CIM version", "text/xml", strings.Replace(body(""), `CIMVERSION="2.0"`, `CIMVERSION="3.0"`, 1), `CIMVERSION is "3.0", expected 2.x`, cimxml.ErrCIMVersion},
		{"another DTD version", "text/xml", strings.Replace(body(""), `DTDVERSION="2.0"`, `DTDVERSION="1"`, 1), `DTDVERSION is "1", expected 2.x`, cimxml.ErrDTDVersion},
		{"another protocol version", "text/xml", strings.Replace(body(""), `PROTOCOLVERSION="1.0"`, `PROTOCOLVERSION="2.0"`, 1), `PROTOCOLVERSION is "2.0", expected 1.x`, cimxml.ErrProtocolVersion},
		{"a refusal that is cut off", "text/xml", strings.TrimSuffix(body(`<ERROR CODE="6"/>`), "</CIM>"), "the document ends within CIM", cimxml.ErrNotWellFormed},
		{"an entity bomb", "text/xml", `<!DOCTYPE CIM [<!ENTITY a "aaa"><!ENTITY b "&a;&a;&a;">]>` + body("&b;"), "a DOCTYPE with declarations is refused", cimxml.ErrNotValid},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := raw(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", c.contentType)
				_, _ = io.WriteString(w, c.body) // the client may be gone
			})
			names, err := listNames(t, s.URL)
			if err == nil || !strings.Contains(err.Error(), c.want) || names != nil {
				t.Errorf("got %v, %v, want %s", names, err, c.want)
			}
			var d *cimxml.DecodeError
			if c.kind != nil && (!errors.Is(err, c.kind) || !errors.As(err, &d)) {
				t.Errorf("%v is no %v", err, c.kind)
			}
			checkOpError(t, err)
		})
	}
}

func TestReplyCutByTheConnection(t *testing.T) {
	answer := "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 5000\r\n\r\n" + body("")[:200]
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() { l.Close(); <-done })
	go func() {
		defer close(done)
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		if r, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
			_, _ = io.Copy(io.Discard, r.Body) // unread bytes would reset the connection
			_, _ = io.WriteString(conn, answer)
		}
	}()
	_, err = listNames(t, "http://"+l.Addr().String())
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %v, want an unexpected EOF", err)
	}
	checkOpError(t, err)
}
