package daemon

import (
	"math"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/inventory"
)

func TestSensorSeries(t *testing.T) {
	for _, tt := range []struct {
		unit  string
		value float64
		name  string
		want  float64
	}{
		{"C", 23.5, "cimwatch_sensor_celsius", 23.5},
		{"F", 212, "cimwatch_sensor_celsius", 100},
		{"K", 273.15, "cimwatch_sensor_celsius", 0},
		{"V", 12, "cimwatch_sensor_volts", 12},
		{"%", 45, "cimwatch_sensor_ratio", 0.45},
		{"kPa", 101, "cimwatch_sensor_pascals", 101000},
		{"CFM", 60, "cimwatch_sensor_cubic_meters_per_second", 0.028316846592},
		{"", 7, "cimwatch_sensor_reading", 7},
		{"furlongs", 7, "cimwatch_sensor_reading", 7},
	} {
		s := SensorSeriesOf(tt.unit)
		if got := s.Value(tt.value); s.Name != tt.name || math.Abs(got-tt.want) > 1e-9 {
			t.Errorf("%s: %s %v, want %s %v", tt.unit, s.Name, got, tt.name, tt.want)
		}
	}
}

func sensor(id, name string, reading int32) inventory.Component {
	return inventory.Component{
		ID: id, Kind: inventory.KindSensor, Name: name, Health: inventory.OK,
		Properties: cim.PropertyMap{cim.Prop("CurrentReading", cim.Sint32(reading)), cim.Prop("BaseUnits", cim.Uint16(2))},
	}
}

// Whatever a host calls its components, no two series have the same labels: a daemon with
// two would serve no metrics at all.
func TestSeriesOfHostileNames(t *testing.T) {
	twins := []inventory.Component{sensor("a", "Temp", 1), sensor("b", "Temp", 2)}
	stays := labelsOf(twins)
	all := append(slices.Clone(twins),
		sensor("c", stays[0], 3), sensor("d", strings.Repeat("é", 200), 4), sensor("e", "\xff\"\n", 5), sensor("f", "", 6),
		inventory.Component{ID: "g", Kind: inventory.KindFan, Name: "Fan", Health: inventory.Absent},
		inventory.Component{ID: "h", Kind: inventory.KindFan, Name: "Temp", Health: inventory.Critical},
	)
	seen := map[componentSeries]bool{}
	values := map[string]float64{}
	for _, s := range seriesOf(all) {
		if len(s.component) > longestLabel || !utf8.ValidString(s.component) {
			t.Errorf("label %q", s.component)
		}
		if s.name == componentHealth {
			values[s.kind] = max(values[s.kind], s.value)
		}
		s.value = 0
		if seen[s] {
			t.Errorf("%+v comes twice", s)
		}
		seen[s] = true
	}
	if diff := cmp.Diff(map[string]float64{"sensor": 0, "fan": 2}, values); diff != "" {
		t.Error(diff)
	}
	if len(seen) != 2*5+1 { // the one that is named like a twin gives way
		t.Errorf("%d series", len(seen))
	}
	if again := labelsOf([]inventory.Component{twins[1], sensor("z", "Fan", 0), twins[0]}); again[0] != stays[1] || again[2] != stays[0] {
		t.Errorf("labels %v, before %v", again, stays)
	}
}

func TestHealthValue(t *testing.T) {
	for health, want := range map[inventory.Health]float64{
		inventory.Unknown: -1, inventory.Absent: -1, inventory.OK: 0, inventory.Warning: 1, inventory.Critical: 2,
	} {
		if got := HealthValue(health); got != want {
			t.Errorf("%v: %v, want %v", health, got, want)
		}
	}
}
