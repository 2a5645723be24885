package inventory_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/inventory"
)

func TestThresholds(t *testing.T) {
	sint := func(name string, n int32) cim.Property { return cim.Prop(name, cim.Sint32(n)) }
	tests := []struct {
		name       string
		properties cim.PropertyMap
		want       inventory.Thresholds
	}{
		{"none", nil, inventory.Thresholds{}},
		{"NULL", cim.PropertyMap{cim.Prop("UpperThresholdCritical", cim.Null(cim.TypeSint32))}, inventory.Thresholds{}},
		{
			"all, scaled",
			cim.PropertyMap{
				sint("UnitModifier", -2), sint("LowerThresholdNonCritical", 300), sint("UpperThresholdNonCritical", 3850),
				sint("LowerThresholdCritical", -700), sint("UpperThresholdCritical", 4200), sint("MinReadable", -12800), sint("MaxReadable", 12700),
			},
			inventory.Thresholds{
				LowWarning: new(3.0), HighWarning: new(38.5), LowCritical: new(-7.0), HighCritical: new(42.0), Min: new(-128.0), Max: new(127.0),
			},
		},
		{"one end", cim.PropertyMap{sint("LowerThresholdCritical", 600)}, inventory.Thresholds{LowCritical: new(600.0)}},
		{"0 for both", cim.PropertyMap{sint("LowerThresholdCritical", 0), sint("UpperThresholdCritical", 0)}, inventory.Thresholds{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := inventory.Component{Class: "CIM_NumericSensor", Properties: tt.properties}
			if diff := cmp.Diff(tt.want, c.Thresholds()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A sensor that says that it is well is judged by its reading, one that says otherwise is not.
func TestReadingsBeyondLimits(t *testing.T) {
	sint := func(name string, n int32) cim.Property { return cim.Prop(name, cim.Sint32(n)) }
	sensor := func(reading int32, more ...cim.Property) *cim.Instance {
		return device("CIM_NumericSensor", "1", append([]cim.Property{
			sint("CurrentReading", reading), sint("UnitModifier", -1), number("BaseUnits", 2), number("SensorType", 2),
			sint("LowerThresholdCritical", 0), sint("LowerThresholdNonCritical", 50), sint("UpperThresholdNonCritical", 400),
			sint("UpperThresholdCritical", 450),
		}, more...)...)
	}
	enabled := func(n ...uint16) cim.Property { return cim.Prop("EnabledThresholds", cim.Uint16s(n...)) }
	for _, test := range []struct {
		name   string
		sensor *cim.Instance
		want   inventory.Health
		reason string
	}{
		{"within", sensor(300, status(2)), inventory.OK, "OperationalStatus 2 (OK)"},
		{"at the limit", sensor(400, status(2)), inventory.OK, "OperationalStatus 2 (OK)"},
		{"above", sensor(401, status(2)), inventory.Warning, "reading above UpperThresholdNonCritical, 40 C"},
		{"far above", sensor(451, status(2)), inventory.Critical, "reading above UpperThresholdCritical, 45 C"},
		{"below", sensor(49, status(2)), inventory.Warning, "reading below LowerThresholdNonCritical, 5 C"},
		{"far below", sensor(-1, status(2)), inventory.Critical, "reading below LowerThresholdCritical, 0 C"},
		{"nothing speaks of it", sensor(451), inventory.Critical, "reading above UpperThresholdCritical, 45 C"},
		{"it does not know", sensor(451, status(0)), inventory.OK, "OperationalStatus 0 (unknown)"},
		{"it says worse", sensor(401, status(6)), inventory.Critical, "OperationalStatus 6 (error)"},
		{"it says less", sensor(451, status(3)), inventory.Warning, "OperationalStatus 3 (degraded)"},
		{"not in use", sensor(451, number("EnabledState", 3)), inventory.Absent, "absent or disabled"},
		{"a limit that is off", sensor(451, status(2), enabled(0, 1)), inventory.Warning, "reading above UpperThresholdNonCritical, 40 C"},
		{"no limit is named", sensor(451, status(2), enabled()), inventory.Critical, "reading above UpperThresholdCritical, 45 C"},
		{"no limits", sensor(451, status(2), sint("UpperThresholdCritical", 0), sint("UpperThresholdNonCritical", 0)), inventory.OK, "OperationalStatus 2 (OK)"},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := newMemory()
			m.sync(0, test.sensor)
			if c := m.present(t, test.sensor); c.Health != test.want || c.Reason != test.reason {
				t.Errorf("%v by %q, want %v by %q", c.Health, c.Reason, test.want, test.reason)
			}
		})
	}
}

// Readings are not in the history, but for those that cross a limit.
func TestCrossingsAreChanges(t *testing.T) {
	sensor := func(reading uint32, status uint16) *cim.Instance {
		return device("CIM_NumericSensor", "1", text("ElementName", "Inlet"), cim.Prop("CurrentReading", cim.Uint32(reading)),
			cim.Prop("UpperThresholdNonCritical", cim.Uint32(40)), cim.Prop("UpperThresholdCritical", cim.Uint32(50)),
			number("HealthState", status))
	}
	m := newMemory()
	m.sync(0, sensor(20, 5))
	wantLines(t, m.sync(1, sensor(30, 5)).Changes)
	wantLines(t, m.sync(2, sensor(41, 5)).Changes, "property Inlet [CurrentReading] 30 -> 41", "health Inlet ok -> warning")
	wantLines(t, m.sync(3, sensor(45, 5)).Changes)
	wantLines(t, m.sync(4, sensor(51, 5)).Changes, "property Inlet [CurrentReading] 45 -> 51", "health Inlet warning -> critical")
	wantLines(t, m.sync(5, sensor(52, 25)).Changes, "property Inlet [HealthState] 5 -> 25")
	wantLines(t, m.sync(6, sensor(48, 25)).Changes, "property Inlet [CurrentReading] 52 -> 48")
	wantLines(t, m.sync(7, sensor(39, 5)).Changes, "property Inlet [HealthState] 25 -> 5",
		"property Inlet [CurrentReading] 48 -> 39", "health Inlet critical -> ok")
	// An alert holds for as long as the reading says that there is trouble.
	m.apply(alert(8, sensor(39, 5), "Assert + Inlet temperature failure"))
	wantLines(t, m.sync(9, sensor(60, 5)).Changes, "property Inlet [CurrentReading] 39 -> 60")
	wantLines(t, m.sync(10, sensor(30, 5)).Changes,
		"cleared Inlet [inlet temperature failure] Inlet temperature failure -> NULL", "property Inlet [CurrentReading] 60 -> 30", "health Inlet critical -> ok")
}
