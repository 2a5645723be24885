package web_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/event"
	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/web"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// source is an inventory in memory.
type source struct {
	hosts      []web.Host
	components []inventory.Component
	changes    []inventory.Change
	err        error
}

func (s *source) Hosts(context.Context) ([]web.Host, error) { return s.hosts, s.err }

func (s *source) Components(_ context.Context, host string) iter.Seq2[inventory.Component, error] {
	return some(s.components, s.err, func(c *inventory.Component) bool { return host == "" || c.Host == host })
}

func (s *source) Find(ctx context.Context, q inventory.Query) iter.Seq2[inventory.Component, error] {
	return q.Select(s.Components(ctx, ""))
}

func (s *source) Component(_ context.Context, host, id string) (inventory.Component, error) {
	for _, c := range s.components {
		if c.Host == host && c.ID == id {
			return c, s.err
		}
	}
	return inventory.Component{}, web.ErrNotFound
}

func (s *source) History(_ context.Context, host, id string) iter.Seq2[inventory.Change, error] {
	return some(s.changes, s.err, func(c *inventory.Change) bool {
		return (host == "" || c.Host == host) && (id == "" || c.ID == id)
	})
}

// some yields the elements that are wanted, then err.
func some[T any](list []T, err error, wanted func(*T) bool) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, e := range list {
			if wanted(&e) && !yield(e, nil) {
				return
			}
		}
		if err != nil {
			var none T
			yield(none, err)
		}
	}
}

func day(n int) time.Time { return time.Date(2026, 11, n, 8, 0, 0, 500, time.UTC) }

// example returns two hosts with components of every sort and a history.
func example() *source {
	fan := inventory.Component{
		ID: `omc_fan.deviceid="29.3"`, Host: "esx1", Class: "OMC_Fan", Kind: inventory.KindFan, Name: "Fan 3",
		Path:   cim.InstancePath("root/cimv2", "OMC_Fan", cim.Key{Name: "DeviceID", Value: cim.String("29.3")}),
		Health: inventory.Warning, Reason: "slow", Since: day(2), FirstSeen: day(1), LastSeen: day(2),
		Properties: cim.PropertyMap{
			cim.Prop("Zeta", cim.Uint64(1<<63+1)), cim.Prop("Alpha", cim.Uint16s(2, 3)), cim.Prop("Gone", cim.Null(cim.TypeString)),
			cim.Prop("Text", cim.String("<&>\"\u2028")),
		},
		Conditions: []inventory.Condition{{
			Key: "slow", Text: "Fan 3 slow", Severity: event.SeverityMinor, Since: day(2), Count: 2,
			Cause: inventory.Cause{Reason: inventory.Indication, Class: "OMC_IpmiAlertIndication", Entry: 7},
		}},
	}
	host := inventory.Component{ID: inventory.HostID, Host: "esx2", Kind: inventory.KindHost, Name: "esx2"}
	came := cim.NewInstance("OMC_Fan", cim.Prop("Alpha", cim.Uint16s(2)), cim.Prop("ElementName", cim.String("Fan 3")))
	came.Path = fan.Path
	return &source{
		hosts: []web.Host{
			{Name: "esx1", URL: "https://esx1:5989/cimom", State: "subscribed", LastSync: day(1), Health: "warning", Components: map[string]int{"warning": 1}},
			{Name: "esx2", URL: "https://esx2:5989/cimom", State: "failing", Detail: "refused", Health: "unknown", Components: map[string]int{}},
		},
		components: []inventory.Component{fan, host},
		changes: []inventory.Change{
			{Time: day(1), Known: day(1), Host: "esx1", ID: fan.ID, Component: fan.Kind, Name: fan.Name, Kind: inventory.Appeared, Instance: came, Health: inventory.OK, Cause: inventory.Cause{Reason: inventory.FirstSync}},
			{
				Time: day(2), Known: day(2), Host: "esx1", ID: fan.ID, Component: fan.Kind, Name: fan.Name, Kind: inventory.ConditionRaised, Property: "slow",
				New: cim.String("Fan 3 slow"), Severity: event.SeverityMinor, Health: inventory.OK, Cause: fan.Conditions[0].Cause,
			},
			{
				Time: day(2), Known: day(2), Host: "esx1", ID: fan.ID, Component: fan.Kind, Name: fan.Name, Kind: inventory.PropertyChanged, Property: "Alpha",
				Old: cim.Uint16s(2), New: cim.Uint16s(2, 3), Health: inventory.Warning, Cause: inventory.Cause{Reason: inventory.Resync},
			},
			{Time: day(3), Known: day(3), Host: "esx2", ID: host.ID, Component: host.Kind, Name: host.Name, Kind: inventory.Appeared, Instance: &cim.Instance{}, Cause: inventory.Cause{Reason: inventory.Resync}},
		},
	}
}

