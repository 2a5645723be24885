package cimxml_test

import (
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

func TestNothingListens(t *testing.T) {
	s := httptest.NewServer(nil)
	s.Close()
	_, err := listNames(t, s.URL)
	if _, ok := errors.AsType[*net.OpError](err); !ok {
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
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); !ok {
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
