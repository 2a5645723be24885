package cli_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/web"
)

// TestInventoryDocument reads the examples of docs/json.md as what the commands write:
// every field is known, and each section has one.
func TestInventoryDocument(t *testing.T) {
	type hosts struct {
		Hosts []web.Host `json:"hosts"`
	}
	type changes struct {
		Changes []web.Change `json:"changes"`
	}
	type difference struct {
		Kind, Component, Name, A, B, Property string
		Old, New                              json.RawMessage
	}
	type differences struct {
		Differences []difference `json:"differences"`
	}
	type deviations struct {
		Hosts []struct {
			Host       string                `json:"host"`
			Deviations []inventory.Deviation `json:"deviations"`
		} `json:"hosts"`
	}
	type list struct {
		Components []web.Component `json:"components"`
		Next       string          `json:"next"`
	}
	type shown struct { // a component or a host
		web.Component

		Children []any `json:"children"`
	}
	for section, target := range map[string]func() any{
		"demo":                     func() any { return &demoLine{} },
		"inventory hosts":          func() any { return &hosts{} },
		"inventory list":           func() any { return &list{} },
		"inventory show":           func() any { return &shown{} },
		"inventory history":        func() any { return &changes{} },
		"inventory diff":           func() any { return &differences{} },
		"inventory baseline save":  func() any { return &inventory.Baseline{} },
		"inventory baseline check": func() any { return &deviations{} },
	} {
		examples := examplesOf(t, section)
		if len(examples) == 0 {
			t.Errorf("section %s has no example", section)
		}
		for _, example := range examples {
			d := json.NewDecoder(strings.NewReader(example))
			d.DisallowUnknownFields()
			if err := d.Decode(target()); err != nil {
				t.Errorf("section %s: %v in %s", section, err, example)
			}
		}
	}
}

// TestInventoryFields finds each field that the commands write in its section of
// docs/json.md.
func TestInventoryFields(t *testing.T) {
	db := t.TempDir() + "/demo.db"
	demo := run(t, "demo", "--speed", "1000", "--db", db, "-o", "json")
	baseline := t.TempDir() + "/baseline.json"
	if err := os.WriteFile(baseline, []byte(`{"components":[{"kind":"fan","name":"System Fan 1","firmware":"7"},{"kind":"disk","count":9}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for section, output := range map[string]string{
		"demo":                     demo,
		"inventory hosts":          run(t, "inventory", "hosts", "--db", db, "-o", "json"),
		"inventory show":           run(t, "inventory", "show", "demo", "DIMM_B1", "--db", db, "-o", "json") + run(t, "inventory", "show", "demo", "--db", db, "-o", "json"),
		"inventory list":           run(t, "inventory", "list", "--db", db, "--limit", "1", "-o", "json"),
		"inventory history":        run(t, "inventory", "history", "--db", db, "-o", "json"),
		"inventory diff":           run(t, "inventory", "diff", "demo", "--from", "1d", "--db", db, "-o", "json"),
		"inventory baseline save":  strings.ReplaceAll(run(t, "inventory", "baseline", "save", "demo", "--each", "--db", db), "\n", "") + "\n",
		"inventory baseline check": run(t, "inventory", "diff", "demo", "--baseline", baseline, "--db", db, "-o", "json"),
	} {
		checkFields(t, section, slices.Collect(strings.Lines(output)))
	}
}

// checkFields fails the test when a field of JSON is not in its section of docs/json.md.
func checkFields(t *testing.T, section string, lines []string) {
	t.Helper()
	text := sectionOf(t, section)
	for _, line := range lines {
		var value any
		if err := json.Unmarshal([]byte(line), &value); err != nil {
			t.Fatal(err)
		}
		fieldsOf(value, func(name string) {
			if !strings.Contains(text, "`"+name+"`") {
				t.Errorf("field %s is not in section %s", name, section)
			}
		})
	}
}

// fieldsOf calls do with the name of each field that the contract has: not with those of
// the changes of an indication, which another section describes, and those of servers.
func fieldsOf(value any, do func(name string)) {
	switch value := value.(type) {
	case map[string]any:
		for name, v := range value {
			do(name)
			if name != "properties" && name != "components" && (name != "changes" || len(value) == 1) {
				fieldsOf(v, do)
			}
		}
	case []any:
		for _, v := range value {
			fieldsOf(v, do)
		}
	}
}

func sectionOf(t *testing.T, title string) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/json.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, ok := strings.Cut(string(text), "\n## "+title+"\n")
	if !ok {
		t.Fatalf("docs/json.md has no section %s", title)
	}
	section, _, _ = strings.Cut(section, "\n## ")
	return section
}

func examplesOf(t *testing.T, title string) (examples []string) {
	t.Helper()
	for line := range strings.Lines(sectionOf(t, title)) {
		if strings.HasPrefix(line, "{") {
			examples = append(examples, line)
		}
	}
	return examples
}
