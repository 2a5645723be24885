package daemon_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/daemon"
	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/simulator"
	"github.com/cimwatch/cimwatch/store"
	"github.com/cimwatch/cimwatch/web"
)

// A later is the time of a daemon that a test puts forward.
type later struct{ by atomic.Int64 }

func (l *later) now() time.Time           { return time.Now().Add(time.Duration(l.by.Load())) }
func (l *later) forward(by time.Duration) { l.by.Add(int64(by)) }

// resync has hosts looked at that have rested from the last demand.
func (l *later) resync(d *running, hosts ...string) error {
	l.forward(5 * time.Second)
	return d.Resync(hosts...)
}

func early(reason string) string { return fmt.Sprintf("cimwatch_early_turns_total{reason=%q}", reason) }
func (c *turns) mostly(t *testing.T, want time.Duration) {
	t.Helper()
	if got := c.pause(t); got > want || got < want*9/10 {
		t.Errorf("pause of %s, want %s less up to a tenth", got, want)
	}
}

// send has a host send an alert as one of a sequence, and waits until it is taken in.
func (r *running) send(url, context string, number int64) {
	r.t.Helper()
	body := alert(r.t, "1", "OMC_IpmiAlertIndication", fmt.Sprint("nothing of note ", number), numbered(context, number)...)
	if status := post(r.t, url, body); status != http.StatusOK {
		r.t.Fatalf("status %d", status)
	}
	if err := r.Settle(within(r.t)); err != nil {
		r.t.Fatal(err)
	}
}

// removeFan takes a fan away without an indication.
func (h *host) removeFan(t *testing.T) {
	t.Helper()
	list, err := h.Instances("root/cimv2", "OMC_Fan")
	if err != nil || len(list) == 0 {
		t.Fatalf("%d fans, %v", len(list), err)
	}
	if _, err := h.Delete(list[0].Path); err != nil {
		t.Fatal(err)
	}
}

// awaitResync waits until a host was read again, and checks that a fan was found to be gone.
func (r *running) awaitResync(host string) {
	r.t.Helper()
	r.awaitSubscribed(host)
	changes := r.firstSync(host)
	if len(changes) != 1 || changes[0].Kind != inventory.Disappeared || changes[0].Cause.Reason != inventory.Resync {
		r.t.Errorf("reading it again found %v, want a fan that disappeared", changes)
	}
}

// TestResyncOnDemand reads hosts when somebody wants it, though they are not due.
func TestResyncOnDemand(t *testing.T) {
	h, time0 := startHost(t, nil), &later{}
	d := start(t, configFor(t, h.url), &daemon.Options{After: newTurns().after, Now: time0.now})
	d.awaitSubscribed(hostName)
	h.removeFan(t)
	if err := time0.resync(d, hostName); err != nil {
		t.Fatal(err)
	}
	d.awaitResync(hostName)
	h.removeFan(t)
	if err := time0.resync(d); err != nil {
		t.Fatal(err)
	}
	d.awaitResync(hostName)
	h.removeFan(t)
	if err := time0.resync(d, "esx9", hostName); !errors.Is(err, daemon.ErrUnknownHost) || !strings.Contains(err.Error(), "esx9") {
		t.Errorf("a host that is not there: %v", err)
	}
	d.awaitResync(hostName)
	if got := d.metric(early("demand")); got != "3" {
		t.Errorf("%s turns on demand, want 3", got)
	}
}

// TestResyncByAPI asks for the same over HTTP.
func TestResyncByAPI(t *testing.T) {
	h, time0 := startHost(t, nil), &later{}
	d := start(t, configFor(t, h.url), &daemon.Options{After: newTurns().after, Now: time0.now})
	d.awaitSubscribed(hostName)
	h.removeFan(t)
	if err := d.client.Sync(within(t), hostName); err != nil {
		t.Fatal(err)
	}
	d.awaitResync(hostName)
	h.removeFan(t)
	time0.forward(5 * time.Second)
	if err := d.client.Sync(within(t)); err != nil {
		t.Fatal(err)
	}
	d.awaitResync(hostName)
	if err := d.client.Sync(within(t), "esx9"); !errors.Is(err, web.ErrNotFound) {
		t.Errorf("a host that is not there: %v", err)
	}
	if err := d.client.Sync(within(t), make([]string, 1001)...); err == nil || !strings.Contains(err.Error(), "too many") {
		t.Errorf("1001 hosts: %v", err)
	}
	if status, _ := d.get("/api/v1/sync"); status != http.StatusMethodNotAllowed && status != http.StatusNotFound {
		t.Errorf("GET is answered %d", status)
	}
}

