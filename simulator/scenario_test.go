package simulator_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/event"
	"github.com/cimwatch/cimwatch/simulator"
)

const host = "44454c4c-5800-1034-8037-b4c04f4d4e33"

func device(class, id string) cim.ObjectPath {
	return cim.InstancePath(cimv2, class,
		cim.Key{Name: "SystemCreationClassName", Value: cim.String("OMC_UnitaryComputerSystem")},
		cim.Key{Name: "SystemName", Value: cim.String(host)},
		cim.Key{Name: "CreationClassName", Value: cim.String(class)},
		cim.Key{Name: "DeviceID", Value: cim.String(id)})
}

func module(tag string) cim.ObjectPath {
	return cim.InstancePath(cimv2, "OMC_PhysicalMemory",
		cim.Key{Name: "Tag", Value: cim.String(tag)}, cim.Key{Name: "CreationClassName", Value: cim.String("OMC_PhysicalMemory")})
}

// watched returns an ESXi host and a listener that hears everything from it.
func watched(t *testing.T) (*simulator.Server, *listener) {
	t.Helper()
	s := start(t, esxi(t), nil)
	l := listen(t)
	subscribe(t, connect(t, s, nil), "all", "SELECT * FROM CIM_Indication", l.URL)
	return s, l
}

// The whole scenario: what each step sends, and what the events packages make of it.
func TestScenario(t *testing.T) {
	s, l := watched(t)
	want := map[string][]string{
		"case-opened": {"OMC_IpmiAlertIndication raise OMC_DiscreteSensor 115.0.32.0: Assert + Physical Security General Chassis intrusion"},
		"case-closed": {"OMC_IpmiAlertIndication clear OMC_DiscreteSensor 115.0.32.0: Deassert + Physical Security General Chassis intrusion"},
		"psu-unplugged": {
			"OMC_PowerIpmiAlertIndication raise OMC_PowerSupply 10.2: Assert + Power Supply 2 Status Power Supply AC lost",
			"OMC_PowerIpmiAlertIndication raise OMC_DiscreteSensor 117.0.7.1: Assert + Power Supply Redundancy Redundancy Lost",
		},
		"psu-restored": {
			"OMC_PowerIpmiAlertIndication clear OMC_PowerSupply 10.2: Deassert + Power Supply 2 Status Power Supply AC lost",
			"OMC_PowerIpmiAlertIndication clear OMC_DiscreteSensor 117.0.7.1: Assert + Power Supply Redundancy Fully Redundant",
		},
		"fan-slow":      {"OMC_CoolingUnitIpmiAlertIndication raise OMC_NumericSensor 50.0.29.3: Assert + System Board 3 Fan 3 Lower Critical going low"},
		"fan-recovered": {"OMC_CoolingUnitIpmiAlertIndication clear OMC_NumericSensor 50.0.29.3: Deassert + System Board 3 Fan 3 Lower Critical going low"},
		"disk-failed": {
			"VMware_HHRCAlertIndication raise VMware_StorageExtent 0_32_1: Controller ID: 0 State change: PD = 32:1 Previous = Online Current = Failed",
			"VMware_HHRCAlertIndication raise VMware_StorageVolume 0_0: Controller ID: 0 VD is now DEGRADED VD 0",
		},
		"disk-rebuilding": {"VMware_HHRCAlertIndication raise VMware_StorageExtent 0_32_1: Controller ID: 0 State change: PD = 32:1 Previous = Failed Current = Rebuild"},
		"disk-rebuilt": {
			"VMware_HHRCAlertIndication clear VMware_StorageExtent 0_32_1: Controller ID: 0 State change: PD = 32:1 Previous = Rebuild Current = Online",
			"VMware_HHRCAlertIndication clear VMware_StorageVolume 0_0: Controller ID: 0 VD is now OPTIMAL VD 0",
		},
		"dimm-removed":     {"CIM_InstDeletion note OMC_PhysicalMemory : "},
		"dimm-inserted":    {"CIM_InstCreation note OMC_PhysicalMemory : "},
		"property-changed": {"CIM_InstModification note OMC_SMASHFirmwareIdentity : "},
	}
	var played []string
	open := make(map[string]bool) // conditions that are raised and not cleared
	for _, step := range s.Steps() {
		played = append(played, step.Name)
		if err := step.Do(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", step.Name, err)
		}
		flush(t, s)
		for _, line := range want[step.Name] {
			e := event.Normalise("esxbox", time.Now(), l.next(t).export.Indication)
			got := e.Class + " " + e.Action.String() + " " + e.Element.Class + " " + e.Element.KeyText("DeviceID") + ": " + e.Description
			if diff := cmp.Diff(line, got); diff != "" {
				t.Errorf("%s: %s", step.Name, diff)
			}
			track(t, open, &e)
			if _, err := s.Instance(e.Element); err != nil && step.Name != "dimm-removed" {
				t.Errorf("%s: element %s: %v", step.Name, e.Element, err)
			}
		}
		l.none(t)
	}
	if len(played) != len(want) || len(open) != 0 {
		t.Errorf("played %v; still open: %v", played, open)
	}
}

