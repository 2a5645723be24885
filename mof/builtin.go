package mof

import (
	_ "embed" // builtin_values.txt
	"strconv"
	"strings"
	"sync"

	"github.com/cimwatch/cimwatch/cim"
)

// CIMWATCH_SCHEMA names the zip file of the schema.
//
//go:generate go run ./internal/valuegen -o builtin_values.txt

// builtinText is the value maps of the DMTF schema, one line each:
//
//	= uint16	0=Unknown	Other	..=DMTF Reserved
//	CIM_Fan CIM_CoolingDevice	Speed 17
//
// A line that starts with "=" is a map, numbered from 0; an entry without a number has
// the next one. Any other line is a class, its superclass or "-", and the properties it
// gives a map, each with the number of the map. "#" starts a comment.
//
//go:embed builtin_values.txt
var builtinText string

// vendorClasses are the superclasses of classes that hosts have and the DMTF schema has
// not (observed: VMware ESXi with OMC and LSI providers). It is never written.
var vendorClasses = map[string]string{
	"omc_ipmialertindication":            "CIM_AlertIndication",
	"omc_batteryipmialertindication":     "OMC_IpmiAlertIndication",
	"omc_biosipmialertindication":        "OMC_IpmiAlertIndication",
	"omc_chassisipmialertindication":     "OMC_IpmiAlertIndication",
	"omc_coolingunitipmialertindication": "OMC_IpmiAlertIndication",
	"omc_diskipmialertindication":        "OMC_IpmiAlertIndication",
	"omc_memoryipmialertindication":      "OMC_IpmiAlertIndication",
	"omc_poweripmialertindication":       "OMC_IpmiAlertIndication",
	"omc_processoripmialertindication":   "OMC_IpmiAlertIndication",
	"vmware_alertindication":             "CIM_AlertIndication",
	"vmware_cimheartbeat":                "CIM_AlertIndication",
	"vmware_concretejobcreation":         "CIM_InstCreation",
	"vmware_concretejobdeletion":         "CIM_InstDeletion",
	"vmware_concretejobmodification":     "CIM_InstModification",
	"vmware_hhrcalertindication":         "CIM_AlertIndication",
	"vmware_kernelipchangedindication":   "CIM_AlertIndication",
	"lsiesg_alertindication":             "CIM_AlertIndication",
	"omc_smashfirmwareidentity":          "CIM_SoftwareIdentity",
	"omc_unitarycomputersystem":          "CIM_UnitaryComputerSystem",
	"omc_chassis":                        "CIM_Chassis",
	"omc_card":                           "CIM_Card",
	"omc_discretesensor":                 "CIM_Sensor",
	"omc_numericsensor":                  "CIM_NumericSensor",
	"omc_fan":                            "CIM_Fan",
	"omc_powersupply":                    "CIM_PowerSupply",
	"omc_processor":                      "CIM_Processor",
	"omc_memory":                         "CIM_Memory",
	"omc_physicalmemory":                 "CIM_PhysicalMemory",
	"omc_recordlog":                      "CIM_RecordLog",
	"vmware_controller":                  "CIM_Controller",
	"vmware_storageextent":               "CIM_StorageExtent",
	"vmware_storagevolume":               "CIM_StorageVolume",
	"vmware_battery":                     "CIM_Battery",
	"vmware_sassataport":                 "CIM_LogicalPort",
	"vmware_ethernetport":                "CIM_EthernetPort",
	"vmware_concretejob":                 "CIM_ConcreteJob",
}

// ValueTable is what the numbers of the properties of many classes mean. It may be used
// by several goroutines.
type ValueTable struct {
	classes    map[string]tableClass  // by folded name
	properties map[string][]*ValueMap // all maps of a property, by its folded name
}

type tableClass struct {
	super      string // folded
	properties map[string]*ValueMap
}

// builtin is read when it is first asked for, in about two milliseconds.
var builtin = sync.OnceValue(func() *ValueTable { return parseTable(builtinText) })

// BuiltinValues returns the value maps of the integer properties of the DMTF schema
// 2.49, which are part of the program: no files are read.
func BuiltinValues() *ValueTable { return builtin() }

// Meaning returns what a number means as the value of a property, as 8 in AlertType is
// "Security Alert". Classes of ESXi's providers are known by their standard superclass.
// For any other class the standard classes decide that have a property of the name, if
// all of them agree.
func (t *ValueTable) Meaning(class, property string, value int64) (meaning string, ok bool) {
	property = cim.FoldName(property)
	v := cim.Sint64(value)
	m, known := t.find(class, property)
	if m != nil || known {
		return m.Meaning(v)
	}
	for i, m := range t.properties[property] {
		n, fits := m.key(v)
		if !fits {
			continue
		}
		found, listed := m.listed(n)
		switch {
		case !listed:
		case i > 0 && ok && found != meaning:
			return "", false
		default:
			meaning, ok = found, true
		}
	}
	return meaning, ok
}

// find returns the map of the nearest class that has one. known tells that a standard
// class was reached, which then has no map for the property.
func (t *ValueTable) find(class, property string) (m *ValueMap, known bool) {
	name := cim.FoldName(class)
	for range maxInheritance {
		c, standard := t.classes[name]
		if !standard {
			super, vendor := vendorClasses[name]
			if !vendor {
				return nil, known
			}
			name = cim.FoldName(super)
			continue
		}
		known = true
		if m := c.properties[property]; m != nil || c.super == "-" {
			return m, known
		}
		name = c.super
	}
	return nil, known
}

func parseTable(text string) *ValueTable {
	t := &ValueTable{classes: make(map[string]tableClass), properties: make(map[string][]*ValueMap)}
	var all []*ValueMap
	for line := range strings.Lines(text) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if head, ok := strings.CutPrefix(fields[0], "= "); ok {
			all = append(all, parseTableMap(head, fields[1:]))
			continue
		}
		name, super, ok := strings.Cut(cim.FoldName(fields[0]), " ")
		if !ok || name == "#" {
			continue
		}
		c := tableClass{super: super}
		if len(fields) > 1 {
			c.properties = make(map[string]*ValueMap, len(fields)-1)
		}
		for _, f := range fields[1:] {
			property, number, _ := strings.Cut(cim.FoldName(f), " ")
			if n, err := strconv.Atoi(number); err == nil && n < len(all) && all[n] != nil {
				c.properties[property] = all[n]
				t.properties[property] = append(t.properties[property], all[n])
			}
		}
		t.classes[name] = c
	}
	return t
}

// parseTableMap returns nil for a line that is no map.
func parseTableMap(typ string, fields []string) *ValueMap {
	ct, err := cim.ParseType(typ)
	if err != nil {
		return nil
	}
	valueMap, values := make([]string, len(fields)), make([]string, len(fields))
	next := 0
	for i, f := range fields {
		number, meaning, found := strings.Cut(f, "=")
		if !found {
			number, meaning = strconv.Itoa(next), f
		}
		valueMap[i], values[i] = number, meaning
		if n, err := strconv.Atoi(number); err == nil {
			next = n + 1
		}
	}
	m, err := NewValueMap(ct, valueMap, values)
	if err != nil {
		return nil
	}
	return m
}
