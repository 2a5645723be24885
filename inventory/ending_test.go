package inventory_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/event"
	"github.com/cimwatch/cimwatch/inventory"
)

func TestGoodStateEndsItsFamily(t *testing.T) {
	sensor := device("OMC_DiscreteSensor", "117", text("ElementName", "PS Redundancy"))
	m := newMemory()
	m.sync(0, sensor)
	for n, state := range []string{
		"Redundancy Lost", "Non-redundant:Sufficient Resources from Redundant", "Redundancy Degraded from Fully Redundant",
	} {
		m.apply(alert(n+1, sensor, "Assert + PS Redundancy "+state))
	}
	m.apply(alert(4, sensor, "Assert + Fan Redundancy Lost"))
	m.apply(alert(5, sensor, "Deassert + PS Redundancy Redundancy Lost"))
	if n := len(m.present(t, sensor).Conditions); n != 3 {
		t.Errorf("the end of one state leaves %d conditions, want 3", n)
	}
	d := m.apply(alert(6, sensor, "Assert + PS Redundancy Fully Redundant"))
	if len(d.Changes) != 2 { // the fans keep the health as it was
		t.Errorf("the good state: %v", lines(d.Changes))
	}
	if c := m.present(t, sensor); len(c.Conditions) != 1 || c.Conditions[0].Key != "fan redundancy lost" {
		t.Errorf("left are %v", c.Conditions)
	}
}

func TestGoodStateArrivesFirst(t *testing.T) {
	sensor := device("OMC_DiscreteSensor", "117", text("ElementName", "PS"))
	m := newMemory()
	m.sync(0, sensor)
	degraded := "Assert + PS Redundancy Degraded from Fully Redundant"
	m.apply(alert(2, sensor, "Assert + PS Fully Redundant"))
	wantLines(t, m.apply(alert(1, sensor, degraded)).Changes,
		"raised PS [ps redundancy degraded from fully redundant] NULL -> PS Redundancy Degraded from Fully Redundant",
		"cleared PS [ps redundancy degraded from fully redundant] PS Redundancy Degraded from Fully Redundant -> NULL")
	m.apply(alert(3, sensor, degraded))
	if len(m.present(t, sensor).Conditions) != 1 {
		t.Error("the next loss does not count")
	}
}

// What a reading ends, after an alert that came before or after it began.
func TestReadingEndsConditions(t *testing.T) {
	well := number("HealthState", 5)
	const failure = "Assert + Fan failure"
	tests := []struct {
		name, alert   string
		before, after []cim.Property
		began         int
		left          int
	}{
		{"unwell and well again", failure, []cim.Property{number("HealthState", 20)}, []cim.Property{well}, 9, 0},
		{"came and went between two readings", failure, []cim.Property{well}, []cim.Property{well}, 9, 0},
		{"never read before", failure, nil, []cim.Property{status(2)}, 9, 0},
		{"began before the alert", failure, []cim.Property{well}, []cim.Property{well}, 4, 1},
		{"began with the alert", failure, []cim.Property{well}, []cim.Property{well}, 5, 1},
		{"still unwell", failure, []cim.Property{well}, []cim.Property{number("HealthState", 15)}, 9, 1},
		{"one of two says so", failure, []cim.Property{well}, []cim.Property{well, status(6)}, 9, 1},
		{"says nothing", failure, []cim.Property{}, []cim.Property{}, 9, 1},
		{"says nothing any more", failure, []cim.Property{number("HealthState", 20)}, []cim.Property{}, 9, 1},
		{"does not know", failure, []cim.Property{well}, []cim.Property{number("HealthState", 0), status(0)}, 9, 1},
		{"knows in part", failure, []cim.Property{well}, []cim.Property{number("HealthState", 0), status(2)}, 9, 0},
		{"absent", failure, []cim.Property{well}, []cim.Property{well, number("EnabledState", 3)}, 9, 1},
		{"state names trouble", failure, []cim.Property{well}, []cim.Property{well, text("CurrentState", "Lower Critical")}, 9, 1},
		{"state is the trouble", failure, []cim.Property{well}, []cim.Property{well, text("CurrentState", "Assert")}, 9, 1},
		{"state is normal", failure, []cim.Property{well}, []cim.Property{well, text("CurrentState", "Normal")}, 9, 0},
		{"the case is open", intrusion, []cim.Property{well}, []cim.Property{well}, 9, 1},
		{"the case was open", intrusion, []cim.Property{number("HealthState", 10)}, []cim.Property{well}, 9, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := newMemory()
			if tt.before != nil {
				m.sync(0, device("CIM_Sensor", "1", tt.before...))
			}
			sensor := device("CIM_Sensor", "1", tt.after...)
			m.apply(alert(5, sensor, tt.alert))
			d := m.sync(tt.began, sensor)
			if n := len(m.present(t, sensor).Conditions); n != tt.left {
				t.Errorf("%d conditions left, want %d", n, tt.left)
			}
			for _, c := range d.Changes {
				if c.Kind == inventory.ConditionCleared && c.Cause.String() != "re-sync" {
					t.Errorf("cleared by %v", c.Cause)
				}
			}
		})
	}
}

