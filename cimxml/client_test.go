package cimxml_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"iter"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const secret = "hunter2-s3cret"

// A server answers requests as respond says and keeps the last one.
type server struct {
	*httptest.Server
	request     *cimxml.Request
	header      http.Header
	connections atomic.Int32
}

// serve starts a server whose every request respond answers.
func serve(t *testing.T, respond func(*cimxml.Request) *cimxml.Response) *server {
	t.Helper()
	s := &server{}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		req, err := cimxml.ReadRequest(r.Body, cimxml.Limits{})
		if err != nil {
			t.Errorf("the client sent what is no request: %v", err)
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		s.request, s.header = req, r.Header
		w.Header().Set("Content-Type", `application/xml; charset="utf-8"`)
		if err := cimxml.WriteResponse(w, req, respond(req)); err != nil {
			t.Errorf("writing the response: %v", err)
		}
	}))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			s.connections.Add(1)
		}
	}
	s.Start()
	t.Cleanup(s.Close)
	return s
}

// raw starts a server that answers every request by handler.
func raw(t *testing.T, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	return s
}

func newClient(t *testing.T, url string) *cimxml.Client {
	t.Helper()
	c, err := cimxml.NewClient(url, &cimxml.Options{User: "root", Password: secret})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func result(form cimxml.Form, values ...cim.Value) func(*cimxml.Request) *cimxml.Response {
	return func(*cimxml.Request) *cimxml.Response {
		return &cimxml.Response{Form: form, Result: slices.Values(values)}
	}
}

func diskPath(id string) cim.ObjectPath {
	return cim.InstancePath("root/cimv2", "CIM_Disk", cim.Key{Name: "ID", Value: cim.String(id)})
}

func disk(id string) *cim.Instance {
	i := cim.NewInstance("CIM_Disk", cim.Prop("ID", cim.String(id)), cim.Prop("Size", cim.Uint64(10)))
	i.Path = diskPath(id)
	return i
}

// collect gathers what an iterator yields, and its error, and sees to it that nothing
// comes after an error.
func collect[T any](t *testing.T, seq iter.Seq2[T, error]) (all []T, err error) {
	t.Helper()
	for v, e := range seq {
		if err != nil {
			t.Error("something was yielded after an error")
		}
		if err = e; err == nil {
			all = append(all, v)
		}
	}
	return all, err
}

// params are the parameters of a request in one line.
func params(req *cimxml.Request) string {
	var b strings.Builder
	for _, p := range req.Params {
		fmt.Fprintf(&b, "%s=%s ", p.Name, p.Value)
	}
	return strings.TrimSpace(b.String())
}

// TestOperations calls every operation at a real server and looks at what arrives there
// and what comes back.
func TestOperations(t *testing.T) {
	d1, d2 := disk("1"), disk("2")
	class := &cim.Class{Name: "CIM_Disk", SuperClass: "CIM_X", Path: cim.ClassPath("root/cimv2", "CIM_Disk")}
	names := result(cimxml.FormName, cim.Reference(d1.Path), cim.Reference(d2.Path))
	objects := result(cimxml.FormObjectWithPath, cim.EmbeddedInstance(d1), cim.EmbeddedInstance(d2))
	paths := result(cimxml.FormObjectPath, cim.Reference(d1.Path), cim.Reference(d2.Path))
	filter := &cim.AssociationOptions{AssocClass: "A", ResultClass: "R", Role: "r", ResultRole: "s"}
	filter.Properties = []string{"ID"}
	for _, c := range []struct {
		name    string
		respond func(*cimxml.Request) *cimxml.Response
		call    func(*testing.T, *cimxml.Client) (any, error)
		params  string
		want    any
	}{
		{"EnumerateClassNames", result(cimxml.FormName, cim.Reference(cim.ClassPath("", "A")), cim.Reference(cim.ClassPath("", "B"))),
			func(t *testing.T, c *cimxml.Client) (any, error) {
				return c.EnumerateClassNames(t.Context(), "", "CIM_X", true)
			},
			"ClassName=CIM_X DeepInheritance=TRUE", []string{"A", "B"}},
		{"EnumerateClasses", result(cimxml.FormObject, cim.EmbeddedClass(class)),
			func(t *testing.T, c *cimxml.Client) (any, error) {
				return collect(t, c.EnumerateClasses(t.Context(), "/root/cimv2/", "", false, nil))
			},
			"DeepInheritance=FALSE LocalOnly=FALSE IncludeQualifiers=FALSE IncludeClassOrigin=FALSE", []*cim.Class{class}},
		{"GetClass", result(cimxml.FormObject, cim.EmbeddedClass(class)),
			func(t *testing.T, c *cimxml.Client) (any, error) {
				return c.GetClass(t.Context(), "", "CIM_Disk", &cim.ReadOptions{IncludeQualifiers: true, Properties: []string{}})
			},
			"ClassName=CIM_Disk LocalOnly=FALSE IncludeQualifiers=TRUE IncludeClassOrigin=FALSE PropertyList={}", class},
		{"EnumerateInstances", result(cimxml.FormNamedInstance, cim.EmbeddedInstance(d1), cim.EmbeddedInstance(d2)),
			func(t *testing.T, c *cimxml.Client) (any, error) {
				return collect(t, c.EnumerateInstances(t.Context(), "", "CIM_Disk", nil))
			},
			"ClassName=CIM_Disk DeepInheritance=TRUE LocalOnly=FALSE IncludeQualifiers=FALSE IncludeClassOrigin=FALSE", []*cim.Instance{d1, d2}},
		{"EnumerateInstanceNames", names,
			func(t *testing.T, c *cimxml.Client) (any, error) {
				return collect(t, c.EnumerateInstanceNames(t.Context(), "", "CIM_Disk"))
			},
			"ClassName=CIM_Disk", []cim.ObjectPath{d1.Path, d2.Path}},
		{"GetInstance", result(cimxml.FormObject, cim.EmbeddedInstance(d1)),
			func(t *testing.T, c *cimxml.Client) (any, error) {
				return c.GetInstance(t.Context(), d1.Path, &cim.ReadOptions{Properties: []string{"ID", "Size"}})
			},
			`InstanceName=CIM_Disk.ID="1" LocalOnly=FALSE IncludeQualifiers=FALSE IncludeClassOrigin=FALSE PropertyList={ID, Size}`, d1},
		{"CreateInstance", result(cimxml.FormName, cim.Reference(d1.Path)),
			func(t *testing.T, c *cimxml.Client) (any, error) { return c.CreateInstance(t.Context(), "", d1) },
			`NewInstance=instance of CIM_Disk {ID = 1; Size = 10}`, d1.Path},
		{"ModifyInstance", result(cimxml.FormNone),
			func(t *testing.T, c *cimxml.Client) (any, error) { return nil, c.ModifyInstance(t.Context(), d1, nil) },
			`ModifiedInstance=instance of CIM_Disk {ID = 1; Size = 10}`, nil},
		{"ModifyInstance", result(cimxml.FormNone),
			func(t *testing.T, c *cimxml.Client) (any, error) {
				return nil, c.ModifyInstance(t.Context(), d1, []string{"Size"})
			},
			`ModifiedInstance=instance of CIM_Disk {ID = 1; Size = 10} IncludeQualifiers=FALSE PropertyList={Size}`, nil},
		{"DeleteInstance", result(cimxml.FormNone),
			func(t *testing.T, c *cimxml.Client) (any, error) { return nil, c.DeleteInstance(t.Context(), d1.Path) },
			`InstanceName=CIM_Disk.ID="1"`, nil},
		{"Associators", objects,
			func(t *testing.T, c *cimxml.Client) (any, error) {
				return collect(t, c.Associators(t.Context(), d1.Path, filter))
			},
			`ObjectName=CIM_Disk.ID="1" AssocClass=A ResultClass=R Role=r ResultRole=s IncludeQualifiers=FALSE IncludeClassOrigin=FALSE PropertyList={ID}`,
			[]*cim.Instance{d1, d2}},
		{"AssociatorNames", paths,
			func(t *testing.T, c *cimxml.Client) (any, error) {
				return collect(t, c.AssociatorNames(t.Context(), d1.Path, filter))
			},
			`ObjectName=CIM_Disk.ID="1" AssocClass=A ResultClass=R Role=r ResultRole=s`, []cim.ObjectPath{d1.Path, d2.Path}},
		{"References", objects,
			func(t *testing.T, c *cimxml.Client) (any, error) {
				return collect(t, c.References(t.Context(), d1.Path, nil))
			},
			`ObjectName=CIM_Disk.ID="1" IncludeQualifiers=FALSE IncludeClassOrigin=FALSE`, []*cim.Instance{d1, d2}},
		{"ReferenceNames", paths,
			func(t *testing.T, c *cimxml.Client) (any, error) {
				return collect(t, c.ReferenceNames(t.Context(), d1.Path, filter))
			},
			`ObjectName=CIM_Disk.ID="1" ResultClass=R Role=r`, []cim.ObjectPath{d1.Path, d2.Path}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := serve(t, c.respond)
			got, err := c.call(t, newClient(t, s.URL))
			if err != nil || !equal(got, c.want) {
				t.Errorf("got %v, %v, want %v", got, err, c.want)
			}
			if s.request.Method != c.name || s.request.Namespace != "root/cimv2" || params(s.request) != c.params {
				t.Errorf("got  %s in %s: %s\nwant %s in root/cimv2: %s", s.request.Method, s.request.Namespace, params(s.request), c.name, c.params)
			}
			if h := s.header; h["Cimmethod"][0] != c.name || h["Cimoperation"][0] != "MethodCall" || h["Cimobject"][0] != "root/cimv2" ||
				h["Cimprotocolversion"][0] != "1.0" || h.Get("Content-Type") != `application/xml; charset="utf-8"` || h["X-Idempotency-Key"] != nil {
				t.Errorf("the headers are %v", h)
			}
		})
	}
}

