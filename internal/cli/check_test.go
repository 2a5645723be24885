package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"
	"go.uber.org/goleak"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/internal/cli"
	"github.com/cimwatch/cimwatch/simulator"
)

// checkModel starts a simulator with a model of testdata/check, or the built-in one for "".
func checkModel(t *testing.T, name string) *simulator.Server {
	t.Helper()
	model, err := simulator.ESXi()
	if name != "" {
		model, err = simulator.LoadModel(os.DirFS("testdata/check"), name+".mof")
	}
	if err != nil {
		t.Fatal(err)
	}
	server, err := simulator.New(model, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Listen("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { goleak.VerifyNone(t) }) // runs last, after the server has ended
	t.Cleanup(func() {
		if err := server.Close(t.Context()); err != nil && t.Context().Err() == nil {
			t.Error(err)
		}
	})
	return server
}

// runCheck runs check and returns its exit code and what it prints; a plugin has nothing to say
// on standard error.
func runCheck(t *testing.T, args ...string) (code int, stdout string) {
	t.Helper()
	var out, stderr bytes.Buffer
	env := cli.Env{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &stderr}
	code = cli.Run(t.Context(), append([]string{"check"}, args...), env)
	if stderr.Len() > 0 {
		t.Errorf("on standard error: %s", &stderr)
	}
	return code, out.String()
}

// checks runs check and checks its exit code, that the first line begins with its state, and
// that it says nothing on standard error:
//
//	checks 2 cimwatch check http://127.0.0.1:$sim_port
func checks(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: checks CODE PROGRAM [ARG...]")
	}
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		exit, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if strconv.Itoa(got) != args[0] {
		ts.Fatalf("exit code is %d, want %s", got, args[0])
	}
	first, _, _ := strings.Cut(ts.ReadFile("stdout"), "\n")
	states := []string{"OK - ", "WARNING - ", "CRITICAL - ", "UNKNOWN - "}
	if !strings.HasPrefix(first, states[got]) && first[0] != '{' && first[0] != '#' {
		ts.Fatalf("the first line is %q", first)
	}
	if stderr := ts.ReadFile("stderr"); stderr != "" {
		ts.Fatalf("on standard error: %s", stderr)
	}
}

// TestCheckModels runs the cases that other plugins are known to get wrong.
func TestCheckModels(t *testing.T) {
	tests := []struct {
		name  string
		model string
		flags []string
		code  int
		want  string
	}{
		{
			"HP disk", "hp-disk", nil, 2,
			`CRITICAL - disk Disk 1 on HPSA1 : Port 1I Box 1 Bay 1 : 279GB : Data Disk : Disk Error: HealthState 25 (critical failure); 1 critical, 1 warning, 2 ok; HP ProLiant DL380p Gen8 s/n CZJ31402LM
CRITICAL: disk Disk 1 on HPSA1 : Port 1I Box 1 Bay 1 : 279GB : Data Disk : Disk Error: HealthState 25 (critical failure)
WARNING: volume Logical Volume 1 on HPSA1 : RAID 1 : 279GB : Disk 1,2 : Interim Recovery: HealthState 10 (degraded)
`,
		},
		{"HP disk, no storage", "hp-disk", []string{"--no-storage"}, 0, "OK - 1 ok; HP ProLiant DL380p Gen8 s/n CZJ31402LM\n"},
		{
			"HP disk, ignored by a pattern", "hp-disk", []string{"--storage", "-r", "-i", ": Disk Error$,Interim"}, 0,
			"OK - 1 ok, 2 ignored; HP ProLiant DL380p Gen8 s/n CZJ31402LM\n",
		},
		{
			"Dell presence", "dell-presence", []string{"--no-lcd"}, 2,
			`CRITICAL - sensor System Board 1 Riser Config Err 0: Config Error: HealthState 20 (major failure); 1 critical, 3 ignored
CRITICAL: sensor System Board 1 Riser Config Err 0: Config Error: HealthState 20 (major failure)
`,
		},
		{
			"Dell presence, the display too", "dell-presence", []string{"-i", "System Board 1 Riser Config Err 0: Config Error"}, 2,
			`CRITICAL - sensor Front Panel Board 1 FP LCD Cable 0: Config Error: HealthState 20 (major failure); 1 critical, 3 ignored
CRITICAL: sensor Front Panel Board 1 FP LCD Cable 0: Config Error: HealthState 20 (major failure)
`,
		},
		{
			"Dell presence, nothing ignored", "dell-presence", []string{"--default-ignore=false", "-r", "-i", "Config Error"}, 1,
			`WARNING - sensor Add-in Card 4 PEM Presence 0: Connected: HealthState 10 (degraded); 2 warning, 2 ignored
WARNING: sensor Add-in Card 4 PEM Presence 0: Connected: HealthState 10 (degraded)
WARNING: sensor System Board 1 Riser Config Err 0: Connected: HealthState 10 (degraded)
`,
		},
		{"unused", "unused", nil, 0, "OK - 2 ok, 4 absent\n"},
		{
			"unused, all told", "unused", []string{"-v", "-i", "system fan 1"}, 0,
			`OK - 1 ok, 4 absent, 1 ignored
ABSENT: memory Memory Module 7: absent or disabled
ABSENT: port Port 1 on Controller 0: absent or disabled
ABSENT: sensor Riser 2 Presence 0: Device Absent: absent or disabled
ABSENT: sensor SD Card 2 Status: absent or disabled
OK: processor CPU 1
IGNORED: fan System Fan 1: HealthState 5 (OK)
`,
		},
		{
			"absent and unknown count", "unused", []string{"--absent", "critical", "--unknown", "warning", "-r", "-i", "Device Absent|Card|Port"}, 2,
			`CRITICAL - memory Memory Module 7: absent or disabled; 1 critical, 1 warning, 1 ok, 3 ignored
CRITICAL: memory Memory Module 7: absent or disabled
WARNING: processor CPU 1
`,
		},
		{
			"blade", "blade", nil, 0,
			"OK - 4 ok; Dell Inc. PowerEdge M620 s/n BL4DE01, chassis s/n CH4551S, BIOS 2.5.4 2015-01-21 | 'System Board 1 Inlet Temp (C)'=21.5;~:42;~:47\n",
		},
		{
			"limits", "blade", []string{"-w", "System Board 1 Inlet Temp=10:20", "-c", "System Board 1 Inlet Temp=5:40"}, 1,
			`WARNING - sensor System Board 1 Inlet Temp: beyond the limit 10:20, 21.5 C; 1 warning, 3 ok; Dell Inc. PowerEdge M620 s/n BL4DE01, chassis s/n CH4551S, BIOS 2.5.4 2015-01-21 | 'System Board 1 Inlet Temp (C)'=21.5;10:20;5:40
WARNING: sensor System Board 1 Inlet Temp: beyond the limit 10:20, 21.5 C
`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			server := checkModel(t, tt.model)
			code, got := runCheck(t, append(tt.flags, server.URL())...)
			if code != tt.code {
				t.Errorf("exit code %d, want %d", code, tt.code)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestCheckFaults has the server hang, refuse and break off.
func TestCheckFaults(t *testing.T) {
	tests := []struct {
		name  string
		fault simulator.Fault
		flags []string
		code  int
		lines []string // patterns, in order: the first line, then all others
	}{
		{
			"a provider hangs", simulator.Fault{Skip: 3, Count: 1, Delay: time.Hour}, []string{"--class-timeout", "3s"}, 3,
			[]string{`^UNKNOWN - class \w+: no answer within 3s; \d+ ok, 1 in doubt`, `^UNKNOWN: class \w+: no answer within 3s$`},
		},
		{
			"not read, a warning", simulator.Fault{Skip: 3, Count: 1, Status: http.StatusServiceUnavailable}, []string{"--unread", "warning"}, 1,
			[]string{`^WARNING - class \w+: HTTP status 503`, `^WARNING: class \w+: HTTP status 503 Service Unavailable$`},
		},
		{
			"not read, no matter", simulator.Fault{Skip: 3, Count: 1, Status: http.StatusServiceUnavailable}, []string{"--unread", "ok"}, 0,
			[]string{`^OK - \d+ ok, 1 in doubt`, `^OK: class \w+: HTTP status 503 Service Unavailable$`},
		},
		{
			"the whole check ends", simulator.Fault{Skip: 23, Delay: time.Hour}, []string{"-t", "3", "--concurrency", "1"}, 3,
			[]string{
				`^UNKNOWN - class VMware_StorageVolume: no answer before the 3s of the whole check were over; \d+ ok, 1 in doubt; Dell`,
				`^UNKNOWN: class VMware_StorageVolume: no answer before the 3s of the whole check were over$`,
			},
		},
		{
			"the host hangs", simulator.Fault{Delay: time.Hour}, []string{"--class-timeout", "1s"}, 3,
			[]string{`^UNKNOWN - no answer within 1s$`, `^hint: check that the host is up`},
		},
		{
			"the host hangs for longer than the check", simulator.Fault{Delay: time.Hour}, []string{"-t", "1"}, 3,
			[]string{`^UNKNOWN - no answer within 1s$`, `^hint: check that the host is up`},
		},
		{
			"a provider dies", simulator.Fault{Skip: 5, Count: 1, Cut: 100}, nil, 3,
			[]string{`^UNKNOWN - class \w+: .*; \d+ ok, 1 in doubt`, `^UNKNOWN: class \w+: `},
		},
		{
			"one error", simulator.Fault{Skip: 5, Count: 1, Status: http.StatusInternalServerError}, nil, 3,
			[]string{`^UNKNOWN - class \w+: HTTP status 500 Internal Server Error; `, `^UNKNOWN: class \w+: HTTP status 500 Internal Server Error$`},
		},
		{
			"one refusal", simulator.Fault{Skip: 5, Count: 1, Err: cim.Errorf(cim.StatusFailed, "ThreadPool | full")}, nil, 3,
			[]string{`^UNKNOWN - class \w+: failed \(CIM status 1\): ThreadPool / full; `, `^UNKNOWN: class \w+: failed \(CIM status 1\): ThreadPool / full$`},
		},
		{
			"all errors", simulator.Fault{Status: http.StatusInternalServerError}, []string{"--unread", "critical"}, 2,
			[]string{`^CRITICAL - HTTP status 500 Internal Server Error$`},
		},
		{
			"account refused", simulator.Fault{Status: http.StatusUnauthorized}, nil, 3,
			[]string{`^UNKNOWN - HTTP status 401 Unauthorized$`, `^hint: the server wants a user \(-u\)`},
		},
		{
			"account refused, and tried once", simulator.Fault{Status: http.StatusUnauthorized, Count: 1}, nil, 3,
			[]string{`^UNKNOWN - HTTP status 401 Unauthorized$`, `^hint: the server wants a user \(-u\)`},
		},
		{
			"nothing there", simulator.Fault{Err: cim.Errorf(cim.StatusInvalidClass, "")}, nil, 3,
			[]string{`^UNKNOWN - there are no components to check$`},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			server := checkModel(t, "")
			server.Fault(tt.fault)
			code, got := runCheck(t, append(tt.flags, "--perfdata=false", server.URL())...)
			if code != tt.code {
				t.Errorf("exit code %d, want %d", code, tt.code)
			}
			lines := strings.Split(strings.TrimSuffix(got, "\n"), "\n")
			if len(lines) != len(tt.lines) {
				t.Fatalf("%d lines, want %d: %s", len(lines), len(tt.lines), got)
			}
			for n, pattern := range tt.lines {
				if !regexp.MustCompile(pattern).MatchString(lines[n]) {
					t.Errorf("%s does not match %s", lines[n], pattern)
				}
			}
		})
	}
}

// TestCheckStorageReads has the check read no more than it needs.
func TestCheckStorageReads(t *testing.T) {
	server := checkModel(t, "")
	server.Fault(simulator.Fault{Skip: 10, Status: http.StatusInternalServerError}) // storage is 6 classes, the product 3
	if code, got := runCheck(t, "--storage", server.URL()); code != 0 {
		t.Errorf("exit code %d: %s", code, got)
	}
}

// TestCheckOfDaemon has no connection to the host: it is gone.
func TestCheckOfDaemon(t *testing.T) {
	w := watch(t)
	if err := w.host.Close(t.Context()); err != nil {
		t.Log(err) // deliveries that nobody waits for
	}
	code, got := runCheck(t, "ESX1", "--address", w.address, "--no-storage")
	if code != 0 || !strings.HasPrefix(got, "OK - 51 ok; Dell Inc. PowerEdge R640 s/n 7XQ4NM3, BIOS 2.12.2 2021-07-23 | 'Power Supply 1 Current 1 (A)'=0.5 ") {
		t.Errorf("exit code %d: %s", code, got)
	}
	code, got = runCheck(t, "--address", w.address, "--max-age", "1ns", "--perfdata=false")
	if code != 3 || !strings.HasPrefix(got, "UNKNOWN - the host was last read ") {
		t.Errorf("exit code %d: %s", code, got)
	}
}

// TestCheckInterrupted ends a check from outside.
func TestCheckInterrupted(t *testing.T) {
	server := checkModel(t, "")
	server.Fault(simulator.Fault{Delay: time.Hour})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out, stderr bytes.Buffer
	code := cli.Run(ctx, []string{"check", server.URL()}, cli.Env{Stdout: &out, Stderr: &stderr})
	if code != 3 || out.String() != "UNKNOWN - interrupted\n" || stderr.Len() > 0 {
		t.Errorf("exit code %d: %s%s", code, &out, &stderr)
	}
}

// TestCheckJSON compares the JSON with what docs/json.md describes.
func TestCheckJSON(t *testing.T) {
	server := checkModel(t, "blade")
	code, got := runCheck(t, "-o", "json", "-i", "Server Blade", server.URL())
	if code != 0 || strings.Count(got, "\n") != 1 {
		t.Fatalf("exit code %d: %s", code, got)
	}
	var report map[string]any
	if err := json.Unmarshal([]byte(got), &report); err != nil {
		t.Fatal(err)
	}
	if report["host"] != "127.0.0.1" || report["state"] != "ok" || report["code"] != 0.0 || report["seconds"].(float64) <= 0 {
		t.Errorf("the head is %v", report)
	}
	computer := map[string]any{
		"vendor": "Dell Inc.", "model": "PowerEdge M620", "serial": "BL4DE01", "chassis": "CH4551S", "bios": "2.5.4", "bios_date": "2015-01-21",
	}
	if diff := cmp.Diff(computer, report["computer"]); diff != "" {
		t.Error(diff)
	}
	components := report["components"].([]any)
	sensor := map[string]any{
		"id": components[2].(map[string]any)["id"], "class": "OMC_NumericSensor", "kind": "sensor", "name": "System Board 1 Inlet Temp",
		"state": "ok", "health": "ok", "reason": "HealthState 5 (OK)",
		"reading": map[string]any{"value": 21.5, "unit": "C", "quantity": "temperature", "warning": "~:42", "critical": "~:47"},
	}
	if diff := cmp.Diff(sensor, components[2]); diff != "" {
		t.Error(diff)
	}
	if blade := components[3].(map[string]any); blade["ignored"] != true {
		t.Errorf("the blade is %v", blade)
	}
}
