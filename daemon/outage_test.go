package daemon_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/daemon"
	"github.com/cimwatch/cimwatch/simulator"
	"github.com/cimwatch/cimwatch/store"
)

// A retryClock is the time of a simulated host with one destination: it passes when a test
// says so, and its one goroutine waits in sleep.
type retryClock struct {
	mu     sync.Mutex
	at     time.Time
	due    time.Time     // end of the wait
	wait   chan struct{} // closed to end the wait; nil while nobody waits
	asleep chan struct{} // holds one value when a wait has begun
}

func (c *retryClock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *retryClock) sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	wait := make(chan struct{})
	c.wait, c.due = wait, c.at.Add(d)
	c.mu.Unlock()
	select {
	case c.asleep <- struct{}{}:
	default:
	}
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.wait = nil
	}()
	select {
	case <-wait:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// next moves on to the end of the wait and ends it, unless that is after a time, to which
// it moves then; false means that nobody waits until then.
func (c *retryClock) next(until time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.wait == nil || c.due.After(until) {
		c.at = until
		return false
	}
	c.at = c.due
	close(c.wait)
	c.wait = nil
	return true
}

func (c *retryClock) waits() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.wait != nil
}

// An outage is a host that sends to a listener that is away for a while, and what became
// of each indication, by its number.
type outage struct {
	t        *testing.T
	host     *host
	clock    *retryClock
	ordered  bool
	reports  chan simulator.Delivery
	outcomes map[int64]simulator.Outcome // the last
	retried  int
}

func newOutage(t *testing.T, profile simulator.Profile) *outage {
	o := &outage{
		t: t, ordered: profile == simulator.Pegasus, outcomes: map[int64]simulator.Outcome{},
		clock:   &retryClock{at: time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC), asleep: make(chan struct{}, 1)},
		reports: make(chan simulator.Delivery, 1000),
	}
	o.host = startHost(t, &simulator.Options{
		Profile: profile, Now: o.clock.now, Sleep: o.clock.sleep,
		OnDelivery: func(d simulator.Delivery) { o.reports <- d },
	})
	return o
}

// fire has the host send an indication, and waits until it is tried, unless it has to wait
// for those before it.
func (o *outage) fire() {
	o.t.Helper()
	i := cim.NewInstance("OMC_IpmiAlertIndication", cim.Prop("Description", cim.String(fmt.Sprint("nothing of note ", len(o.outcomes)))))
	waits := o.ordered && o.clock.waits()
	if _, err := o.host.Fire(o.t.Context(), i); err != nil {
		o.t.Fatal(err)
	}
	if !waits {
		o.settle()
	}
}

// pass lets time pass, with all retries that are due in it.
func (o *outage) pass(d time.Duration) {
	o.t.Helper()
	for until := o.clock.now().Add(d); o.clock.next(until); {
		o.settle()
	}
}

// settle waits until the host has tried something and then waits itself or is idle.
func (o *outage) settle() {
	o.t.Helper()
	ctx, cancel := context.WithCancel(within(o.t))
	defer cancel()
	select {
	case d := <-o.reports:
		o.note(d)
	case <-ctx.Done():
		o.t.Fatal("the host tries nothing")
	}
	idle := make(chan error, 1)
	go func() { idle <- o.host.Flush(ctx) }()
	for waits := false; !waits; {
		select {
		case d := <-o.reports:
			o.note(d)
		case <-o.clock.asleep:
			waits = o.clock.waits()
		case err := <-idle:
			if err != nil {
				o.t.Fatal(err)
			}
			for len(o.reports) > 0 {
				o.note(<-o.reports)
			}
			return
		}
	}
	cancel()
	if err := <-idle; err == nil {
		o.t.Error("the host waits and is idle")
	}
}

func (o *outage) note(d simulator.Delivery) {
	number, ok := d.Indication.Get("SequenceNumber").Int64()
	if !ok {
		o.t.Errorf("an indication without a number: %v", d.Indication)
	}
	if d.Outcome == simulator.Retrying {
		o.retried++
	}
	o.outcomes[number] = d.Outcome
}

