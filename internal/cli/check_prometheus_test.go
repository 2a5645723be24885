package cli

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/internal/check"
	"github.com/cimwatch/cimwatch/inventory"
)

// metricsOf returns the metrics of a host with so many sensors, whose words are hostile.
func metricsOf(t *testing.T, sensors int) string {
	t.Helper()
	nasty := "a\"b\\c\nd" + strings.Repeat("é", 200)
	components := []inventory.Component{
		{Class: "OMC_Chassis", Kind: inventory.KindChassis, Name: "Chassis", Vendor: nasty, Model: "\xff", Health: inventory.OK},
		{Class: "OMC_Fan", Kind: inventory.KindFan, Name: "gone", Health: inventory.Absent},
	}
	for n := range sensors {
		components = append(components, inventory.Component{
			ID: fmt.Sprint(n), Class: "CIM_NumericSensor", Kind: inventory.KindSensor, Name: fmt.Sprintf("%d %s", n, nasty), Health: inventory.Warning,
			Properties: cim.PropertyMap{cim.Prop("CurrentReading", cim.Sint32(int32(n)))},
		})
	}
	twin := components[2]
	twin.ID = "twin"
	options := &check.Options{}
	r := hostCheck{Host: "esx1", Seconds: 0.5, Report: check.New(append(components, twin), nil, options), options: options}
	var b strings.Builder
	if err := r.writePrometheus(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestWritePrometheus has Prometheus's own linter read the metrics.
func TestWritePrometheus(t *testing.T) {
	problems, err := promlint.New(strings.NewReader(metricsOf(t, 20))).Lint()
	if err != nil || len(problems) > 0 {
		t.Errorf("Prometheus does not like it: %v, %v", err, problems)
	}
}

// TestPrometheusBounds counts what a host with very many sensors makes of metrics.
func TestPrometheusBounds(t *testing.T) {
	text := metricsOf(t, mostReadings+50)
	sizes := make(map[string]int)
	value := regexp.MustCompile(`"((?:[^"\\]|\\.)*)"`)
	for line := range strings.Lines(text) {
		name, labels, found := strings.Cut(line, "{")
		if !found {
			continue
		}
		sizes[name]++
		for _, match := range value.FindAllStringSubmatch(labels, -1) {
			if len(match[1]) > 128+3 { // with the escapes of nasty
				t.Errorf("a label of %d bytes: %s", len(match[1]), line)
			}
		}
	}
	want := map[string]int{
		"cimwatch_check_state": 1, "cimwatch_check_duration_seconds": 1, "cimwatch_check_unread": 1, "cimwatch_check_info": 1,
		"cimwatch_check_components": 3, "cimwatch_sensor_reading": mostReadings - 1,
	}
	if diff := cmp.Diff(want, sizes); diff != "" {
		t.Error(diff)
	}
	for _, line := range []string{
		`cimwatch_check_state{host="esx1"} 1`,
		`cimwatch_check_components{host="esx1",kind="fan",state="absent"} 1`,
		`cimwatch_check_components{host="esx1",kind="sensor",state="warning"} 1051`,
	} {
		if !strings.Contains(text, "\n"+line+"\n") {
			t.Errorf("there is no %s", line)
		}
	}
}
