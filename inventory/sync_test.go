package inventory_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/event"
	"github.com/cimwatch/cimwatch/inventory"
)

func TestSyncAgainDoesNothing(t *testing.T) {
	m := newMemory()
	instances := []*cim.Instance{
		device("CIM_Fan", "1", status(2)), dimm("1", "A1", "S1"), device("CIM_Fan", "2", status(6)),
	}
	if d := m.sync(0, instances...); len(d.Changes) != 3 {
		t.Errorf("first: %v", lines(d.Changes))
	}
	d := m.sync(1, instances[2], instances[1], instances[0], instances[1])
	if len(d.Changes)+len(d.Upserts)+len(d.Removes) != 0 {
		t.Errorf("second: %v, %d upserts", lines(d.Changes), len(d.Upserts))
	}
}

func TestSyncTakesMissingForNull(t *testing.T) {
	m := newMemory()
	m.sync(0, device("CIM_Fan", "1", text("Caption", "Fan"), cim.Prop("Speed", cim.Null(cim.TypeUint64))))
	wantLines(t, m.sync(1, device("CIM_Fan", "1", text("Caption", "Fan"))).Changes)
	wantLines(t, m.sync(2, device("CIM_Fan", "1")).Changes, "property 1 [Caption] Fan -> NULL")
	wantLines(t, m.sync(3, device("CIM_Fan", "1")).Changes)
}

func TestSyncRemovesOnlyWhatIsGone(t *testing.T) {
	m := newMemory()
	fan, psu := device("CIM_Fan", "1"), device("CIM_PowerSupply", "1")
	m.sync(0, fan, psu)
	partial := inventory.Snapshot{Host: "esx1", Instances: []*cim.Instance{fan}, Started: at(1), Partial: true, Reason: inventory.Resync}
	if d := m.take(inventory.Sync(m, partial)); len(d.Changes) != 0 {
		t.Errorf("a partial reading: %v", lines(d.Changes))
	}
	wantLines(t, m.sync(2, fan).Changes, "disappeared 1")
	wantLines(t, m.sync(3, fan).Changes)
	wantLines(t, m.sync(4, fan, psu).Changes, "appeared 1")
}

func TestRemovedAreForgottenInTime(t *testing.T) {
	m := newMemory()
	m.sync(0, device("CIM_Fan", "1"))
	m.sync(1)
	if len(m.components) != 1 {
		t.Fatal("forgotten at once")
	}
	m.sync(91 * 24 * 3600)
	if len(m.components) != 0 {
		t.Error("kept for ever")
	}
}

// instances draws what a host may hold: few devices, so that all coincidences come up.
func instances(t *rapid.T, label string) []*cim.Instance {
	var all []*cim.Instance
	for _, id := range rapid.SliceOfNDistinct(rapid.IntRange(1, 4), 0, 4, rapid.ID[int]).Draw(t, label) {
		class := rapid.SampledFrom([]string{"CIM_Fan", "CIM_PhysicalMemory"}).Draw(t, "class")
		all = append(all, device(class, fmt.Sprint(id),
			text("BankLabel", rapid.SampledFrom([]string{"A", "B", ""}).Draw(t, "slot")),
			text("SerialNumber", rapid.SampledFrom([]string{"S1", "S2", "S3", "N/A"}).Draw(t, "serial")),
			cim.Prop("CurrentReading", cim.Uint32(rapid.Uint32Range(0, 3).Draw(t, "reading"))),
			cim.Prop("UpperThresholdNonCritical", cim.Uint32(1)), cim.Prop("UpperThresholdCritical", cim.Uint32(2)),
			status(rapid.SampledFrom([]uint16{0, 2, 3, 6}).Draw(t, "status"))))
	}
	return all
}

// drawLinks draws what a sync reads of associations, nil when it reads none.
func drawLinks(t *rapid.T, found []*cim.Instance) map[string][]cim.ObjectPath {
	if len(found) == 0 || rapid.Bool().Draw(t, "no associations") {
		return nil
	}
	var links []link
	for range rapid.IntRange(0, 3).Draw(t, "links") {
		one, other := rapid.SampledFrom(found).Draw(t, "one"), rapid.SampledFrom(found).Draw(t, "other")
		links = append(links, rapid.SampledFrom([]link{basedOn(one, other), systemDevice(one, other), memberOf(one, other)}).Draw(t, "link"))
	}
	return allRead(links...)
}

