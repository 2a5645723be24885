package daemon_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cimwatch/cimwatch/daemon"
	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/store"
)

// TestRestart starts a daemon again on its file: it goes on with the same subscriptions,
// without a word that would change them, and with the same inventory.
func TestRestart(t *testing.T) {
	h := startHost(t, nil)
	config := configFor(t, h.url)
	first := start(t, config, nil)
	first.awaitSubscribed(hostName)
	config.Listener.Address = first.ListenerAddr().String()
	h.play(t, first, "case-opened", "case-closed")
	if err := first.stop(); err != nil {
		t.Fatal(err)
	}
	subscriptions, destinations := h.subscriptions(t), h.destinations(t)
	created, before := h.called("CreateInstance"), contents(t, config.Store.File)

	second := start(t, config, nil)
	second.awaitSubscribed(hostName)
	if r := second.report(hostName); len(r.Kept) != 5 || len(r.Created) != 0 || len(r.Removed) != 0 {
		t.Errorf("kept %d subscriptions, created %d, removed %d objects; want 5, 0, 0", len(r.Kept), len(r.Created), len(r.Removed))
	}
	if diff := cmp.Diff(subscriptions, h.subscriptions(t)); diff != "" {
		t.Errorf("subscriptions (-before +after):\n%s", diff)
	}
	if diff := cmp.Diff(destinations, h.destinations(t)); diff != "" {
		t.Errorf("destinations (-before +after):\n%s", diff)
	}
	if n := h.called("CreateInstance"); n != created {
		t.Errorf("%d instances created after the restart", n-created)
	}
	if n := h.called("DeleteInstance"); n != 0 {
		t.Errorf("%d instances deleted", n)
	}
	if changes := second.firstSync(hostName); len(changes) != 0 {
		t.Errorf("the first sync after the restart changed %d things: %v", len(changes), changes)
	}
	if got := second.metric("cimwatch_inventory_journal_entry"); got != "2" {
		t.Errorf("the inventory went on after entry %s, want 2", got)
	}
	h.play(t, second, "case-opened", "case-closed")
	for n, a := range second.takeApplied() {
		if want := uint64(3 + n); a.entry.Number != want {
			t.Errorf("entry %d was taken in, want %d", a.entry.Number, want)
		}
	}
	if err := second.stop(); err != nil {
		t.Fatal(err)
	}
	after := contents(t, config.Store.File)
	if len(before) < 50 || !slices.Equal(before, after) {
		t.Errorf("%d components before, %d after", len(before), len(after))
	}
}

// contents returns the IDs of the components in a store that nobody has open.
func contents(t *testing.T, file string) (ids []string) {
	t.Helper()
	withStore(t, file, func(s *store.Store) {
		for c, err := range s.Components(t.Context(), "") {
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, c.ID)
		}
	})
	return ids
}

func TestOnShutdown(t *testing.T) {
	for _, test := range []struct {
		choice string
		left   int
		state  daemon.State
	}{
		{daemon.OnShutdownKeep, 5, daemon.StateSubscribed},
		{daemon.OnShutdownUnsubscribe, 0, daemon.StateUnsubscribed},
	} {
		t.Run(test.choice, func(t *testing.T) {
			h := startHost(t, nil)
			config := configFor(t, h.url)
			config.OnShutdown = test.choice
			d := start(t, config, nil)
			d.awaitSubscribed(hostName)
			if err := d.stop(); err != nil {
				t.Fatal(err)
			}
			if n := len(h.subscriptions(t)); n != test.left {
				t.Errorf("%d subscriptions are left, want %d", n, test.left)
			}
			if n := len(h.destinations(t)); n != test.left {
				t.Errorf("%d handlers are left, want %d", n, test.left)
			}
			withStore(t, config.Store.File, func(s *store.Store) {
				hosts, err := s.Hosts(t.Context())
				if err != nil || len(hosts) != 1 || hosts[0].Subscription != string(test.state) {
					t.Errorf("the store says %+v, %v; want %s", hosts, err, test.state)
				}
			})
		})
	}
}

// TestTwoDaemons runs two installations with different names for one host: neither ever
// touches what the other made.
func TestTwoDaemons(t *testing.T) {
	h := startHost(t, nil)
	configs := map[string]*daemon.Config{}
	daemons := map[string]*running{}
	for _, name := range []string{"north", "south"} {
		configs[name] = configFor(t, h.url)
		configs[name].Name = name
		daemons[name] = start(t, configs[name], nil)
		daemons[name].awaitSubscribed(hostName)
	}
	if n := len(h.subscriptions(t)); n != 10 {
		t.Fatalf("%d subscriptions, want 5 of each", n)
	}
	ctx := within(t)
	if err := h.Play(ctx, "case-opened"); err != nil {
		t.Fatal(err)
	}
	if err := h.Flush(ctx); err != nil {
		t.Fatal(err)
	}
	for name, d := range daemons {
		if err := d.Settle(ctx); err != nil {
			t.Fatal(err)
		}
		if got := len(d.takeApplied()); got != 1 {
			t.Errorf("%s took in %d indications, want 1", name, got)
		}
	}

	// One that goes takes its own and leaves the other's.
	north := daemons["north"]
	configs["north"].Listener.Address = north.ListenerAddr().String()
	if err := north.stop(); err != nil {
		t.Fatal(err)
	}
	configs["north"].OnShutdown = daemon.OnShutdownUnsubscribe
	again := start(t, configs["north"], nil)
	again.awaitSubscribed(hostName)
	if r := again.report(hostName); len(r.Kept) != 5 || len(r.Removed) != 0 {
		t.Errorf("north kept %d subscriptions and removed %d objects, want 5 and 0", len(r.Kept), len(r.Removed))
	}
	if err := again.stop(); err != nil {
		t.Fatal(err)
	}
	if left := h.subscriptions(t); len(left) != 5 || !strings.Contains(strings.Join(left, " "), "cimwatch:south:") {
		t.Errorf("south has %d subscriptions left, want 5", len(left))
	}
	h.play(t, daemons["south"], "case-closed")
	if got := len(daemons["south"].takeApplied()); got != 1 {
		t.Errorf("south took in %d indications, want 1", got)
	}
}