// serve serves a source until the test ends.
func serve(t *testing.T, s web.Source, logger *slog.Logger) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(web.NewHandler(s, logger))
	t.Cleanup(server.Close)
	return server
}

func client(t *testing.T, url string) *web.Client {
	t.Helper()
	c, err := web.NewClient(url)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// reader is what Client and Local both are.
type reader interface {
	Hosts(ctx context.Context) ([]web.Host, error)
	Components(ctx context.Context, host string) ([]web.Component, error)
	Component(ctx context.Context, host, id string) (web.Component, error)
	History(ctx context.Context, host, id string) ([]web.Change, error)
	Past(ctx context.Context, q inventory.Query, at time.Time) (web.Past, error)
	Changes(ctx context.Context, f web.ChangeFilter) ([]web.Change, error)
}

// TestClient reads over a socket what a Local reads, to the last field.
func TestClient(t *testing.T) {
	s := example()
	remote, local := reader(client(t, serve(t, s, nil).URL)), reader(web.Local{Source: s})
	ask := map[string]func(reader) (any, error){
		"hosts":                func(r reader) (any, error) { return r.Hosts(t.Context()) },
		"components":           func(r reader) (any, error) { return r.Components(t.Context(), "") },
		"components of a host": func(r reader) (any, error) { return r.Components(t.Context(), "esx2") },
		"component":            func(r reader) (any, error) { return r.Component(t.Context(), "esx1", s.components[0].ID) },
		"no component":         func(r reader) (any, error) { return r.Component(t.Context(), "esx1", "x") },
		"history":              func(r reader) (any, error) { return r.History(t.Context(), "", "") },
		"history of a host":    func(r reader) (any, error) { return r.History(t.Context(), "esx1", "") },
		"changes": func(r reader) (any, error) {
			return r.Changes(t.Context(), web.ChangeFilter{Since: day(2), Until: day(3), Kinds: []string{"FAN"}, Changes: []string{"raised", "Property"}})
		},
		"no changes": func(r reader) (any, error) { return r.Changes(t.Context(), web.ChangeFilter{Until: day(1)}) },
		"past":       func(r reader) (any, error) { return r.Past(t.Context(), inventory.Query{}, day(2)) },
		"past of a host": func(r reader) (any, error) {
			return r.Past(t.Context(), inventory.Query{Hosts: []inventory.Pattern{"esx2"}}, day(2))
		},
		"history of one": func(r reader) (any, error) { return r.History(t.Context(), "esx2", "host") },
	}
	for name, question := range ask {
		want, wantErr := question(local)
		got, err := question(remote)
		if !errors.Is(err, wantErr) {
			t.Errorf("%s: error %v, want %v", name, err, wantErr)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-local +remote):\n%s", name, diff)
		}
	}
}

