package cli

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/cimwatch/cimwatch/daemon"
	"github.com/cimwatch/cimwatch/internal/check"
	"github.com/cimwatch/cimwatch/inventory"
)

// formatPrometheus is the text format of Prometheus, for the textfile collector of its
// node_exporter.
const formatPrometheus = "prometheus"

// mostReadings bounds what a host can make of metrics.
const mostReadings = 1000

// writePrometheus writes the report as metrics. What a sensor is called is the only label that
// a host is free in.
func (r *hostCheck) writePrometheus(w io.Writer) error {
	m := metricsText{host: r.Host, escape: strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)}
	m.family("cimwatch_check_state", "State of the host: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.")
	m.sample("cimwatch_check_state", float64(r.Code))
	m.family("cimwatch_check_duration_seconds", "How long the check took.")
	m.sample("cimwatch_check_duration_seconds", r.Seconds)
	m.family("cimwatch_check_unread", "Classes that could not be read; 1 also where nothing could be read.")
	m.sample("cimwatch_check_unread", float64(len(r.Unread)))
	r.writeInfo(&m)
	r.writeComponents(&m)
	r.writeReadings(&m)
	_, err := io.WriteString(w, m.text.String())
	return err
}

func (r *hostCheck) writeInfo(m *metricsText) {
	if r.Computer == (inventory.Computer{}) {
		return
	}
	m.family("cimwatch_check_info", "What the host is; always 1.")
	m.sample("cimwatch_check_info", 1, "vendor", r.Computer.Vendor, "model", r.Computer.Model,
		"serial", r.Computer.Serial, "bios", r.Computer.BIOS)
}

// writeComponents writes how many components of each kind there are in each state.
func (r *hostCheck) writeComponents(m *metricsText) {
	type sort struct {
		kind inventory.Kind
		word string
	}
	counts := make(map[sort]int)
	var sorts []sort
	for n := range r.Components {
		s := sort{r.Components[n].Kind, strings.ToLower(componentWord(&r.Components[n]))}
		if counts[s] == 0 {
			sorts = append(sorts, s)
		}
		counts[s]++
	}
	slices.SortFunc(sorts, func(a, b sort) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.word, b.word))
	})
	if len(sorts) > 0 {
		m.family("cimwatch_check_components", "Components by kind and state.")
	}
	for _, s := range sorts {
		m.sample("cimwatch_check_components", float64(counts[s]), "kind", string(s.kind), "state", s.word)
	}
}

// writeReadings writes what the first mostReadings sensors measure, named as the daemon's
// metrics. Of sensors with the same name there is one.
func (r *hostCheck) writeReadings(m *metricsText) {
	sensors := slices.DeleteFunc(r.Sensors(), func(c *check.Component) bool { return r.options.NoGraph[c.Reading.Quantity] })
	byName := make(map[string][]*check.Component)
	for _, c := range sensors[:min(len(sensors), mostReadings)] {
		name := daemon.SensorSeriesOf(c.Reading.Unit).Name
		byName[name] = append(byName[name], c)
	}
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		r.writeFamily(m, byName[name])
	}
}

// writeFamily writes the readings of sensors of one series.
func (r *hostCheck) writeFamily(m *metricsText, sensors []*check.Component) {
	written := make(map[[2]string]bool)
	for n, c := range sensors {
		series := daemon.SensorSeriesOf(c.Reading.Unit)
		if n == 0 {
			m.family(series.Name, series.Help)
		}
		if key := [2]string{string(c.Kind), daemon.ComponentLabel(c.Name)}; !written[key] {
			written[key] = true
			m.sample(series.Name, series.Value(c.Reading.Value), "kind", key[0], "component", key[1])
		}
	}
}

// metricsText is the text of metrics of one host.
type metricsText struct {
	host   string
	escape *strings.Replacer // makes a text fit between the quotes of a label
	text   strings.Builder
}

func (m *metricsText) family(name, help string) {
	fmt.Fprintf(&m.text, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name)
}

// sample writes one value; labels are names and values in turn.
func (m *metricsText) sample(name string, value float64, labels ...string) {
	fmt.Fprintf(&m.text, `%s{host="%s"`, name, m.escape.Replace(daemon.ComponentLabel(m.host)))
	for n := 0; n+1 < len(labels); n += 2 {
		fmt.Fprintf(&m.text, `,%s="%s"`, labels[n], m.escape.Replace(daemon.ComponentLabel(labels[n+1])))
	}
	m.text.WriteString("} " + strconv.FormatFloat(value, 'g', -1, 64) + "\n")
}
