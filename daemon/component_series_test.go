package daemon_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cimwatch/cimwatch/daemon"
)

const brokenDisk = `cimwatch_component_health{component="Drive 1 in enclosure 32 on Controller 0",host="esx1",kind="disk"}`

// TestComponentSeries shows what components are and measure, and what becomes of them.
func TestComponentSeries(t *testing.T) {
	h := startHost(t, nil)
	config := configFor(t, h.url)
	config.Metrics.Components = true
	d := start(t, config, nil)
	d.awaitSubscribed(hostName)
	d.awaitMetric(brokenDisk, "0")
	if got := d.metric(`cimwatch_host_health{host="esx1"}`); got != "0" {
		t.Errorf("health of the host: %s, want 0", got)
	}
	_, text := d.get("/metrics")
	for _, unit := range []string{"celsius", "volts", "rpm"} {
		if !strings.Contains(text, "\ncimwatch_sensor_"+unit+`{component="`) {
			t.Errorf("no sensor in %s", unit)
		}
	}
	h.play(t, d, "disk-failed")
	d.awaitMetric(brokenDisk, "2")
	d.awaitMetric(`cimwatch_host_health{host="esx1"}`, "2")
	d.awaitMetric("cimwatch_component_series_left_out", "0")
}

// TestComponentSeriesAreBounded leaves out what there is no room for, and trouble last.
func TestComponentSeriesAreBounded(t *testing.T) {
	h := startHost(t, nil)
	config := configFor(t, h.url)
	config.Metrics.Components, config.Metrics.MaxSeries = true, 5
	d := start(t, config, nil)
	d.awaitSubscribed(hostName)
	h.play(t, d, "disk-failed")
	d.awaitMetric(brokenDisk, "2")
	_, text := d.get("/metrics")
	if n := len(regexp.MustCompile(`(?m)^cimwatch_(component_health|sensor_\w+)\{`).FindAllString(text, -1)); n != 5 {
		t.Errorf("%d series, want 5", n)
	}
	if left := d.metric("cimwatch_component_series_left_out"); len(left) < 2 {
		t.Errorf("%s series are left out", left)
	}
}

// TestNoComponentSeries has none where nobody asked for them.
func TestNoComponentSeries(t *testing.T) {
	h := startHost(t, nil)
	d := start(t, configFor(t, h.url), nil)
	d.awaitSubscribed(hostName)
	d.awaitMetric(`cimwatch_host_health{host="esx1"}`, "0")
	_, text := d.get("/metrics")
	if strings.Contains(text, "\ncimwatch_component_health") || strings.Contains(text, "\ncimwatch_sensor") {
		t.Error("there are series of components")
	}
	if left := d.metric("cimwatch_component_series_left_out"); left != "0" {
		t.Errorf("%s series are left out, want 0: none are wanted", left)
	}
}

// TestSensorDocument holds the series of sensors in docs/metrics.md to those that there are.
func TestSensorDocument(t *testing.T) {
	var want []string
	for _, unit := range []string{"C", "F", "K", "V", "A", "W", "J", "VA", "kPa", "CFM", "rpm", "Hz", "s", "%", "Pa", ""} {
		s := daemon.SensorSeriesOf(unit)
		want = append(want, s.Name)
	}
	want = append(want, "cimwatch_component_health")
	slices.Sort(want)
	var got []string
	row := regexp.MustCompile("(?m)^\\| `(cimwatch_\\w+)` \\| [^|]* \\|$")
	for _, m := range row.FindAllStringSubmatch(fileText(t, "../docs/metrics.md"), -1) {
		got = append(got, m[1])
	}
	slices.Sort(got)
	if diff := cmp.Diff(slices.Compact(want), got); diff != "" {
		t.Errorf("series (-daemon +docs):\n%s", diff)
	}
}
