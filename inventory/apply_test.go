package inventory_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/event"
	"github.com/cimwatch/cimwatch/inventory"
)

const (
	intrusion     = "Assert + Physical Security General Chassis intrusion"
	intrusionOver = "Deassert + Physical Security General Chassis intrusion"
	intrusionKey  = "physical security general chassis intrusion"
)

func TestAssertRaisesAndDeassertClears(t *testing.T) {
	m := newMemory()
	sensor := device("OMC_DiscreteSensor", "115.0.32.0", text("ElementName", "Chassis"))
	m.sync(0, sensor)

	d := m.apply(alert(1, sensor, intrusion))
	wantLines(t, d.Changes,
		"raised Chassis ["+intrusionKey+"] NULL -> Physical Security General Chassis intrusion",
		"health Chassis unknown -> warning")
	want := inventory.Cause{Reason: inventory.Indication, Class: "OMC_IpmiAlertIndication", Entry: 1}
	if got := d.Changes[0].Cause; got != want {
		t.Errorf("cause %v, want %v", got, want)
	}
	c := m.present(t, sensor)
	if c.Health != inventory.Warning || c.Reason != "Physical Security General Chassis intrusion" || !c.Since.Equal(at(1)) {
		t.Errorf("got %v because of %q since %v", c.Health, c.Reason, c.Since)
	}

	wantLines(t, m.apply(alert(2, sensor, intrusion)).Changes)
	if c := m.present(t, sensor).Conditions[0]; c.Count != 2 || !c.Last.Equal(at(2)) || !c.Since.Equal(at(1)) {
		t.Errorf("repeated: %+v", c)
	}

	wantLines(t, m.apply(alert(3, sensor, intrusionOver)).Changes,
		"cleared Chassis ["+intrusionKey+"] Physical Security General Chassis intrusion -> NULL",
		"health Chassis warning -> unknown")
	if c := m.present(t, sensor); len(c.Conditions) != 0 || c.Health != inventory.Unknown {
		t.Errorf("still open: %v, %v", c.Conditions, c.Health)
	}
	wantLines(t, m.apply(alert(4, sensor, intrusionOver)).Changes)
}

func TestConditionsOfOneComponentAreApart(t *testing.T) {
	m := newMemory()
	psu := device("OMC_PowerSupply", "1", status(2))
	m.sync(0, psu)
	m.apply(alert(1, psu, "Assert + Power Supply Redundancy lost"))
	m.apply(alert(2, psu, "Assert + Power Supply 1 Predictive failure"))
	m.apply(alert(3, psu, "Assert + Power Supply Fully Redundant"))
	c := m.present(t, psu)
	if len(c.Conditions) != 1 || c.Conditions[0].Key != "power supply 1 predictive failure" || c.Health != inventory.Warning {
		t.Errorf("got %v, %v", c.Conditions, c.Health)
	}
}

func TestAlertOfUnknownElement(t *testing.T) {
	m := newMemory()
	fan := device("ACME_Fan", "7", status(2))
	wantLines(t, m.apply(alert(1, fan, intrusionOver)).Changes)

	wantLines(t, m.apply(alert(2, fan, "Assert + Fan failure")).Changes,
		"appeared ACME_Fan 7", "raised ACME_Fan 7 [fan failure] NULL -> Fan failure")
	c := m.present(t, fan)
	if c.Kind != inventory.KindFan || c.Health != inventory.Critical || c.Path.Host != "" {
		t.Errorf("got %v, %v, path %v", c.Kind, c.Health, c.Path)
	}

	if d := m.sync(10); len(d.Changes) != 0 {
		t.Errorf("a sync that did not read it: %v", lines(d.Changes))
	}
	silent := device("ACME_Fan", "7")
	wantLines(t, m.sync(20, silent).Changes, "appeared 7")
	if c := m.present(t, fan); len(c.Conditions) != 1 || !c.FirstSeen.Equal(at(2)) {
		t.Errorf("after reading it: %v, first seen %v", c.Conditions, c.FirstSeen)
	}
}