func drawEvent(t *rapid.T, n int) event.Event {
	devices := instances(t, "about")
	if len(devices) == 0 {
		return alert(n, nil, intrusion)
	}
	switch rapid.IntRange(0, 4).Draw(t, "event") {
	case 0:
		return alert(n, devices[0], intrusion)
	case 1:
		return alert(n, devices[0], intrusionOver)
	case 2:
		return lifecycle(n, "CIM_InstCreation", devices[0], nil)
	case 3:
		return lifecycle(n, "CIM_InstDeletion", devices[0], nil)
	default:
		return lifecycle(n, "CIM_InstModification", devices[0], nil)
	}
}

// step has anything happen to a host.
func (m *memory) step(t *rapid.T, n int) {
	if rapid.Bool().Draw(t, "sync") {
		found := instances(t, "found")
		m.syncWith(n, drawLinks(t, found), found...)
		return
	}
	late := rapid.IntRange(0, 2).Draw(t, "late")
	e := drawEvent(t, max(0, n-late))
	e.Received = at(n)
	m.apply(e)
}

// Whatever happens, the history leads to the present state and to each that was there before,
// and syncs with the same content converge.
func TestHistoryLeadsToState(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := newMemory()
		var past []map[string]state
		for n := range rapid.IntRange(1, 12).Draw(t, "steps") {
			m.step(t, n)
			past = append(past, m.now())
			if diff := cmp.Diff(m.now(), m.replay()); diff != "" {
				t.Fatalf("history leads elsewhere (-state +replayed):\n%s\n%v", diff, lines(m.history))
			}
		}
		for n, was := range past {
			if diff := cmp.Diff(was, m.at(n)); diff != "" {
				t.Fatalf("at step %d (-state +replayed):\n%s\n%v", n, diff, lines(m.history))
			}
		}
		found := instances(t, "last")
		m.sync(100, found...)
		if d := m.sync(101, rapid.Permutation(found).Draw(t, "order")...); len(d.Changes) != 0 {
			t.Fatalf("again: %v", lines(d.Changes))
		}
		fresh := newMemory()
		fresh.sync(100, found...)
		for id, c := range fresh.components {
			if !m.components[id].Removed.IsZero() || m.components[id].Serial != c.Serial || m.components[id].Slot != c.Slot {
				t.Errorf("%s: got %+v, a fresh inventory has %+v", id, m.components[id], c)
			}
		}
	})
}

// Alerts that the sender numbered lead to the same state in any order and repetition, whenever
// the host is read: their element says nothing of its health.
func TestAlertsConvergeInAnyOrder(t *testing.T) {
	sensor := device("OMC_DiscreteSensor", "1")
	texts := []string{
		intrusion, intrusionOver, "Assert + PS Redundancy Lost", "Deassert + PS Redundancy Lost",
		"Assert + PS Redundancy Degraded from Fully Redundant", "Assert + PS Fully Redundant",
	}
	rapid.Check(t, func(t *rapid.T) {
		var events []event.Event
		for n := range rapid.IntRange(1, 6).Draw(t, "alerts") {
			events = append(events, alert(n, sensor, rapid.SampledFrom(texts).Draw(t, "text")))
		}
		ordered := newMemory()
		ordered.sync(0, sensor)
		for _, e := range events {
			ordered.apply(e)
		}
		shuffled := newMemory()
		shuffled.sync(0, sensor)
		repeated := append(slices.Clone(events), rapid.SliceOfN(rapid.SampledFrom(events), 0, 4).Draw(t, "repeated")...)
		for n, e := range rapid.Permutation(repeated).Draw(t, "order") {
			if rapid.IntRange(0, 3).Draw(t, "sync") == 0 {
				shuffled.sync(n, sensor)
			}
			shuffled.apply(e)
		}
		if diff := cmp.Diff(coarse(ordered.now()), coarse(shuffled.now())); diff != "" {
			t.Errorf("in order and out of order (-ordered +shuffled):\n%s", diff)
		}
	})
}

