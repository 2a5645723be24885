package web_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
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
		{http.MethodPost, "host=a&dry-run=true", "", true, http.StatusBadRequest, ""},
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

// TestForgetMany forgets more hosts than a request may name. What went before one was refused is told.
func TestForgetMany(t *testing.T) {
	var requests []int
	server := httptest.NewServer(web.NewForgetHandler(func(_ context.Context, preview bool, hosts ...string) ([]web.ForgottenHost, error) {
		requests = append(requests, len(hosts))
		if slices.Contains(hosts, "kept") {
			return nil, fmt.Errorf("kept: %w", web.ErrConfigured)
		}
		if !preview && slices.Contains(hosts, "none") {
			return nil, fmt.Errorf("none: %w", web.ErrNotFound)
		}
		list := make([]web.ForgottenHost, len(hosts))
		for n := range hosts {
			list[n] = web.ForgottenHost{Host: hosts[n], Changes: n}
		}
		return list, nil
	}, func() bool { return true }, nil))
	t.Cleanup(server.Close)
	many := make([]string, 450)
	for n := range many {
		many[n] = fmt.Sprintf("host%d", n)
	}
	for _, test := range []struct {
		hosts    []string
		preview  bool
		requests []int
		told     int
		err      error
	}{
		{many, false, []int{200, 200, 50}, 450, nil},
		{many[:200], true, []int{200}, 200, nil},
		{append(slices.Clone(many), "kept"), false, []int{200, 200, 51}, 400, web.ErrConfigured},
		{append(slices.Clone(many[:200]), "none"), false, []int{200, 1}, 200, web.ErrNotFound},
		{append(slices.Clone(many[:200]), "none"), true, []int{200, 1}, 201, nil},
		{nil, false, nil, 0, nil},
	} {
		requests = nil
		list, err := client(t, server.URL).Forget(t.Context(), test.preview, test.hosts...)
		if !errors.Is(err, test.err) || (err == nil) != (test.err == nil) {
			t.Errorf("%d hosts: error %v, want %v", len(test.hosts), err, test.err)
		}
		if !slices.Equal(requests, test.requests) || len(list) != test.told {
			t.Errorf("%d hosts: requests for %v, told of %d; want %v and %d", len(test.hosts), requests, len(list), test.requests, test.told)
		}
		for n := range list {
			if list[n].Host != test.hosts[n] {
				t.Errorf("%d. is %s, want %s", n, list[n].Host, test.hosts[n])
			}
		}
	}
}
