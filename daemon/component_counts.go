package daemon

import (
	"context"
	"iter"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/cimwatch/cimwatch/inventory"
)

// componentCounts is the metric of components by health. It counts a host when the
// metrics are read and the host has changed since, so that a burst of indications costs
// one count.
type componentCounts struct {
	desc *prometheus.Desc

	// components yields the components of a host; set before the first Collect.
	components func(ctx context.Context, host string) iter.Seq2[inventory.Component, error]

	mu     sync.Mutex // indications make hosts stale while metrics are read
	counts map[string]map[inventory.Health]int
	dirty  map[string]bool
}

const countTime = 5 * time.Second

func newComponentCounts() *componentCounts {
	return &componentCounts{
		desc: prometheus.NewDesc("cimwatch_inventory_components",
			"Components of all hosts, by health.", []string{"health"}, nil),
		counts: map[string]map[inventory.Health]int{},
		dirty:  map[string]bool{},
	}
}

// stale says that a host has to be counted again.
func (c *componentCounts) stale(host string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.dirty[host] = true
}

// Describe makes componentCounts a prometheus.Collector.
func (c *componentCounts) Describe(ch chan<- *prometheus.Desc) { ch <- c.desc }

// Collect counts the hosts that changed and sends the sums.
func (c *componentCounts) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), countTime)
	defer cancel()
	c.mu.Lock()
	defer c.mu.Unlock()
	for host := range c.dirty {
		counts, err := c.count(ctx, host)
		if err != nil {
			ch <- prometheus.NewInvalidMetric(c.desc, err)
			return
		}
		c.counts[host] = counts
		delete(c.dirty, host)
	}
	for _, health := range healths() {
		sum := 0
		for _, counts := range c.counts {
			sum += counts[health]
		}
		ch <- prometheus.MustNewConstMetric(c.desc, prometheus.GaugeValue, float64(sum), health.String())
	}
}

func (c *componentCounts) count(ctx context.Context, host string) (map[inventory.Health]int, error) {
	counts := map[inventory.Health]int{}
	for component, err := range c.components(ctx, host) {
		if err != nil {
			return nil, err
		}
		if component.Removed.IsZero() {
			counts[component.Health]++
		}
	}
	return counts, nil
}