// TestSyncTakesAwayWhatIsGone has a partial reading say that an instance is not there.
func TestSyncTakesAwayWhatIsGone(t *testing.T) {
	m := newMemory()
	fan, psu := device("CIM_Fan", "1"), device("CIM_PowerSupply", "1")
	m.sync(0, fan, psu)
	m.apply(alert(2, device("CIM_Fan", "2"), intrusion)) // known by an alert only
	told := inventory.Snapshot{
		Host: "esx1", Started: at(3), Partial: true, Reason: inventory.Resync,
		Gone: []cim.ObjectPath{psu.Path.Local(), device("CIM_Fan", "2").Path, {}},
	}
	wantLines(t, m.take(inventory.Sync(m, told)).Changes, "disappeared 1")
	m.present(t, fan)
	m.present(t, device("CIM_Fan", "2")) // while its condition holds
	wantLines(t, m.take(inventory.Sync(m, told)).Changes)
}

// TestGrace keeps a condition that is too new to be ended by a reading, unless the element
// said itself that it was unwell.
func TestGrace(t *testing.T) {
	m := newMemory()
	fan := device("CIM_Fan", "1", status(2))
	reading := func(seconds int, i *cim.Instance) inventory.Delta {
		return m.take(inventory.Sync(m, inventory.Snapshot{
			Host: "esx1", Instances: []*cim.Instance{i}, Started: at(seconds), Partial: true, Grace: time.Minute,
		}))
	}
	reading(0, fan)
	m.apply(alert(1, fan, "Assert + Fan 1 Fan failed"))
	wantLines(t, reading(60, fan).Changes)
	if n := len(m.present(t, fan).Conditions); n != 1 {
		t.Errorf("%d conditions after 59 s, want 1", n)
	}
	reading(61, fan)
	if n := len(m.present(t, fan).Conditions); n != 0 {
		t.Errorf("%d conditions after a minute, want none", n)
	}
	reading(62, device("CIM_Fan", "1", status(6)))
	m.apply(alert(63, fan, "Assert + Fan 1 Fan failed"))
	reading(64, fan)
	if n := len(m.present(t, fan).Conditions); n != 0 {
		t.Errorf("%d conditions of an element that says that it recovered, want none", n)
	}
}

// TestSyncByClass reads some classes whole, one of them in two pieces: of those, what was
// not found is gone, and of no other.
func TestSyncByClass(t *testing.T) {
	m := newMemory()
	fan, other, third, psu := device("CIM_Fan", "1"), device("cim_fan", "2"), device("CIM_Fan", "3"), device("CIM_PowerSupply", "1")
	m.sync(0, fan, other, third, psu)
	first := inventory.Snapshot{
		Host: "esx1", Started: at(1), Partial: true, Reason: inventory.Resync, Instances: []*cim.Instance{fan},
	}
	wantLines(t, m.take(inventory.Sync(m, first)).Changes)
	second := first
	second.Instances, second.Whole = []*cim.Instance{third}, []cim.ObjectPath{cim.ClassPath("Root/cimv2", "CIM_FAN")}
	second.Seen = map[string]bool{inventory.ID(fan.Path): true}
	wantLines(t, m.take(inventory.Sync(m, second)).Changes, "disappeared 2")
	m.present(t, fan)
	m.present(t, third)
	m.present(t, psu)
}

