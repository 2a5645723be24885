package web_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cimwatch/cimwatch/daemon"
	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/web"
)

// handlers are all that answer below /api/v1/, none of which may do anything.
func handlers(t *testing.T) map[string]http.Handler {
	t.Helper()
	all := func(context.Context) ([]web.HostSubscriptions, error) { return nil, nil }
	inventory, subscriptions := web.NewHandler(example(), nil), web.NewSubscriptionsHandler(all, nil)
	backup := web.NewBackupHandler(func(context.Context, func(int64) (io.Writer, error)) error {
		t.Error("a backup is written")
		return nil
	}, func() bool { return true }, nil)
	sync := web.NewSyncHandler(func(...string) error {
		t.Error("hosts are looked at")
		return nil
	}, nil)
	forget := web.NewForgetHandler(func(context.Context, bool, ...string) ([]web.ForgottenHost, error) {
		t.Error("hosts are forgotten")
		return nil, nil
	}, func() bool { return true }, nil)
	journal := web.NewJournalHandler(daemon.NewJournal(serveJournal(t).Store, nil), nil)
	return map[string]http.Handler{
		"GET hosts": inventory, "GET components": inventory, "GET component": inventory, "GET history": inventory,
		"GET subscriptions": subscriptions, "GET backup": backup, "POST sync": sync, "POST forget": forget,
		"GET indications": journal, "GET position": journal, "GET cursors": journal,
		"POST cursors/a": journal, "PUT cursors/a": journal, "DELETE cursors/a": journal,
	}
}

// A parameter that a path does not know is refused, and named with those that there are.
func TestUnknownParameters(t *testing.T) {
	const components = "after, at, class, format, health, host, kind, limit, part, serial, sort, text, vendor, where, worse-than"
	known := map[string]string{
		"GET components": components, "GET component": "host, id", "GET history": "change, host, id, kind, since, until", "POST sync": "host", "POST forget": "host, preview",
		"GET indications": "follow, from, raw", "GET position": "from", "POST cursors/a": "from",
	}
	for path, handler := range handlers(t) {
		method, name, _ := strings.Cut(path, " ")
		for query, want := range map[string]string{
			"hots=esx1": `unknown parameter \"hots\": there are none here`,
			"host=%zz":  `the parameters are not such of a URL: write NAME=VALUE\u0026NAME=VALUE, with % before what stands for other characters`,
		} {
			if list := known[path]; list != "" {
				want = strings.Replace(want, "there are none here", "choose from "+list, 1)
			}
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, httptest.NewRequest(method, "/api/v1/"+name+"?"+query, strings.NewReader(`{"entry":1}`)))
			if diff := cmp.Diff(`{"error":"`+want+`"}`+"\n", w.Body.String()); diff != "" || w.Code != http.StatusBadRequest {
				t.Errorf("%s?%s: %d, (-want +got)\n%s", path, query, w.Code, diff)
			}
		}
	}
}

// A host that is not known is told, in any form of a question; patterns choose what there is.
func TestUnknownHost(t *testing.T) {
	server := serve(t, example(), nil)
	for query, want := range map[string]int{
		"components?host=nosuch": 404, "components?host=esx1,nosuch&format=ndjson": 404, "components?host=nosuch&at=2026-11-01T09:00:00Z": 404,
		"components?host=nosuch*": 200, "components?host=ESX1": 200, "components?host=": 200,
		"component?host=nosuch&id=host": 404, "component?host=esx2&id=nosuch": 404, "component?host=ESX2&id=host": 200, "component?host=esx2": 400, "component?id=host": 400,
		"history?host=nosuch": 404, "history?host=ESX2": 200, "history?id=host": 400,
	} {
		w := httptest.NewRecorder()
		server.Config.Handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/api/v1/"+query, nil))
		if w.Code != want || want == http.StatusNotFound && !strings.Contains(w.Body.String(), `\"nosuch\"`) {
			t.Errorf("%s: %d %s, want %d", query, w.Code, w.Body, want)
		}
	}
	c := client(t, server.URL)
	_, components := c.Components(t.Context(), "nosuch")
	_, found := collect(c.Find(t.Context(), inventory.Query{Hosts: []inventory.Pattern{"nosuch"}}))
	_, past := c.Past(t.Context(), inventory.Query{Hosts: []inventory.Pattern{"nosuch"}}, day(1))
	_, history := c.History(t.Context(), "nosuch", "")
	for _, err := range []error{components, found, past, history} {
		if !errors.Is(err, web.ErrNotFound) || err.Error() != `ask the daemon: host "nosuch": not found` {
			t.Error(err)
		}
	}
	if changes, err := c.History(t.Context(), "ESX2", ""); err != nil || len(changes) != 1 {
		t.Errorf("%v, %v", changes, err)
	}
}

// What is neither true nor false is not taken for false.
func TestFlagParameters(t *testing.T) {
	handler := web.NewJournalHandler(daemon.NewJournal(serveJournal(t).Store, nil), nil)
	for _, name := range []string{"raw", "follow"} {
		if status, body := get(t, handler, "indications?"+name+"=yes"); status != http.StatusBadRequest || body != `{"error":"`+name+`: \"yes\" is not true or false"}`+"\n" {
			t.Errorf("%d %s", status, body)
		}
	}
}