// equal compares results, objects with their own Equal.
func equal(got, want any) bool {
	switch want := want.(type) {
	case []*cim.Instance:
		return slices.EqualFunc(got.([]*cim.Instance), want, (*cim.Instance).Equal)
	case []*cim.Class:
		return slices.EqualFunc(got.([]*cim.Class), want, (*cim.Class).Equal)
	case []cim.ObjectPath:
		return slices.EqualFunc(got.([]cim.ObjectPath), want, cim.ObjectPath.Equal)
	case *cim.Instance:
		return got.(*cim.Instance).Equal(want)
	case *cim.Class:
		return got.(*cim.Class).Equal(want)
	case cim.ObjectPath:
		return got.(cim.ObjectPath).Equal(want)
	case []string:
		return slices.Equal(got.([]string), want)
	default:
		return got == nil && want == nil
	}
}

func TestInvokeMethod(t *testing.T) {
	s := serve(t, func(*cimxml.Request) *cimxml.Response {
		return &cimxml.Response{Return: cim.Uint32(4096), Out: []cim.Parameter{cim.Param("Job", cim.Reference(diskPath("j")))}}
	})
	c := newClient(t, s.URL)
	path := cim.InstancePath("", "CIM_Disk", cim.Key{Name: "ID", Value: cim.String("a b")})
	path.Host = "elsewhere"
	got, out, err := c.InvokeMethod(t.Context(), path, "Reset", cim.Param("Force", cim.Boolean(true)), cim.Param("When", cim.Null(cim.TypeDateTime)))
	if err != nil || !got.Equal(cim.Uint32(4096)) || len(out) != 1 || out[0].Name != "Job" || !out[0].Value.Equal(cim.Reference(diskPath("j"))) {
		t.Errorf("got %v, %v, %v", got, out, err)
	}
	if s.request.Object.String() != `root/cimv2:CIM_Disk.ID="a b"` || params(s.request) != "Force=TRUE When=NULL" {
		t.Errorf("the server got %s: %s", s.request.Object, params(s.request))
	}
	if got := s.header["Cimobject"][0]; got != `root/cimv2:CIM_Disk.ID="a%20b"` {
		t.Errorf("CIMObject is %s", got)
	}
	if _, _, err := c.InvokeMethod(t.Context(), cim.ObjectPath{Namespace: "n"}, "Reset"); err == nil || !errors.As(err, new(*cimxml.OpError)) {
		t.Errorf("a method of nothing: got %v", err)
	}
}

