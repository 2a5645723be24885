package event_test

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/event"
)

// wording is a line of testdata: what a text does.
type wording struct {
	action, severity, text string
}

func wordings(t *testing.T, name string) []wording {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all []wording
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "#") {
			continue
		}
		action, rest, _ := strings.Cut(lines.Text(), " ")
		severity, text, ok := strings.Cut(rest, " ")
		if !ok {
			t.Fatalf("%s: %q lacks a field", name, lines.Text())
		}
		all = append(all, wording{action, severity, text})
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

func said(class, text string, stated uint16) event.Event {
	return event.Normalise("h", received, cim.NewInstance(class,
		cim.Prop("Description", cim.String(text)), cim.Prop("PerceivedSeverity", cim.Uint16(stated))))
}

func TestIPMITexts(t *testing.T) {
	for _, w := range wordings(t, "ipmi.txt") {
		e := said("OMC_IpmiAlertIndication", "Assert + "+w.text, 0)
		if e.Action.String() != w.action || e.Severity.String() != w.severity {
			t.Errorf("%s: got %v %v, want %s %s", w.text, e.Action, e.Severity, w.action, w.severity)
		}
		over := said("OMC_IpmiAlertIndication", "Deassert + "+w.text, 0)
		if e.Action == event.ActionRaise && (over.Action != event.ActionClear || over.Condition.Key != e.Condition.Key) {
			t.Errorf("%s: its end does %v to %q, not to %q", w.text, over.Action, over.Condition.Key, e.Condition.Key)
		}
		if e.Action == event.ActionNote && over.Action != event.ActionNote {
			t.Errorf("%s: does nothing, but its end does %v", w.text, over.Action)
		}
		if over.Action == event.ActionRaise && over.Condition.Key != e.Condition.Key {
			t.Errorf("%s: its end raises %q, which it does not clear", w.text, over.Condition.Key)
		}
	}
}

func TestRAIDTexts(t *testing.T) {
	for _, w := range wordings(t, "raid.txt") {
		e := said("VMware_HHRCAlertIndication", w.text, 0)
		if e.Action.String() != w.action || e.Severity.String() != w.severity {
			t.Errorf("%s: got %v %v, want %s %s", w.text, e.Action, e.Severity, w.action, w.severity)
		}
	}
}

// What begins with the first text ends with the second.
func TestPairs(t *testing.T) {
	tests := []struct{ class, raise, clear string }{
		{"OMC_IpmiAlertIndication", "Assert + PS Redundancy Redundancy Degraded from Fully Redundant", "Assert + PS Redundancy Fully Redundant"},
		{"OMC_IpmiAlertIndication", "Assert + PS Redundancy Non-redundant:Sufficient Resources from Redundant", "Assert + PS Redundancy Fully Redundant"},
		{"OMC_IpmiAlertIndication", "Assert + PS Redundancy lost", "Assert + PS Redundancy regained"},
		{"OMC_IpmiAlertIndication", "Assert + Temp 1 transition to Critical from less severe", "Assert + Temp 1 transition to OK"},
		{"OMC_IpmiAlertIndication", "Assert + Temp 1 Upper Non-critical going high", "Assert + Temp 1 transition to OK"},
		{"OMC_IpmiAlertIndication", "Assert + Temp 1 State Asserted", "Assert + Temp 1 State Deasserted"},
		{"OMC_IpmiAlertIndication", "Assert + Fan 1 Device Removed / Device Absent", "Assert + Fan 1 Device Inserted / Device Present"},
		{"OMC_IpmiAlertIndication", "Deassert + Drive 3 Drive Presence", "Assert + Drive 3 Drive Presence"},
		{"OMC_IpmiAlertIndication", "Assert + PSU 1 transition to Off Line", "Assert + PSU 1 transition to Running"},
		{"OMC_IpmiAlertIndication", "Assert + Fan 1 Failure", "Assert + Fan 1 Failure cleared"},
		{"VMware_HHRCAlertIndication", "State change on VD 00/0 from OPTIMAL(3) to DEGRADED(2)", "State change on VD 00/0 from DEGRADED(2) to OPTIMAL(3)"},
		{"VMware_HHRCAlertIndication", "State change: PD = 32:1 Previous = Online Current = Failed", "State change: PD = 32:1 Previous = Failed Current = Unconfigured Good"},
		{"VMware_HHRCAlertIndication", "Consistency check failed on VD 0", "Consistency check done on VD 0"},
		{"VMware_HHRCAlertIndication", "Battery temperature is high", "Battery temperature is normal"},
		{"VMware_HHRCAlertIndication", "Enclosure 2 power supply 1 removed", "Enclosure 2 power supply 1 inserted"},
		{"VMware_HHRCAlertIndication", "Predictive failure: PD 3", "Predictive failure cleared: PD 3"},
	}
	for _, tt := range tests {
		raise, over := said(tt.class, tt.raise, 0), said(tt.class, tt.clear, 0)
		if raise.Action != event.ActionRaise || over.Action != event.ActionClear {
			t.Errorf("%s: %v; %s: %v", tt.raise, raise.Action, tt.clear, over.Action)
		}
		if raise.Condition.Key != over.Condition.Key &&
			(over.Condition.Family == "" || event.FamilyOf(raise.Condition.Key) != over.Condition.Family) {
			t.Errorf("%s (%+v) does not end with %s (%+v)", tt.raise, raise.Condition, tt.clear, over.Condition)
		}
	}
}

