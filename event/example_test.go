package event_test

import (
	"fmt"
	"time"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/event"
)

func ExampleNormalise() {
	alert := cim.NewInstance("OMC_IpmiAlertIndication",
		cim.Prop("Description", cim.String("Assert + Physical Security General Chassis intrusion")),
		cim.Prop("PerceivedSeverity", cim.Uint16(0)),
		cim.Prop("AlertingManagedElement", cim.String(`root/cimv2:OMC_DiscreteSensor.DeviceID="115.0.32.0"`)),
	)
	e := event.Normalise("esx1", time.Now(), alert)
	fmt.Println(e.Kind, e.Action, e.Severity)
	fmt.Println(e.Condition.Text)
	fmt.Println(e.Element)
	// Output:
	// alert raise warning
	// Physical Security General Chassis intrusion
	// root/cimv2:OMC_DiscreteSensor.DeviceID="115.0.32.0"
}