// TestRefusedSubscription has a host that lacks a class: what it has is subscribed to and
// read, and its state tells what is missing.
func TestRefusedSubscription(t *testing.T) {
	h := startHost(t, nil)
	config := configFor(t, h.url)
	config.Hosts[0].Classes = append(config.Hosts[0].Classes, "CIM_NoSuchIndication")
	d := start(t, config, nil)
	if s := d.await(hostName); s.State != daemon.StateFailing || !strings.Contains(s.Detail, "CIM_NoSuchIndication") {
		t.Errorf("state %s: %s", s.State, s.Detail)
	}
	if n := len(d.firstSync(hostName)); n < 50 {
		t.Errorf("the inventory has %d components", n)
	}
	h.play(t, d, "case-opened")
	if c := d.component(hostName, "Physical Security General Chassis intrusion"); c.Health != "warning" {
		t.Errorf("the open case is %s", c.Health)
	}
	if got := d.metric(`cimwatch_host_failures_total{host="esx1",step="subscribe"}`); got != "1" {
		t.Errorf("failures to subscribe: %q, want 1", got)
	}
}

// TestResync finds what happened to a host without an indication.
func TestResync(t *testing.T) {
	h := startHost(t, nil)
	clock := newTurns()
	d := start(t, configFor(t, h.url), &daemon.Options{After: clock.after})
	d.awaitSubscribed(hostName)
	list, err := h.Instances("root/cimv2", "OMC_Fan")
	if err != nil || len(list) == 0 {
		t.Fatalf("%d fans, %v", len(list), err)
	}
	if _, err := h.Delete(list[0].Path); err != nil {
		t.Fatal(err)
	}
	clock.next(t)
	d.awaitSubscribed(hostName)
	changes := d.firstSync(hostName)
	if len(changes) != 1 || changes[0].Kind != inventory.Disappeared || changes[0].Cause.Reason != inventory.Resync {
		t.Errorf("the second reading found %v, want a fan that disappeared", changes)
	}
}

// TestRepairs makes again what somebody else deleted on the host.
func TestRepairs(t *testing.T) {
	h := startHost(t, nil)
	clock := newTurns()
	d := start(t, configFor(t, h.url), &daemon.Options{After: clock.after})
	d.awaitSubscribed(hostName)
	all, err := h.Instances(interop, "CIM_IndicationSubscription")
	if err != nil {
		t.Fatal(err)
	}
	before := h.subscriptions(t)
	if _, err := h.Delete(all[0].Path); err != nil {
		t.Fatal(err)
	}
	clock.next(t)
	d.awaitSubscribed(hostName)
	after := h.subscriptions(t)
	slices.Sort(before)
	slices.Sort(after)
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("subscriptions (-before +after):\n%s", diff)
	}
}

// TestReadiness follows /readyz to the end of the daemon.
func TestReadiness(t *testing.T) {
	d := start(t, configFor(t, "http://127.0.0.1:1"), nil)
	if status, body := d.get("/readyz"); status != http.StatusOK || body != "ready\n" {
		t.Errorf("a daemon whose only host is dead: %d %s", status, body)
	}
	if status, _ := d.get("/nothing"); status != http.StatusNotFound {
		t.Errorf("a page that is not there: %d", status)
	}
}

// TestHostGoes takes a host out of the configuration: what is known of it stays, and it is
// not said to be looked after.
func TestHostGoes(t *testing.T) {
	h := startHost(t, nil)
	config := configFor(t, startHost(t, nil).url, h.url)
	first := start(t, config, nil)
	for range config.Hosts {
		if s := <-first.statuses; s.State != daemon.StateSubscribed {
			t.Fatalf("%s is %s: %s", s.Host, s.State, s.Detail)
		}
	}
	if err := first.stop(); err != nil {
		t.Fatal(err)
	}
	config.Hosts = config.Hosts[1:]
	h.setDown(true)
	second := start(t, config, &daemon.Options{After: newTurns().after})
	second.await("esx2")
	hosts, err := second.client.Hosts(within(t))
	if err != nil || len(hosts) != 2 {
		t.Fatalf("hosts %+v, %v", hosts, err)
	}
	want := []daemon.State{daemon.StateUnconfigured, daemon.StateFailing}
	for n, host := range hosts {
		if host.State != string(want[n]) || host.Components["ok"] < 50 {
			t.Errorf("%s is %s with %v, want %s", host.Name, host.State, host.Components, want[n])
		}
	}
}