func TestAlertWithoutElementGoesToTheHost(t *testing.T) {
	m := newMemory()
	m.apply(alert(1, nil, intrusion))
	c, ok := m.Component(inventory.HostID)
	if !ok || c.Kind != inventory.KindHost || c.Name != "esx1" || len(c.Conditions) != 1 {
		t.Fatalf("got %+v", c)
	}
	m.apply(alert(2, nil, intrusionOver))
	if d := m.sync(10); len(d.Changes) != 0 {
		t.Errorf("a sync says of the host: %v", lines(d.Changes))
	}
}

func TestNotesDoNothing(t *testing.T) {
	m := newMemory()
	fan := device("CIM_Fan", "1")
	m.sync(0, fan)
	heartbeat := event.Normalise("esx1", at(1), cim.NewInstance("VMware_CIMHeartbeat"))
	job := cim.NewInstance("VMware_ConcreteJob", text("InstanceID", "j1"))
	job.Path = cim.InstancePath("root/cimv2", job.Class, cim.Key{Name: "InstanceID", Value: cim.String("j1")})
	events := []event.Event{
		heartbeat, alert(1, fan, "all is well"), lifecycle(2, "VMware_ConcreteJobCreation", job, nil),
		lifecycle(3, "CIM_InstDeletion", job, nil),
	}
	for _, e := range events {
		if d := m.apply(e); len(d.Changes)+len(d.Upserts)+len(d.Removes) != 0 {
			t.Errorf("%s: %v", e.Class, lines(d.Changes))
		}
	}
}

// A creation that comes behind the deletion does not bring the component back, whether it was
// known before or not; one that is newer does.
func TestCreationBehindItsDeletion(t *testing.T) {
	fan := device("CIM_Fan", "1", text("ElementName", "Fan 1"), status(2))
	for name, prepare := range map[string]func(*memory){
		"never known": func(*memory) {},
		"found gone by a sync": func(m *memory) {
			m.sync(0, fan)
			m.sync(1)
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMemory()
			prepare(m)
			before := len(m.history)
			m.apply(lifecycle(5, "CIM_InstDeletion", fan, nil))
			late := lifecycle(4, "CIM_InstCreation", fan, nil)
			late.Received = at(30)
			m.apply(late)
			wantLines(t, m.history[before:])
			if len(m.now()) != 0 {
				t.Errorf("it is there: %v", m.now())
			}
			wantLines(t, m.apply(lifecycle(40, "CIM_InstCreation", fan, nil)).Changes, "appeared Fan 1")
			if c := m.present(t, fan); c.Health != inventory.OK || c.FirstSeen.IsZero() {
				t.Errorf("it is %+v", c)
			}
		})
	}
}

// What only says that something went is forgotten when nothing can come late any more.
func TestDeletionsAreForgotten(t *testing.T) {
	m := newMemory()
	for n := range 10 {
		m.apply(lifecycle(n, "CIM_InstDeletion", device("CIM_Fan", fmt.Sprint(n)), nil))
	}
	m.sync(900)
	if len(m.components) != 10 {
		t.Errorf("%d are left in time", len(m.components))
	}
	m.sync(910)
	if len(m.components) != 0 || len(m.history) != 0 {
		t.Errorf("%d are left, with %v", len(m.components), lines(m.history))
	}
}

