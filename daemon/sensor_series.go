package daemon

import (
	"maps"
	"slices"
	"strings"
)

// SensorSeries is the name of the metric that readings of a unit are in, with the base unit
// that Prometheus has for it at its end, and what a reading is in that.
type SensorSeries struct {
	Name, Help     string
	factor, offset float64
}

const sensorPrefix = "cimwatch_sensor_"

// A conversion makes (reading + offset) x factor of a reading.
type conversion struct {
	unit           string
	factor, offset float64
}

// conversions are by the units of [inventory.Reading].
var conversions = map[string]conversion{
	"C": {"celsius", 1, 0}, "F": {"celsius", 5.0 / 9, -32}, "K": {"celsius", 1, -273.15},
	"V": {"volts", 1, 0}, "A": {"amperes", 1, 0}, "W": {"watts", 1, 0}, "VA": {"volt_amperes", 1, 0},
	"J": {"joules", 1, 0}, "rpm": {"rpm", 1, 0}, "%": {"ratio", 0.01, 0}, "Hz": {"hertz", 1, 0}, "s": {"seconds", 1, 0},
	"Pa": {"pascals", 1, 0}, "kPa": {"pascals", 1000, 0}, "CFM": {"cubic_meters_per_second", 0.028316846592 / 60, 0},
	"": {"reading", 1, 0},
}

// SensorSeriesOf returns the series of a unit of [inventory.Reading]; one that is not known
// has its own.
func SensorSeriesOf(unit string) SensorSeries {
	c, known := conversions[unit]
	if !known {
		c = conversions[""]
	}
	words := strings.ReplaceAll(c.unit, "_", " ")
	if c.unit == "reading" {
		words = "unit not known"
	}
	return SensorSeries{sensorPrefix + c.unit, "Readings of numeric sensors (" + words + ").", c.factor, c.offset}
}

// Value returns a reading in the unit of the series.
func (s *SensorSeries) Value(reading float64) float64 { return (reading + s.offset) * s.factor }

// allSensorSeries returns one of each name, by name.
func allSensorSeries() []SensorSeries {
	byName := map[string]SensorSeries{}
	for unit := range conversions {
		s := SensorSeriesOf(unit)
		byName[s.Name] = s
	}
	var all []SensorSeries
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		all = append(all, byName[name])
	}
	return all
}