func TestBasicAuthentication(t *testing.T) {
	s := serve(t, result(cimxml.FormName))
	if _, err := newClient(t, s.URL).EnumerateClassNames(t.Context(), "", "", false); err != nil {
		t.Fatal(err)
	}
	r := http.Request{Header: s.header}
	if user, password, ok := r.BasicAuth(); !ok || user != "root" || password != secret {
		t.Errorf("the server got user %q and a password of %d bytes", user, len(password))
	}
}

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
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() { l.Close(); <-done })
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			defer conn.Close()
			if _, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
				_, _ = io.WriteString(conn, answer) // the client may be gone
			}
		}
	}()
	return l.Addr().String()
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

// TestRefusals answers with ERROR elements: they are *cim.Error, and the connection is
// good for the next request.
func TestRefusals(t *testing.T) {
	reason := cim.NewInstance("CIM_Error", cim.Prop("Message", cim.String("why")))
	s := serve(t, func(*cimxml.Request) *cimxml.Response {
		return &cimxml.Response{Err: &cim.Error{Status: cim.StatusNotFound, Description: "gone <away>", Instances: []*cim.Instance{reason}}}
	})
	c := newClient(t, s.URL)
	for range 3 {
		_, err := c.GetInstance(t.Context(), diskPath("1"), nil)
		var refusal *cim.Error
		if !errors.Is(err, cim.StatusNotFound) || !errors.As(err, &refusal) || refusal.Description != "gone <away>" ||
			len(refusal.Instances) != 1 || !refusal.Instances[0].Equal(reason) {
			t.Fatalf("got %v", err)
		}
		if want := `GetInstance root/cimv2:CIM_Disk.ID="1": not found (CIM status 6): gone <away>`; err.Error() != want {
			t.Errorf("got %s, want %s", err, want)
		}
	}
	if got, err := collect(t, c.EnumerateInstances(t.Context(), "", "X", nil)); len(got) > 0 || !errors.Is(err, cim.StatusNotFound) {
		t.Errorf("got %v, %v", got, err)
	}
	if _, _, err := c.InvokeMethod(t.Context(), diskPath("1"), "Reset"); !errors.Is(err, cim.StatusNotFound) {
		t.Errorf("got %v", err)
	}
	if err := c.DeleteInstance(t.Context(), diskPath("1")); !errors.Is(err, cim.StatusNotFound) {
		t.Errorf("got %v", err)
	}
	if n := s.connections.Load(); n != 1 {
		t.Errorf("%d connections were made, want 1", n)
	}
}

