package inventory_test

import (
	"testing"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/inventory"
)

func TestHealthOf(t *testing.T) {
	tests := []struct {
		name     string
		instance *cim.Instance
		want     inventory.Health
		reason   string
	}{
		{"nothing speaks of it", cim.NewInstance("CIM_Fan"), inventory.Unknown, ""},
		{"unknown", cim.NewInstance("CIM_Fan", number("HealthState", 0), status(0)), inventory.OK, "HealthState 0 (unknown)"},
		{"one unknown", cim.NewInstance("CIM_Fan", number("HealthState", 0), status(2)), inventory.OK, "OperationalStatus 2 (OK)"},
		{"unknown and bad", cim.NewInstance("CIM_Fan", number("HealthState", 0), status(0, 3)), inventory.Warning, "OperationalStatus 3 (degraded)"},
		{"NULL and empty", cim.NewInstance("CIM_Fan", cim.Prop("HealthState", cim.Null(cim.TypeUint16)), status()), inventory.Unknown, ""},
		{"no number", cim.NewInstance("CIM_Fan", text("HealthState", "fine")), inventory.Unknown, ""},
		{"unused and unknown", cim.NewInstance("CIM_Fan", number("EnabledState", 3), status(0)), inventory.Absent, "absent or disabled"},
		{"OK", cim.NewInstance("CIM_Fan", status(2)), inventory.OK, "OperationalStatus 2 (OK)"},
		{"the worst of all statuses", cim.NewInstance("CIM_DiskDrive", status(2, 5)), inventory.Warning,
			"OperationalStatus 5 (predictive failure)"},
		{"HealthState alone, as HP's arrays", cim.NewInstance("HPVC_StorageVolume", number("HealthState", 20), status()),
			inventory.Critical, "HealthState 20 (major failure)"},
		{"HealthState OK, status not", cim.NewInstance("CIM_Fan", number("HealthState", 5), status(6)), inventory.Critical,
			"OperationalStatus 6 (error)"},
		{"status OK, HealthState not", cim.NewInstance("CIM_Fan", number("HealthState", 15), status(2)), inventory.Warning,
			"HealthState 15 (minor failure)"},
		{"extent", cim.NewInstance("VMware_StorageExtent", status(2), cim.Prop("ExtentStatus", cim.Uint16s(3))),
			inventory.Critical, "ExtentStatus 3 (broken)"},
		{"vendor's own", cim.NewInstance("CIM_Fan", number("HealthState", 40000), status(40000)), inventory.Unknown, ""},
		{"scalar status", cim.NewInstance("CIM_Fan", number("OperationalStatus", 6)), inventory.Critical, "OperationalStatus 6 (error)"},
		{"disabled and stopped", cim.NewInstance("CIM_Fan", number("EnabledState", 3), status(10)), inventory.Absent, "absent or disabled"},
		{"disabled and broken", cim.NewInstance("CIM_Fan", number("EnabledState", 3), status(6)), inventory.Critical,
			"OperationalStatus 6 (error)"},
		{"unused port", cim.NewInstance("VMware_SASSATAPort", status(10)), inventory.Absent, "absent or disabled"},
		{"stopped fan", cim.NewInstance("CIM_Fan", status(10)), inventory.Critical, "OperationalStatus 10 (stopped)"},
		{"state in the name", cim.NewInstance("OMC_DiscreteSensor", text("ElementName", "Riser 2 Presence 0: Device Absent"), status(0)),
			inventory.Absent, "absent or disabled"},
		{"absence in the name alone", cim.NewInstance("OMC_DiscreteSensor", text("ElementName", "Absent Card Detector: Connected"), status(2)),
			inventory.OK, "OperationalStatus 2 (OK)"},
		{"presence sensor", cim.NewInstance("OMC_DiscreteSensor", text("CurrentState", "Device Absent")), inventory.Absent, "absent or disabled"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h, reason := inventory.HealthOf(tt.instance)
			if h != tt.want || reason != tt.reason {
				t.Errorf("got %v because of %q, want %v because of %q", h, reason, tt.want, tt.reason)
			}
		})
	}
}