// Senders do not keep the order across a retry (observed: sfcb delivered 16, 17, 13).
func TestLateAlerts(t *testing.T) {
	sensor := device("OMC_DiscreteSensor", "1", text("ElementName", "Chassis"))
	t.Run("raise after its clear", func(t *testing.T) {
		m := newMemory()
		m.sync(0, sensor)
		m.apply(alert(2, sensor, intrusionOver))
		d := m.apply(alert(1, sensor, intrusion))
		wantLines(t, d.Changes,
			"raised Chassis ["+intrusionKey+"] NULL -> Physical Security General Chassis intrusion",
			"cleared Chassis ["+intrusionKey+"] Physical Security General Chassis intrusion -> NULL")
		if len(m.present(t, sensor).Conditions) != 0 || !d.Changes[1].Time.Equal(at(2)) || d.Changes[1].Cause.Entry != 2 {
			t.Errorf("got %v, cleared at %v by %v", m.present(t, sensor).Conditions, d.Changes[1].Time, d.Changes[1].Cause)
		}
		wantLines(t, m.apply(alert(0, sensor, intrusion)).Changes)
	})
	t.Run("clear after the next raise", func(t *testing.T) {
		m := newMemory()
		m.sync(0, sensor)
		m.apply(alert(1, sensor, intrusion))
		m.apply(alert(3, sensor, intrusion))
		wantLines(t, m.apply(alert(2, sensor, intrusionOver)).Changes)
		if len(m.present(t, sensor).Conditions) != 1 {
			t.Error("an old clear ended a newer condition")
		}
	})
	t.Run("restarted server", func(t *testing.T) {
		m := newMemory()
		m.sync(0, sensor)
		m.apply(alert(5, sensor, intrusionOver))
		e := alert(1, sensor, intrusion)
		e.Sequence = &event.Sequence{Context: "c2", Number: 0}
		m.apply(e)
		if len(m.present(t, sensor).Conditions) != 1 {
			t.Error("the first alert of a new context was taken for a late one")
		}
	})
	t.Run("by time, and a clock set back", func(t *testing.T) {
		m := newMemory()
		m.sync(0, sensor)
		over, within, before := alert(2000, sensor, intrusionOver), alert(1999, sensor, intrusion), alert(1, sensor, intrusion)
		over.Sequence, within.Sequence, before.Sequence = nil, nil, nil
		m.apply(over)
		m.apply(within)
		if len(m.present(t, sensor).Conditions) != 0 {
			t.Error("a late raise counts")
		}
		m.apply(before)
		if len(m.present(t, sensor).Conditions) != 1 {
			t.Error("a raise after the clock was set back does not count")
		}
	})
}

func TestLifecycle(t *testing.T) {
	m := newMemory()
	fan := device("CIM_Fan", "1", text("ElementName", "Fan 1"), status(2), number("DesiredSpeed", 3000))
	wantLines(t, m.apply(lifecycle(1, "CIM_InstCreation", fan, nil)).Changes, "appeared Fan 1")

	slow := fan.Clone()
	slow.Set("OperationalStatus", cim.Uint16s(3))
	wantLines(t, m.apply(lifecycle(2, "CIM_InstModification", slow, fan)).Changes,
		"property Fan 1 [OperationalStatus] {2} -> {3}", "health Fan 1 ok -> warning")
	if c := m.present(t, fan); c.Reason != "OperationalStatus 3 (degraded)" {
		t.Errorf("reason %q", c.Reason)
	}

	projected := device("CIM_Fan", "1", status(2))
	wantLines(t, m.apply(lifecycle(3, "CIM_InstModification", projected, nil)).Changes,
		"property Fan 1 [OperationalStatus] {3} -> {2}", "health Fan 1 warning -> ok")

	m.apply(alert(4, fan, "Assert + Fan failure"))
	wantLines(t, m.apply(lifecycle(5, "CIM_InstDeletion", fan, nil)).Changes,
		"cleared Fan 1 [fan failure] Fan failure -> NULL", "disappeared Fan 1")
	wantLines(t, m.apply(lifecycle(6, "CIM_InstDeletion", fan, nil)).Changes)
	wantLines(t, m.apply(lifecycle(7, "CIM_InstCreation", fan, nil)).Changes, "appeared Fan 1")
	if c := m.present(t, fan); !c.FirstSeen.Equal(at(1)) || len(c.Conditions) != 0 {
		t.Errorf("it came back first seen %v with %v", c.FirstSeen, c.Conditions)
	}
}

func TestModificationOfUnknownComponentTellsBoth(t *testing.T) {
	m := newMemory()
	before := device("CIM_Fan", "1", text("ElementName", "Fan 1"), status(2))
	after := before.Clone()
	after.Set("OperationalStatus", cim.Uint16s(6))
	wantLines(t, m.apply(lifecycle(1, "CIM_InstModification", after, before)).Changes,
		"appeared Fan 1", "property Fan 1 [OperationalStatus] {2} -> {6}")
	if c := m.present(t, before); c.Health != inventory.Critical {
		t.Errorf("health %v", c.Health)
	}
}

