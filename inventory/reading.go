package inventory

import (
	"math"

	"github.com/cimwatch/cimwatch/cim"
)

// Reading is what a numeric sensor measures.
type Reading struct {
	Value    float64 `json:"value"`
	Unit     string  `json:"unit"`     // "C", "V", "A", "W", "rpm", "%"; "" when unknown
	Quantity string  `json:"quantity"` // "temperature", "voltage", "current", "power", "speed"; "" when unknown
}

// units are values of CIM_NumericSensor.BaseUnits.
var units = map[uint64]string{
	2: "C", 3: "F", 4: "K", 5: "V", 6: "A", 7: "W", 8: "J", 10: "VA", 15: "kPa", 18: "CFM",
	19: "rpm", 20: "Hz", 21: "s", 65: "%", 66: "Pa",
}

const (
	unitAmperes = 6
	unitWatts   = 7

	sensorCurrent = 4 // also used for power, told by the unit
)

// quantities are values of CIM_Sensor.SensorType.
var quantities = map[uint64]string{
	2: "temperature", 3: "voltage", sensorCurrent: "current", 5: "speed", 9: "humidity",
	12: "air flow", 13: "power", 14: "power", 15: "pressure",
}

// Reading returns the present reading of a numeric sensor, CurrentReading times ten to the
// power of UnitModifier; ok is false when there is none.
func (c *Component) Reading() (r Reading, ok bool) {
	i := c.Instance()
	if r.Value, ok = scaled(i, "CurrentReading"); !ok {
		return Reading{}, false
	}
	base, _ := i.Get("BaseUnits").Uint64()
	sensor, _ := i.Get("SensorType").Uint64()
	r.Unit = units[base]
	r.Quantity = quantities[sensor]
	switch {
	case sensor == sensorCurrent && base == unitWatts:
		r.Quantity = "power"
	case r.Quantity == "" && base == unitAmperes:
		r.Quantity = "current"
	case r.Quantity == "" && base == unitWatts:
		r.Quantity = "power"
	}
	return r, true
}

// scaled returns a property of a numeric sensor times ten to the power of UnitModifier; ok is
// false when there is none. What is infinite is none: JSON has no form for it, and no sensor
// measures it.
func scaled(i *cim.Instance, property string) (v float64, ok bool) {
	v, ok = i.Get(property).Float64()
	if !ok {
		return 0, false
	}
	exponent, _ := i.Get("UnitModifier").Int64()
	if exponent < 0 {
		v /= math.Pow10(int(-max(exponent, -400))) // dividing keeps 2150 x 10^-2 exact
	} else {
		v *= math.Pow10(int(min(exponent, 400)))
	}
	return v, !math.IsInf(v, 0) && !math.IsNaN(v)
}
