package web_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/cimwatch/cimwatch/web"
)

// TestSyncOfOtherSites looks at hosts for programs and for pages of the daemon itself, and
// not for what pages of other sites have the browser of an operator send.
func TestSyncOfOtherSites(t *testing.T) {
	wanted := 0
	server := httptest.NewServer(web.NewSyncHandler(func(...string) error { wanted++; return nil }, nil))
	t.Cleanup(server.Close)
	for _, test := range []struct {
		header, value string
		status        int
	}{
		{"Accept", "*/*", http.StatusOK},
		{"Origin", server.URL, http.StatusOK},
		{"Sec-Fetch-Site", "same-origin", http.StatusOK},
		{"Origin", "https://example.com", http.StatusForbidden},
		{"Sec-Fetch-Site", "cross-site", http.StatusForbidden},
	} {
		before := wanted
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/api/v1/sync", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set(test.header, test.value)
		resp, err := server.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if err := resp.Body.Close(); err != nil {
			t.Error(err)
		}
		if resp.StatusCode != test.status || (wanted > before) != (test.status == http.StatusOK) {
			t.Errorf("%s %s: status %d and %d wanted, want %d", test.header, test.value, resp.StatusCode, wanted-before, test.status)
		}
	}
}