// TestProgress counts hosts on their way to the first look.
func TestProgress(t *testing.T) {
	well, dead := startHost(t, nil), startHost(t, nil)
	dead.setDown(true)
	clock := newTurns()
	d := start(t, configFor(t, well.url, dead.url), &daemon.Options{After: clock.after})
	stage := func(name string) string { return fmt.Sprintf("cimwatch_first_looks{stage=%q}", name) }
	d.awaitMetric(stage("done"), "1")
	d.awaitMetric(stage("failing"), "1")
	if p := d.Progress(); p.Hosts != 2 || p.Done != 1 || p.Failing != 1 || p.Instances < 50 {
		t.Errorf("progress %+v", p)
	}
	dead.setDown(false)
	if err := d.Resync(); err != nil {
		t.Fatal(err)
	}
	d.awaitMetric(stage("done"), "2")
	d.awaitMetric(stage("failing"), "0")
	d.awaitMetric(stage("waiting"), "0")
}

// TestServerRestart has a CIM server count its indications anew: its subscriptions are
// looked at and it is read, but not without a pause.
func TestServerRestart(t *testing.T) {
	h, clock := startHost(t, nil), newTurns()
	d := start(t, configFor(t, h.url), &daemon.Options{After: clock.after})
	d.awaitSubscribed(hostName)
	clock.mostly(t, time.Hour)
	urls := h.destinations(t)
	d.send(urls[0], "sfcb#1#100", 41)
	d.send(urls[1], "sfcb#2#100", 7) // another handler, another context
	h.removeFan(t)
	d.send(urls[0], "sfcb#1#200", 0)
	if got := clock.pause(t); got <= 20*time.Second || got > 30*time.Second {
		t.Errorf("the host is tried again after %s, want what is left of 30s", got)
	}
	clock.next(t)
	d.awaitResync(hostName)
	clock.mostly(t, time.Hour)
	d.send(urls[0], "sfcb#1#100", 42) // what the old one could not deliver
	d.send(urls[0], "sfcb#1#200", 1)
	if got := d.metric(early("restart")); got != "1" {
		t.Errorf("%s early turns, want 1", got)
	}
}

// TestGap loses an indication: after its lifetime the host is read anew.
func TestGap(t *testing.T) {
	h, clock, time0 := startHost(t, nil), newTurns(), &later{}
	config := configFor(t, h.url)
	config.Store.GapLifetime = time.Minute
	d := start(t, config, &daemon.Options{After: clock.after, Now: time0.now})
	d.awaitSubscribed(hostName)
	urls := h.destinations(t)
	d.send(urls[0], "sfcb#1#100", 0)
	d.send(urls[0], "sfcb#1#100", 4)
	h.removeFan(t)
	if got := d.metric(early("gap")); got != "0" {
		t.Errorf("%s early turns before the missing ones are lost", got)
	}
	time0.forward(2 * time.Minute)
	d.send(urls[1], "sfcb#2#100", 0) // whatever is kept shows that it is late
	d.awaitResync(hostName)
	for series, want := range map[string]string{
		early("gap"): "1", "cimwatch_journal_gaps_total": "1", "cimwatch_journal_missing_total": "3",
	} {
		if got := d.metric(series); got != want {
			t.Errorf("%s is %s, want %s", series, got, want)
		}
	}
	if n := strings.Count(d.logs.String(), "indications are lost"); n != 1 {
		t.Errorf("the loss is logged %d times", n)
	}
}

