package inventory

import (
	"fmt"
	"strings"
)

// Thresholds are the limits that a numeric sensor states, in the unit of its Reading. What it
// does not state is nil.
type Thresholds struct {
	LowWarning, HighWarning   *float64 // LowerThresholdNonCritical, UpperThresholdNonCritical
	LowCritical, HighCritical *float64 // LowerThresholdCritical, UpperThresholdCritical
	Min, Max                  *float64 // MinReadable, MaxReadable
}

// Thresholds returns the limits of a numeric sensor (CIM_NumericSensor of the DMTF schema).
// A low limit that is not below the high one says that neither is set: providers write 0 for
// both.
func (c *Component) Thresholds() Thresholds {
	i := c.Instance()
	limit := func(name string) *float64 {
		if v, ok := scaled(i, name); ok {
			return &v
		}
		return nil
	}
	var t Thresholds
	t.LowWarning, t.HighWarning = ordered(limit("LowerThresholdNonCritical"), limit("UpperThresholdNonCritical"))
	t.LowCritical, t.HighCritical = ordered(limit("LowerThresholdCritical"), limit("UpperThresholdCritical"))
	t.Min, t.Max = ordered(limit("MinReadable"), limit("MaxReadable"))
	return t
}

func ordered(low, high *float64) (_, _ *float64) {
	if low != nil && high != nil && *low >= *high {
		return nil, nil
	}
	return low, high
}

// crossing returns how a reading is by the limits that its sensor states: Warning beyond one that
// is not critical, Critical beyond a critical one, else Unknown, since a sensor knows more
// than its limits. Where EnabledThresholds has any, only those count (CIM_NumericSensor of the
// DMTF schema).
func (c *Component) crossing() (h Health, reason string) {
	r, ok := c.Reading()
	if !ok {
		return Unknown, ""
	}
	t := c.Thresholds()
	for _, limit := range []struct {
		health Health
		name   string
		value  *float64
		bit    uint64 // in EnabledThresholds
		above  bool
	}{
		{Critical, "UpperThresholdCritical", t.HighCritical, 3, true},
		{Critical, "LowerThresholdCritical", t.LowCritical, 2, false},
		{Warning, "UpperThresholdNonCritical", t.HighWarning, 1, true},
		{Warning, "LowerThresholdNonCritical", t.LowWarning, 0, false},
	} {
		switch {
		case limit.value == nil || !c.isEnabled(limit.bit):
		case limit.above && r.Value > *limit.value:
			return limit.health, strings.TrimSpace(fmt.Sprintf("reading above %s, %.6g %s", limit.name, *limit.value, r.Unit))
		case !limit.above && r.Value < *limit.value:
			return limit.health, strings.TrimSpace(fmt.Sprintf("reading below %s, %.6g %s", limit.name, *limit.value, r.Unit))
		}
	}
	return Unknown, ""
}

// isEnabled reports whether a limit counts.
func (c *Component) isEnabled(threshold uint64) bool {
	enabled := scalars(c.Instance().Get("EnabledThresholds"))
	if len(enabled) == 0 {
		return true
	}
	for _, v := range enabled {
		if n, ok := v.Uint64(); ok && n == threshold {
			return true
		}
	}
	return false
}
