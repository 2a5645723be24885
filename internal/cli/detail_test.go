package cli

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/simulator"
)

// refuseWith makes a simulator refuse an operation with instances, and returns what a command
// then writes to standard error.
func refuseWith(t *testing.T, instances ...*cim.Instance) string {
	t.Helper()
	simulated := newSimulator(t)
	server := httptest.NewServer(simulated)
	t.Cleanup(server.Close)
	simulated.Fault(simulator.Fault{
		Method: "GetClass", Err: &cim.Error{Status: cim.StatusFailed, Description: "it broke", Instances: instances},
	})
	code, stdout, stderr := run(t, nil, "class", "get", server.URL, "CIM_Fan", "-o", "json")
	if code != ExitRefused || stdout != "" {
		t.Errorf("exit code %d, output %q", code, stdout)
	}
	return stderr
}

func TestDetails(t *testing.T) {
	got := refuseWith(t,
		cim.NewInstance("CIM_Error",
			cim.Prop("Message", cim.String("The fan\nis gone.\u009b31m")), cim.Prop("MessageID", cim.String("WIPG0208")),
			cim.Prop("ErrorType", cim.Uint16(4)), cim.Prop("RecommendedActions", cim.Strings("look", "a, b")),
			cim.Prop("MessageArguments", cim.Strings("s3cret")), cim.Prop("ACME_Dump", cim.String("s3cret"))),
		cim.NewInstance("ACME_Error"))
	lines := strings.Split(got, "\n")
	if len(lines) < 3 || !strings.HasPrefix(lines[0], "error: ") {
		t.Fatalf("got %q, want an error and two details", got)
	}
	if want := `detail: CIM_Error: MessageID = WIPG0208; Message = The fan; is gone.\u009b31m; ErrorType = 4 (Software Error); ` +
		`RecommendedActions = {look, "a, b"}`; lines[1] != want {
		t.Errorf("got  %s\nwant %s", lines[1], want)
	}
	if lines[2] != "detail: ACME_Error" {
		t.Errorf("got %s", lines[2])
	}
	if strings.Contains(got, "s3cret") {
		t.Errorf("%q repeats what is not for people", got)
	}
}

// TestDetailsBounded takes more than anyone reads.
func TestDetailsBounded(t *testing.T) {
	many := make([]*cim.Instance, 100)
	for n := range many {
		many[n] = cim.NewInstance("CIM_Error", cim.Prop("Message", cim.String(fmt.Sprint(n, strings.Repeat("x", 10_000)))))
	}
	got := refuseWith(t, many...)
	if lines := strings.Count(got, "\ndetail: "); lines != 9 || len(got) > 4000 {
		t.Errorf("%d details in %d bytes", lines, len(got))
	}
	if !strings.Contains(got, "\ndetail: and 92 more\n") {
		t.Errorf("%q does not tell how many are left out", got)
	}
}