// TestSyncByNamespace reads a class in one of its namespaces: of the other, nothing is gone.
func TestSyncByNamespace(t *testing.T) {
	m := newMemory()
	fan, other, elsewhere := device("CIM_Fan", "1"), device("CIM_Fan", "2"), device("CIM_Fan", "3")
	elsewhere.Path.Namespace = "root/array"
	m.sync(0, fan, other, elsewhere)
	read := func(seconds int, namespace string, instances ...*cim.Instance) []inventory.Change {
		return m.take(inventory.Sync(m, inventory.Snapshot{
			Host: "esx1", Started: at(seconds), Partial: true, Reason: inventory.Resync, Instances: instances,
			Whole: []cim.ObjectPath{cim.ClassPath(namespace, "CIM_Fan")},
		})).Changes
	}
	wantLines(t, read(2, "root/cimv2", fan), "disappeared 2")
	wantLines(t, read(3, "root/array"), "disappeared 3")
	m.present(t, fan)
}

// TestPlaceOfToldComponent learns from a reading in which namespace a component is that an
// alert told of without one.
func TestPlaceOfToldComponent(t *testing.T) {
	m := newMemory()
	fan := device("CIM_Fan", "1", status(6))
	told := fan.Clone()
	told.Path.Namespace = ""
	m.apply(alert(0, told, intrusion))
	if c := m.present(t, fan); c.Path.Namespace != "" {
		t.Errorf("namespace %q before it was read", c.Path.Namespace)
	}
	m.sync(1, fan)
	if c := m.present(t, fan); c.Path.Namespace != "root/cimv2" {
		t.Errorf("namespace %q after it was read", c.Path.Namespace)
	}
}

// TestFragments takes some properties of components that are known, and nothing else for
// changed, missing or new.
func TestFragments(t *testing.T) {
	m := newMemory()
	fan := device("CIM_Fan", "1", text("Caption", "Fan"), status(6))
	m.sync(0, fan)
	part := func(seconds int, fragments ...*cim.Instance) inventory.Delta {
		return m.take(inventory.Sync(m, inventory.Snapshot{
			Host: "esx1", Fragments: fragments, Started: at(seconds), Partial: true, Reason: inventory.Resync,
		}))
	}
	wantLines(t, part(1, device("CIM_Fan", "1", status(2)), device("CIM_Fan", "2", status(6))).Changes,
		"property Fan [OperationalStatus] {6} -> {2}", "health Fan critical -> ok")
	if c := m.present(t, fan); c.Name != "Fan" || !c.Read.Equal(at(0)) {
		t.Errorf("%q was read whole at %s", c.Name, c.Read)
	}
	if len(m.components) != 1 {
		t.Error("a fragment made a component")
	}
	m.apply(lifecycle(5, "CIM_InstModification", device("CIM_Fan", "1", status(3)), nil))
	wantLines(t, part(4, device("CIM_Fan", "1", status(2))).Changes) // an indication knew better
	wantLines(t, part(6).Changes)
}

// TestPiecesMakeTheWhole brings a reading in at once, and cut up by class and into pieces, in
// any order: the outcome is the same.
func TestPiecesMakeTheWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		whole, pieces := newMemory(), newMemory()
		before := instances(t, "before")
		whole.sync(0, before...)
		pieces.sync(0, before...)
		after := rapid.Permutation(instances(t, "after")).Draw(t, "order")
		whole.sync(10, after...)

		seen, cut := map[string]bool{}, rapid.IntRange(0, len(after)).Draw(t, "cut")
		first := inventory.Snapshot{Host: "esx1", Started: at(10), Partial: true, Instances: after[:cut], Reason: inventory.Resync}
		pieces.take(inventory.Sync(pieces, first))
		for _, i := range after[:cut] {
			seen[inventory.ID(i.Path)] = true
		}
		last := first
		last.Instances, last.Seen = after[cut:], seen
		last.Whole = []cim.ObjectPath{cim.ClassPath("root/cimv2", "CIM_PhysicalMemory"), cim.ClassPath("root/cimv2", "cim_fan")}
		pieces.take(inventory.Sync(pieces, last))
		if diff := cmp.Diff(whole.now(), pieces.now()); diff != "" {
			t.Fatalf("at once and in pieces (-whole +pieces):\n%s", diff)
		}
		if d := inventory.Sync(pieces, inventory.Snapshot{Host: "esx1", Started: at(11), Instances: after}); len(d.Changes) != 0 {
			t.Fatalf("the same again: %v", lines(d.Changes))
		}
	})
}
