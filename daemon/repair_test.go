package daemon_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/daemon"
	"github.com/cimwatch/cimwatch/simulator"
)

// TestRepairKinds puts right what happens to filters, handlers and subscriptions on a host,
// by deleting and creating alone, and leaves what is of others.
func TestRepairKinds(t *testing.T) {
	const filters, handlers, subscriptions = "CIM_IndicationFilter", "CIM_IndicationHandlerCIMXML", "CIM_IndicationSubscription"
	h, clock := startHost(t, nil), newTurns()
	foreign := subscribeOther(t, h)
	d := start(t, configFor(t, h.url), &daemon.Options{After: clock.after})
	d.awaitSubscribed(hostName)
	before := h.subscriptions(t)
	disable := func() {
		_, _, err := h.Update(h.ours(t, subscriptions).Path, cim.Prop("SubscriptionState", cim.Uint16(4)))
		if err != nil {
			t.Fatal(err)
		}
	}
	alter := func(class, property, value string) func() {
		return func() {
			old := h.ours(t, class)
			sub := h.ours(t, subscriptions, old.Path.KeyText("Name"))
			h.remove(t, sub)
			h.remove(t, old)
			altered := old.Clone()
			altered.Set(property, cim.String(value))
			for _, i := range []*cim.Instance{altered, sub.Clone()} {
				if _, err := h.Create(i); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	for _, test := range []struct {
		name             string
		disturb          func()
		created, removed int
	}{
		{"nothing", func() {}, 0, 0},
		{"subscription gone", func() { h.remove(t, h.ours(t, subscriptions)) }, 1, 0},
		{"subscription disabled", disable, 1, 1},
		{"query altered", alter(filters, "Query", "SELECT * FROM CIM_AlertIndication"), 1, 2},
		{"destination altered", alter(handlers, "Destination", "http://127.0.0.1:1/"), 1, 2},
	} {
		test.disturb()
		clock.next(t)
		d.awaitSubscribed(hostName)
		if r := d.report(hostName); len(r.Created) != test.created || len(r.Removed) != test.removed {
			t.Errorf("%s: created %d, removed %v; want %d and %d", test.name, len(r.Created), r.Removed, test.created, test.removed)
		}
		after := h.subscriptions(t)
		slices.Sort(before)
		slices.Sort(after)
		if diff := cmp.Diff(before, after); diff != "" {
			t.Errorf("%s: subscriptions (-before +after):\n%s", test.name, diff)
		}
	}
	for _, path := range foreign {
		if _, err := h.Instance(path); err != nil {
			t.Errorf("what is of others: %v", err)
		}
	}
	if n := h.called("ModifyInstance"); n != 0 {
		t.Errorf("%d instances were modified", n)
	}
	if got := d.metric(`cimwatch_subscription_changes_total{change="removed"}`); got != "5" {
		t.Errorf("removed %s objects, want 5", got)
	}
}

// subscribeOther makes a subscription that is none of ours, disabled, and returns the paths.
func subscribeOther(t *testing.T, h *host) (paths []cim.ObjectPath) {
	t.Helper()
	create := func(class string, properties ...cim.Property) cim.ObjectPath {
		i := cim.NewInstance(class, properties...)
		i.Path.Namespace = interop
		made, err := h.Create(i)
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, made.Path)
		return made.Path
	}
	named := func(class string, more ...cim.Property) cim.ObjectPath {
		return create(class, append(more, cim.Prop("Name", cim.String("theirs")), cim.Prop("CreationClassName", cim.String(class)),
			cim.Prop("SystemCreationClassName", cim.String("S")), cim.Prop("SystemName", cim.String("s")))...)
	}
	f := named("CIM_IndicationFilter", cim.Prop("Query", cim.String("SELECT * FROM CIM_InstCreation")), cim.Prop("QueryLanguage", cim.String("WQL")))
	l := named("CIM_IndicationHandlerCIMXML", cim.Prop("Destination", cim.String("http://127.0.0.1:1/")))
	create("CIM_IndicationSubscription", cim.Prop("Filter", cim.Reference(f)), cim.Prop("Handler", cim.Reference(l)),
		cim.Prop("SubscriptionState", cim.Uint16(4)))
	return paths
}

// ours returns the first instance of a class that is the daemon's and has the texts in its
// path.
func (h *host) ours(t *testing.T, class string, texts ...string) *cim.Instance {
	t.Helper()
	all, err := h.Instances(interop, class)
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range all {
		missing := func(text string) bool { return !strings.Contains(i.Path.String(), text) }
		if !slices.ContainsFunc(append(texts, "cimwatch:test:"), missing) {
			return i
		}
	}
	t.Fatalf("there is no %s of ours", class)
	return nil
}

func (h *host) remove(t *testing.T, i *cim.Instance) {
	t.Helper()
	if _, err := h.Delete(i.Path); err != nil {
		t.Fatal(err)
	}
}

// TestGivenUp has a host end subscriptions because nobody took its indications, as sfcb
// does: the daemon that comes back makes them anew, and is told again.
func TestGivenUp(t *testing.T) {
	atOnce := func(context.Context, time.Duration) error { return nil }
	for name, opts := range map[string]*simulator.Options{
		"disabled": {Sleep: atOnce, DisableAfter: time.Nanosecond},
		"removed":  {Sleep: atOnce, RemoveAfter: time.Nanosecond},
	} {
		t.Run(name, func(t *testing.T) {
			h := startHost(t, opts)
			config := configFor(t, h.url)
			first := start(t, config, nil)
			first.awaitSubscribed(hostName)
			config.Listener.Address = first.ListenerAddr().String()
			if err := first.stop(); err != nil {
				t.Fatal(err)
			}
			ctx := within(t)
			if err := errors.Join(h.Play(ctx, "case-opened"), h.Flush(ctx)); err != nil {
				t.Fatal(err)
			}
			second := start(t, config, nil)
			second.awaitSubscribed(hostName)
			if r := second.report(hostName); len(r.Created) != 1 || len(r.Kept) != 4 {
				t.Errorf("created %d subscriptions and kept %d, want 1 and 4", len(r.Created), len(r.Kept))
			}
			h.play(t, second, "case-closed")
			if n := len(second.takeApplied()); n != 1 {
				t.Errorf("%d indications were taken in, want 1", n)
			}
		})
	}
}