// TestJSON holds the form of the API, which is a contract.
func TestJSON(t *testing.T) {
	handler := web.NewHandler(example(), nil)
	for _, test := range []struct{ path, want string }{
		{"/api/v1/hosts", `{"hosts":[{"name":"esx1","url":"https://esx1:5989/cimom","state":"subscribed","last_sync":"2026-11-01T08:00:00.0000005Z","health":"warning","components":{"warning":1}},` +
			`{"name":"esx2","url":"https://esx2:5989/cimom","state":"failing","detail":"refused","health":"unknown","components":{}}]}`},
		{"/api/v1/components?host=esx1", `{"components":[{"host":"esx1","id":"omc_fan.deviceid=\"29.3\"","path":"root/cimv2:OMC_Fan.DeviceID=\"29.3\"","class":"OMC_Fan","kind":"fan","name":"Fan 3",` +
			`"health":"warning","reason":"slow","since":"2026-11-02T08:00:00.0000005Z",` +
			`"conditions":[{"key":"slow","text":"Fan 3 slow","severity":"minor","since":"2026-11-02T08:00:00.0000005Z","count":2,"cause":{"reason":"indication","class":"OMC_IpmiAlertIndication","entry":7}}],` +
			`"properties":{"Zeta":9223372036854775809,"Alpha":[2,3],"Gone":null,"Text":"\u003c\u0026\u003e\"\u2028"},` +
			`"first_seen":"2026-11-01T08:00:00.0000005Z","last_seen":"2026-11-02T08:00:00.0000005Z"}]}`},
		{"/api/v1/components?host=esx1&at=2026-11-01T09:00:00Z", `{"components":[{"host":"esx1","id":"omc_fan.deviceid=\"29.3\"","path":"root/cimv2:OMC_Fan.DeviceID=\"29.3\"","class":"OMC_Fan","kind":"fan","name":"Fan 3",` +
			`"health":"ok","since":"2026-11-01T08:00:00.0000005Z","conditions":[],"properties":{"Alpha":[2],"ElementName":"Fan 3"},` +
			`"first_seen":"2026-11-01T08:00:00.0000005Z","last_seen":"2026-11-01T08:00:00.0000005Z"}]}`},
		{"/api/v1/components?at=2026-10-31T08:00:00%2B01:00", `{"components":[]}`},
		{"/api/v1/components?at=yesterday", `{"error":"at: \"yesterday\" is not a time in RFC 3339"}`},
		{"/api/v1/component?host=esx2&id=host", `{"host":"esx2","id":"host","class":"","kind":"host","name":"esx2","health":"unknown","conditions":[],"properties":{}}`},
		{"/api/v1/component?host=esx2&id=x", `{"error":"component \"x\" of host esx2: not found"}`},
		{"/api/v1/history?host=esx2", `{"changes":[{"time":"2026-11-03T08:00:00.0000005Z","known":"2026-11-03T08:00:00.0000005Z","host":"esx2","id":"host","component":"host","name":"esx2","kind":"appeared","old":null,"new":null,"health":"unknown","cause":{"reason":"re-sync"}}]}`},
		{"/api/v1/history?host=esx3", `{"error":"host \"esx3\": not found"}`},
		{"/api/v1/history?change=Raised&kind=FAN&since=2026-11-02T08:00:00Z&until=2026-11-02T09:00:00Z", `{"changes":[{"time":"2026-11-02T08:00:00.0000005Z","known":"2026-11-02T08:00:00.0000005Z",` +
			`"host":"esx1","id":"omc_fan.deviceid=\"29.3\"","component":"fan","name":"Fan 3","kind":"raised","property":"slow","old":null,"new":"Fan 3 slow","severity":"minor","health":"ok",` +
			`"cause":{"reason":"indication","class":"OMC_IpmiAlertIndication","entry":7}}]}`},
		{"/api/v1/history?change=appeared&kind=disk&kind=memory", `{"changes":[]}`},
		{"/api/v1/history?since=2026-11-03T08:00:00.0000006Z", `{"changes":[]}`},
		{"/api/v1/history?until=yesterday", `{"error":"until: \"yesterday\" is not a time in RFC 3339"}`},
		{"/api/v1/history?change=broken", `{"error":"\"broken\" is no kind of changes: choose from appeared, disappeared, replaced, moved, property, health, raised, cleared, member lost, member gained, condensed"}`},
	} {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, test.path, nil))
		if diff := cmp.Diff(test.want+"\n", w.Body.String()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.path, diff)
		}
		if kind := w.Header().Get("Content-Type"); kind != "application/json" {
			t.Errorf("%s is %s", test.path, kind)
		}
	}
}

// TestMethods allows reading only.
func TestMethods(t *testing.T) {
	handler := web.NewHandler(example(), nil)
	for _, test := range []struct {
		method, path string
		status       int
	}{
		{http.MethodHead, "/api/v1/hosts", http.StatusOK},
		{http.MethodPost, "/api/v1/hosts", http.StatusMethodNotAllowed},
		{http.MethodDelete, "/api/v1/component?host=esx2&id=host", http.StatusMethodNotAllowed},
		{http.MethodGet, "/api/v2/hosts", http.StatusNotFound},
	} {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest(test.method, test.path, nil))
		if w.Code != test.status {
			t.Errorf("%s %s: %d, want %d", test.method, test.path, w.Code, test.status)
		}
		if body := w.Body.String(); w.Code == http.StatusNotFound && body != `{"error":"/api/v2/hosts: not found"}`+"\n" {
			t.Errorf("%s %s: %s, want JSON", test.method, test.path, body)
		}
	}
}

// TestSourceFails logs why, and tells the peer only that.
func TestSourceFails(t *testing.T) {
	s := example()
	s.err = errors.New("page 17 of /var/lib/cimwatch.db is broken")
	var log strings.Builder
	handler := web.NewHandler(s, slog.New(slog.NewTextHandler(&log, nil)))
	for _, page := range []string{
		"hosts", "components", "component?host=esx2&id=host", "history", "components?at=2026-11-03T08:00:00Z",
	} {
		log.Reset()
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/api/v1/"+page, nil))
		if w.Code != http.StatusInternalServerError || w.Body.String() != `{"error":"the inventory cannot be read"}`+"\n" {
			t.Errorf("%s: %d %s", page, w.Code, w.Body)
		}
		if !strings.Contains(log.String(), "page 17") {
			t.Errorf("%s: logged %q", page, log.String())
		}
	}
	if _, err := client(t, serve(t, s, nil).URL).Hosts(t.Context()); err == nil || !strings.Contains(err.Error(), "HTTP status 500") {
		t.Errorf("the client says %v", err)
	}
}

