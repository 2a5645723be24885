package simulator_test

import (
	"bytes"
	"context"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/cimwatch/cimwatch/simulator"
)

// wbemcli runs the wbemcli program on an object of a server and returns what it prints.
// op is its options and its operation, with a bar between.
func wbemcli(t *testing.T, s *simulator.Server, op, object string, arguments ...string) string {
	t.Helper()
	program, err := exec.LookPath("wbemcli")
	if err != nil {
		t.Skip("wbemcli is not installed; it is in the package sblim-wbemcli of Debian")
	}
	options, op, _ := strings.Cut(op, "|")
	args := append(strings.Fields(options), op, s.URL()+"/"+object)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, append(args, arguments...)...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	_ = cmd.Run() // it fails with statuses of CIM, and its output says so
	return out.String()
}

func TestWbemcli(t *testing.T) {
	s := start(t, esxi(t), nil)
	const (
		chassis = `root/cimv2:OMC_Chassis.Tag="23.0",CreationClassName="OMC_Chassis"`
		filter  = `root/interop:CIM_IndicationFilter.SystemCreationClassName="CIM_ComputerSystem",SystemName="esxbox",` +
			`CreationClassName="CIM_IndicationFilter",Name="w"`
		keys = `SystemCreationClassName="CIM_ComputerSystem",SystemName="esxbox",CreationClassName="CIM_IndicationFilter",Name="w"`
	)
	for _, test := range []struct {
		op, object string
		arguments  []string
		want       []string
	}{
		{"-nl|ecn", "root/cimv2:CIM_Fan", nil, []string{"root/cimv2:OMC_Fan"}},
		{"-nl|ec", "root/cimv2:CIM_AlertIndication", nil, []string{"VMware_HHRCAlertIndication", "-AlertType="}},
		{"-nl|gc", "root/cimv2:OMC_PowerSupply", nil, []string{"-TotalOutputPower="}},
		{"-nl|gc", "root/interop:CIM_IndicationSubscription", nil, []string{"-Filter", "-SubscriptionState="}},
		{"-nl|ei", "root/cimv2:OMC_PowerSupply", nil, []string{`DeviceID="10.1"`, `-ElementName="Power Supply 2"`, "-HealthState=5", "-Description="}},
		{"|ein", "root/cimv2:CIM_PhysicalMemory", nil, []string{`Tag="32.1"`, `Tag="32.8"`}},
		{"-nl|gi", chassis, nil, []string{`-SerialNumber="7XQ4NM3"`, "-LockPresent=TRUE"}},
		{"|ci", filter, []string{keys + `,Query="SELECT * FROM CIM_AlertIndication",QueryLanguage="WQL",SourceNamespace="root/cimv2"`}, []string{`Name="w"`}},
		{"|ci", filter, []string{keys + `,Query="SELECT * FROM CIM_AlertIndication",QueryLanguage="WQL"`}, []string{"CIM_ERR_ALREADY_EXISTS"}},
		{"-nl|gi", filter, nil, []string{`-Query="SELECT * FROM CIM_AlertIndication"`}},
		{"|mi", chassis, []string{`ElementName="changed by wbemcli"`}, nil},
		{"-nl|gi", chassis, nil, []string{`-ElementName="changed by wbemcli"`, `-SerialNumber="7XQ4NM3"`}},
		{"|di", filter, nil, nil},
		{"-nl|gi", filter, nil, []string{"CIM_ERR_NOT_FOUND"}},
		{"-nl|ai", chassis, nil, []string{"OMC_UnitaryComputerSystem", `-Model="08HT8T"`}},
		{"-ac CIM_PackageInChassis|ain", chassis, nil, []string{`root/cimv2:OMC_Card.Tag="7.1"`}},
		{"-nl|ri", chassis, nil, []string{"CIM_ComputerSystemPackage", "-Antecedent="}},
		{"-arc CIM_PackageInChassis|rin", chassis, nil, []string{"CIM_PackageInChassis.GroupComponent="}},
		{"|ein", "root/cimv2:CIM_Nope", nil, []string{"CIM_ERR_INVALID_CLASS"}},
		{"|ein", "root/nope:CIM_Fan", nil, []string{"CIM_ERR_INVALID_NAMESPACE"}},
	} {
		out := wbemcli(t, s, test.op, test.object, test.arguments...)
		for _, want := range test.want {
			if !strings.Contains(out, want) {
				t.Errorf("%s %s: no %s in\n%.2000s", test.op, test.object, want, out)
			}
		}
		refused := strings.HasPrefix(out, "*") // as its error messages do
		if expected := len(test.want) > 0 && strings.HasPrefix(test.want[0], "CIM_ERR"); refused != expected {
			t.Errorf("%s %s:\n%.2000s", test.op, test.object, out)
		}
	}
}

func TestWbemcliOpensTheCase(t *testing.T) {
	s, l := watched(t)
	const control = `root/cimv2:CIMWATCH_Simulator.Name="sim"`
	if out := wbemcli(t, s, "|cm", control, `PlayStep.Step="case-opened"`); !strings.Contains(out, "PlayStep: 0") {
		t.Fatal(out)
	}
	if i := l.next(t).export.Indication; i.Text("Description") != "Assert + Physical Security General Chassis intrusion" {
		t.Errorf("received %v", i)
	}
	out := wbemcli(t, s, "|cm", control, `FireIndication.ClassName="OMC_IpmiAlertIndication",Description="Deassert + x",PerceivedSeverity=2`)
	if !strings.Contains(out, "FireIndication: 0") || !strings.Contains(out, "IndicationIdentifier") {
		t.Fatal(out)
	}
	if i := l.next(t).export.Indication; i.Text("Description") != "Deassert + x" || i.Get("PerceivedSeverity").Lexical() != "2" {
		t.Errorf("received %v", i)
	}
	if out := wbemcli(t, s, "|cm", control, `PlayStep.Step="nope"`); !strings.Contains(out, "CIM_ERR_INVALID_PARAMETER") {
		t.Error(out)
	}
}
