package listener_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/beevik/etree"

	"github.com/cimwatch/cimwatch/listener"
)

// answered are all statuses there are for a handler that keeps everything.
var answered = []int{200, 400, 404, 405, 406, 413, 415, 501, 510}

// FuzzHandler gives requests of any kind to the server. head is a request line and
// headers; the length of the body is added.
func FuzzHandler(f *testing.F) {
	for _, tests := range [][]answerTest{methodTests, headerTests, bodyTests} {
		for _, test := range tests {
			head, body, _ := strings.Cut(test.request, "\r\n\r\n")
			f.Add(dropLength(head), []byte(body))
		}
	}
	paths, err := filepath.Glob(filepath.Join("testdata", "captures", "*.http"))
	if err != nil || len(paths) == 0 {
		f.Fatalf("no captures: %v", err)
	}
	for _, path := range paths {
		text, err := capturedExport(path)
		if err != nil {
			f.Fatal(err)
		}
		head, body, _ := strings.Cut(string(text), "\r\n\r\n")
		f.Add(dropLength(head), []byte(body))
	}
	var kept *listener.Indication
	server := listener.New(listener.HandlerFunc(func(_ context.Context, i *listener.Indication) error {
		kept = i
		return nil
	}), &listener.Options{MaxBody: 64 << 10})
	f.Fuzz(func(t *testing.T, head string, body []byte) {
		raw := fmt.Sprintf("%s\r\nContent-Length: %d\r\n\r\n%s", head, len(body), body)
		request, err := http.ReadRequest(bufio.NewReader(strings.NewReader(raw)))
		if err != nil {
			t.Skip("net/http refuses it")
		}
		kept = nil
		w := httptest.NewRecorder()
		server.ServeHTTP(w, request)
		checkAnswer(t, w, kept)
	})
}

func dropLength(head string) string {
	return strings.Join(without(strings.Split(head, "\r\n"), "Content-Length"), "\r\n")
}

// checkAnswer checks what holds for every answer.
func checkAnswer(t *testing.T, w *httptest.ResponseRecorder, kept *listener.Indication) {
	t.Helper()
	got := w.Result()
	defer got.Body.Close()
	body, err := io.ReadAll(got.Body)
	if err != nil || !slices.Contains(answered, got.StatusCode) {
		t.Fatalf("status %d, %v", got.StatusCode, err)
	}
	if length := got.Header["Content-Length"]; len(length) > 1 || len(length) == 0 && len(body) > 2<<10 || len(length) == 1 && length[0] != fmt.Sprint(len(body)) {
		t.Errorf("Content-Length %q, the body has %d bytes", length, len(body))
	}
	for name, values := range w.Header() {
		if strings.ContainsAny(name+strings.Join(values, ""), "\r\n") {
			t.Errorf("header %q: %q", name, values)
		}
	}
	if got.StatusCode != 200 {
		if kept != nil {
			t.Errorf("status %d, though the handler kept it", got.StatusCode)
		}
		return
	}
	document := etree.NewDocument()
	if err := document.ReadFromBytes(body); err != nil {
		t.Fatalf("the answer is no XML: %v\n%s", err, body)
	}
	if document.FindElement("CIM/MESSAGE/MULTIEXPRSP") != nil {
		return
	}
	failed := document.FindElement("CIM/MESSAGE/SIMPLEEXPRSP/EXPMETHODRESPONSE/ERROR") != nil
	if failed == (kept != nil) {
		t.Errorf("kept is %v, answered\n%s", kept != nil, body)
	}
	if kept != nil && (kept.Instance == nil || kept.MessageID != document.FindElement("CIM/MESSAGE").SelectAttrValue("ID", "")) {
		t.Errorf("kept %+v, answered\n%s", kept, body)
	}
}
