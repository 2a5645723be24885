package check_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/internal/check"
	"github.com/cimwatch/cimwatch/inventory"
)

func component(class, name string, h inventory.Health) inventory.Component {
	return inventory.Component{
		ID: name, Class: class, Kind: inventory.KindOf(class), Name: name, Health: h, Reason: "because",
	}
}

func sensor(name string, reading int32, units, kind uint16, more ...cim.Property) inventory.Component {
	c := component("CIM_NumericSensor", name, inventory.OK)
	c.Properties = append(cim.PropertyMap{
		cim.Prop("CurrentReading", cim.Sint32(reading)), cim.Prop("BaseUnits", cim.Uint16(units)), cim.Prop("SensorType", cim.Uint16(kind)),
	}, more...)
	return c
}

func sint(name string, n int32) cim.Property { return cim.Prop(name, cim.Sint32(n)) }

func names(t *testing.T, list ...string) check.Names {
	t.Helper()
	n, err := check.NewNames(list, false)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestNew(t *testing.T) {
	ok := component("OMC_Fan", "fan", inventory.OK)
	warning := component("OMC_PowerSupply", "psu", inventory.Warning)
	critical := component("VMware_StorageExtent", "disk", inventory.Critical)
	absent := component("VMware_SASSATAPort", "port", inventory.Absent)
	silent := component("CIM_Processor", "cpu", inventory.Unknown)
	removed := critical
	removed.Removed = time.Unix(1, 0)
	all := []inventory.Component{ok, warning, critical, absent, silent, removed}
	unread := []check.Unread{{Class: "CIM_Memory", Error: "no answer"}}
	tests := []struct {
		name       string
		components []inventory.Component
		unread     []check.Unread
		options    check.Options
		state      check.State
		counts     check.Counts
	}{
		{"well", []inventory.Component{ok}, nil, check.Options{}, check.OK, check.Counts{OK: 1}},
		{"all", all, nil, check.Options{}, check.Critical, check.Counts{OK: 2, Warning: 1, Critical: 1, Absent: 1}},
		{"no storage", all, nil, check.Options{Storage: check.WithoutStorage}, check.Warning, check.Counts{OK: 2, Warning: 1}},
		{"storage", all, nil, check.Options{Storage: check.OnlyStorage}, check.Critical, check.Counts{Critical: 1, Absent: 1}},
		{"ignored", all, nil, check.Options{Ignore: names(t, "disk", "psu")}, check.OK, check.Counts{OK: 2, Absent: 1, Ignored: 2}},
		{
			"absent counts", []inventory.Component{ok, absent}, nil, check.Options{Absent: check.Warning},
			check.Warning, check.Counts{OK: 1, Warning: 1},
		},
		{
			"silent counts", []inventory.Component{ok, silent}, nil, check.Options{Silent: check.Unknown},
			check.Unknown, check.Counts{OK: 1, Unknown: 1},
		},
		{"not read", []inventory.Component{ok}, unread, check.Options{Unread: check.Unknown}, check.Unknown, check.Counts{OK: 1}},
		{"not read and no matter", []inventory.Component{ok}, unread, check.Options{}, check.OK, check.Counts{OK: 1}},
		{"not read, and worse", []inventory.Component{warning}, unread, check.Options{Unread: check.Unknown}, check.Warning, check.Counts{Warning: 1}},
		{"nothing", nil, nil, check.Options{}, check.Unknown, check.Counts{}},
		{"nothing, and that is no matter", nil, unread, check.Options{}, check.Unknown, check.Counts{}},
		{"nothing, and that is bad", nil, unread, check.Options{Unread: check.Critical}, check.Critical, check.Counts{}},
		{"nothing that counts", []inventory.Component{ok}, nil, check.Options{Storage: check.OnlyStorage}, check.Unknown, check.Counts{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := check.New(tt.components, tt.unread, &tt.options)
			if r.State != tt.state || r.Code != tt.state.Code() {
				t.Errorf("%s with code %d, want %s", r.State, r.Code, tt.state)
			}
			if diff := cmp.Diff(tt.counts, r.Counts); diff != "" {
				t.Error(diff)
			}
			if r.Counts.Sum() != len(r.Components) {
				t.Errorf("%d components, %d counted", len(r.Components), r.Counts.Sum())
			}
		})
	}
}

func TestOrder(t *testing.T) {
	ignored := component("OMC_Fan", "a", inventory.Critical)
	r := check.New([]inventory.Component{
		ignored, component("OMC_Fan", "d", inventory.Absent), component("OMC_Fan", "c", inventory.OK),
		component("OMC_Fan", "e", inventory.Warning), component("OMC_Fan", "b", inventory.OK), component("OMC_Fan", "f", inventory.Critical),
	}, nil, &check.Options{Ignore: names(t, "a")})
	var order []string
	for _, c := range r.Components {
		order = append(order, c.Name)
	}
	if diff := cmp.Diff([]string{"f", "e", "b", "c", "d", "a"}, order); diff != "" {
		t.Error(diff)
	}
}

func TestLimits(t *testing.T) {
	limits := func(texts ...string) []check.Limit {
		var all []check.Limit
		for n, text := range texts {
			l, err := check.NewLimit(text, []check.State{check.Warning, check.Critical}[n%2], false)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, l)
		}
		return all
	}
	inlet := sensor("Inlet", 31, 2, 2, sint("UpperThresholdNonCritical", 40), sint("UpperThresholdCritical", 50))
	ill := inlet
	ill.Health = inventory.Critical
	gone := inlet
	gone.Health = inventory.Absent
	tests := []struct {
		name    string
		sensor  inventory.Component
		limits  []check.Limit
		want    check.State
		limited string // warning;critical
	}{
		{"its own do not judge", sensor("Inlet", 60, 2, 2, sint("UpperThresholdCritical", 50)), nil, check.OK, ";~:50"},
		{"within", inlet, limits("Inlet=10:35"), check.OK, "10:35;~:50"},
		{"warning", inlet, limits("inlet=10:30"), check.Warning, "10:30;~:50"},
		{"critical", inlet, limits("Inlet=10:20", "Inlet=5:30"), check.Critical, "10:20;5:30"},
		{"critical first", inlet, limits("Inlet=40", "Inlet=5:30", "Inlet=10:20"), check.Critical, "10:20;5:30"},
		{"what it says itself is worse", ill, limits("Inlet=10:30"), check.Critical, "10:30;~:50"},
		{"what is absent has no reading to judge", gone, limits("Inlet=10:20"), check.OK, "~:40;~:50"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := check.New([]inventory.Component{tt.sensor}, nil, &check.Options{Limits: tt.limits})
			c := r.Components[0]
			if c.State != tt.want || len(r.Unread) > 0 {
				t.Errorf("%s because of %s, want %s; not read: %v", c.State, c.Reason, tt.want, r.Unread)
			}
			got := ";"
			if c.Reading.Warning != nil {
				got = c.Reading.Warning.String() + got
			}
			if c.Reading.Critical != nil {
				got += c.Reading.Critical.String()
			}
			if got != tt.limited {
				t.Errorf("limits are %s, want %s", got, tt.limited)
			}
		})
	}
	r := check.New([]inventory.Component{inlet}, nil, &check.Options{Limits: limits("Outlet=10:30"), Unread: check.Unknown})
	if r.State != check.Unknown || r.Unread[0].Error != `no sensor for the limit "Outlet=10:30"` {
		t.Errorf("a limit for no sensor: %s, %v", r.State, r.Unread)
	}
}

