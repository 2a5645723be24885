package cli_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cimwatch/cimwatch/web"
)

// readJSON runs a command and reads what it writes.
func readJSON[T any](t *testing.T, args ...string) (v T) {
	t.Helper()
	if err := json.Unmarshal([]byte(run(t, append(args, "-o", "json")...)), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

type changeOutput struct {
	Changes []web.Change `json:"changes"`
}

type componentOutput struct {
	Components []web.Component `json:"components"`
}

// TestInventoryAt looks at a demo's host between its changes.
func TestInventoryAt(t *testing.T) {
	db := t.TempDir() + "/demo.db"
	run(t, "demo", "--speed", "1000", "--db", db, "-o", "json")
	list := func(at time.Time) []web.Component {
		return readJSON[componentOutput](t, "inventory", "list", "--db", db, "--at", at.Format(time.RFC3339Nano)).Components
	}
	states := func(components []web.Component) (all []string) {
		for _, c := range components {
			all = append(all, strings.Join([]string{c.ID, c.Name, c.Serial, c.Health, c.Reason, c.Since.String()}, " "))
		}
		return all
	}
	now := readJSON[componentOutput](t, "inventory", "list", "--db", db).Components
	if diff := cmp.Diff(states(now), states(list(time.Now()))); diff != "" {
		t.Errorf("now and the history to now (-now +history):\n%s", diff)
	}

	changes := readJSON[changeOutput](t, "inventory", "history", "--db", db).Changes
	known := func(name, kind string) time.Time {
		t.Helper()
		n := slices.IndexFunc(changes, func(c web.Change) bool { return c.Name == name && c.Kind == kind })
		if n < 0 {
			t.Fatalf("%s: no change %s", name, kind)
		}
		return changes[n].Known
	}
	find := func(name string, at time.Time) string {
		for _, c := range list(at) {
			if c.Name == name {
				return c.Serial + " " + c.Health
			}
		}
		return ""
	}
	first := known("DIMM_B2", "appeared")
	if before := list(first.Add(-1)); len(before) != 0 {
		t.Errorf("before the first sync there were %d components", len(before))
	}
	for _, test := range []struct {
		name string
		at   time.Time
		want string
	}{
		{"DIMM_B2", first, "36F1A40C ok"},
		{"DIMM_B2", known("DIMM_B2", "disappeared"), ""},
		{"DIMM_B2", known("DIMM_B2", "replaced").Add(-1), ""},
		{"DIMM_B2", known("DIMM_B2", "replaced"), "4A07D3E2 ok"},
		{"Power Supply 2", known("Power Supply 2", "raised").Add(-1), " ok"},
		{"Power Supply 2", known("Power Supply 2", "raised"), " critical"},
		{"Power Supply 2", known("Power Supply 2", "cleared"), " ok"},
	} {
		if got := find(test.name, test.at); got != test.want {
			t.Errorf("%s at %v: %q, want %q", test.name, test.at, got, test.want)
		}
	}
	shown := run(t, "inventory", "show", "demo", "Power Supply 2", "--db", db, "--at", known("Power Supply 2", "raised").Format(time.RFC3339Nano))
	if !strings.Contains(shown, "critical since") || !strings.Contains(shown, "AC lost (raised by OMC_PowerIpmiAlertIndication #3)") {
		t.Errorf("shown as\n%s", shown)
	}
}