// What begins with the first text goes on after the second.
func TestNoPairs(t *testing.T) {
	tests := []struct{ class, raise, clear string }{
		{"OMC_IpmiAlertIndication", "Assert + PS Redundancy Degraded", "Deassert + PS Redundancy Lost"},
		{"OMC_IpmiAlertIndication", "Assert + Fan Redundancy Lost", "Assert + PS Redundancy Fully Redundant"},
		{"OMC_IpmiAlertIndication", "Assert + Temp 1 Upper Critical going high", "Assert + Temp 2 transition to OK"},
		{"OMC_IpmiAlertIndication", "Assert + Temp 1 Upper Critical going high", "Deassert + Temp 1 Upper Non-critical going high"},
		{"OMC_IpmiAlertIndication", "Assert + PSU 1 Predictive Failure", "Assert + PSU 1 Presence detected"},
		{"OMC_IpmiAlertIndication", "Assert + Fan 1 Failure", "Deassert + Fan 2 Failure"},
		{"OMC_IpmiAlertIndication", "Assert + Oddity of thing 1", "Deassert + Oddity of thing 2"},
		{"VMware_HHRCAlertIndication", "Consistency check failed on VD 0", "VD is now OPTIMAL VD 0"},
		{"VMware_HHRCAlertIndication", "Battery has failed", "Battery temperature is normal"},
		{"VMware_HHRCAlertIndication", "Enclosure 2 fan 1 failed", "Enclosure 2 fan 2 inserted"},
		{"VMware_HHRCAlertIndication", "VD is now DEGRADED VD 1", "VD is now OPTIMAL VD 0"},
	}
	for _, tt := range tests {
		raise, over := said(tt.class, tt.raise, 0), said(tt.class, tt.clear, 0)
		if raise.Action != event.ActionRaise || over.Action != event.ActionClear {
			t.Errorf("%s: %v; %s: %v", tt.raise, raise.Action, tt.clear, over.Action)
		}
		if raise.Condition.Key == over.Condition.Key ||
			over.Condition.Family != "" && event.FamilyOf(raise.Condition.Key) == over.Condition.Family {
			t.Errorf("%s (%+v) ends with %s (%+v)", tt.raise, raise.Condition, tt.clear, over.Condition)
		}
	}
}

func TestWhatVariesIsNoOtherCondition(t *testing.T) {
	groups := [][]string{
		{"Fan 4 error at address 7-12 failed", "Fan 4 error at address 8000-1 failed"},
		{"Memory event 12 at 0x7fA0", "Memory event 12 at 0x10"},
		{"Oddity 3 of kind 17", "Oddity 3 of kind 18"},
		{"Oddity 4 of kind 17"},
		{"Error 4711 of the oddity", "Error 123456 of the oddity"},
		{"Disk wwn 5000c50012ab failed", "Disk wwn 5000c500ffff1 failed"},
		{"DIMM 1 bank 2 failed"},
		{"DIMM 1 bank 3 failed"},
	}
	keys := map[string]int{}
	for n, group := range groups {
		for _, text := range group {
			key := said("OMC_IpmiAlertIndication", "Assert + "+text, 0).Condition.Key
			if other, ok := keys[key]; ok && other != n {
				t.Errorf("%q shares the key %q with %q", text, key, groups[other])
			}
			keys[key] = n
		}
	}
	if len(keys) != len(groups) {
		t.Errorf("%d keys for %d conditions: %v", len(keys), len(groups), keys)
	}
}

func TestConditionsAreBounded(t *testing.T) {
	long := strings.Repeat("é odd", 5000)
	for _, text := range []string{"Assert + " + long, "Assert + Redundancy lost " + long, long + " failed", "Assert + fully redundant" + long} {
		c := said("X_Alert", text, 3).Condition
		if len(c.Key) > 256 || len(c.Text) > 1024 || len(c.Family) > 256 || c.Text != strings.ToValidUTF8(c.Text, "") {
			t.Errorf("%.40s: key of %d bytes, text of %d, family of %d", text, len(c.Key), len(c.Text), len(c.Family))
		}
	}
	one := said("X_Alert", "Assert + "+long+"one", 0).Condition.Key
	if two := said("X_Alert", "Assert + "+long+"two", 0).Condition.Key; one == two {
		t.Error("two long texts share a key")
	}
}

func TestStatedSeverityOfRoutine(t *testing.T) {
	if e := said("VMware_HHRCAlertIndication", "Patrol Read stopped on PD 3", 5); e.Action != event.ActionRaise || e.Severity != event.SeverityMajor {
		t.Errorf("what its sender calls major does %v with %v", e.Action, e.Severity)
	}
	if e := said("VMware_HHRCAlertIndication", "Patrol Read started", 2); e.Action != event.ActionNote {
		t.Errorf("routine does %v", e.Action)
	}
}

func TestActionOf(t *testing.T) {
	tests := map[string]event.Action{
		"Assert": event.ActionRaise, "Deassert": event.ActionClear, "Normal": event.ActionClear, "Sealed": event.ActionNote, "": event.ActionNote,
		"Lower Critical": event.ActionRaise, "Fully Redundant": event.ActionClear, "Redundancy Lost": event.ActionRaise,
		"Device Present": event.ActionClear, "State Deasserted": event.ActionClear, "General Chassis intrusion": event.ActionRaise,
	}
	for state, want := range tests {
		if got := event.ActionOf(state); got != want {
			t.Errorf("%s: got %v, want %v", state, got, want)
		}
	}
}