// TestLockedAccount tries an account that is refused so rarely that no server locks it,
// whatever else happens and whoever wants it.
func TestLockedAccount(t *testing.T) {
	h, clock := startHost(t, nil), newTurns()
	config := configFor(t, h.url)
	config.Hosts[0].Interval = time.Minute
	d := start(t, config, &daemon.Options{After: clock.after})
	d.awaitSubscribed(hostName)
	clock.mostly(t, time.Minute)
	url := h.destinations(t)[0]
	heal := h.Fault(simulator.Fault{Status: http.StatusUnauthorized})
	fail := func(tries int) {
		t.Helper()
		before := h.asked()
		clock.next(t)
		if s := d.await(hostName); s.State != daemon.StateFailing || !strings.Contains(s.Detail, "401") {
			t.Errorf("state %s: %s", s.State, s.Detail)
		}
		if n := h.asked() - before; n != tries {
			t.Errorf("%d requests with an account that is refused, want %d", n, tries)
		}
	}
	for _, minutes := range []int{5, 10, 20, 40, 60, 60} {
		fail(1)
		clock.mostly(t, time.Duration(minutes)*time.Minute)
	}
	before := h.asked()
	d.send(url, "sfcb#1#100", 0)
	d.send(url, "sfcb#1#200", 0)
	if got := d.metric(early("restart")); got != "1" {
		t.Errorf("%s early turns are asked for, want 1", got)
	}
	if n := len(clock.asked) + h.asked() - before; n != 0 {
		t.Error("a restart makes it try the account sooner")
	}
	d.demandTaken(hostName)
	if n := len(clock.asked) + h.asked() - before; n != 0 {
		t.Error("a demand makes it try the account sooner")
	}
	heal()
	clock.next(t)
	d.awaitSubscribed(hostName)
	if got := d.metric(`cimwatch_failed_turns_total{reason="credentials"}`); got != "6" {
		t.Errorf("%s failed turns, want 6", got)
	}
	if n := strings.Count(d.logs.String(), "host is failing"); n != 1 {
		t.Errorf("the failure is logged %d times", n)
	}
}

// asked returns how many requests a host was asked.
func (h *host) asked() (sum int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, n := range h.calls {
		sum += n
	}
	return sum
}

// TestFailureChanges logs that a host fails once for each reason, not for each try.
func TestFailureChanges(t *testing.T) {
	h, clock := startHost(t, nil), newTurns()
	d := start(t, configFor(t, h.url), &daemon.Options{After: clock.after})
	d.awaitSubscribed(hostName)
	h.setDown(true)
	for range 3 {
		clock.next(t)
		d.await(hostName)
	}
	h.setDown(false)
	heal := h.Fault(simulator.Fault{Status: http.StatusForbidden})
	for range 2 {
		clock.next(t)
		d.await(hostName)
	}
	heal()
	heal = h.Fault(simulator.Fault{Status: http.StatusServiceUnavailable})
	clock.next(t)
	d.await(hostName)
	heal()
	clock.next(t)
	d.awaitSubscribed(hostName)
	log := d.logs.String()
	for text, want := range map[string]int{
		"host is failing": 3, "reason=unreachable": 1, "reason=credentials": 1, "reason=reply": 1, "host is subscribed": 2,
	} {
		if n := strings.Count(log, text); n != want {
			t.Errorf("the log has %q %d times, want %d", text, n, want)
		}
	}
	for reason, want := range map[string]string{"unreachable": "3", "credentials": "2", "reply": "1", "refused": "0", "other": "0"} {
		if got := d.metric(fmt.Sprintf("cimwatch_failed_turns_total{reason=%q}", reason)); got != want {
			t.Errorf("failed turns, %s: %s, want %s", reason, got, want)
		}
	}
}

// TestRenewal renews subscriptions that end before their half is over, though the host is
// not due.
func TestRenewal(t *testing.T) {
	h, clock, time0 := startHost(t, nil), newTurns(), &later{}
	config := configFor(t, h.url)
	config.Hosts[0].SubscriptionDuration = time.Hour
	d := start(t, config, &daemon.Options{After: clock.after, Now: time0.now})
	d.awaitSubscribed(hostName)
	for turn := range 3 {
		clock.mostly(t, 30*time.Minute)
		if got := h.ours(t, "CIM_IndicationSubscription").Get("SubscriptionDuration"); !got.Equal(cim.Uint64(3600)) {
			t.Errorf("turn %d: a duration of %s, want 3600", turn, got)
		}
		time0.forward(29 * time.Minute)
		clock.next(t)
		d.awaitSubscribed(hostName)
		if r := d.report(hostName); len(r.Created) != 5 || len(r.Removed) != 5 || len(r.Kept) != 0 {
			t.Errorf("turn %d: created %d, removed %d, kept %d subscriptions; want all renewed", turn, len(r.Created), len(r.Removed), len(r.Kept))
		}
	}
}

