package daemon_test

import (
	"strings"
	"testing"
	"time"

	"github.com/cimwatch/cimwatch/daemon"
	"github.com/cimwatch/cimwatch/web"
)

// standings returns how the subscriptions of all hosts stand, as the API tells.
func (r *running) standings() map[string]web.HostSubscriptions {
	r.t.Helper()
	list, err := r.client.Subscriptions(within(r.t))
	if err != nil {
		r.t.Fatal(err)
	}
	hosts := map[string]web.HostSubscriptions{}
	for _, h := range list {
		hosts[h.Host] = h
	}
	return hosts
}

// TestStandings tells how the subscriptions of each host stand: all, some, and none.
func TestStandings(t *testing.T) {
	whole, part := startHost(t, nil), startHost(t, nil)
	config := configFor(t, whole.url, part.url, closedPort(t))
	config.Hosts[1].Classes = append(config.Hosts[1].Classes, "CIM_NoSuchIndication")
	clock := newTurns()
	d := start(t, config, &daemon.Options{After: clock.after})
	seen := map[string]bool{}
	for len(seen) < 3 {
		seen[(<-d.statuses).Host] = true
	}
	hosts := d.standings()
	for hosts["esx1"].Next.IsZero() || hosts["esx2"].Next.IsZero() || hosts["esx3"].Next.IsZero() {
		clock.pause(t) // of a host that begins to wait for its next turn, or of something else
		hosts = d.standings()
	}
	now := time.Now()
	for name, want := range map[string]web.HostSubscriptions{
		"esx1": {State: "subscribed", Declared: 5, Standing: 5, Interop: interop},
		"esx2": {State: "failing", Reason: "refused", Declared: 6, Standing: 5, Interop: interop, Detail: "CIM_NoSuchIndication"},
		"esx3": {State: "failing", Reason: "unreachable", Declared: 5, Detail: "refused"},
	} {
		got := hosts[name]
		if got.State != want.State || got.Reason != want.Reason || got.Declared != want.Declared || got.Standing != want.Standing ||
			got.Interop != want.Interop || !strings.Contains(got.Detail, want.Detail) {
			t.Errorf("%s stands as %+v, want %+v", name, got, want)
		}
		if got.Since.IsZero() || got.Looked.After(now) || now.Sub(got.Looked) > patience || !got.Next.After(got.Looked) || !got.LastIndication.IsZero() {
			t.Errorf("%s: since %s, looked at %s and next at %s, heard of at %s", name, got.Since, got.Looked, got.Next, got.LastIndication)
		}
	}
	if first, next := hosts["esx1"].Next, hosts["esx3"].Next; !next.Before(first) {
		t.Errorf("the host that is well is looked at next at %s, the dead one at %s", first, next)
	}
	whole.play(t, d, "case-opened")
	if h := d.standings()["esx1"]; h.LastIndication.IsZero() {
		t.Errorf("nothing is said to have come: %+v", h)
	}
}

// TestStandingsAtTheStart tells what there should be before anything is known.
func TestStandingsAtTheStart(t *testing.T) {
	d := start(t, configFor(t, tarpit(t)), nil)
	if h := d.standings()[hostName]; h.State != "pending" || h.Declared != 5 || h.Standing != 0 || !h.Since.IsZero() {
		t.Errorf("%+v", h)
	}
}
