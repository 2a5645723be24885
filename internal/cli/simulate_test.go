package cli

import (
	"errors"
	"strings"
	"testing"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/simulator"
)

// TestSimulateHelpNamesTheSteps holds the help to the scenario of the built-in model.
func TestSimulateHelpNamesTheSteps(t *testing.T) {
	model, err := simulator.ESXi()
	if err != nil {
		t.Fatal(err)
	}
	if len(model.Steps) == 0 {
		t.Fatal("the built-in model has no steps")
	}
	help := newSimulateCommand(&Env{}).Long
	for _, step := range model.Steps {
		if !strings.Contains(help, step.Name) {
			t.Errorf("help does not name the step %s", step.Name)
		}
	}
}

func TestInteropName(t *testing.T) {
	for _, test := range []struct{ flag, want string }{ // "" is refused
		{"root/interop", "root/interop"},
		{"/root/PG_InterOp/", "root/PG_InterOp"},
		{"lab-1", "lab-1"},
		{"", ""},
		{"/", ""},
		{"a b!", ""},
		{"root//interop", ""},
		{"//host/root/interop", "host/root/interop"},
		{"root/interop:CIM_A", ""},
		{`root\interop`, ""},
		{"root/interop\n", ""},
	} {
		got, err := interopName(test.flag)
		if got != test.want || err == nil != (test.want != "") {
			t.Errorf("interopName(%q) = %q, %v, want %q", test.flag, got, err, test.want)
		}
		if err != nil && diagnose(err).code != ExitUsage {
			t.Errorf("interopName(%q): exit code %d", test.flag, diagnose(err).code)
		}
	}
}

func TestDeliveryLine(t *testing.T) {
	d := simulator.Delivery{
		Destination: "http://192.0.2.1:5990/a", Indication: cim.NewInstance("LAB_Alert"),
		Attempt: 2, Status: 503, Outcome: simulator.Retrying,
	}
	want := d.Outcome.String() + " LAB_Alert to http://192.0.2.1:5990/a, attempt 2: HTTP status 503"
	if got := deliveryLine(&d); got != want {
		t.Errorf("line is %q, want %q", got, want)
	}
	d.Status, d.Err = 0, errors.New("connection refused")
	if got := deliveryLine(&d); !strings.HasSuffix(got, ", attempt 2: connection refused") {
		t.Errorf("line is %q, want the reason at its end", got)
	}
}