func TestNewLimitErrors(t *testing.T) {
	for _, text := range []string{"", "Inlet", "=10", " =10", "Inlet=", "Inlet=warm", "Inlet=2:1"} {
		if l, err := check.NewLimit(text, check.Warning, false); err == nil {
			t.Errorf("%q is taken for %+v", text, l)
		}
	}
	if _, err := check.NewLimit("(=10", check.Warning, true); err == nil {
		t.Error("a broken pattern is taken")
	}
	if l, err := check.NewLimit("a=b=10", check.Warning, false); err != nil || !l.Sensors.Match("a=b") {
		t.Errorf("a name with an equals sign: %+v, %v", l, err)
	}
}

func TestPerfdata(t *testing.T) {
	absent := sensor("Gone", 1, 2, 2)
	absent.Health = inventory.Absent
	components := []inventory.Component{
		sensor("Inlet", 2350, 2, 2, sint("UnitModifier", -2), sint("LowerThresholdNonCritical", 300), sint("UpperThresholdCritical", 4200)),
		sensor("Fan", 40, 65, 5, sint("MinReadable", 0), sint("MaxReadable", 100)),
		sensor("Fan", 3600, 19, 5), sensor("Fan", 3700, 19, 5),
		sensor("3.3V | 'a'=b\n", 331, 5, 3, sint("UnitModifier", -2)),
		sensor("Level", 7, 0, 0), sensor("Ignored", 7, 0, 0), absent,
		sensor("Huge", 7, 0, 0, sint("UnitModifier", 300)), component("OMC_Fan", "no reading", inventory.OK),
	}
	o := check.Options{Ignore: names(t, "Ignored")}
	r := check.New(components, nil, &o)
	want := []string{
		"'Level'=7", "'Fan'=40%;;;0;100", "'Fan (rpm)'=3600", "'Fan #2 (rpm)'=3700",
		"'Inlet (C)'=23.5;3:;~:42", "'3.3V _ _a__b_ (V)'=3.31",
	}
	if diff := cmp.Diff(strings.Join(want, " "), r.Perfdata(&o)); diff != "" {
		t.Error(diff)
	}
	o.NoGraph = map[string]bool{"speed": true, "voltage": true, "": true}
	if got := r.Perfdata(&o); got != "'Inlet (C)'=23.5;3:;~:42" {
		t.Errorf("without some: %s", got)
	}
	if got := (&check.Report{}).Perfdata(&o); got != "" {
		t.Errorf("of nothing: %s", got)
	}
}

func TestIsStorage(t *testing.T) {
	for class, want := range map[string]bool{
		"VMware_StorageExtent": true, "HPVC_StorageVolume": true, "VMware_Controller": true, "VMware_Battery": true,
		"VMware_SASSATAPort": true, "CIM_EthernetPort": false, "CIM_NetworkPort": false, "OMC_Fan": false, "CIM_Memory": false, "": false,
	} {
		if got := check.IsStorage(class); got != want {
			t.Errorf("%s: %v", class, got)
		}
	}
}
