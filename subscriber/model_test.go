package subscriber_test

import (
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/subscriber"
)

// Whatever happens to a server between two runs, the second makes it what is declared,
// leaves the other name's subscriptions as they are, and leaves nothing for a third.
func TestReconcileModel(t *testing.T) {
	queries := []string{alerts, changes, "SELECT * FROM OMC_IpmiAlertIndication"}
	destinations := []string{listener, other, "https://[::1]:5991/"}
	filters := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) subscriber.Filter {
		return filter(rapid.SampledFrom(queries).Draw(t, "query"), rapid.SampledFrom(destinations).Draw(t, "destination"))
	}), 0, 5)
	rapid.Check(t, func(t *rapid.T) {
		s := newServer()
		check := func(d subscriber.Declaration) subscriber.Report {
			report, err := subscriber.New(s, nil).Reconcile(t.Context(), d)
			if err != nil {
				t.Fatalf("Reconcile(%+v): %v", d, err)
			}
			return report
		}
		neighbour := declare("neighbour", filters.Draw(t, "neighbour")...)
		check(neighbour)
		check(declare("ops", filters.Draw(t, "before")...))
		for range rapid.IntRange(0, 4).Draw(t, "disturbances") {
			disturb(t, s)
		}
		d := declare("ops", filters.Draw(t, "after")...)
		check(d)
		s.calls = nil
		report := check(d)
		if made := s.changes(); made != nil {
			t.Fatalf("the next run changes again: %q", made)
		}
		if want := distinct(d); len(report.Kept) != want {
			t.Fatalf("%d subscriptions kept, want %d", len(report.Kept), want)
		}
		if report := check(neighbour); len(report.Created)+len(report.Removed) != 0 {
			t.Fatalf("the neighbour had to repair: %+v", report)
		}
		if _, err := subscriber.New(s, nil).Remove(t.Context(), "ops"); err != nil {
			t.Fatal(err)
		}
		if left := len(s.of("CIM_IndicationSubscription")); left != distinct(neighbour) {
			t.Fatalf("%d subscriptions are left, want the neighbour's %d", left, distinct(neighbour))
		}
	})
}

func distinct(d subscriber.Declaration) int {
	pairs := map[[2]string]bool{}
	for _, f := range d.Filters {
		pairs[[2]string{f.Query, f.Destination}] = true
	}
	return len(pairs)
}

// disturb changes or takes away something of ops.
func disturb(t *rapid.T, s *server) {
	var ours []*cim.Instance
	for _, inst := range s.instances {
		ref, _ := inst.Get("Filter").Reference()
		name := inst.Text("Name") + ref.KeyText("Name")
		if len(name) > 13 && name[:13] == "cimwatch:ops:" {
			ours = append(ours, inst)
		}
	}
	if len(ours) == 0 {
		return
	}
	inst := rapid.SampledFrom(ours).Draw(t, "victim")
	switch rapid.IntRange(0, 2).Draw(t, "disturbance") {
	case 0:
		s.remove(inst)
	case 1:
		for _, name := range []string{"Query", "Destination"} {
			if !inst.Get(name).IsNull() {
				inst.Set(name, cim.String("changed"))
			}
		}
		if inst.Class == "CIM_IndicationSubscription" {
			inst.Set("SubscriptionState", cim.Uint16(4))
		}
	default:
		seed := rapid.Uint64().Draw(t, "order")
		rand.New(rand.NewPCG(seed, 0)).Shuffle(len(s.instances), func(i, j int) {
			s.instances[i], s.instances[j] = s.instances[j], s.instances[i]
		})
	}
}