// forgetful is a source whose history alone fails.
type forgetful struct{ *source }

func (f forgetful) History(context.Context, string, string) iter.Seq2[inventory.Change, error] {
	return some([]inventory.Change(nil), errors.New("page 17 is broken"), nil)
}

// TestPastFails has the past be an error where the history fails, and not what was read until then.
func TestPastFails(t *testing.T) {
	s := forgetful{example()}
	for name, r := range map[string]reader{"local": web.Local{Source: s}, "remote": client(t, serve(t, s, nil).URL)} {
		if past, err := r.Past(t.Context(), inventory.Query{}, day(2)); err == nil || len(past.Components) > 0 {
			t.Errorf("%s: %v, %v", name, past, err)
		}
	}
}

func TestNewClientErrors(t *testing.T) {
	for _, url := range []string{"", "127.0.0.1:9720", "ftp://h", "http://", "http://h:x", "://", "unix:///run/x"} {
		if _, err := web.NewClient(url); err == nil {
			t.Errorf("%q is taken for the address of a daemon", url)
		}
	}
}

// TestNoDaemon asks something that is not one.
func TestNoDaemon(t *testing.T) {
	for _, test := range []struct {
		name   string
		answer http.HandlerFunc
		want   string
	}{
		{"another server", http.NotFound, "ask the daemon: HTTP status 404 Not Found: is %s the metrics address of cimwatch serve?"},
		{"account wanted", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) },
			"ask the daemon: HTTP status 401 Unauthorized: is %s the metrics address of cimwatch serve?"},
		{"no JSON", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") },
			"ask the daemon: read the answer: invalid character '<' looking for beginning of value"},
		{"cut short", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"hosts":[`) },
			"ask the daemon: read the answer: unexpected EOF"},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := httptest.NewServer(test.answer)
			defer server.Close()
			want := test.want
			if strings.Contains(want, "%s") {
				want = fmt.Sprintf(want, server.URL)
			}
			if _, err := client(t, server.URL).Hosts(t.Context()); err == nil || err.Error() != want {
				t.Errorf("error\n     %v\nwant %s", err, want)
			}
		})
	}
	if _, err := client(t, "http://127.0.0.1:1").Hosts(t.Context()); err == nil || !strings.Contains(err.Error(), "refused") {
		t.Errorf("a closed port: %v", err)
	}
}

// TestClientHidesPassword asks with an account in the URL: no error repeats its password.
func TestClientHidesPassword(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	for _, address := range []string{strings.TrimPrefix(server.URL, "http://"), "127.0.0.1:1"} {
		_, err := client(t, "http://ops:hunter2@"+address).Hosts(t.Context())
		if err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("error %v", err)
		}
	}
	if _, err := web.NewClient("http://ops:hunter2@h:port"); err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("error %v", err)
	}
}

func TestPropertiesOrder(t *testing.T) {
	const text = `{"b":1,"a":[1,2],"c":null,"d":18446744073709551615}`
	var p web.Properties
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(p)
	if err != nil || string(again) != text {
		t.Errorf("%s, %v; want %s", again, err, text)
	}
	for _, bad := range []string{`[]`, `1`, `null`, `"a"`} {
		if err := json.Unmarshal([]byte(bad), &p); err == nil {
			t.Errorf("%s is taken for properties", bad)
		}
	}
}

// FuzzProperties checks that what is read is written again as it was.
func FuzzProperties(f *testing.F) {
	f.Add(`{"b":1,"a":{"x":[null]}}`)
	f.Add(`{"a":1,"a":2}`)
	f.Add(`{"\u0000":"\ud800"}`)
	f.Fuzz(func(t *testing.T, text string) {
		var p, again web.Properties
		if json.Unmarshal([]byte(text), &p) != nil {
			return
		}
		written, err := json.Marshal(p)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if err := json.Unmarshal(written, &again); err != nil {
			t.Fatalf("%q became %s: %v", text, written, err)
		}
		if len(again) != len(p) {
			t.Errorf("%q has %d properties, then %d", text, len(p), len(again))
		}
	})
}