// TestRefusalOfNobody takes what sfcb answers to a request that it could not parse.
func TestRefusalOfNobody(t *testing.T) {
	s := raw(t, func(w http.ResponseWriter, _ *http.Request) {
		answer := body(`<ERROR CODE="1" DESCRIPTION="invalid imethodcall payload"/>`)
		_, _ = io.WriteString(w, strings.NewReplacer(`ID="1"`, `ID=""`, "EnumerateClassNames", "").Replace(answer))
	})
	if _, err := listNames(t, s.URL); !errors.Is(err, cim.StatusFailed) {
		t.Errorf("got %v", err)
	}
}

func TestConnectionIsUsedAgain(t *testing.T) {
	s := serve(t, result(cimxml.FormNamedInstance, cim.EmbeddedInstance(disk("1"))))
	c := newClient(t, s.URL)
	for range 5 {
		if _, err := collect(t, c.EnumerateInstances(t.Context(), "", "CIM_Disk", nil)); err != nil {
			t.Fatal(err)
		}
	}
	if n := s.connections.Load(); n != 1 {
		t.Errorf("%d connections were made, want 1", n)
	}
}

// TestEarlyStop leaves an endless enumeration: the connection closes, and the server
// makes no more of it.
func TestEarlyStop(t *testing.T) {
	stopped := make(chan error)
	s := raw(t, func(w http.ResponseWriter, r *http.Request) {
		req, err := cimxml.ReadRequest(r.Body, cimxml.Limits{})
		if err != nil {
			t.Error(err)
			return
		}
		stopped <- cimxml.WriteResponse(w, req, &cimxml.Response{
			Form: cimxml.FormNamedInstance,
			Result: func(yield func(cim.Value) bool) {
				for yield(cim.EmbeddedInstance(disk("1"))) {
				}
			},
		})
	})
	n := 0
	for i, err := range newClient(t, s.URL).EnumerateInstances(t.Context(), "", "CIM_Disk", nil) {
		if err != nil || i.Text("ID") != "1" {
			t.Fatalf("got %v, %v", i, err)
		}
		if n++; n == 3 {
			break
		}
	}
	if err := <-stopped; err == nil {
		t.Error("an endless response was written to its end")
	}
}