// A modification tells a part of the element only, so it ends nothing by itself.
func TestModificationEndsOnlyWhatItEnds(t *testing.T) {
	m := newMemory()
	fan := device("CIM_Fan", "1", status(2))
	m.sync(0, fan)
	m.apply(alert(1, fan, "Assert + Fan failure"))
	m.apply(lifecycle(2, "CIM_InstModification", fan, nil))
	if len(m.present(t, fan).Conditions) != 1 {
		t.Error("a modification that says nothing new ended the condition")
	}
}

func TestTimeLimit(t *testing.T) {
	const day = 24 * 3600
	silent, unread := device("OMC_DiscreteSensor", "1"), device("ACME_Thing", "2")
	sync := func(m *memory, seconds int, limit time.Duration, partial bool) inventory.Delta {
		return m.take(inventory.Sync(m, inventory.Snapshot{
			Host: "esx1", Instances: []*cim.Instance{silent}, Started: at(seconds), Reason: inventory.Resync,
			TimeLimit: limit, Partial: partial,
		}))
	}
	tests := []struct {
		name    string
		limit   time.Duration
		partial bool
		after   int
		left    int
	}{
		{"not yet", 0, false, 30 * day, 3},
		{"by default", 0, false, 31 * day, 0},
		{"a partial reading", 0, true, 31 * day, 0},
		{"for ever", -1, false, 1000 * day, 3},
		{"an hour", time.Hour, false, day, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := newMemory()
			sync(m, 0, tt.limit, false)
			for n, about := range []*cim.Instance{silent, unread, nil} {
				m.apply(alert(n+1, about, intrusion))
			}
			d := sync(m, tt.after, tt.limit, tt.partial)
			left := 0
			for _, c := range m.components {
				left += len(c.Conditions)
			}
			if left != tt.left {
				t.Errorf("%d conditions left, want %d", left, tt.left)
			}
			for _, c := range d.Changes {
				if c.Kind == inventory.ConditionCleared && c.Cause.Reason != inventory.TimeLimit {
					t.Errorf("cleared by %v", c.Cause)
				}
			}
			if again := sync(m, tt.after, tt.limit, true); len(again.Changes) != 0 {
				t.Errorf("again: %v", lines(again.Changes))
			}
		})
	}
	t.Run("repeated", func(t *testing.T) {
		m := newMemory()
		m.apply(alert(1, nil, intrusion))
		m.apply(alert(20*day, nil, intrusion))
		if sync(m, 40*day, 0, false); len(m.components[inventory.HostID].Conditions) != 1 {
			t.Error("a condition that was repeated ended")
		}
	})
}

