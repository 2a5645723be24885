package mof_test

import (
	"encoding/json"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/cimwatch/cimwatch/mof"
)

func TestBuiltinValues(t *testing.T) {
	tests := []struct {
		class, property string
		value           int64
		want            string
	}{
		{"CIM_AlertIndication", "AlertType", 8, "Security Alert"},
		{"cim_alertindication", "ALERTTYPE", 5, "Device Alert"},
		{"OMC_IpmiAlertIndication", "AlertType", 8, "Security Alert"},
		{"OMC_BatteryIpmiAlertIndication", "PerceivedSeverity", 3, "Degraded/Warning"},
		{"LSIESG_AlertIndication", "PerceivedSeverity", 6, "Critical"},
		{"OMC_Fan", "HealthState", 25, "Critical failure"},
		{"CIM_Fan", "OperationalStatus", 2, "OK"},
		{"OMC_DiscreteSensor", "SensorType", 2, "Temperature"},
		{"CIM_NumericSensor", "BaseUnits", 2, "Degrees C"},
		{"VMware_StorageExtent", "ExtentStatus", 2, "None/Not Applicable"},
		{"CIM_IndicationSubscription", "SubscriptionState", 2, "Enabled"},
		{"CIM_IndicationHandlerCIMXML", "PersistenceType", 2, "Permanent"},
		{"CIM_ListenerDestinationCIMXML", "Protocol", 2, "CIM-XML"},
		{"HPVC_SmartArray", "HealthState", 5, "OK"}, // an unknown class, by the property
		{"Acme_Alert", "PerceivedSeverity", 7, "Fatal/NonRecoverable"},
		{"CIM_Fan", "HealthState", 3, "DMTF Reserved"},
		{"CIM_Fan", "HealthState", 40000, "Vendor Specific"},
		{"CIM_Fan", "NoSuchProperty", 1, ""},
		{"CIM_Fan", "DesiredSpeed", 2, ""},   // a standard property without a map
		{"Acme_Thing", "HealthState", 3, ""}, // what is reserved says nothing about unknown classes
		{"Acme_Thing", "Type", 2, ""},        // standard classes disagree
		{"CIM_Fan", "HealthState", -1, ""},
	}
	table := mof.BuiltinValues()
	for _, tt := range tests {
		got, ok := table.Meaning(tt.class, tt.property, tt.value)
		if got != tt.want || ok != (tt.want != "") {
			t.Errorf("%s.%s %d: got %q %v, want %q", tt.class, tt.property, tt.value, got, ok, tt.want)
		}
	}
}

// TestBuiltinIndications knows the indication classes that ESXi hosts were seen to send.
func TestBuiltinIndications(t *testing.T) {
	alerts := []string{"OMC_IpmiAlertIndication", "VMware_CIMHeartbeat", "VMware_HHRCAlertIndication", "VMware_KernelIPChangedIndication",
		"VMware_AlertIndication", "LSIESG_AlertIndication"}
	for _, part := range []string{"Battery", "BIOS", "Chassis", "CoolingUnit", "Disk", "Memory", "Power", "Processor"} {
		alerts = append(alerts, "OMC_"+part+"IpmiAlertIndication")
	}
	table := mof.BuiltinValues()
	for _, class := range alerts {
		if got, ok := table.Meaning(class, "AlertType", 8); got != "Security Alert" || !ok {
			t.Errorf("%s.AlertType 8 means %q", class, got)
		}
		if got, ok := table.Meaning(class, "AlertingElementFormat", 2); got != "CIMObjectPath" || !ok {
			t.Errorf("%s.AlertingElementFormat 2 means %q", class, got)
		}
	}
	jobs := []string{"VMware_ConcreteJobCreation", "VMware_ConcreteJobDeletion", "VMware_ConcreteJobModification"}
	for _, class := range append(jobs, alerts...) {
		if got, ok := table.Meaning(class, "PerceivedSeverity", 3); got != "Degraded/Warning" || !ok {
			t.Errorf("%s.PerceivedSeverity 3 means %q", class, got)
		}
	}
	for _, class := range jobs { // they have no AlertType, which is known too
		if got, ok := table.Meaning(class, "AlertType", 8); ok {
			t.Errorf("%s.AlertType 8 means %q", class, got)
		}
	}
}

// TestBuiltinAgainstTable compares with meanings taken from another release of the
// schema by other means.
func TestBuiltinAgainstTable(t *testing.T) {
	text, err := os.ReadFile("../../shared/schema/valuemaps-2.41.json")
	if err != nil {
		t.Skip("no table to compare with: ", err)
	}
	var want map[string]map[string]string
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	// The table gives PrimaryStatus the meanings of DetailedStatus; the schema itself
	// has 0 Unknown, 1 OK, 2 Degraded, 3 Error.
	delete(want, "CIM_ManagedSystemElement.PrimaryStatus")
	compared := 0
	for name, meanings := range want {
		class, property, _ := strings.Cut(name, ".")
		for number, meaning := range meanings {
			n, err := strconv.ParseInt(number, 10, 64)
			if err != nil {
				continue // a range
			}
			compared++
			if got, _ := mof.BuiltinValues().Meaning(class, property, n); got != meaning {
				t.Errorf("%s %d: got %q, want %q", name, n, got, meaning)
			}
		}
	}
	if compared < 300 {
		t.Errorf("only %d meanings compared", compared)
	}
}