// dropped returns the numbers that the host gave up, as ranges.
func (o *outage) dropped() (ranges [][2]int64) {
	for number := range int64(len(o.outcomes)) {
		switch last := len(ranges) - 1; {
		case o.outcomes[number] != simulator.Dropped:
		case last >= 0 && ranges[last][1] == number-1:
			ranges[last][1] = number
		default:
			ranges = append(ranges, [2]int64{number, number})
		}
	}
	return ranges
}

// TestOutage has the listener be away for three minutes while a host goes on sending, in
// each of the ways to deliver: what was delivered is in the journal, once, and gaps are
// reported exactly where the host gave up.
func TestOutage(t *testing.T) {
	for name, profile := range map[string]simulator.Profile{"sfcb": simulator.Sfcb, "Pegasus": simulator.Pegasus} {
		t.Run(name, func(t *testing.T) { sendThroughOutage(t, profile) })
	}
}

func sendThroughOutage(t *testing.T, profile simulator.Profile) {
	const pause = 5 * time.Second // between two indications
	o, clock := newOutage(t, profile), &later{}
	config := configFor(t, o.host.url)
	config.Hosts[0].Classes = []string{"OMC_IpmiAlertIndication"}
	options := daemon.Options{Now: clock.now, After: newTurns().after}
	d := start(t, config, &options)
	d.awaitSubscribed(hostName)
	config.Listener.Address = d.ListenerAddr().String()
	send := func(during time.Duration) {
		for range during / pause {
			o.fire()
			o.pass(pause)
		}
	}
	send(30 * time.Second)
	if err := d.stop(); err != nil {
		t.Fatal(err)
	}
	o.pass(time.Second)
	send(3 * time.Minute)
	options.After = newTurns().after
	d = start(t, config, &options)
	d.awaitSubscribed(hostName)
	send(30 * time.Second)
	o.pass(10 * time.Minute) // the last retries
	clock.forward(20 * time.Minute)
	o.fire() // whatever is kept shows that the missing ones are late
	dropped := o.dropped()
	d.awaitMetric("cimwatch_journal_gaps_total", fmt.Sprint(len(dropped)))
	if err := d.stop(); err != nil {
		t.Fatal(err)
	}
	o.check(config.Store.File, dropped)
	if n := strings.Count(d.logs.String(), "indications are lost"); n != len(dropped) {
		t.Errorf("%d losses are logged, want %d", n, len(dropped))
	}
}

// check compares the journal and its gaps with what the host knows.
func (o *outage) check(file string, dropped [][2]int64) {
	o.t.Helper()
	var delivered, kept []int64
	for number, outcome := range o.outcomes {
		if outcome == simulator.Delivered {
			delivered = append(delivered, number)
		}
	}
	journal := entries(o.t, file)
	for i := range journal {
		kept = append(kept, journal[i].Sequence.Number)
	}
	late := !slices.IsSorted(kept)
	slices.Sort(delivered)
	slices.Sort(kept)
	if diff := cmp.Diff(delivered, kept); diff != "" {
		o.t.Errorf("the journal (-delivered +kept):\n%s", diff)
	}
	var gaps [][2]int64
	withStore(o.t, file, func(s *store.Store) {
		for g, err := range s.Gaps(o.t.Context(), 0) {
			if err != nil {
				o.t.Fatal(err)
			}
			gaps = append(gaps, [2]int64{g.First, g.Last})
		}
	})
	slices.SortFunc(gaps, func(a, b [2]int64) int { return int(a[0] - b[0]) })
	if diff := cmp.Diff(dropped, gaps); diff != "" {
		o.t.Errorf("gaps (-dropped +called):\n%s", diff)
	}
	if len(dropped) == 0 || o.retried == 0 || late == o.ordered {
		o.t.Errorf("dropped %v, %d retries, out of order: %t; this tests nothing", dropped, o.retried, late)
	}
	o.t.Logf("%d indications, %d retries; the host gave up %v, gaps are %v; %d kept, none twice",
		len(o.outcomes), o.retried, dropped, gaps, len(kept))
}