func TestReplacement(t *testing.T) {
	replaced := "replaced DIMM A1 [SerialNumber] S1 -> S2"
	t.Run("deleted and created", func(t *testing.T) {
		m := newMemory()
		m.sync(0, dimm("1", "A1", "S1"), dimm("2", "A2", "S9"))
		wantLines(t, m.apply(lifecycle(1, "CIM_InstDeletion", dimm("1", "A1", "S1"), nil)).Changes, "disappeared DIMM A1")
		wantLines(t, m.apply(lifecycle(2, "CIM_InstCreation", dimm("1", "A1", "S2"), nil)).Changes, replaced)
	})
	t.Run("under another path", func(t *testing.T) {
		m := newMemory()
		m.sync(0, dimm("1", "A1", "S1"), dimm("2", "A2", "S9"))
		m.apply(lifecycle(1, "CIM_InstDeletion", dimm("1", "A1", "S1"), nil))
		d := m.apply(lifecycle(2, "CIM_InstCreation", dimm("3", "A1", "S2"), nil))
		wantLines(t, d.Changes, replaced)
		for _, c := range m.components {
			if c.Serial == "S1" || len(c.Properties) == 0 && c.Removed.IsZero() {
				t.Errorf("the old one is not forgotten: %+v", c)
			}
		}
		wantLines(t, m.sync(1000, dimm("3", "A1", "S2"), dimm("2", "A2", "S9")).Changes)
		if len(m.components) != 2 {
			t.Errorf("%d components are left", len(m.components))
		}
	})
	t.Run("creation arrives first", func(t *testing.T) {
		m := newMemory()
		m.sync(0, dimm("1", "A1", "S1"))
		wantLines(t, m.apply(lifecycle(2, "CIM_InstCreation", dimm("1", "A1", "S2"), nil)).Changes, replaced)
		wantLines(t, m.apply(lifecycle(1, "CIM_InstDeletion", dimm("1", "A1", "S1"), nil)).Changes)
	})
	t.Run("found by a sync", func(t *testing.T) {
		m := newMemory()
		m.sync(0, dimm("1", "A1", "S1"), dimm("2", "A2", "S9"))
		m.apply(alert(1, dimm("1", "A1", "S1"), "Assert + Uncorrectable ECC"))
		wantLines(t, m.sync(5, dimm("1", "A1", "S2"), dimm("3", "A2", "S8")).Changes,
			"disappeared DIMM A2", replaced,
			"cleared DIMM A1 [uncorrectable ecc] Uncorrectable ECC -> NULL", "health DIMM A1 critical -> unknown",
			"replaced DIMM A2 [SerialNumber] S9 -> S8")
	})
	t.Run("two modules swapped", func(t *testing.T) {
		m := newMemory()
		m.sync(0, dimm("1", "A1", "S1"), dimm("2", "A2", "S2"))
		wantLines(t, m.sync(5, dimm("1", "A1", "S2"), dimm("2", "A2", "S1")).Changes,
			replaced, "replaced DIMM A2 [SerialNumber] S2 -> S1")
	})
	t.Run("the same part under another path", func(t *testing.T) {
		m := newMemory()
		m.sync(0, dimm("1", "A1", "S1"))
		wantLines(t, m.sync(5, dimm("7", "A1", "S1")).Changes, "disappeared DIMM A1",
			`moved DIMM A1 root/cimv2:CIM_PhysicalMemory.DeviceID="1" -> root/cimv2:CIM_PhysicalMemory.DeviceID="7"`)
		if c := m.present(t, dimm("7", "A1", "S1")); !c.FirstSeen.Equal(at(0)) {
			t.Errorf("first seen %v", c.FirstSeen)
		}
	})
	t.Run("blank serials tell nothing", func(t *testing.T) {
		m := newMemory()
		m.sync(0, dimm("1", "A1", "Not Specified"))
		wantLines(t, m.sync(5, dimm("2", "A1", "00000000")).Changes, "disappeared DIMM A1", "appeared DIMM A1")
	})
	t.Run("one label for two", func(t *testing.T) {
		m := newMemory()
		m.sync(0, dimm("1", "A1", "S1"), dimm("2", "A1", "S2"))
		wantLines(t, m.sync(5, dimm("3", "A1", "S3")).Changes, "disappeared DIMM A1", "disappeared DIMM A1", "appeared DIMM A1")
	})
}

