package inventory_test

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/event"
	"github.com/cimwatch/cimwatch/inventory"
)

// A world is what was really there, and what the host said of that.
type world struct {
	now    int // seconds
	there  map[string]*cim.Instance
	was    map[int]map[string]*cim.Instance // by the second from which on it was so
	events []event.Event
	one    bool // all indications come by one handler, in one sequence
}

func newWorld(one bool) *world {
	none := map[string]*cim.Instance{}
	return &world{there: none, was: map[int]map[string]*cim.Instance{0: none}, one: one}
}

// at returns what was there at a time.
func (w *world) at(seconds int) []*cim.Instance {
	latest := 0
	for since := range w.was {
		if since <= seconds {
			latest = max(latest, since)
		}
	}
	return slices.Collect(maps.Values(w.was[latest]))
}

// happen changes what is there, and has the host tell it.
func (w *world) happen(class string, before, after *cim.Instance) {
	w.now += 10
	w.there = maps.Clone(w.there)
	source := after
	switch {
	case after == nil:
		delete(w.there, before.Text("DeviceID"))
		source = before
	default:
		w.there[after.Text("DeviceID")] = after
	}
	w.was[w.now] = w.there
	e := lifecycle(w.now, class, source, before)
	if !w.one {
		e.Sequence.Context = class
	}
	w.events = append(w.events, e)
}

// draw has one thing happen: a part comes, goes, changes, gives way to another, or moves.
func (w *world) draw(t *rapid.T) {
	id := fmt.Sprint(rapid.IntRange(1, 3).Draw(t, "id"))
	serial := rapid.SampledFrom([]string{"S1", "S2", "S3"}).Draw(t, "serial")
	old := w.there[id]
	switch {
	case old == nil:
		w.happen("CIM_InstCreation", nil, dimm(id, "slot"+id, serial))
	case rapid.Bool().Draw(t, "goes"):
		w.happen("CIM_InstDeletion", old, nil)
	default:
		changed := old.Clone()
		changed.Set("SerialNumber", cim.String(serial))
		changed.Set("OperationalStatus", cim.Uint16s(rapid.SampledFrom([]uint16{2, 3, 6}).Draw(t, "status")))
		w.happen("CIM_InstModification", old, changed)
	}
}

// An arrival is something that the inventory takes in.
type arrival struct {
	at    time.Duration // when it does
	event *event.Event
	sync  *inventory.Snapshot
}

// arrivals draws when the indications come, each once or more, late by up to some minutes, and
// when the host is read.
func (w *world) arrivals(t *rapid.T) []arrival {
	var all []arrival
	delay := func(label string) time.Duration {
		return time.Duration(rapid.IntRange(0, 300).Draw(t, label)) * time.Second
	}
	for n := range w.events {
		for range rapid.IntRange(1, 2).Draw(t, "deliveries") {
			e := w.events[n]
			received := e.Time.Sub(start) + delay("late")
			e.Received = start.Add(received + time.Duration(len(all))*time.Millisecond)
			all = append(all, arrival{at: e.Received.Sub(start), event: &e})
		}
	}
	for range rapid.IntRange(0, 3).Draw(t, "syncs") {
		begin := rapid.IntRange(0, w.now+300).Draw(t, "begin")
		read := begin + rapid.IntRange(0, 20).Draw(t, "reading")
		s := &inventory.Snapshot{
			Host: "esx1", Instances: w.at(read), Started: at(begin).Add(time.Duration(len(all)) * time.Microsecond), Reason: inventory.Resync,
		}
		all = append(all, arrival{at: time.Duration(read)*time.Second + 1, sync: s})
	}
	slices.SortStableFunc(all, func(a, b arrival) int { return cmp.Compare(a.at, b.at) })
	return all
}

// In whatever order indications come, and how often, and whenever the host is read in between:
// once all have come, the inventory is what is there.
func TestIndicationsAndSyncsConverge(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(rapid.Bool().Draw(t, "one handler"))
		for range rapid.IntRange(1, 6).Draw(t, "events") {
			w.draw(t)
		}
		m := newMemory()
		var log []string
		for _, a := range w.arrivals(t) {
			var d inventory.Delta
			if a.event != nil {
				d = m.apply(*a.event)
				log = append(log, fmt.Sprintf("%v: %s of %v at %v", a.at, a.event.Class, a.event.Element, a.event.Time.Sub(start)))
			} else {
				d = m.take(inventory.Sync(m, *a.sync))
				log = append(log, fmt.Sprintf("%v: sync of %v from %v", a.at, serials(a.sync.Instances), a.sync.Started.Sub(start)))
			}
			log = append(log, "  "+strings.Join(lines(d.Changes), "\n  "))
		}
		if diff := gocmp.Diff(serials(w.at(w.now)), serials(m.found())); diff != "" {
			t.Fatalf("(-really +inventory):\n%s\n%s", diff, strings.Join(log, "\n"))
		}
		if diff := gocmp.Diff(m.now(), m.replay()); diff != "" {
			t.Fatalf("history leads elsewhere (-state +replayed):\n%s\n%s", diff, strings.Join(log, "\n"))
		}
	})
}

// found returns the instances of the components that are there.
func (m *memory) found() (all []*cim.Instance) {
	for c := range m.Components() {
		if c.Removed.IsZero() {
			all = append(all, c.Instance())
		}
	}
	return all
}

func serials(instances []*cim.Instance) []string {
	all := []string{}
	for _, i := range instances {
		all = append(all, fmt.Sprint(i.Text("DeviceID"), " ", i.Text("SerialNumber"), " ", i.Get("OperationalStatus")))
	}
	slices.Sort(all)
	return all
}

// Whatever was told before, a reading leads to what is there, but for conditions that it
// does not speak of.
func TestReadingEndsDoubt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := newMemory()
		for n := range rapid.IntRange(0, 10).Draw(t, "steps") {
			m.step(t, n)
		}
		found := instances(t, "last")
		read := drawLinks(t, found)
		if read == nil {
			read = allRead()
		}
		m.syncWith(100, read, found...)
		fresh := newMemory()
		fresh.syncWith(100, read, rapid.Permutation(found).Draw(t, "order")...)
		for c := range m.Components() {
			want, ok := fresh.components[c.ID]
			switch {
			case !c.Removed.IsZero() || len(c.Conditions) > 0 && c.Read.IsZero() || c.ID == inventory.HostID:
				if ok {
					t.Fatalf("%s is not there", c.ID)
				}
				continue
			case !ok:
				t.Fatalf("%s is there: %+v", c.ID, c)
			}
			if len(c.Conditions) == 0 && (c.Health != want.Health || c.Reason != want.Reason) {
				t.Fatalf("%s is %v by %s, want %v by %s", c.ID, c.Health, c.Reason, want.Health, want.Reason)
			}
			got, is := states([]inventory.Component{c})[c.ID], states([]inventory.Component{want})[c.ID]
			got.Health, got.Conditions, is.Health, is.Conditions = "", "", "", ""
			if diff := gocmp.Diff(is, got); diff != "" || !slices.Equal(c.Relations, want.Relations) {
				t.Fatalf("%s (-fresh +got):\n%s\n%v, %v", c.ID, diff, want.Relations, c.Relations)
			}
		}
		for id := range fresh.components {
			if c, ok := m.components[id]; !ok || !c.Removed.IsZero() {
				t.Fatalf("%s is not there", id)
			}
		}
	})
}