func track(t *testing.T, open map[string]bool, e *event.Event) {
	t.Helper()
	key := e.Element.Canonical() + " " + e.Condition.Key
	switch e.Action {
	case event.ActionRaise:
		open[key] = true
	case event.ActionClear:
		if !open[key] {
			t.Errorf("%s clears what was not raised", e.Description)
		}
		delete(open, key)
	}
}

// Section by section the alert of the opened case is what ESXi sends.
func TestCaseOpenedLooksLikeESXi(t *testing.T) {
	s, l := watched(t)
	if err := s.Play(t.Context(), "case-opened"); err != nil {
		t.Fatal(err)
	}
	i := l.next(t).export.Indication
	for name, want := range map[string]cim.Value{
		"Description":             cim.String("Assert + Physical Security General Chassis intrusion"),
		"AlertingManagedElement":  cim.String(`root/cimv2:OMC_DiscreteSensor.DeviceID="115.0.32.0",CreationClassName="OMC_DiscreteSensor",SystemName="` + host + `",SystemCreationClassName="OMC_UnitaryComputerSystem"`),
		"AlertingElementFormat":   cim.Uint16(2),
		"AlertType":               cim.Uint16(8),
		"PerceivedSeverity":       cim.Uint16(0),
		"SystemName":              cim.String(host),
		"SystemCreationClassName": cim.String("OMC_UnitaryComputerSystem"),
		"IndicationIdentifier":    cim.Null(cim.TypeString),
		"SequenceNumber":          cim.Sint64(0),
	} {
		if got := i.Get(name); !got.Equal(want) {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	for _, name := range []string{"EventTime", "IndicationTime", "ProviderName"} {
		if i.Get(name).IsNull() {
			t.Errorf("%s is NULL", name)
		}
	}
}

// The model shows the trouble while it lasts, and nothing of it afterwards but the other
// module and version.
func TestScenarioChangesTheModel(t *testing.T) {
	s := start(t, esxi(t), nil)
	before := snapshot(t, s)
	check := func(path cim.ObjectPath, property string, want cim.Value) {
		t.Helper()
		i, err := s.Instance(path)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if got := i.Get(property); !got.Equal(want) {
			t.Errorf("%s of %s is %v, want %v", property, path, got, want)
		}
	}
	for _, step := range s.Steps() {
		if err := s.Play(t.Context(), step.Name); err != nil {
			t.Fatalf("%s: %v", step.Name, err)
		}
		switch step.Name {
		case "case-opened":
			check(device("OMC_DiscreteSensor", "115.0.32.0"), "CurrentState", cim.String("Assert"))
		case "psu-unplugged":
			check(device("OMC_PowerSupply", "10.2"), "HealthState", cim.Uint16(25))
			check(device("OMC_DiscreteSensor", "117.0.7.1"), "CurrentState", cim.String("Redundancy Lost"))
		case "fan-slow":
			check(device("OMC_Fan", "29.3"), "OperationalStatus", cim.Uint16s(3))
			check(device("OMC_NumericSensor", "50.0.29.3"), "CurrentReading", cim.Sint32(540))
		case "disk-failed":
			check(device("VMware_StorageExtent", "0_32_1"), "OperationalStatus", cim.Uint16s(6))
			check(device("VMware_StorageVolume", "0_0"), "HealthState", cim.Uint16(10))
		case "dimm-removed":
			_, err := s.Instance(module("32.6"))
			wantStatus(t, err, cim.StatusNotFound)
		}
	}
	after := snapshot(t, s)
	var changed []string
	for path, text := range after {
		if before[path] != text {
			changed = append(changed, path)
		}
	}
	slices.Sort(changed)
	want := []string{
		module("32.6").String(),
		`root/cimv2:OMC_SMASHFirmwareIdentity.InstanceID="46.10000"`,
	}
	if diff := cmp.Diff(want, changed); diff != "" || len(before) != len(after) {
		t.Errorf("%d instances, then %d\n%s", len(before), len(after), diff)
	}
}

// snapshot returns all instances of root/cimv2 as text, by path.
func snapshot(t *testing.T, s *simulator.Server) map[string]string {
	t.Helper()
	all := make(map[string]string)
	for _, class := range s.Schema().ClassNames() {
		list, err := s.Instances(cimv2, class)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range list {
			all[i.Path.String()] = i.String()
		}
	}
	return all
}

func TestModuleIsSwapped(t *testing.T) {
	s, l := watched(t)
	serials := make(map[string]bool)
	for range 3 {
		for _, step := range []string{"dimm-removed", "dimm-inserted"} {
			if err := s.Play(t.Context(), step); err != nil {
				t.Fatal(err)
			}
			source, ok := l.next(t).export.Indication.Get("SourceInstance").Instance()
			if !ok || source.Text("BankLabel") != "DIMM_B2" {
				t.Fatalf("%s sends %v", step, source)
			}
			serials[source.Text("SerialNumber")] = true
		}
	}
	if len(serials) != 4 {
		t.Errorf("serial numbers %v, want 4", serials)
	}
	wantStatus(t, s.Play(t.Context(), "dimm-inserted"), cim.StatusAlreadyExists)
}

func TestPropertyChangesBackAndForth(t *testing.T) {
	s, l := watched(t)
	for _, want := range []string{"2.12.2 2.13.3", "2.13.3 2.12.2"} {
		if err := s.Play(t.Context(), "property-changed"); err != nil {
			t.Fatal(err)
		}
		i := l.next(t).export.Indication
		before, _ := i.Get("PreviousInstance").Instance()
		after, _ := i.Get("SourceInstance").Instance()
		if got := before.Text("VersionString") + " " + after.Text("VersionString"); got != want {
			t.Errorf("versions %s, want %s", got, want)
		}
	}
}

func TestControlClass(t *testing.T) {
	s, l := watched(t)
	c := connect(t, s, nil)
	control := cim.InstancePath(cimv2, "CIMWATCH_Simulator", cim.Key{Name: "Name", Value: cim.String("sim")})
	if _, _, err := c.InvokeMethod(t.Context(), control, "PlayStep", cim.Param("Step", cim.String("case-opened"))); err != nil {
		t.Fatal(err)
	}
	if i := l.next(t).export.Indication; !strings.HasPrefix(i.Text("Description"), "Assert + ") {
		t.Errorf("received %v", i)
	}
	element := device("OMC_Fan", "29.1").String()
	result, out, err := c.InvokeMethod(t.Context(), control, "FireIndication",
		cim.Param("ClassName", cim.String("VMware_HHRCAlertIndication")), cim.Param("Description", cim.String("hot")),
		cim.Param("AlertingManagedElement", cim.String(element)), cim.Param("PerceivedSeverity", cim.Uint16(6)))
	if err != nil || !result.Equal(cim.Uint32(0)) || len(out) != 1 {
		t.Fatalf("FireIndication: %v, %v, %v", result, out, err)
	}
	i := l.next(t).export.Indication
	if i.Class != "VMware_HHRCAlertIndication" || i.Text("Description") != "hot" || i.Text("AlertingManagedElement") != element ||
		!i.Get("PerceivedSeverity").Equal(cim.Uint16(6)) || !i.Get("AlertingElementFormat").Equal(cim.Uint16(2)) ||
		!i.Get("IndicationIdentifier").Equal(out[0].Value) || i.Text("SystemName") != host {
		t.Errorf("received %v", i)
	}
}

func TestControlClassErrors(t *testing.T) {
	s, _ := watched(t)
	c := connect(t, s, nil)
	control := cim.ClassPath(cimv2, "CIMWATCH_Simulator")
	for _, test := range []struct {
		method string
		in     []cim.Parameter
		want   cim.Status
	}{
		{"PlayStep", []cim.Parameter{cim.Param("Step", cim.String("nope"))}, cim.StatusInvalidParameter},
		{"PlayStep", nil, cim.StatusInvalidParameter},
		{"FireIndication", nil, cim.StatusInvalidParameter},
		{"FireIndication", []cim.Parameter{cim.Param("ClassName", cim.String("Nope"))}, cim.StatusInvalidClass},
		{"FireIndication", []cim.Parameter{cim.Param("ClassName", cim.String("OMC_Fan"))}, cim.StatusInvalidParameter},
		{"FireIndication", []cim.Parameter{
			cim.Param("ClassName", cim.String("CIM_InstCreation")), cim.Param("Description", cim.String("x")),
		}, cim.StatusNoSuchProperty},
	} {
		_, _, err := c.InvokeMethod(t.Context(), control, test.method, test.in...)
		wantStatus(t, err, test.want)
	}
}

// A model without the devices of the built-in one has no scenario.
func TestNoScenario(t *testing.T) {
	s, _ := startLab(t, nil)
	if len(s.Steps()) != 0 {
		t.Errorf("steps %v", s.Steps())
	}
	wantStatus(t, s.Play(t.Context(), "case-opened"), cim.StatusInvalidParameter)
	steps := esxi(t).Steps
	for _, step := range steps {
		if err := step.Do(t.Context(), s); err == nil {
			t.Errorf("%s plays on a model without its devices", step.Name)
		}
	}
}