func TestKindOf(t *testing.T) {
	tests := map[string]inventory.Kind{
		"OMC_SMASHFirmwareIdentity": inventory.KindFirmware,
		"CIM_Chassis":               inventory.KindChassis,
		"CIM_Card":                  inventory.KindBoard,
		"OMC_UnitaryComputerSystem": inventory.KindSystem,
		"CIM_NumericSensor":         inventory.KindSensor,
		"OMC_DiscreteSensor":        inventory.KindSensor,
		"omc_memory":                inventory.KindMemory,
		"CIM_PhysicalMemory":        inventory.KindMemoryModule,
		"CIM_RecordLog":             inventory.KindLog,
		"VMware_StorageExtent":      inventory.KindDisk,
		"HPVC_StorageVolume":        inventory.KindVolume,
		"VMware_SASSATAPort":        inventory.KindPort,
		"SMX_SAArrayController":     inventory.KindController,
		"CIM_AssociatedSensor":      inventory.KindOther,
		"VMware_ConcreteJob":        inventory.KindOther,
		"Fan":                       inventory.KindFan,
		"":                          inventory.KindOther,
	}
	for class, want := range tests {
		if got := inventory.KindOf(class); got != want {
			t.Errorf("%s: got %v, want %v", class, got, want)
		}
	}
	for _, class := range inventory.Classes() {
		if inventory.KindOf(class) == inventory.KindOther {
			t.Errorf("%s is read, but has no kind", class)
		}
	}
}

func TestReading(t *testing.T) {
	sensor := func(value cim.Value, modifier int32, units, kind uint16) inventory.Component {
		return inventory.Component{Class: "CIM_NumericSensor", Properties: cim.PropertyMap{
			cim.Prop("CurrentReading", value), cim.Prop("UnitModifier", cim.Sint32(modifier)),
			number("BaseUnits", units), number("SensorType", kind),
		}}
	}
	tests := []struct {
		name   string
		sensor inventory.Component
		want   inventory.Reading
		ok     bool
	}{
		{"temperature", sensor(cim.Sint32(2150), -2, 2, 2), inventory.Reading{Value: 21.5, Unit: "C", Quantity: "temperature"}, true},
		{"fan", sensor(cim.Sint32(36), 2, 19, 5), inventory.Reading{Value: 3600, Unit: "rpm", Quantity: "speed"}, true},
		{"fan in percent", sensor(cim.Uint8(40), 0, 65, 5), inventory.Reading{Value: 40, Unit: "%", Quantity: "speed"}, true},
		{"current", sensor(cim.Sint32(-5), -1, 6, 4), inventory.Reading{Value: -0.5, Unit: "A", Quantity: "current"}, true},
		{"power said to be current", sensor(cim.Sint32(120), 0, 7, 4), inventory.Reading{Value: 120, Unit: "W", Quantity: "power"}, true},
		{"by the unit alone", sensor(cim.Sint32(120), 0, 7, 1), inventory.Reading{Value: 120, Unit: "W", Quantity: "power"}, true},
		{"NULL", sensor(cim.Null(cim.TypeSint32), 0, 2, 2), inventory.Reading{}, false},
		{"absurd modifier", sensor(cim.Sint32(1), 2147483647, 2, 2), inventory.Reading{}, false},
		{"absurdly small", sensor(cim.Sint32(1), -2147483648, 2, 2), inventory.Reading{Value: 0, Unit: "C", Quantity: "temperature"}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got, ok := tt.sensor.Reading(); got != tt.want || ok != tt.ok {
				t.Errorf("got %+v, %v, want %+v, %v", got, ok, tt.want, tt.ok)
			}
		})
	}
}
