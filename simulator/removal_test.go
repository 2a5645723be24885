package simulator_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
	"github.com/cimwatch/cimwatch/simulator"
	"github.com/cimwatch/cimwatch/subscriber"
)

// states returns the SubscriptionState of every subscription.
func states(t *testing.T, c *cimxml.Client) (states []string) {
	t.Helper()
	list, err := collect(c.EnumerateInstances(t.Context(), interop, "CIM_IndicationSubscription", nil))
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range list {
		states = append(states, i.Get("SubscriptionState").Lexical())
	}
	return states
}

// An indication is tried four times, 20 s apart: it has failed for 60 s then.
func TestSubscriptionEnds(t *testing.T) {
	for _, test := range []struct {
		name     string
		opts     simulator.Options
		statuses []int
		want     []string // states
	}{
		{"never", simulator.Options{}, []int{503, 503, 503, 503}, []string{"2"}},
		{"removed", simulator.Options{RemoveAfter: time.Minute}, []int{503, 503, 503, 503}, nil},
		{"disabled", simulator.Options{DisableAfter: time.Minute}, []int{503, 503, 503, 503}, []string{"4"}},
		{"too early", simulator.Options{RemoveAfter: time.Minute + 1}, []int{503, 503, 503, 503}, []string{"2"}},
		{"delivered in between", simulator.Options{RemoveAfter: 40 * time.Second}, []int{503, 503, 200, 503, 503}, []string{"2"}},
		{"refused at last", simulator.Options{RemoveAfter: 40 * time.Second}, []int{503, 503, 400}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			var clock instantly
			test.opts.Now, test.opts.Sleep = clock.now, clock.sleep
			s, c := startLab(t, &test.opts)
			l := listen(t, test.statuses...)
			subscribe(t, c, "x", "SELECT * FROM LAB_Alert", l.URL)
			fire(t, s, labAlert(1), 1)
			flush(t, s)
			if len(test.statuses) > 4 {
				fire(t, s, labAlert(2), 1)
				flush(t, s)
			}
			if diff := cmp.Diff(test.want, states(t, c)); diff != "" {
				t.Error(diff)
			}
			fire(t, s, labAlert(3), len(test.want)-count(test.want, "4"))
		})
	}
}

func count(list []string, what string) (n int) {
	for _, s := range list {
		if s == what {
			n++
		}
	}
	return n
}

// A subscription that is enabled again has all its time again.
func TestDisabledIsEnabledAgain(t *testing.T) {
	var clock instantly
	s, c := startLab(t, &simulator.Options{Now: clock.now, Sleep: clock.sleep, DisableAfter: time.Minute})
	l := listen(t, 503, 503, 503, 503, 503)
	_, _, path := subscribe(t, c, "x", "SELECT * FROM LAB_Alert", l.URL)
	fire(t, s, labAlert(1), 1)
	flush(t, s)
	if diff := cmp.Diff([]string{"4"}, states(t, c)); diff != "" {
		t.Fatal(diff)
	}
	if _, _, err := s.Update(path, cim.Prop("SubscriptionState", cim.Uint16(2))); err != nil {
		t.Fatal(err)
	}
	fire(t, s, labAlert(2), 1)
	flush(t, s)
	if diff := cmp.Diff([]string{"2"}, states(t, c)); diff != "" {
		t.Error(diff)
	}
}

// Clients are told what becomes of their subscriptions.
func TestRemovalIsShown(t *testing.T) {
	for _, test := range []struct {
		name string
		opts simulator.Options
		want string // action and seconds
	}{
		{"as in the model", simulator.Options{}, "2 2592000"},
		{"removed", simulator.Options{RemoveAfter: time.Minute}, "2 60"},
		{"disabled", simulator.Options{DisableAfter: time.Hour}, "3 3600"},
		{"parts of a second", simulator.Options{RemoveAfter: 1}, "2 1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := start(t, esxi(t), &test.opts)
			list, err := collect(connect(t, s, nil).EnumerateInstances(t.Context(), interop, "CIM_IndicationService", nil))
			if err != nil || len(list) != 1 {
				t.Fatalf("%d services, error %v", len(list), err)
			}
			got := list[0].Get("SubscriptionRemovalAction").Lexical() + " " + list[0].Get("SubscriptionRemovalTimeInterval").Lexical()
			if got != test.want {
				t.Errorf("shows %s, want %s", got, test.want)
			}
		})
	}
}

// What a server removed or disabled behind the subscriber's back is repaired by the next
// look at it.
func TestSubscriberRepairs(t *testing.T) {
	for name, opts := range map[string]simulator.Options{
		"removed":  {RemoveAfter: time.Minute},
		"disabled": {DisableAfter: time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			var clock instantly
			opts.Now, opts.Sleep = clock.now, clock.sleep
			s, c := startLab(t, &opts)
			l := listen(t, 503, 503, 503, 503)
			keeper := subscriber.New(c, nil)
			reconcile := func() subscriber.Report {
				t.Helper()
				report, err := keeper.Reconcile(t.Context(), subscriber.Declaration{
					Name: "repair", Filters: []subscriber.Filter{{Query: "SELECT * FROM LAB_Alert", Destination: l.URL}},
				})
				if err != nil {
					t.Fatal(err)
				}
				return report
			}
			reconcile()
			fire(t, s, labAlert(1), 1)
			flush(t, s)
			fire(t, s, labAlert(2), 0) // lost
			if report := reconcile(); len(report.Created) != 1 || len(report.Kept) != 0 {
				t.Errorf("the repair made %v and kept %v", report.Created, report.Kept)
			}
			fire(t, s, labAlert(3), 1)
			flush(t, s)
			if report := reconcile(); len(report.Kept) != 1 || len(report.Created) != 0 {
				t.Errorf("afterwards it made %v and kept %v", report.Created, report.Kept)
			}
			var heard []string
			for len(l.arrived) > 0 {
				heard = append(heard, l.next(t).export.Indication.Get("Number").Lexical())
			}
			if diff := cmp.Diff([]string{"1", "1", "1", "1", "3"}, heard); diff != "" {
				t.Error(diff)
			}
		})
	}
}
