package subscriber_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cimwatch/cimwatch/subscriber"
)

func TestValidate(t *testing.T) {
	good := filter(alerts, listener)
	tests := []struct {
		d    subscriber.Declaration
		want string // "" is no error
	}{
		{declare("ops"), ""},
		{declare("Site-1.lab_A", good, good), ""},
		{declare(strings.Repeat("n", 64), filter(alerts, "https://[2001:db8::1]:5990/x?y=z")), ""},
		{declare("", good), `the name of the subscriptions is empty`},
		{declare("a:b"), `name of the subscriptions "a:b": ':' is no letter, digit, ".", "-" or "_"`},
		{declare("a\"b"), `name of the subscriptions "a\"b": '"' is no letter, digit, ".", "-" or "_"`},
		{declare("ö"), `name of the subscriptions "ö": 'ö' is no letter, digit, ".", "-" or "_"`},
		{declare(strings.Repeat("n", 65)), `the name of the subscriptions has 65 characters, more than 64`},
		{declare("ops", good, filter(" ", listener)), `subscriptions ops: filter 2: the query is empty`},
		{declare("ops", subscriber.Filter{Query: alerts, Destination: listener, SourceNamespaces: []string{"/"}}),
			`subscriptions ops: filter 1: a source namespace is empty`},
		{declare("ops", filter(alerts, "")), `subscriptions ops: filter 1: the destination is no http or https URL`},
		{declare("ops", filter(alerts, "ftp://h/s3cret")), `subscriptions ops: filter 1: the destination is no http or https URL`},
		{declare("ops", filter(alerts, "http:///s3cret")), `subscriptions ops: filter 1: the destination has no host`},
		{declare("ops", filter(alerts, "http://root:s3cret@h/")), `subscriptions ops: filter 1: the destination holds a user name`},
		{declare("ops", filter(alerts, "http://h/s3cret%zz")),
			`subscriptions ops: filter 1: the destination is no URL: invalid URL escape "%zz"`},
		{declare("ops", filter("", listener), filter(alerts, "x")),
			"subscriptions ops: filter 1: the query is empty\nsubscriptions ops: filter 2: the destination is no http or https URL"},
	}
	for _, tt := range tests {
		got := ""
		if err := tt.d.Validate(); err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("Validate(%+v)\n got %s\nwant %s", tt.d, got, tt.want)
		}
		if strings.Contains(got, "s3cret") {
			t.Errorf("the error tells a secret: %s", got)
		}
	}
}

// A wrong declaration is refused before the server is asked anything.
func TestReconcileValidates(t *testing.T) {
	s := newServer()
	if _, err := subscriber.New(s, nil).Reconcile(t.Context(), declare("a:b")); err == nil || len(s.calls) != 0 {
		t.Errorf("error %v after %q, want one without a call", err, s.calls)
	}
}

// scenario is a case of conformance/subscription_scenarios.json, as far as it means
// something here: an identity, one filter and one destination that are subscribed to.
type scenario struct {
	Desc  string
	Steps struct {
		Name         any             `json:"submgr_id"`
		Filter       json.RawMessage `json:"filter_attrs"`
		Destination  json.RawMessage `json:"dest_attrs"`
		Subscription json.RawMessage `json:"subscription_attrs"`
		Modify       json.RawMessage `json:"modify_filter_attrs"`
		Remove       json.RawMessage `json:"remove_filters"`
	}
	Expect struct {
		Error  string
		Result struct {
			Filters       int `json:"filter_count"`
			Handlers      int `json:"listener_count"`
			Subscriptions int `json:"subscription_count"`
		}
	}
}

func TestConformance(t *testing.T) {
	dir := os.Getenv("CIMWATCH_CONFORMANCE")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared", "conformance")
	}
	text, err := os.ReadFile(filepath.Join(dir, "subscription_scenarios.json"))
	if err != nil {
		t.Skipf("no conformance cases: %v", err)
	}
	var table struct{ Cases []scenario }
	if err := json.Unmarshal(text, &table); err != nil {
		t.Fatal(err)
	}
	passed, differing := 0, 0
	for _, c := range table.Cases {
		if reason := c.elsewhere(); reason != "" {
			differing++
			t.Logf("differs: %s: %s", c.Desc, reason)
			continue
		}
		if t.Run(c.Desc, c.run) {
			passed++
		}
	}
	t.Logf("subscription_scenarios: %d passed, %d differing, %d failed", passed, differing, len(table.Cases)-passed-differing)
}

// elsewhere says why a case has no counterpart here, "" when it has one.
func (c scenario) elsewhere() string {
	null := func(m json.RawMessage) bool { return len(m) == 0 || string(m) == "null" }
	invalid := c.Expect.Error == "ValueError"
	_, text := c.Steps.Name.(string)
	switch {
	case !text && c.Steps.Name != nil:
		return "a name is a string by its type"
	case !null(c.Steps.Modify):
		return "nothing is ever modified in place, sfcb crashes of it"
	case !null(c.Steps.Remove):
		return "filters and handlers are not deleted apart from their subscriptions"
	case null(c.Steps.Filter) && null(c.Steps.Destination):
		return ""
	case !null(c.Steps.Filter) && !null(c.Steps.Destination) && !null(c.Steps.Subscription) && !invalid:
		return ""
	case null(c.Steps.Filter) && invalid && !strings.Contains(string(c.Steps.Destination), "persistence_type"):
		return ""
	default:
		return "names, identifiers, persistence and ownership are derived, not chosen; a filter or handler alone is not declared"
	}
}

func (c scenario) run(t *testing.T) {
	var f struct {
		Query, Language string
		Sources         any `json:"source_namespaces"`
	}
	var h struct {
		URL string `json:"listener_url"`
	}
	for _, part := range []struct {
		text json.RawMessage
		into any
	}{{c.Steps.Filter, &f}, {c.Steps.Destination, &h}} {
		if len(part.text) == 0 {
			continue
		}
		if err := json.Unmarshal(part.text, part.into); err != nil {
			t.Fatal(err)
		}
	}
	name, _ := c.Steps.Name.(string)
	d := declare(name)
	if h.URL != "" {
		d.Filters = []subscriber.Filter{{Query: strings.ReplaceAll(f.Query, "from", "FROM"), Destination: h.URL}}
	}
	s := newServer()
	s.sources = append(s.sources, "blah")
	_, err := subscriber.New(s, nil).Reconcile(t.Context(), d)
	if (err != nil) != (c.Expect.Error != "") {
		t.Fatalf("error = %v, want %q", err, c.Expect.Error)
	}
	got := [3]int{len(s.of("CIM_IndicationFilter")), len(s.of("CIM_ListenerDestination")), len(s.of("CIM_IndicationSubscription"))}
	want := [3]int{c.Expect.Result.Filters, c.Expect.Result.Handlers, c.Expect.Result.Subscriptions}
	if got != want {
		t.Errorf("filters, handlers, subscriptions = %d, want %d", got, want)
	}
}
