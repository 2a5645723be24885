package event_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/event"
)

var received = time.Date(2026, 11, 20, 8, 0, 5, 0, time.UTC)

const sensorPath = `root/cimv2:OMC_DiscreteSensor.DeviceID="115.0.32.0",CreationClassName="OMC_DiscreteSensor",` +
	`SystemName="4445",SystemCreationClassName="OMC_UnitaryComputerSystem"`

// ipmiAlert is an alert as VMware's OMC providers fill it.
func ipmiAlert(description string) *cim.Instance {
	return cim.NewInstance("OMC_IpmiAlertIndication",
		cim.Prop("Description", cim.String(description)),
		cim.Prop("PerceivedSeverity", cim.Uint16(0)),
		cim.Prop("AlertType", cim.Uint16(8)),
		cim.Prop("AlertingElementFormat", cim.Uint16(2)),
		cim.Prop("AlertingManagedElement", cim.String(sensorPath)),
		cim.Prop("EventTime", cim.Timestamp(received.Add(-2*time.Second)).Value()),
		cim.Prop("SequenceContext", cim.String("sfcb:1#2#3")),
		cim.Prop("SequenceNumber", cim.Sint64(7)),
	)
}

func TestNormaliseChassisIntrusion(t *testing.T) {
	got := event.Normalise("esx1", received, ipmiAlert("Assert + Physical Security  General Chassis intrusion"))
	path, err := cim.ParseObjectPath(sensorPath)
	if err != nil {
		t.Fatal(err)
	}
	want := event.Event{
		Host:     "esx1",
		Received: received,
		Time:     received.Add(-2 * time.Second),
		Class:    "OMC_IpmiAlertIndication",
		Kind:     event.KindAlert,
		Severity: event.SeverityWarning,
		Action:   event.ActionRaise,
		Condition: event.Condition{
			Key:    "physical security general chassis intrusion",
			Text:   "Physical Security General Chassis intrusion",
			Family: "security/physical security general chassis",
		},
		Element:     path,
		Description: "Assert + Physical Security  General Chassis intrusion",
		Sequence:    &event.Sequence{Context: "sfcb:1#2#3", Number: 7},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestNormaliseAlerts(t *testing.T) {
	const hhrc = "VMware_HHRCAlertIndication"
	tests := []struct {
		name, class, description string
		stated                   uint16
		action                   event.Action
		severity                 event.Severity
		key                      string
	}{
		{"intrusion over", "OMC_IpmiAlertIndication", "Deassert + Physical Security General Chassis intrusion", 0,
			event.ActionClear, event.SeverityInformation, "physical security general chassis intrusion"},
		{"case and spaces", "OMC_IpmiAlertIndication", " ASSERTED +  Fan 1 Failure ", 0,
			event.ActionRaise, event.SeverityCritical, "fan 1 failure"},
		{"redundancy lost", "OMC_PowerIpmiAlertIndication", "Assert + Power Supply Redundancy lost", 0,
			event.ActionRaise, event.SeverityMajor, "power supply redundancy lost"},
		{"redundancy lost no more", "OMC_PowerIpmiAlertIndication", "Deassert + Power Supply Redundancy lost", 0,
			event.ActionClear, event.SeverityInformation, "power supply redundancy lost"},
		{"good state asserted", "OMC_PowerIpmiAlertIndication", "Assert + Power Supply Fully Redundant", 0,
			event.ActionClear, event.SeverityInformation, "power supply redundancy lost"},
		{"good state over", "OMC_PowerIpmiAlertIndication", "Deassert + Power Supply 2 Presence detected", 0,
			event.ActionRaise, event.SeverityWarning, "power supply 2 absent"},
		{"predictive is no failure", "OMC_DiskIpmiAlertIndication", "Assert + Drive 3 Predictive Failure", 0,
			event.ActionRaise, event.SeverityWarning, "drive 3 predictive failure"},
		{"non-critical is not critical", "OMC_IpmiAlertIndication", "Assert + Fan 2 Lower Non-critical going low", 0,
			event.ActionRaise, event.SeverityWarning, "fan 2 lower non-critical going low"},
		{"stated severity stands", "OMC_IpmiAlertIndication", "Assert + Fan 1 Failure", 4,
			event.ActionRaise, event.SeverityMinor, "fan 1 failure"},
		{"other (1) is unknown", "OMC_IpmiAlertIndication", "Assert + Fan 1 Failure", 1,
			event.ActionRaise, event.SeverityCritical, "fan 1 failure"},
		{"by alert type", "OMC_IpmiAlertIndication", "Assert + Something new", 0,
			event.ActionRaise, event.SeverityWarning, "something new"},
		{"nothing asserted", "OMC_IpmiAlertIndication", "Assert + ", 0,
			event.ActionNote, event.SeverityUnknown, "omc_ipmialertindication"},
		{"volume degraded", hhrc, "Controller ID: 0  VD is now DEGRADED   VD  0", 0,
			event.ActionRaise, event.SeverityWarning, "vmware_hhrcalertindication/state/vd 0"},
		{"volume optimal", hhrc, "Controller ID: 0  VD is now OPTIMAL   VD  0", 0,
			event.ActionClear, event.SeverityInformation, "vmware_hhrcalertindication/state/vd 0"},
		{"rebuild started", hhrc, "Controller ID: 0  Rebuild started on PD  Port 0 - 3:1:2", 0,
			event.ActionRaise, event.SeverityWarning, "vmware_hhrcalertindication/state/pd port 0 - 3:1:2"},
		{"rebuild complete", hhrc, "Controller ID: 0  Rebuild complete on PD  Port 0 - 3:1:2", 0,
			event.ActionClear, event.SeverityInformation, "vmware_hhrcalertindication/state/pd port 0 - 3:1:2"},
		{"the past is past", hhrc, "Controller ID: 0  State change:  PD = Port 0 - 3:1:2  Previous = Failed  Current = Online", 0,
			event.ActionClear, event.SeverityInformation, "vmware_hhrcalertindication/state/pd port 0 - 3:1:2"},
		{"the present counts", hhrc, "Controller ID: 0  State change:  PD = Port 0 - 3:1:2  Previous = Online  Current = Failed", 0,
			event.ActionRaise, event.SeverityCritical, "vmware_hhrcalertindication/state/pd port 0 - 3:1:2"},
		{"routine work", hhrc, "Controller ID: 0  Patrol Read complete", 0,
			event.ActionNote, event.SeverityInformation, "vmware_hhrcalertindication/state/"},
		{"not optimal", hhrc, "Controller ID: 0 Volume 1 not optimal", 0,
			event.ActionRaise, event.SeverityWarning, "vmware_hhrcalertindication/state/volume 1"},
		{"severity alone", "ACME_Alert", "code 17", 6,
			event.ActionRaise, event.SeverityCritical, "acme_alert"},
		{"nothing at all", "ACME_Alert", "", 0,
			event.ActionNote, event.SeverityUnknown, "acme_alert"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			alert := cim.NewInstance(tt.class,
				cim.Prop("Description", cim.String(tt.description)),
				cim.Prop("PerceivedSeverity", cim.Uint16(tt.stated)))
			e := event.Normalise("h", received, alert)
			if e.Kind != event.KindAlert || e.Action != tt.action || e.Severity != tt.severity || e.Condition.Key != tt.key {
				t.Errorf("got %v %v %v %q, want alert %v %v %q",
					e.Kind, e.Action, e.Severity, e.Condition.Key, tt.action, tt.severity, tt.key)
			}
			if e.Condition.Text == "" {
				t.Error("a condition without a text for people")
			}
		})
	}
}

func TestNormaliseMessageID(t *testing.T) {
	e := event.Normalise("h", received, cim.NewInstance("ACME_Alert",
		cim.Prop("OwningEntity", cim.String("ACME")), cim.Prop("MessageID", cim.String("A17")),
		cim.Prop("PerceivedSeverity", cim.Uint16(5))))
	if e.Condition.Key != "acme:a17" || e.MessageID != "A17" {
		t.Errorf("got key %q, message %q", e.Condition.Key, e.MessageID)
	}
}

func TestNormaliseElement(t *testing.T) {
	fan := cim.InstancePath("root/cimv2", "OMC_Fan", cim.Key{Name: "DeviceID", Value: cim.String("1")})
	onHost := fan
	onHost.Host = "esx"
	tests := []struct {
		name    string
		element cim.Value
		format  cim.Value
		want    cim.ObjectPath
	}{
		{"with namespace", cim.String(`root/cimv2:OMC_Fan.DeviceID="1"`), cim.Uint16(2), fan},
		{"with host", cim.String(`//esx/root/cimv2:OMC_Fan.DeviceID="1"`), cim.Uint16(2), onHost},
		{"without namespace", cim.String(`OMC_Fan.DeviceID="1"`), cim.Uint16(2), fan.Relative()},
		{"format missing", cim.String(`OMC_Fan.DeviceID="1"`), cim.Value{}, fan.Relative()},
		{"reference", cim.Reference(fan), cim.Value{}, fan},
		{"bare word", cim.String("fan1"), cim.Uint16(0), cim.ObjectPath{}},
		{"not a path", cim.String("the fan, left"), cim.Uint16(2), cim.ObjectPath{}},
		{"NULL", cim.Null(cim.TypeString), cim.Uint16(2), cim.ObjectPath{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := event.Normalise("h", received, cim.NewInstance("CIM_AlertIndication",
				cim.Prop("AlertingManagedElement", tt.element), cim.Prop("AlertingElementFormat", tt.format)))
			if !e.Element.Equal(tt.want) {
				t.Errorf("got %v, want %v", e.Element, tt.want)
			}
		})
	}
}

func TestNormaliseLifecycle(t *testing.T) {
	dimm := cim.NewInstance("CIM_PhysicalMemory",
		cim.Prop("Tag", cim.String("dimm1")), cim.Prop("CreationClassName", cim.String("CIM_PhysicalMemory")),
		cim.Prop("SerialNumber", cim.String("A")))
	before := dimm.Clone()
	before.Set("SerialNumber", cim.String("B"))
	source := cim.Prop("SourceInstance", cim.EmbeddedInstance(dimm))
	tests := []struct {
		class    string
		kind     event.Kind
		previous *cim.Instance
	}{
		{"CIM_InstCreation", event.KindCreated, nil},
		{"CIM_InstDeletion", event.KindDeleted, nil},
		{"CIM_InstModification", event.KindModified, before},
		{"VMware_ConcreteJobCreation", event.KindCreated, nil},
		{"VMware_ConcreteJobDeletion", event.KindDeleted, nil},
		{"VMware_ConcreteJobModification", event.KindModified, before},
		{"ACME_Changed", event.KindModified, before},
	}
	for _, tt := range tests {
		t.Run(tt.class, func(t *testing.T) {
			indication := cim.NewInstance(tt.class, source)
			if tt.previous != nil {
				indication.Set("PreviousInstance", cim.EmbeddedInstance(tt.previous))
			}
			e := event.Normalise("h", received, indication)
			if e.Kind != tt.kind || e.Source != dimm || e.Previous != tt.previous {
				t.Errorf("got %v, source %v, previous %v", e.Kind, e.Source, e.Previous)
			}
			want := `CIM_PhysicalMemory.Tag="dimm1",CreationClassName="CIM_PhysicalMemory"`
			if e.Element.String() != want {
				t.Errorf("element %v, want %s", e.Element, want)
			}
		})
	}
}

func TestLifecyclePath(t *testing.T) {
	stated := `root/cimv2:CIM_Fan.DeviceID="stated"`
	withPath := cim.NewInstance("CIM_Fan", cim.Prop("DeviceID", cim.String("key")))
	withPath.Path = cim.InstancePath("", "CIM_Fan", cim.Key{Name: "DeviceID", Value: cim.String("own")})
	key := cim.Prop("Serial", cim.String("qualified"))
	key.Qualifiers = []cim.Qualifier{{Name: "Key", Value: cim.Boolean(true)}}
	tests := []struct {
		name   string
		source *cim.Instance
		model  string
		want   string
	}{
		{"stated", withPath, stated, stated},
		{"its own", withPath, "", `CIM_Fan.DeviceID="own"`},
		{"key qualifier", cim.NewInstance("ACME_Part", key), "", `ACME_Part.Serial="qualified"`},
		{"instance ID", cim.NewInstance("CIM_SoftwareIdentity", cim.Prop("InstanceID", cim.String("1"))), "",
			`CIM_SoftwareIdentity.InstanceID="1"`},
		{"nothing to go by", cim.NewInstance("CIM_Fan"), "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := event.Normalise("h", received, cim.NewInstance("CIM_InstModification",
				cim.Prop("SourceInstance", cim.EmbeddedInstance(tt.source)),
				cim.Prop("SourceInstanceModelPath", cim.String(tt.model))))
			if e.Element.String() != tt.want {
				t.Errorf("got %v, want %s", e.Element, tt.want)
			}
		})
	}
}

