package daemon

import (
	"maps"
	"slices"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/cimwatch/cimwatch/listener"
)

// listenerCounts are the metrics of what the listener counts by reason.
type listenerCounts struct {
	stats                      func() listener.Stats
	answers, connections, open *prometheus.Desc
}

func newListenerCounts(stats func() listener.Stats) *listenerCounts {
	return &listenerCounts{
		stats: stats,
		answers: prometheus.NewDesc("cimwatch_listener_answers_total",
			"Answers of the listener, by reason.", []string{"reason"}, nil),
		connections: prometheus.NewDesc("cimwatch_listener_connections_total",
			"Connections to the listener, by what became of them.", []string{"reason"}, nil),
		open: prometheus.NewDesc("cimwatch_listener_open_connections",
			"Connections to the listener that are open.", nil, nil),
	}
}

// Describe makes listenerCounts a prometheus.Collector.
func (c *listenerCounts) Describe(ch chan<- *prometheus.Desc) {
	for _, desc := range []*prometheus.Desc{c.answers, c.connections, c.open} {
		ch <- desc
	}
}

// Collect sends the counts as they are.
func (c *listenerCounts) Collect(ch chan<- prometheus.Metric) {
	stats := c.stats()
	send := func(desc *prometheus.Desc, counts map[string]uint64) {
		for _, reason := range slices.Sorted(maps.Keys(counts)) {
			ch <- prometheus.MustNewConstMetric(desc, prometheus.CounterValue, float64(counts[reason]), reason)
		}
	}
	send(c.answers, stats.Answers)
	send(c.connections, stats.Connections)
	ch <- prometheus.MustNewConstMetric(c.open, prometheus.GaugeValue, float64(stats.Open))
}
