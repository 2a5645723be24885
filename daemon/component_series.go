package daemon

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/cimwatch/cimwatch/inventory"
)

// longestLabel bounds what a host can write into a label, in bytes.
const longestLabel = 128

// componentHealth is the series of health; the others are those of SensorSeries.
const componentHealth = "cimwatch_component_health"

// A componentSeries is a series of a component: its health, or what it measures.
type componentSeries struct {
	name, kind, component string
	value                 float64
}

// troubled says whether it tells of trouble, so that others give way to it.
func (s *componentSeries) troubled() bool { return s.name == componentHealth && s.value > 0 }

// HealthValue is a health in metrics: greater is worse, and above zero is trouble.
func HealthValue(h inventory.Health) float64 {
	switch h {
	case inventory.OK:
		return 0
	case inventory.Warning:
		return 1
	case inventory.Critical:
		return 2
	default:
		return -1
	}
}

// seriesOf returns the series of a host's components. What is absent has none, and of those
// that would have the same labels there is the first.
func seriesOf(components []inventory.Component) (all []componentSeries) {
	names := labelsOf(components)
	seen := map[componentSeries]bool{}
	add := func(s componentSeries, value float64) {
		if !seen[s] {
			seen[s] = true
			s.value = value
			all = append(all, s)
		}
	}
	for n := range components {
		c := &components[n]
		if c.Health == inventory.Absent {
			continue
		}
		kind := ComponentLabel(string(c.Kind))
		add(componentSeries{name: componentHealth, kind: kind, component: names[n]}, HealthValue(c.Health))
		if r, ok := c.Reading(); ok {
			s := SensorSeriesOf(r.Unit)
			add(componentSeries{name: s.Name, kind: kind, component: names[n]}, s.Value(r.Value))
		}
	}
	return all
}

// labelsOf returns what components are called in metrics: by their names, and where several
// of a host have one name, by that and a part that their IDs give and that stays the same.
func labelsOf(components []inventory.Component) []string {
	labels := make([]string, len(components))
	count := map[string]int{}
	for n := range components {
		labels[n] = ComponentLabel(cmp.Or(components[n].Name, components[n].ID))
		count[labels[n]]++
	}
	for n, label := range labels {
		if count[label] > 1 {
			sum := sha256.Sum256([]byte(components[n].ID))
			labels[n] = label + " " + hex.EncodeToString(sum[:4])
		}
	}
	return labels
}

// ComponentLabel returns the words of a host as the value of a label: up to 128 bytes, in
// UTF-8.
func ComponentLabel(text string) string {
	return strings.ToValidUTF8(text[:min(len(text), longestLabel)], "")
}

// componentDescs describes the series of components.
func componentDescs() map[string]*prometheus.Desc {
	labels := []string{"host", "kind", "component"}
	descs := map[string]*prometheus.Desc{
		componentHealth: prometheus.NewDesc(componentHealth,
			"Health of a component: 0 ok, 1 warning, 2 critical, -1 unknown. What is absent has none.", labels, nil),
	}
	for _, s := range allSensorSeries() {
		descs[s.Name] = prometheus.NewDesc(s.Name, s.Help, labels, nil)
	}
	return descs
}
