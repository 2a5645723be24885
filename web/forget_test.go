package web_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/cimwatch/cimwatch/web"
)

// TestForgetRequests forgets for programs that may, and for no page of another site.
func TestForgetRequests(t *testing.T) {
	var asked []string
	allowed := true
	handler := web.NewForgetHandler(func(_ context.Context, preview bool, hosts ...string) ([]web.ForgottenHost, error) {
		if !preview {
			asked = append(asked, hosts...)
		}
		return []web.ForgottenHost{}, nil
	}, func() bool { return allowed }, nil)
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	for _, test := range []struct {
		method, query, origin string
		guarded               bool
		status                int
		asked                 string
	}{
		{http.MethodPost, "host=a&host=b", "", true, http.StatusOK, "a b"},
		{http.MethodPost, "host=a&preview=true", "", true, http.StatusOK, ""},
		{http.MethodPost, "host=a&preview=0", server.URL, true, http.StatusOK, "a"},
		{http.MethodPost, "host=a", "https://example.com", true, http.StatusForbidden, ""},
		{http.MethodPost, "host=a", "", false, http.StatusForbidden, ""},
		{http.MethodPost, "", "", true, http.StatusBadRequest, ""},
		{http.MethodPost, "host=a&preview=maybe", "", true, http.StatusBadRequest, ""},
		{http.MethodPost, strings.Repeat("host=a&", 201), "", true, http.StatusBadRequest, ""},
		{http.MethodGet, "host=a", "", true, http.StatusMethodNotAllowed, ""},
	} {
		asked, allowed = nil, test.guarded
		req, err := http.NewRequestWithContext(t.Context(), test.method, server.URL+"/api/v1/forget?"+test.query, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		if test.origin != "" {
			req.Header.Set("Origin", test.origin)
		}
		resp, err := server.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if err := resp.Body.Close(); err != nil {
			t.Error(err)
		}
		if got := strings.Join(asked, " "); resp.StatusCode != test.status || got != test.asked {
			t.Errorf("%+v: status %d, asked for %q", test, resp.StatusCode, got)
		}
	}
}
