package listener_test

import (
	"go/parser"
	"go/token"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/cimwatch/cimwatch/listener"
)

// packageComment returns the comment in doc.go.
func packageComment(t *testing.T) string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "doc.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	return file.Doc.Text()
}

// serveElsewhere serves inner within a server of net/http and returns its address.
func serveElsewhere(t *testing.T, inner *listener.Server) string {
	t.Helper()
	outer := httptest.NewServer(inner)
	t.Cleanup(outer.Close)
	return strings.TrimPrefix(outer.URL, "http://")
}
