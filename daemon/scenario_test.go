package daemon_test

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cimwatch/cimwatch/daemon"
	"github.com/cimwatch/cimwatch/event"
	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/store"
	"github.com/cimwatch/cimwatch/web"
)

// TestScenario takes the whole road: from a step on a simulated host to what the API of the
// daemon says of it.
func TestScenario(t *testing.T) {
	h := startHost(t, nil)
	d := start(t, configFor(t, h.url), nil)
	d.awaitSubscribed(hostName)
	if created := len(d.report(hostName).Created); created != 5 {
		t.Errorf("%d subscriptions created, want one for each class", created)
	}

	first := d.firstSync(hostName)
	if len(first) < 50 {
		t.Errorf("the first sync found %d components", len(first))
	}
	for _, c := range first {
		if c.Kind != inventory.Appeared || c.Cause.Reason != inventory.FirstSync {
			t.Errorf("change of the first sync: %s by %s", c.Kind, c.Cause)
		}
	}

	const (
		chassis = "Physical Security General Chassis intrusion"
		supply  = "Power Supply 2"
		fan     = "Fan Device 3"
	)
	steps := []struct {
		step       string
		component  string
		health     string
		conditions int
	}{
		{"case-opened", chassis, "warning", 1},
		{"case-closed", chassis, "ok", 0},
		{"psu-unplugged", supply, "critical", 1},
		{"psu-restored", supply, "ok", 0},
	}
	for _, s := range steps {
		h.play(t, d, s.step)
		c := d.component(hostName, s.component)
		if c.Health != s.health || len(c.Conditions) != s.conditions {
			t.Errorf("%s: %s is %s with conditions %v, want %s with %d", s.step, c.Name, c.Health, c.Conditions, s.health, s.conditions)
		}
		for _, a := range d.takeApplied() {
			checkCauses(t, s.step, a)
		}
	}

	checkHistory(t, d, chassis)
	checkMetrics(t, d)
}

// checkCauses checks that every change names the indication that caused it.
func checkCauses(t *testing.T, step string, a applied) {
	t.Helper()
	if len(a.changes) == 0 {
		t.Errorf("%s: %s #%d changed nothing", step, a.event.Class, a.entry.Number)
	}
	want := inventory.Cause{Reason: inventory.Indication, Class: a.event.Class, Entry: a.entry.Number}
	for _, c := range a.changes {
		if c.Cause != want {
			t.Errorf("%s: cause of %s of %s is %v, want %v", step, c.Kind, c.Name, c.Cause, want)
		}
	}
}

// checkHistory checks what the API tells of the case that was opened and closed.
func checkHistory(t *testing.T, d *running, name string) {
	t.Helper()
	changes, err := d.client.History(within(t), hostName, d.component(hostName, name).ID)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range changes {
		got = append(got, c.Kind+" by "+c.Cause.String())
	}
	want := []string{
		"appeared by first sync",
		"raised by OMC_IpmiAlertIndication #1", "health by OMC_IpmiAlertIndication #1",
		"cleared by OMC_IpmiAlertIndication #2", "health by OMC_IpmiAlertIndication #2",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("history of %s (-want +got):\n%s", name, diff)
	}
}

func checkMetrics(t *testing.T, d *running) {
	t.Helper()
	for series, want := range map[string]string{
		`cimwatch_indications_total{class="OMC_IpmiAlertIndication",outcome="kept"}`:      "2",
		`cimwatch_indications_total{class="OMC_PowerIpmiAlertIndication",outcome="kept"}`: "4",
		`cimwatch_inventory_changes_total{kind="raised"}`:                                 "3",
		`cimwatch_inventory_changes_total{kind="cleared"}`:                                "3",
		`cimwatch_host_subscription_state{host="esx1",state="subscribed"}`:                "1",
		`cimwatch_host_subscription_state{host="esx1",state="pending"}`:                   "0",
		`cimwatch_subscriptions{host="esx1",state="standing"}`:                            "5",
		`cimwatch_subscriptions{host="esx1",state="missing"}`:                             "0",
		`cimwatch_host_failures_total{host="esx1",step="subscribe"}`:                      "0",
		`cimwatch_inventory_journal_entry`:                                                "6",
		`cimwatch_journal_queue_depth`:                                                    "0",
		`cimwatch_journal_undecodable_total`:                                              "0",
		`cimwatch_listener_request_duration_seconds_count{status="2xx"}`:                  "6",
		`cimwatch_inventory_sync_duration_seconds_count{outcome="complete"}`:              "1",
		`cimwatch_inventory_components{health="critical"}`:                                "0",
	} {
		if got := d.metric(series); got != want {
			t.Errorf("%s is %q, want %s", series, got, want)
		}
	}
	if ok, _ := strconv.Atoi(d.metric(`cimwatch_inventory_components{health="ok"}`)); ok < 50 {
		t.Errorf("%d components are ok", ok)
	}
	if _, text := d.get("/metrics"); !strings.Contains(text, `cimwatch_build_info{goversion="go1.`) ||
		!strings.Contains(text, `,version="v1.2.3"} 1`) {
		t.Error("no build info with the version")
	}
	for _, page := range []string{"/healthz", "/readyz"} {
		if status, body := d.get(page); status != http.StatusOK {
			t.Errorf("%s: %d %s", page, status, body)
		}
	}
}