func TestOpenConditionsAreBounded(t *testing.T) {
	m := newMemory()
	sensor := device("OMC_DiscreteSensor", "1")
	m.sync(0, sensor)
	m.apply(alert(1, sensor, "Assert + Fan failure"))
	m.apply(alert(2, sensor, "Assert + First oddity"))
	var last inventory.Delta
	for n := range 100 {
		last = m.apply(alert(3+n, sensor, fmt.Sprintf("Assert + Thing %d is odd", n)))
	}
	c := m.present(t, sensor)
	if len(c.Conditions) != 64 || c.Conditions[0].Text != "Fan failure" || c.Conditions[63].Text != "Thing 99 is odd" {
		t.Errorf("%d conditions, from %v to %v", len(c.Conditions), c.Conditions[0].Text, c.Conditions[len(c.Conditions)-1].Text)
	}
	wantLines(t, last.Changes, "raised 1 [thing 99 is odd] NULL -> Thing 99 is odd",
		"cleared 1 [thing 36 is odd] Thing 36 is odd -> NULL")
	if cause := last.Changes[1].Cause.Reason; cause != inventory.TooMany {
		t.Errorf("it gave way because of %q", cause)
	}
}

func TestVaryingTextsShareACondition(t *testing.T) {
	m := newMemory()
	for n := range 8000 {
		m.apply(alert(n+1, nil, fmt.Sprintf("Assert + Fan 4 error at address %d-%d failed", n/90, n)))
	}
	c := m.components[inventory.HostID]
	if len(c.Conditions) != 1 || c.Conditions[0].Count != 8000 {
		t.Errorf("%d conditions, the first raised %d times", len(c.Conditions), c.Conditions[0].Count)
	}
}

func TestComponentsAreBounded(t *testing.T) {
	m := newMemory()
	fan := device("CIM_Fan", "1")
	m.sync(0, fan)
	for n := range 3 {
		told := fan.Clone()
		for i := range 1000 {
			told.Set(fmt.Sprintf("Made%dUp%d", n, i), cim.Uint16(1))
		}
		m.apply(lifecycle(n+1, "CIM_InstModification", told, nil))
	}
	if n := len(m.present(t, fan).Properties); n > 1024 {
		t.Errorf("%d properties", n)
	}
	changed := fan.Clone()
	changed.Set("Made0Up1", cim.Uint16(2))
	wantLines(t, m.apply(lifecycle(9, "CIM_InstModification", changed, nil)).Changes, "property 1 [Made0Up1] 1 -> 2")
}

// An alert from before a component was removed does not bring it back; one from after does.
func TestLateAlertOfARemovedComponent(t *testing.T) {
	fan := device("CIM_Fan", "1", status(2))
	const failure = "Assert + Fan failure"
	late := func(sent, received int) event.Event {
		e := alert(sent, fan, failure)
		e.Received = at(received)
		return e
	}
	of := func(e event.Event, context string) event.Event {
		e.Sequence = &event.Sequence{Context: context, Number: 0}
		return e
	}
	tests := []struct {
		name   string
		remove func(*memory)
		alert  event.Event
		back   bool
	}{
		{"deleted later", func(m *memory) { m.apply(lifecycle(10, "CIM_InstDeletion", fan, nil)) }, late(5, 20), false},
		{"deleted later, another handler", func(m *memory) { m.apply(lifecycle(10, "CIM_InstDeletion", fan, nil)) }, of(late(5, 20), "c2"), false},
		{"deleted before", func(m *memory) { m.apply(lifecycle(10, "CIM_InstDeletion", fan, nil)) }, of(late(15, 20), "c2"), true},
		{"found missing later", func(m *memory) { m.sync(10) }, late(5, 5), false},
		{"found missing before", func(m *memory) { m.sync(10) }, late(15, 15), true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := newMemory()
			m.sync(0, fan)
			tt.remove(m)
			m.apply(tt.alert)
			c := m.components[fan.Path.Relative().Canonical()]
			if c.Removed.IsZero() != tt.back {
				t.Errorf("it is there: %v, want %v", c.Removed.IsZero(), tt.back)
			}
		})
	}
}
