package cimxml

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cimwatch/cimwatch/cim"
)

// An exchange is one file of the captures: a request and, mostly, its response.
type exchange struct {
	name              string
	request, response []byte
}

// captures reads the exchanges below the directory that CIMWATCH_CAPTURES names, by
// default shared/captures beside the checkout.
func captures(t *testing.T) []exchange {
	t.Helper()
	dir := os.Getenv("CIMWATCH_CAPTURES")
	if dir == "" {
		dir = "../../shared/captures"
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no captures: %v (set CIMWATCH_CAPTURES to a directory of them)", err)
	}
	var all []exchange
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() || filepath.Ext(path) != ".http" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		x := exchange{name: strings.TrimSuffix(filepath.Base(path), ".http")}
		request, response, _ := bytes.Cut(text, []byte("######## RESPONSE ########"))
		x.request = request
		x.response = bytes.TrimLeft(withoutFooter(response), "\r\n")
		all = append(all, x)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func withoutFooter(text []byte) []byte {
	if i := bytes.LastIndex(text, []byte("\n## ")); i >= 0 {
		return text[:i]
	}
	return text
}

// body returns the body of the request, "" when it has none.
func (x exchange) body() []byte {
	req, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(x.request)))
	if err != nil {
		return nil
	}
	body, _ := io.ReadAll(req.Body) // a request cut short is as much as was captured
	return body
}

// operations are the methods whose responses the client can receive.
var operations = map[string]func(*Request) func(*decoder) any{
	"EnumerateClassNames": func(*Request) func(*decoder) any { return func(d *decoder) any { return d.resultClassName() } },
	"EnumerateClasses":    func(r *Request) func(*decoder) any { return func(d *decoder) any { return d.resultClass(r) } },
	"GetClass":            func(r *Request) func(*decoder) any { return func(d *decoder) any { return d.resultClass(r) } },
	"EnumerateInstances":  func(r *Request) func(*decoder) any { return func(d *decoder) any { return d.resultInstance(r) } },
	"GetInstance":         func(r *Request) func(*decoder) any { return func(d *decoder) any { return d.resultInstance(r) } },
	"EnumerateInstanceNames": func(r *Request) func(*decoder) any {
		return func(d *decoder) any { return d.resultPath(r) }
	},
	"CreateInstance":  func(r *Request) func(*decoder) any { return func(d *decoder) any { return d.resultPath(r) } },
	"ReferenceNames":  func(r *Request) func(*decoder) any { return func(d *decoder) any { return d.resultPath(r) } },
	"AssociatorNames": func(r *Request) func(*decoder) any { return func(d *decoder) any { return d.resultPath(r) } },
	"Associators":     func(r *Request) func(*decoder) any { return func(d *decoder) any { return d.resultObject(r) } },
	"References":      func(r *Request) func(*decoder) any { return func(d *decoder) any { return d.resultObject(r) } },
	"DeleteInstance":  func(*Request) func(*decoder) any { return func(d *decoder) any { d.skip(); return nil } },
	"ModifyInstance":  func(*Request) func(*decoder) any { return func(d *decoder) any { d.skip(); return nil } },
}

// TestCapturedResponses decodes what real servers answered. Each response decodes, or
// gives an error of a documented type.
func TestCapturedResponses(t *testing.T) {
	outcomes := map[string]int{}
	for _, x := range captures(t) {
		req := capturedRequest(x)
		if req == nil || len(x.response) == 0 {
			continue
		}
		t.Run(x.name, func(t *testing.T) {
			outcome := decodeCaptured(t, x, req)
			outcomes[outcome]++
		})
	}
	if len(outcomes) == 0 && os.Getenv("CIMWATCH_CAPTURES") != "" {
		t.Skip("the captures hold no response that the client could receive")
	}
	t.Logf("outcomes: %v", outcomes)
	if outcomes["decoded"] == 0 {
		t.Error("not one response was decoded")
	}
}

// capturedRequest returns the request of an exchange when the client could have sent one
// like it.
func capturedRequest(x exchange) *Request {
	req, err := ReadRequest(bytes.NewReader(x.body()), Limits{})
	if err != nil || !req.Extrinsic() && operations[req.Method] == nil {
		return nil
	}
	return req
}

func decodeCaptured(t *testing.T, x exchange, req *Request) string {
	t.Helper()
	resp, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(x.response)), nil)
	if err != nil {
		t.Skipf("the capture holds no HTTP response: %v", err)
	}
	defer resp.Body.Close()
	if err := checkResponse(resp); err != nil {
		if _, ok := errors.AsType[*HTTPError](err); !ok {
			t.Errorf("untyped error %v", err)
		}
		return "HTTP error"
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil && len(body) == 0 {
		t.Fatalf("reading the body: %v", err)
	}
	d := newStreamDecoder(bytes.NewReader(body), Limits{}, ModeDefault)
	if req.Extrinsic() {
		d.methodResponse(req.ID, req.Method)
	} else {
		read := operations[req.Method](req)
		d.intrinsicResponse(req.ID, req.Method, func() bool { read(d); return d.err == nil })
	}
	var refused *cim.Error
	switch {
	case d.err == nil:
		return "decoded"
	case errors.As(d.err, &refused):
		return "CIM error"
	default:
		return undecoded(t, d.err)
	}
}

// undecoded judges a response that cannot be decoded. All of sfcb's can; of another server
// a wrong one may have been captured, which has to give a DecodeError.
func undecoded(t *testing.T, err error) string {
	t.Helper()
	if _, typed := errors.AsType[*DecodeError](err); !typed || os.Getenv("CIMWATCH_CAPTURES") == "" {
		t.Error(err)
		return "failed"
	}
	t.Log(err)
	return "decode error"
}

// TestCapturedExports decodes what real servers sent to listeners.
func TestCapturedExports(t *testing.T) {
	count := 0
	x := NewExportDecoder(Limits{})
	for _, c := range captures(t) {
		if !bytes.HasPrefix(c.request, []byte("POST ")) || !bytes.Contains(bytes.ToLower(c.request), []byte("\r\ncimexportmethod:")) {
			continue
		}
		e, err := x.Decode(c.body())
		if err != nil || e.Indication == nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		count++
	}
	t.Logf("%d exports decoded", count)
	if count == 0 && os.Getenv("CIMWATCH_CAPTURES") == "" {
		t.Error("not one export was decoded")
	}
}
