package inventory_test

import (
	"fmt"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/inventory"
)

func ExampleSync() {
	fan := cim.NewInstance("OMC_Fan",
		cim.Prop("ElementName", cim.String("System Board Fan 3")),
		cim.Prop("HealthState", cim.Uint16(10)))
	fan.Path = cim.InstancePath("root/cimv2", "OMC_Fan", cim.Key{Name: "DeviceID", Value: cim.String("29.3")})
	delta := inventory.Sync(newMemory(), inventory.Snapshot{
		Host: "esx1", Instances: []*cim.Instance{fan}, Started: start, Reason: inventory.FirstSync,
	})
	for _, c := range delta.Upserts {
		fmt.Println(c.Kind, c.Name, c.Health, "because of", c.Reason)
	}
	for _, c := range delta.Changes {
		fmt.Println(c.Name, c.Kind, "by", c.Cause)
	}
	// Output:
	// fan System Board Fan 3 warning because of HealthState 10 (degraded)
	// System Board Fan 3 appeared by first sync
}
