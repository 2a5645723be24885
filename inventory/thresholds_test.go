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