// TestStreams takes the first instance while the server still waits with the second.
func TestStreams(t *testing.T) {
	taken := make(chan struct{})
	s := raw(t, func(w http.ResponseWriter, r *http.Request) {
		req, err := cimxml.ReadRequest(r.Body, cimxml.Limits{})
		if err != nil {
			t.Error(err)
			return
		}
		whole := &bytes.Buffer{}
		result := slices.Values([]cim.Value{cim.EmbeddedInstance(disk("1")), cim.EmbeddedInstance(disk("2"))})
		if err := cimxml.WriteResponse(whole, req, &cimxml.Response{Form: cimxml.FormNamedInstance, Result: result}); err != nil {
			t.Error(err)
		}
		first, second, _ := strings.Cut(whole.String(), "</VALUE.NAMEDINSTANCE>")
		_, _ = io.WriteString(w, first+"</VALUE.NAMEDINSTANCE>") // the client may be gone
		w.(http.Flusher).Flush()
		<-taken
		_, _ = io.WriteString(w, second) // the client may be gone
	})
	n := 0
	for i, err := range newClient(t, s.URL).EnumerateInstances(t.Context(), "", "CIM_Disk", nil) {
		if n++; err != nil || i.Text("ID") != fmt.Sprint(n) {
			t.Fatalf("got %v, %v", i, err)
		}
		if n == 1 {
			close(taken)
		}
	}
	if n != 2 {
		t.Errorf("%d instances came", n)
	}
}

// hang answers with the first bytes of a reply and then nothing more, until the client
// goes. arrived is called when they are out.
func hang(t *testing.T, first string, arrived func()) *httptest.Server {
	t.Helper()
	return raw(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // only then is the end of the connection seen
		if first != "" {
			_, _ = io.WriteString(w, first) // the client may be gone
			w.(http.Flusher).Flush()
		}
		arrived()
		<-r.Context().Done()
	})
}

func TestNoAnswer(t *testing.T) {
	for name, first := range map[string]string{"at all": "", "to the end": body("")[:150]} {
		t.Run(name+", cancelled", func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			s := hang(t, first, cancel)
			_, err := newClient(t, s.URL).EnumerateClassNames(ctx, "", "", false)
			if !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
			checkOpError(t, err)
		})
		t.Run(name+", in time", func(t *testing.T) {
			s := hang(t, first, func() {})
			c, err := cimxml.NewClient(s.URL, &cimxml.Options{Timeout: 50 * time.Millisecond})
			if err != nil {
				t.Fatal(err)
			}
			_, err = c.EnumerateClassNames(t.Context(), "", "", false)
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v", err)
			}
			checkOpError(t, err)
		})
	}
}

