package inventory

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
