package examples_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/cimwatch/cimwatch/daemon"
	"github.com/cimwatch/cimwatch/inventory"
)

// ruleFile is what Prometheus reads rules from.
type ruleFile struct {
	Groups []struct {
		Name  string `yaml:"name"`
		Rules []struct {
			Alert       string            `yaml:"alert"`
			Record      string            `yaml:"record,omitempty"`
			Expr        string            `yaml:"expr"`
			For         string            `yaml:"for"`
			Labels      map[string]string `yaml:"labels"`
			Annotations map[string]string `yaml:"annotations"`
		} `yaml:"rules"`
	} `yaml:"groups"`
}

// dashboard is what the test wants to know of a dashboard of Grafana.
type dashboard struct {
	Panels []struct {
		Title   string
		Type    string
		GridPos struct{ H, W, X, Y int }
		Targets []struct{ Expr string }
	}
	Templating struct{ List []struct{ Query any } }
}

// rules returns the expressions of the alert rules by the names of the alerts.
func rules(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("prometheus", "cimwatch.rules.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var file ruleFile
	if err := yaml.NewDecoder(bytes.NewReader(text), yaml.Strict()).Decode(&file); err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, group := range file.Groups {
		for _, rule := range group.Rules {
			if found[rule.Alert] != "" || rule.Alert == "" {
				t.Errorf("group %s: alert %q stands twice", group.Name, rule.Alert)
			}
			if rule.Annotations["summary"] == "" || rule.Annotations["description"] == "" || rule.Labels["severity"] == "" {
				t.Errorf("alert %s: summary, description or severity is missing", rule.Alert)
			}
			found[rule.Alert] = rule.Expr
		}
	}
	return found
}

// queries returns the queries of the dashboard by panel.
func queries(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("prometheus", "grafana-dashboard.json"))
	if err != nil {
		t.Fatal(err)
	}
	var board dashboard
	if err := json.Unmarshal(text, &board); err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, panel := range board.Panels {
		if panel.Type != "row" && len(panel.Targets) == 0 || panel.GridPos.X+panel.GridPos.W > 24 || panel.GridPos.W*panel.GridPos.H == 0 {
			t.Errorf("panel %s has no query or no place", panel.Title)
		}
		for n, target := range panel.Targets {
			name := fmt.Sprintf("%s %d", panel.Title, n)
			if found[name] != "" {
				t.Errorf("panel %s stands twice", panel.Title)
			}
			found[name] = target.Expr
		}
	}
	for n, variable := range board.Templating.List {
		found[fmt.Sprintf("variable %d", n)] = fmt.Sprint(variable.Query)
	}
	return found
}

// served returns the names of the metrics that a daemon serves for a simulated host.
func served(t *testing.T) map[string]bool {
	t.Helper()
	server := simulate(t, nil)
	registry := prometheus.NewRegistry()
	synced := make(chan struct{}, 1)
	config, err := daemon.ParseConfig("cimwatch.yaml", fmt.Appendf(nil, `
store: {file: %q}
listener: {address: "127.0.0.1:0", url: "http://127.0.0.1:1"}
metrics: {components: true}
hosts: [{name: esx1, url: %q}]
`, filepath.Join(t.TempDir(), "cimwatch.db"), server.URL()))
	if err != nil {
		t.Fatal(err)
	}
	d, err := daemon.New(t.Context(), config, &daemon.Options{Registry: registry, Observe: daemon.Observer{
		Synced: func(string, []inventory.Change) {
			select {
			case synced <- struct{}{}:
			default:
			}
		},
	}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- d.Run(ctx) }()
	<-synced
	families, err := registry.Gather()
	stop()
	if ran := <-ended; err != nil || ran != nil {
		t.Fatal(err, ran)
	}
	names := map[string]bool{"up": true} // Prometheus makes it
	for _, family := range families {
		names[family.GetName()] = true
		if family.GetType().String() == "HISTOGRAM" {
			for _, suffix := range []string{"_bucket", "_sum", "_count"} {
				names[family.GetName()+suffix] = true
			}
		}
	}
	return names
}

// TestPrometheusNames finds every metric of rules and dashboard in what a daemon serves.
func TestPrometheusNames(t *testing.T) {
	names := served(t)
	metric := regexp.MustCompile(`\b(cimwatch_\w+|up\{)`)
	for _, set := range []map[string]string{rules(t), queries(t)} {
		used := 0
		for where, expr := range set {
			for _, name := range metric.FindAllString(expr, -1) {
				used++
				if !names[strings.TrimSuffix(name, "{")] {
					t.Errorf("%s: no daemon serves %s", where, name)
				}
			}
		}
		if used < 10 {
			t.Errorf("%d metrics are used", used)
		}
	}
}

// TestPromtool has Prometheus's own tool read the configuration, the rules and the queries
// of the dashboard.
func TestPromtool(t *testing.T) {
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("promtool is not installed; Debian's package prometheus has it")
	}
	var file strings.Builder
	file.WriteString("groups:\n- name: dashboard\n  rules:\n")
	n := 0
	for _, expr := range queries(t) {
		if !strings.Contains(expr, "cimwatch_") || strings.Contains(expr, "label_values") {
			continue
		}
		n++
		expr = strings.NewReplacer("$__rate_interval", "5m", "$host", ".*").Replace(expr)
		fmt.Fprintf(&file, "  - record: query:%d\n    expr: %q\n", n, expr)
	}
	generated := filepath.Join(t.TempDir(), "dashboard.yml")
	if err := os.WriteFile(generated, []byte(file.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"check", "config", filepath.Join("prometheus", "prometheus.yml")},
		{"check", "rules", filepath.Join("prometheus", "cimwatch.rules.yml")},
		{"check", "rules", generated},
	} {
		output, err := exec.CommandContext(t.Context(), promtool, args...).CombinedOutput()
		if err != nil || bytes.Contains(output, []byte("duplicate rule")) {
			t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, output)
		}
		t.Logf("%s", output)
	}
}