// TestWholeScenario plays every step: each tells something, and at the end all is well.
func TestWholeScenario(t *testing.T) {
	h := startHost(t, nil)
	d := start(t, configFor(t, h.url), nil)
	d.awaitSubscribed(hostName)
	kinds := map[inventory.ChangeKind]int{}
	for _, step := range h.Steps() {
		h.play(t, d, step.Name)
		told := d.takeApplied()
		if len(told) == 0 {
			t.Errorf("%s: no indication", step.Name)
		}
		changes := 0
		for _, a := range told {
			changes += len(a.changes)
			for _, c := range a.changes {
				kinds[c.Kind]++
			}
			if a.event.Kind == event.KindOther {
				t.Errorf("%s: %s is of no known kind", step.Name, a.event.Class)
			}
		}
		if changes == 0 {
			t.Errorf("%s: changed nothing", step.Name)
		}
	}
	for _, kind := range []inventory.ChangeKind{
		inventory.Disappeared, inventory.Replaced, inventory.PropertyChanged, inventory.HealthChanged,
		inventory.ConditionRaised, inventory.ConditionCleared,
	} {
		if kinds[kind] == 0 {
			t.Errorf("nothing in the scenario is told as %s", kind)
		}
	}
	hosts, err := d.client.Hosts(within(t))
	if err != nil {
		t.Fatal(err)
	}
	if len(hosts) != 1 || hosts[0].Health != "ok" || hosts[0].State != string(daemon.StateSubscribed) ||
		hosts[0].LastIndication.IsZero() || hosts[0].LastSync.IsZero() {
		t.Errorf("hosts at the end: %+v", hosts)
	}
}

// apiReader is what a client and a store both are.
type apiReader interface {
	Hosts(ctx context.Context) ([]web.Host, error)
	Components(ctx context.Context, host string) ([]web.Component, error)
	Component(ctx context.Context, host, id string) (web.Component, error)
	History(ctx context.Context, host, id string) ([]web.Change, error)
}

// TestAPIShowsStore compares what a running daemon tells with what is in its file.
func TestAPIShowsStore(t *testing.T) {
	h := startHost(t, nil)
	config := configFor(t, h.url)
	d := start(t, config, nil)
	d.awaitSubscribed(hostName)
	h.play(t, d, "case-opened", "psu-unplugged", "property-changed")

	type content struct {
		Hosts      []web.Host
		Components []web.Component
		Changes    []web.Change
		First      web.Component
	}
	read := func(from apiReader) (c content) {
		var errs [4]error
		c.Hosts, errs[0] = from.Hosts(within(t))
		c.Components, errs[1] = from.Components(within(t), "")
		c.Changes, errs[2] = from.History(within(t), "", "")
		c.First, errs[3] = from.Component(within(t), hostName, c.Components[0].ID)
		if err := errors.Join(errs[:]...); err != nil {
			t.Fatal(err)
		}
		return c
	}
	told := read(d.client)
	if err := d.stop(); err != nil {
		t.Fatal(err)
	}
	withStore(t, config.Store.File, func(s *store.Store) {
		if diff := cmp.Diff(read(web.Local{Source: daemon.NewSource(s.Inventory())}), told); diff != "" {
			t.Errorf("API and store differ (-store +API):\n%s", diff)
		}
	})
	if len(told.Components) < 50 || len(told.Changes) <= len(told.Components) {
		t.Errorf("%d components, %d changes", len(told.Components), len(told.Changes))
	}
}