func TestCancelWithinIteration(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	const one = `<VALUE.NAMEDINSTANCE><INSTANCENAME CLASSNAME="X"/><INSTANCE CLASSNAME="X"/></VALUE.NAMEDINSTANCE>`
	first, _, _ := strings.Cut(strings.ReplaceAll(body("<IRETURNVALUE>"+one), "EnumerateClassNames", "EnumerateInstances"), "</IMETHOD")
	s := hang(t, first, func() {})
	var errs []error
	for i, err := range newClient(t, s.URL).EnumerateInstances(ctx, "", "X", nil) {
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if i.Class != "X" {
			t.Errorf("got %v", i)
		}
		cancel()
	}
	if len(errs) != 1 || !errors.Is(errs[0], context.Canceled) {
		t.Errorf("got %v, want one error: cancelled", errs)
	}
}

// TestSentAgain breaks a connection that was used before: an operation that only reads
// is sent again, one that changes something is not.
func TestSentAgain(t *testing.T) {
	var requests atomic.Int32
	s := serve(t, result(cimxml.FormName, cim.Reference(diskPath("1"))))
	answer := s.Config.Handler
	s.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if requests.Add(1)%2 == 1 {
			answer.ServeHTTP(w, r)
			return
		}
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		conn.Close()
	})
	c := newClient(t, s.URL)
	names := func() error {
		_, err := collect(t, c.EnumerateInstanceNames(t.Context(), "", "X"))
		return err
	}
	if err := errors.Join(names(), names()); err != nil { // the second is sent twice
		t.Error(err)
	}
	if n := requests.Load(); n != 3 {
		t.Errorf("%d requests came, want 3", n)
	}
	if _, err := c.CreateInstance(t.Context(), "", disk("1")); err == nil {
		t.Error("an instance was created by a server that never said so")
	}
	if n := requests.Load(); n != 4 {
		t.Errorf("%d requests came, want 4", n)
	}
}

// TestEndlessObject sees to it that one object cannot fill the memory.
func TestEndlessObject(t *testing.T) {
	s := raw(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // only then is the end of the connection seen
		first, _, _ := strings.Cut(strings.ReplaceAll(body("<IRETURNVALUE>"), "EnumerateClassNames", "EnumerateInstances"), "</IMETHOD")
		_, err := io.WriteString(w, first+`<VALUE.NAMEDINSTANCE><INSTANCENAME CLASSNAME="X"/><INSTANCE CLASSNAME="X">`)
		for err == nil {
			_, err = io.WriteString(w, strings.Repeat(`<PROPERTY NAME="P" TYPE="string"/>`, 1000))
		}
	})
	c, err := cimxml.NewClient(s.URL, &cimxml.Options{Limits: cimxml.Limits{Object: 1 << 20}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := collect(t, c.EnumerateInstances(t.Context(), "", "X", nil)); !errors.Is(err, cimxml.ErrTooLarge) {
		t.Errorf("got %v", err)
	}
}

func TestNothingListens(t *testing.T) {
	s := httptest.NewServer(nil)
	s.Close()
	_, err := listNames(t, s.URL)
	var network *net.OpError
	if !errors.As(err, &network) {
		t.Errorf("got %v", err)
	}
	checkOpError(t, err)
}

func TestTLS(t *testing.T) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, body("<IRETURNVALUE/>")) // the client may be gone
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // of the handshake that is to fail
	s.StartTLS()
	t.Cleanup(s.Close)
	roots := s.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	c, err := cimxml.NewClient(s.URL, &cimxml.Options{TLS: &tls.Config{RootCAs: roots}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	if _, err := c.EnumerateClassNames(t.Context(), "", "", false); err != nil {
		t.Error(err)
	}
	_, err = listNames(t, s.URL)
	var unknown *tls.CertificateVerificationError
	if !errors.As(err, &unknown) {
		t.Errorf("a certificate of nobody: got %v", err)
	}
	checkOpError(t, err)
}

// TestOwnHTTPClient gives a client that would follow redirects, with the credentials.
func TestOwnHTTPClient(t *testing.T) {
	s := raw(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/cimom" {
			t.Errorf("%s was asked for", r.URL.Path)
		}
		http.Redirect(w, r, "/stolen", http.StatusTemporaryRedirect)
	})
	own := &http.Client{Transport: &http.Transport{}}
	c, err := cimxml.NewClient(s.URL, &cimxml.Options{HTTP: own, User: "root", Password: secret})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	_, err = c.EnumerateClassNames(t.Context(), "", "", false)
	var h *cimxml.HTTPError
	if !errors.As(err, &h) || h.StatusCode != http.StatusTemporaryRedirect || own.CheckRedirect != nil {
		t.Errorf("got %v", err)
	}
}

