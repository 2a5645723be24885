package inventory

import (
	"slices"
	"strings"

	"github.com/cimwatch/cimwatch/cim"
)

// Kind is what a component is, in lower-case words.
type Kind string

// The kinds of components.
const (
	KindHost         Kind = "host" // the host itself, see HostID
	KindSystem       Kind = "system"
	KindChassis      Kind = "chassis"
	KindBoard        Kind = "board"
	KindProcessor    Kind = "processor"
	KindMemory       Kind = "memory" // as the system sees it
	KindMemoryModule Kind = "memory module"
	KindFan          Kind = "fan"
	KindPowerSupply  Kind = "power supply"
	KindSensor       Kind = "sensor"
	KindBattery      Kind = "battery"
	KindController   Kind = "controller"
	KindDisk         Kind = "disk"
	KindVolume       Kind = "volume"
	KindPort         Kind = "port"
	KindRedundancy   Kind = "redundancy set"
	KindLog          Kind = "log"
	KindFirmware     Kind = "firmware"
	KindOther        Kind = "other"
)

// Kinds returns the kinds of components, by what they are called.
func Kinds() []Kind {
	all := []Kind{KindHost, KindOther}
	for _, k := range kinds {
		all = append(all, k.kind)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// kinds gives class names without their vendor's prefix a kind. Providers put more words
// before the name (OMC_UnitaryComputerSystem, SMX_SAArrayController), so the longest
// ending that fits counts.
var kinds = []struct {
	name string
	kind Kind
}{
	{"chassis", KindChassis},
	{"card", KindBoard},
	{"computersystem", KindSystem},
	{"processor", KindProcessor},
	{"memory", KindMemory},
	{"physicalmemory", KindMemoryModule},
	{"fan", KindFan},
	{"powersupply", KindPowerSupply},
	{"sensor", KindSensor},
	{"battery", KindBattery},
	{"controller", KindController},
	{"diskdrive", KindDisk},
	{"storageextent", KindDisk}, // VMware: a physical disk
	{"storagevolume", KindVolume},
	{"port", KindPort},
	{"redundancyset", KindRedundancy},
	{"recordlog", KindLog},
	{"softwareidentity", KindFirmware},
	{"firmwareidentity", KindFirmware},
	{"bioselement", KindFirmware},
}

// classes are what check_esxi_hardware, Centreon and their users read, see Classes.
var classes = []string{
	"CIM_Battery", "CIM_Card", "CIM_Chassis", "CIM_ComputerSystem", "CIM_EthernetPort",
	"CIM_Fan", "CIM_Memory", "CIM_NumericSensor", "CIM_PhysicalMemory", "CIM_PowerSupply",
	"CIM_Processor", "CIM_RecordLog", "CIM_RedundancySet", "CIM_Sensor", "CIM_SoftwareIdentity",
	"OMC_DiscreteSensor", "OMC_Fan", "OMC_PowerSupply", "OMC_SMASHFirmwareIdentity",
	"VMware_Battery", "VMware_Controller", "VMware_SASSATAPort", "VMware_StorageExtent",
	"VMware_StorageVolume",
}

// Classes returns the names of the classes whose instances a first sync reads. Servers lack
// some of them, and give instances of subclasses for others; what comes twice counts once.
func Classes() []string { return slices.Clone(classes) }

// KindOf returns the kind of the components that are instances of class, KindOther when
// the class is not one of hardware.
func KindOf(class string) Kind {
	name := cim.FoldName(class)
	if _, rest, ok := strings.Cut(name, "_"); ok {
		name = rest
	}
	if strings.HasPrefix(name, "associated") {
		return KindOther // CIM_AssociatedSensor and the like are associations
	}
	found, length := KindOther, 0
	for _, k := range kinds {
		if len(k.name) > length && strings.HasSuffix(name, k.name) {
			found, length = k.kind, len(k.name)
		}
	}
	return found
}