// TestHostRecord keeps where the subscriptions of a host are and when it was first seen.
func TestHostRecord(t *testing.T) {
	h, time0 := startHost(t, nil), &later{}
	config := configFor(t, h.url)
	var first inventory.Host
	for run := range 2 {
		h.setDown(run == 0)
		clock := newTurns()
		d := start(t, config, &daemon.Options{After: clock.after, Now: time0.now})
		if run == 0 {
			d.await(hostName)
			h.setDown(false)
			time0.forward(time.Hour)
			clock.next(t)
		}
		d.awaitSubscribed(hostName)
		if err := d.stop(); err != nil {
			t.Fatal(err)
		}
		time0.forward(time.Hour)
		withStore(t, config.Store.File, func(s *store.Store) {
			hosts, err := s.Hosts(t.Context())
			if err != nil || len(hosts) != 1 {
				t.Fatalf("hosts %v, %v", hosts, err)
			}
			if run == 0 {
				first = hosts[0]
			}
			got := hosts[0]
			if seen := time.Until(got.FirstSeen); got.Interop != interop || seen < 50*time.Minute || seen > time.Hour || !got.FirstSeen.Equal(first.FirstSeen) {
				t.Errorf("run %d: interop %q, first seen %s, want %s", run, got.Interop, got.FirstSeen, first.FirstSeen)
			}
		})
	}
}

// demandTaken demands a host until it has taken several demands note of.
func (r *running) demandTaken(host string) {
	r.t.Helper()
	const taken, asked = 5, `msg="turn is asked for" component=host host=`
	count := func() int { return strings.Count(r.logs.String(), asked+host+" reason=demand") }
	over := time.Now().Add(patience)
	for before := count(); count() < before+taken+1; {
		if err := r.Resync(host); err != nil {
			r.t.Fatal(err)
		}
		if time.Now().After(over) {
			r.t.Fatal("demands are not taken note of")
		}
	}
}

// TestRestBetweenDemands reads a host that is wanted over and over with rests in between.
func TestRestBetweenDemands(t *testing.T) {
	h, clock := startHost(t, nil), newTimers()
	d := start(t, configFor(t, h.url), &daemon.Options{After: clock.after, Now: clock.now})
	d.awaitSubscribed(hostName)
	if err := d.Resync(hostName); err != nil {
		t.Fatal(err)
	}
	d.awaitSubscribed(hostName)
	before := h.asked()
	d.demandTaken(hostName)
	if n := h.asked() - before; n != 0 {
		t.Errorf("%d requests right after a turn on demand", n)
	}
	clock.await(t, 5*time.Second)
	h.removeFan(t)
	clock.forward(5 * time.Second)
	d.awaitResync(hostName)
}

// TestEarlyTurnOutlastsClasses has the whole host read early, as a restart of its server
// calls for, though a class of it is read more often than that.
func TestEarlyTurnOutlastsClasses(t *testing.T) {
	h, clock := startHost(t, nil), newTimers()
	config := configFor(t, h.url)
	config.Hosts[0].Components = []daemon.ComponentConfig{{Class: "CIM_NumericSensor", Interval: 10 * time.Second}}
	d := start(t, config, &daemon.Options{After: clock.after, Now: clock.now})
	d.awaitSubscribed(hostName)
	url := h.destinations(t)[0]
	h.removeFan(t)
	d.send(url, "sfcb#1#100", 41)
	d.send(url, "sfcb#1#200", 0)
	clock.await(t, 30*time.Second)
	for left := 20 * time.Second; left >= 10*time.Second; left -= 10 * time.Second {
		clock.await(t, 10*time.Second) // of the sensors
		clock.forward(10 * time.Second)
		clock.await(t, left)
	}
	clock.forward(10 * time.Second)
	d.awaitResync(hostName)
}
