package inventory_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/inventory"
)

// blowers declares what CIM_Fan and ACME_Thing are.
func blowers() inventory.Rules {
	return inventory.Rules{
		"acme_blower": {
			Kind: inventory.KindFan, Name: "Blower {Bay} of {Rack}", Identity: []string{"Rack", "Tag"},
			Health: &inventory.HealthRule{Property: "Condition", Levels: map[string]inventory.Health{
				"1": inventory.OK, "worn": inventory.Warning, "3": inventory.Critical, "9": inventory.Absent,
			}},
			Ignored: []string{"turns"},
		},
		"acme_scale": {Tracked: []string{"CurrentReading"}},
	}
}

// read brings instances in by rules.
func (m *memory) read(seconds int, rules inventory.Rules, instances ...*cim.Instance) inventory.Delta {
	return m.take(inventory.Sync(m, inventory.Snapshot{
		Host: "esx1", Instances: instances, Started: at(seconds), Reason: inventory.Resync, Rules: rules,
	}))
}

// TestRuleHealth judges by the declared property, and by the usual ones where it says
// nothing.
func TestRuleHealth(t *testing.T) {
	for _, test := range []struct {
		name       string
		properties []cim.Property
		want       string
	}{
		{"listed", []cim.Property{number("Condition", 3)}, "critical: Condition 3"},
		{"in place of the usual", []cim.Property{number("Condition", 1), status(6)}, "ok: Condition 1"},
		{"text, in any case", []cim.Property{text("Condition", "WORN")}, "warning: Condition WORN"},
		{"worst of an array", []cim.Property{cim.Prop("Condition", cim.Uint16s(1, 3, 1))}, "critical: Condition 3"},
		{"absent", []cim.Property{number("Condition", 9)}, "absent: Condition 9"},
		{"not listed", []cim.Property{number("Condition", 7), status(6)}, "critical: OperationalStatus 6 (error)"},
		{"missing", []cim.Property{status(2)}, "ok: OperationalStatus 2 (OK)"},
	} {
		t.Run(test.name, func(t *testing.T) {
			m, i := newMemory(), device("ACME_Blower", "1", test.properties...)
			m.read(0, blowers(), i)
			c := m.present(t, i)
			if got := c.Health.String() + ": " + c.Reason; got != test.want {
				t.Errorf("health is %s, want %s", got, test.want)
			}
		})
	}
}

// TestRuleIdentity names components and tells parts apart as declared.
func TestRuleIdentity(t *testing.T) {
	m := newMemory()
	blower := func(tag string, turns uint16) *cim.Instance {
		return device("ACME_Blower", "1", text("Rack", "R1"), number("Bay", 4), text("Tag", tag), number("Turns", turns))
	}
	m.read(0, blowers(), blower("T1", 10))
	if c := m.present(t, blower("", 0)); c.Name != "Blower 4 of R1" || c.Serial != "R1 T1" || c.Kind != inventory.KindFan {
		t.Errorf("a %s %q with serial number %q", c.Kind, c.Name, c.Serial)
	}
	wantLines(t, m.read(1, blowers(), blower("T1", 20)).Changes)
	wantLines(t, m.read(2, blowers(), blower("T2", 20)).Changes, "replaced Blower 4 of R1 [SerialNumber] R1 T1 -> R1 T2")
	wantLines(t, m.read(3, nil, blower("T2", 20)).Changes) // declared no longer: no part for another
	if c := m.present(t, blower("", 0)); c.Name != "1" || c.Kind != inventory.KindOther {
		t.Errorf("without rules it is a %s %q", c.Kind, c.Name)
	}
	bare := device("ACME_Blower", "2")
	m.read(4, blowers(), bare)
	if c := m.present(t, bare); c.Name != "2" {
		t.Errorf("without the properties of its name it is called %q", c.Name)
	}
}

// TestRuleTracked keeps the history to what is declared.
func TestRuleTracked(t *testing.T) {
	m := newMemory()
	scale := func(reading, other uint16) *cim.Instance {
		return device("ACME_Scale", "1", number("CurrentReading", reading), number("Other", other))
	}
	m.read(0, blowers(), scale(1, 1))
	wantLines(t, m.read(1, blowers(), scale(2, 2)).Changes, "property 1 [CurrentReading] 1 -> 2")
	c := m.present(t, scale(0, 0))
	if got, _ := c.Instance().Get("Other").Uint64(); got != 2 {
		t.Errorf("what is not tracked is %d, want 2", got)
	}
}

// TestRuleEvents takes in a creation of a class that only a rule knows, and ends a condition
// by what the rule says.
func TestRuleEvents(t *testing.T) {
	m := newMemory()
	blower := device("ACME_Blower", "1", number("Bay", 4), number("Condition", 3))
	if d := inventory.Apply(m, lifecycle(1, "CIM_InstCreation", blower, nil)); len(d.Changes) != 0 {
		t.Errorf("without rules: %v", lines(d.Changes))
	}
	wantLines(t, m.take(blowers().Apply(m, lifecycle(1, "CIM_InstCreation", blower, nil))).Changes, "appeared Blower 4 of")
	m.take(blowers().Apply(m, alert(2, blower, "Assert + Blower 4 failed")))
	if n := len(m.present(t, blower).Conditions); n != 1 {
		t.Fatalf("%d conditions", n)
	}
	m.read(3, blowers(), device("ACME_Blower", "1", number("Bay", 4), number("Condition", 1)))
	if c := m.present(t, blower); len(c.Conditions) != 0 || c.Health != inventory.OK {
		t.Errorf("%s with %d conditions, though its condition is well", c.Health, len(c.Conditions))
	}
}

func TestPlaceholders(t *testing.T) {
	got := inventory.Placeholders("{A} in {B_1}, {A}")
	if diff := cmp.Diff([]string{"A", "B_1", "A"}, got); diff != "" {
		t.Errorf("properties (-want +got):\n%s", diff)
	}
}