func TestReadingsAreNoise(t *testing.T) {
	m := newMemory()
	sensor := device("CIM_NumericSensor", "1", text("ElementName", "Fan 1 speed"), number("HealthState", 5),
		cim.Prop("CurrentReading", cim.Sint32(3000)))
	m.sync(0, sensor)
	slower := sensor.Clone()
	slower.Set("CurrentReading", cim.Sint32(2900))
	wantLines(t, m.apply(lifecycle(1, "CIM_InstModification", slower, sensor)).Changes)
	if r, ok := componentReading(m.present(t, sensor)); !ok || r.Value != 2900 {
		t.Errorf("reading %v", r)
	}
	stopped := sensor.Clone()
	stopped.Set("CurrentReading", cim.Sint32(0))
	stopped.Set("HealthState", cim.Uint16(25))
	wantLines(t, m.sync(5, stopped).Changes, "property Fan 1 speed [HealthState] 5 -> 25",
		"property Fan 1 speed [CurrentReading] 2900 -> 0", "health Fan 1 speed ok -> critical")
}

func componentReading(c inventory.Component) (inventory.Reading, bool) { return c.Reading() }

func TestLateLifecycleIsOutdatedByASync(t *testing.T) {
	m := newMemory()
	fan := device("CIM_Fan", "1", status(2))
	m.sync(10, fan)
	failed := fan.Clone()
	failed.Set("OperationalStatus", cim.Uint16s(6))
	wantLines(t, m.apply(lifecycle(5, "CIM_InstModification", failed, nil)).Changes)
	wantLines(t, m.apply(lifecycle(6, "CIM_InstDeletion", fan, nil)).Changes)

	m.apply(lifecycle(12, "CIM_InstModification", failed, nil))
	wantLines(t, m.sync(11, fan).Changes) // began before the indication came
	if c := m.present(t, fan); c.Health != inventory.Critical {
		t.Errorf("health %v", c.Health)
	}
}

func TestComponentJSON(t *testing.T) {
	m := newMemory()
	sensor := device("CIM_NumericSensor", "1", cim.Prop("CurrentReading", cim.Sint32(2150)),
		cim.Prop("UnitModifier", cim.Sint32(-2)), number("BaseUnits", 2), number("SensorType", 2))
	m.sync(0, sensor)
	got, err := json.Marshal(m.present(t, sensor))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"path":"root/cimv2:CIM_NumericSensor.DeviceID=\"1\""`, `"health":"unknown"`, `"kind":"sensor"`,
		`"reading":{"value":21.5,"unit":"C","quantity":"temperature"}`, `"conditions":[]`, `"UnitModifier":-2`,
	} {
		if !strings.Contains(string(got), want) {
			t.Errorf("%s\nlacks %s", got, want)
		}
	}
}

func TestLongPathsHaveShortIDs(t *testing.T) {
	m := newMemory()
	one, two := device("CIM_Fan", strings.Repeat("x", 40000)+"1"), device("CIM_Fan", strings.Repeat("x", 40000)+"2")
	m.apply(alert(1, one, intrusion))
	m.apply(alert(2, two, intrusion))
	if len(m.components) != 2 {
		t.Fatalf("%d components, want 2", len(m.components))
	}
	for id := range m.components {
		if len(id) > 512 || !strings.HasPrefix(id, "cim_fan#") {
			t.Errorf("ID %q", id)
		}
	}
}

// Creations and deletions come by filters of their own, each with its handler, context and
// retries: a creation that was tried again must not bring back what was deleted since.
func TestLateCreationOfAnotherHandler(t *testing.T) {
	m := newMemory()
	module := dimm("1", "A1", "s1")
	m.sync(0, module)
	m.apply(lifecycle(20, "CIM_InstDeletion", module, nil))
	retried := lifecycle(10, "CIM_InstCreation", module, nil)
	retried.Sequence = &event.Sequence{Context: "of another handler", Number: 0}
	retried.Received = at(25)
	m.apply(retried)
	if c, ok := m.Component(idOf(t, m, "A1")); ok && c.Removed.IsZero() {
		t.Error("a creation from before the deletion brought the component back")
	}
	later := lifecycle(30, "CIM_InstCreation", module, nil)
	later.Sequence = &event.Sequence{Context: "of another handler", Number: 1}
	m.apply(later)
	if c, ok := m.Component(idOf(t, m, "A1")); !ok || !c.Removed.IsZero() {
		t.Error("a creation from after the deletion did not bring the component back")
	}
}

func idOf(t *testing.T, m *memory, slot string) string {
	t.Helper()
	for id, c := range m.components {
		if c.Slot == slot {
			return id
		}
	}
	t.Fatalf("no component in slot %s", slot)
	return ""
}