func TestEncodeErrorIsAnOpError(t *testing.T) {
	c := newClient(t, "http://127.0.0.1:1")
	_, err := c.CreateInstance(t.Context(), "", cim.NewInstance("X", cim.Prop("P", cim.String("\x00"))))
	var op *cimxml.OpError
	if !errors.As(err, &op) || op.Op != "CreateInstance" || strings.Count(err.Error(), "CreateInstance") != 1 {
		t.Errorf("got %v", err)
	}
}

func TestServerURL(t *testing.T) {
	for url, want := range map[string]string{
		"http://esx1":                   "http://esx1:5988/cimom",
		"https://esx1":                  "https://esx1:5989/cimom",
		"HTTPS://esx1/":                 "https://esx1:5989/cimom",
		"https://esx1:":                 "https://esx1:5989/cimom",
		"http://esx1:80/cimrs":          "http://esx1:80/cimrs",
		"http://10.0.0.1:65535":         "http://10.0.0.1:65535/cimom",
		"https://[2001:db8::1]":         "https://[2001:db8::1]:5989/cimom",
		"https://[2001:db8::1]:1":       "https://[2001:db8::1]:1/cimom",
		"https://[fe80::1%25eth0]:5989": "https://[fe80::1%25eth0]:5989/cimom",
		"https://[fe80::1%eth0]:1":      "https://[fe80::1%25eth0]:1/cimom",
		"https://[fe80::1%25eth0]":      "https://[fe80::1%25eth0]:5989/cimom",
	} {
		c, err := cimxml.NewClient(url, nil)
		if err != nil {
			t.Errorf("%s: %v", url, err)
			continue
		}
		if c.URL() != want {
			t.Errorf("%s: got %s, want %s", url, c.URL(), want)
		}
	}
	for url, want := range map[string]string{
		"":                     `server URL "": expected http://HOST or https://HOST`,
		"esx1":                 `server URL "esx1": expected http://HOST or https://HOST`,
		"esx1:5989":            `server URL "esx1:5989": expected http://HOST or https://HOST`,
		"ftp://esx1":           `server URL "ftp://esx1": expected http://HOST or https://HOST`,
		"http://":              `server URL "http://": the host is missing`,
		"http://:5988":         `server URL "http://:5988": the host is missing`,
		"http://esx1:0":        `server URL "http://esx1:0": port "0" is not one of 1 to 65535`,
		"http://esx1:65536":    `server URL "http://esx1:65536": port "65536" is not one of 1 to 65535`,
		"http://esx1:x":        `server URL: invalid port ":x" after host`,
		"http://[::1":          "server URL: missing ']' in host",
		"http://esx1/cimom?a=": "server URL: a query or fragment does not belong into the URL",
		"http://esx1/cimom#a":  "server URL: a query or fragment does not belong into the URL",
	} {
		if _, err := cimxml.NewClient(url, nil); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", url, err, want)
		}
	}
	for _, url := range []string{
		"https://root:%s@esx1", "root:%s@esx1:5989", "//root:%s@esx1", "https://root:%s@esx1:x", "ftp://root:%s@esx1",
		"https://root:/%s@esx1", "https://root:%%zz%s@esx1", "%s@esx1", "https://esx1/?password=%s", "ftp://esx1/?password=%s",
		"https://root:%s @[esx1",
	} {
		_, err := cimxml.NewClient(fmt.Sprintf(url, secret), nil)
		if err == nil || strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), "zz") {
			t.Errorf("%s: got %v", url, err)
		}
	}
}
