package web_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
	"github.com/cimwatch/cimwatch/daemon"
	"github.com/cimwatch/cimwatch/event"
	"github.com/cimwatch/cimwatch/store"
	"github.com/cimwatch/cimwatch/store/storetest"
	"github.com/cimwatch/cimwatch/web"
)

// journal is a store's journal that is served.
type journal struct {
	*store.Store
	client *web.Client
	url    string
	end    chan struct{} // closed to end who follows
}

func serveJournal(t *testing.T) *journal {
	t.Helper()
	s := storetest.Open(t, nil)
	j := &journal{Store: s, end: make(chan struct{})}
	server := httptest.NewServer(web.NewJournalHandler(daemon.NewJournal(s, j.end), nil))
	t.Cleanup(server.Close)
	j.url, j.client = server.URL, client(t, server.URL)
	return j
}

// keep keeps alert n, received on day n.
func (j *journal) keep(t *testing.T, n int64) {
	t.Helper()
	raw, err := cimxml.EncodeExport(fmt.Sprint(n), cim.NewInstance("LAB_Alert", cim.Prop("Number", cim.Sint64(n))))
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = j.Append(t.Context(), store.Entry{
		Received: day(int(n)), Remote: "192.0.2.1:40000", Path: "/secret", Host: "esx1", Class: "LAB_Alert",
		Sequence: &event.Sequence{Context: "c", Number: n}, Raw: raw,
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestIndications reads from every place.
func TestIndications(t *testing.T) {
	j := serveJournal(t)
	for n := range int64(5) {
		j.keep(t, n+1)
	}
	for text, want := range map[string][]uint64{
		"":                     {1, 2, 3, 4, 5},
		"start":                {1, 2, 3, 4, 5},
		"3":                    {3, 4, 5},
		"6":                    nil,
		"now":                  nil,
		"2026-11-04T00:00:00Z": {4, 5},
	} {
		from, err := web.ParseFrom(text)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := web.ParseFrom(from.String()); err != nil || again != from {
			t.Errorf("%q reads back as %v, %v", text, again, err)
		}
		var got []uint64
		for i, err := range j.client.Indications(t.Context(), from, false) {
			if err != nil {
				t.Fatal(err)
			}
			x, err := cimxml.DecodeExport(i.Message)
			if err != nil || i.Host != "esx1" || i.Sequence.Number != int64(i.Entry) || !x.Indication.Get("Number").Equal(cim.Sint64(int64(i.Entry))) {
				t.Errorf("entry %+v, %v", i, err)
			}
			got = append(got, i.Entry)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("from %q (-want +got):\n%s", text, diff)
		}
	}
	const want = `{"entry":5,"received":"2026-11-05T08:00:00.0000005Z","remote":"192.0.2.1:40000","host":"esx1","class":"LAB_Alert",` +
		`"sequence":{"context":"c","number":5},"late":false,"properties":{"Number":5}}` + "\n"
	if status, body := j.ask(t, http.MethodGet, "indications?from=5", ""); status != http.StatusOK || body != want {
		t.Errorf("%d %s, want %s", status, body, want)
	}
}

// ask sends a request of somebody who has no Client.
func (j *journal) ask(t *testing.T, method, path, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, j.url+"/api/v1/"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

// TestFollow is told of what comes, until the daemon ends.
func TestFollow(t *testing.T) {
	j := serveJournal(t)
	j.keep(t, 1)
	last := uint64(0)
	for i, err := range j.client.Indications(t.Context(), web.From{}, true) {
		if err != nil {
			t.Fatal(err)
		}
		if last++; i.Entry != last {
			t.Errorf("entry %d, want %d", i.Entry, last)
		}
		if last == 20 {
			close(j.end)
			continue
		}
		j.keep(t, int64(last)+1)
	}
	if last != 20 {
		t.Errorf("it ended after entry %d", last)
	}
}

// TestFollowEndsWithItsContext ends one that waits.
func TestFollowEndsWithItsContext(t *testing.T) {
	j := serveJournal(t)
	j.keep(t, 1)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var last error
	for _, err := range j.client.Indications(ctx, web.From{}, true) {
		last = err
		cancel()
	}
	if !errors.Is(last, context.Canceled) {
		t.Errorf("error %v", last)
	}
}

// TestStreamsAreBounded refuses those who would follow when there are many.
func TestStreamsAreBounded(t *testing.T) {
	j := serveJournal(t)
	j.keep(t, 1)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	const most = 64
	began, ended := make(chan struct{}, most), make(chan struct{}, most)
	for range most {
		go func() {
			for _, err := range j.client.Indications(ctx, web.From{}, true) {
				if err == nil {
					began <- struct{}{}
				}
			}
			ended <- struct{}{}
		}()
	}
	for range most {
		<-began
	}
	if status, body := j.ask(t, http.MethodGet, "indications", ""); status != http.StatusServiceUnavailable {
		t.Errorf("one too many is answered %d %s", status, body)
	}
	for _, err := range j.client.Indications(t.Context(), web.From{}, true) {
		if err == nil || err.Error() != "ask the daemon: too many" {
			t.Errorf("one too many is told %v", err)
			break
		}
	}
	cancel()
	for range most {
		<-ended
	}
}

// TestCursors makes, moves and deletes cursors.
func TestCursors(t *testing.T) {
	j := serveJournal(t)
	for n := range int64(3) {
		j.keep(t, n+1)
	}
	inventory := func(tx *store.Tx) error { return tx.SetCursor("inventory", 2) }
	if err := j.Update(t.Context(), inventory); err != nil {
		t.Fatal(err)
	}
	make1 := func(name string, from web.From) web.Cursor {
		t.Helper()
		c, err := j.client.MakeCursor(t.Context(), name, from)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	if c := make1("b", web.From{}); c != (web.Cursor{Name: "b"}) {
		t.Errorf("made %+v", c)
	}
	if c := make1("a", web.From{Now: true}); c.Entry != 3 {
		t.Errorf("made %+v", c)
	}
	if err := j.client.MoveCursor(t.Context(), web.Cursor{Name: "b", Entry: 2}); err != nil {
		t.Error(err)
	}
	if c := make1("b", web.From{Now: true}); c.Entry != 2 {
		t.Errorf("one that is there is %+v", c)
	}
	all, err := j.client.Cursors(t.Context())
	if diff := cmp.Diff([]web.Cursor{{Name: "a", Entry: 3}, {Name: "b", Entry: 2}}, all); diff != "" || err != nil {
		t.Errorf("%v, cursors (-want +got):\n%s", err, diff)
	}
	if err := j.client.DeleteCursor(t.Context(), "a"); err != nil {
		t.Error(err)
	}
	for name, err := range map[string]error{
		"delete again":     j.client.DeleteCursor(t.Context(), "a"),
		"delete another's": j.client.DeleteCursor(t.Context(), "inventory"),
		"move none":        j.client.MoveCursor(t.Context(), web.Cursor{Name: "inventory", Entry: 1}),
		"move too far":     j.client.MoveCursor(t.Context(), web.Cursor{Name: "b", Entry: 4}),
	} {
		if !errors.Is(err, web.ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if at, err := j.Cursor(t.Context(), "inventory"); at != 2 || err != nil {
		t.Errorf("the inventory is at %d, %v", at, err)
	}
}

// TestCursorsAreBounded has each keep entries from being dropped.
func TestCursorsAreBounded(t *testing.T) {
	j := serveJournal(t)
	for n := range 100 {
		if _, err := j.client.MakeCursor(t.Context(), fmt.Sprint("c", n), web.From{}); err != nil {
			t.Fatal(err)
		}
	}
	_, err := j.client.MakeCursor(t.Context(), "one-more", web.From{})
	if err == nil || err.Error() != "ask the daemon: too many cursors: there are 100" {
		t.Errorf("error %v", err)
	}
	if _, err := j.client.MakeCursor(t.Context(), "c7", web.From{}); err != nil {
		t.Error(err)
	}
}

// TestJournalRequests answers what is asked wrongly.
func TestJournalRequests(t *testing.T) {
	j := serveJournal(t)
	for _, test := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"GET", "indications?from=yesterday", "", 400, `{"error":"\"yesterday\" is not start, now, the number of an entry, or a time"}`},
		{"GET", "position?from=-1", "", 400, `{"error":"\"-1\" is not start, now, the number of an entry, or a time"}`},
		{"GET", "position?from=now", "", 200, `{"after":0}`},
		{"POST", "indications", "", 405, "Method Not Allowed"},
		{"POST", "cursors/a%2Fb", "", 400, `{"error":"\"a/b\" is not a name of up to 64 letters, digits, points, dashes and underscores"}`},
		{"POST", "cursors/" + strings.Repeat("x", 65), "", 400, `{"error":"\"` + strings.Repeat("x", 65) + `\" is not a name of up to 64 letters, digits, points, dashes and underscores"}`},
		{"PUT", "cursors/a", "x", 400, `{"error":"the body is no cursor"}`},
		{"PUT", "cursors/a", `{"entry":0}`, 404, `{"error":"cursor a: not found"}`},
		{"GET", "cursors", "", 200, `{"cursors":[]}`},
	} {
		status, body := j.ask(t, test.method, test.path, test.body)
		if status != test.status || strings.TrimSpace(body) != test.want {
			t.Errorf("%s %s: %d %s\nwant %d %s", test.method, test.path, status, body, test.status, test.want)
		}
	}
}

// TestJournalFails breaks the stream off when the journal cannot be read, and tells why in
// the log only.
func TestJournalFails(t *testing.T) {
	s, err := store.Open(filepath.Join(t.TempDir(), "cimwatch.db"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	server := httptest.NewServer(web.NewJournalHandler(daemon.NewJournal(s, nil), slog.New(slog.NewTextHandler(&log, nil))))
	defer server.Close()
	var last error
	for _, err := range client(t, server.URL).Indications(t.Context(), web.From{}, false) {
		last = err
	}
	server.Close() // the handler has logged
	if last == nil || !strings.Contains(last.Error(), "HTTP status 500") || !strings.Contains(log.String(), "store is closed") {
		t.Errorf("error %v, logged %s", last, log.String())
	}
}

// TestIndicationJSON holds the form of a line.
func TestIndicationJSON(t *testing.T) {
	text, err := json.Marshal(web.Indication{Entry: 7, Received: time.Unix(0, 0).UTC(), Message: []byte("<CIM/>")})
	const want = `{"entry":7,"received":"1970-01-01T00:00:00Z","remote":"","host":"","class":"","sequence":null,"late":false,"message":"PENJTS8+"}`
	if err != nil || string(text) != want {
		t.Errorf("%s, %v; want %s", text, err, want)
	}
}
