package daemon_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/cimwatch/cimwatch/daemon"
)

// series is a row of the table in docs/metrics.md.
type series struct{ Kind, Labels, Meaning string }

// TestMetricsDocument holds docs/metrics.md and what the daemon serves equal.
func TestMetricsDocument(t *testing.T) {
	registry := prometheus.NewRegistry()
	d := start(t, configFor(t, "http://127.0.0.1:1"), &daemon.Options{Registry: registry})
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	served := map[string]series{}
	values := map[string][]string{}
	for _, family := range families {
		if !strings.HasPrefix(family.GetName(), "cimwatch_") {
			continue
		}
		var names []string
		for _, metric := range family.GetMetric() {
			for _, label := range metric.GetLabel() {
				names = append(names, "`"+label.GetName()+"`")
				values[label.GetName()] = append(values[label.GetName()], label.GetValue())
			}
		}
		slices.Sort(names)
		served[family.GetName()] = series{
			strings.ToLower(family.GetType().String()), strings.Join(slices.Compact(names), ", "), family.GetHelp(),
		}
	}
	text := fileText(t, "../docs/metrics.md")
	if diff := cmp.Diff(documented(text), served); diff != "" {
		t.Errorf("series (-docs +served):\n%s", diff)
	}
	for label, list := range values {
		if label == "host" || label == "version" || label == "goversion" {
			continue
		}
		for _, value := range list {
			if value != "" && !strings.Contains(text, "`"+value+"`") {
				t.Errorf("value %q of label %s is not in docs/metrics.md", value, label)
			}
		}
	}
	if _, text := d.get("/metrics"); !strings.Contains(text, "\ngo_goroutines ") || !strings.Contains(text, "\nprocess_open_fds ") {
		t.Error("the series of the process are missing")
	}
}

func documented(text string) map[string]series {
	row := regexp.MustCompile("(?m)^\\| `(cimwatch_\\w+)` \\| (\\w+) \\| ([^|]*)\\| (.*) \\|$")
	found := map[string]series{}
	for _, m := range row.FindAllStringSubmatch(text, -1) {
		found[m[1]] = series{m[2], strings.TrimSpace(m[3]), m[4]}
	}
	return found
}