func TestNormaliseOtherKinds(t *testing.T) {
	class := cim.EmbeddedClass(&cim.Class{Name: "X"})
	tests := []struct {
		indication *cim.Instance
		want       event.Kind
	}{
		{cim.NewInstance("VMware_CIMHeartbeat"), event.KindHeartbeat},
		{cim.NewInstance("CIM_ClassCreation", cim.Prop("ClassDefinition", class)), event.KindOther},
		{cim.NewInstance("VMware_KernelIPChangedIndication"), event.KindOther},
		{cim.NewInstance("X", cim.Prop("AlertType", cim.Uint16(5))), event.KindAlert},
	}
	for _, tt := range tests {
		if e := event.Normalise("h", received, tt.indication); e.Kind != tt.want {
			t.Errorf("%s: got %v, want %v", tt.indication.Class, e.Kind, tt.want)
		}
	}
}

func TestTime(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.FixedZone("", 3600))
	interval := cim.Interval(time.Hour).Value()
	tests := []struct {
		name              string
		indication, event cim.Value
		want              time.Time
	}{
		{"indication time first", cim.Timestamp(at).Value(), cim.Timestamp(received).Value(), at},
		{"event time", cim.Value{}, cim.Timestamp(at).Value(), at},
		{"an interval says nothing", interval, interval, received},
		{"none", cim.Value{}, cim.Value{}, received},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := event.Normalise("h", received, cim.NewInstance("X",
				cim.Prop("IndicationTime", tt.indication), cim.Prop("EventTime", tt.event)))
			if !e.Time.Equal(tt.want) || e.Time.Location() != time.UTC {
				t.Errorf("got %v, want %v in UTC", e.Time, tt.want)
			}
		})
	}
}

func TestSequenceOfNeedsBoth(t *testing.T) {
	context := cim.Prop("SequenceContext", cim.String("c"))
	number := cim.Prop("SequenceNumber", cim.Sint64(0))
	if got := event.SequenceOf(cim.NewInstance("X", context, number)); got == nil || *got != (event.Sequence{Context: "c"}) {
		t.Errorf("got %v", got)
	}
	for _, p := range []cim.Property{context, number} {
		if got := event.SequenceOf(cim.NewInstance("X", p)); got != nil {
			t.Errorf("only %s: got %v, want none", p.Name, got)
		}
	}
}

func TestWords(t *testing.T) {
	text, err := json.Marshal([]any{
		event.KindCreated, event.ActionClear, event.SeverityFatal, event.Severity(1), event.Severity(99), event.Kind(99),
	})
	if want := `["created","clear","fatal","unknown","unknown","unknown"]`; err != nil || string(text) != want {
		t.Errorf("got %s, %v, want %s", text, err, want)
	}
}

func FuzzNormalise(f *testing.F) {
	for _, s := range []string{"Assert + x", "Deassert + Fully Redundant", "VD 0 degraded", "İ fully redundant", "+"} {
		f.Add(s, sensorPath, uint16(0))
	}
	f.Add(strings.Repeat("\xad", 5000), "4", uint16(5))
	f.Fuzz(func(t *testing.T, description, element string, severity uint16) {
		alert := ipmiAlert(description)
		alert.Set("AlertingManagedElement", cim.String(element))
		alert.Set("PerceivedSeverity", cim.Uint16(severity))
		e := event.Normalise("h", received, alert)
		if e.Condition.Key == "" || e.Condition.Text == "" {
			t.Errorf("%q: a condition without key or text: %+v", description, e.Condition)
		}
		if len(e.Condition.Key)+len(e.Condition.Text)+len(e.Condition.Family) > 256+1024+256 {
			t.Errorf("%.40q: a condition without bounds", description)
		}
		if e.Action == event.ActionRaise && e.Severity == event.SeverityUnknown {
			t.Errorf("%q: raised with no severity", description)
		}
	})
}

func BenchmarkNormalise(b *testing.B) {
	alert := ipmiAlert("Assert + Power Supply Redundancy Redundancy Degraded from Fully Redundant")
	b.ReportAllocs()
	for b.Loop() {
		if e := event.Normalise("h", received, alert); e.Action != event.ActionRaise {
			b.Fatal(e.Action)
		}
	}
}
