package daemon

import (
	"iter"
	"maps"
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/cimwatch/cimwatch/inventory"
)

// componentCounts is the metric of components by health. It counts a host when the
// metrics are read and the host has changed since, so that a burst of indications costs
// one count.
type componentCounts struct {
	desc *prometheus.Desc

	// components yields the components of a host; set before the first Collect.
	components func(host string) iter.Seq2[inventory.Component, error]

	counting sync.Mutex // one count at a time; protects counts
	counts   map[string]map[inventory.Health]int

	// mu protects stale alone, so that who follows the journal never waits for a count.
	mu    sync.Mutex
	stale map[string]bool
}

func newComponentCounts() *componentCounts {
	return &componentCounts{
		desc: prometheus.NewDesc("cimwatch_inventory_components",
			"Components of all hosts, by health.", []string{"health"}, nil),
		counts: map[string]map[inventory.Health]int{},
		stale:  map[string]bool{},
	}
}

// changed says that a host has to be counted again.
func (c *componentCounts) changed(host string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stale[host] = true
}

// takeStale returns the hosts to count; what changes from here on is for the next time.
func (c *componentCounts) takeStale() map[string]bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	stale := c.stale
	c.stale = map[string]bool{}
	return stale
}

// giveBack returns hosts that could not be counted.
func (c *componentCounts) giveBack(hosts map[string]bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	maps.Copy(c.stale, hosts)
}

// Describe makes componentCounts a prometheus.Collector.
func (c *componentCounts) Describe(ch chan<- *prometheus.Desc) { ch <- c.desc }

// Collect counts the hosts that changed and sends the sums.
func (c *componentCounts) Collect(ch chan<- prometheus.Metric) {
	c.counting.Lock()
	defer c.counting.Unlock()
	stale := c.takeStale()
	for host := range stale {
		counts, err := c.count(host)
		if err != nil {
			c.giveBack(stale)
			ch <- prometheus.NewInvalidMetric(c.desc, err)
			return
		}
		c.counts[host] = counts
		delete(stale, host)
	}
	for _, health := range healths() {
		sum := 0
		for _, counts := range c.counts {
			sum += counts[health]
		}
		ch <- prometheus.MustNewConstMetric(c.desc, prometheus.GaugeValue, float64(sum), health.String())
	}
}

func (c *componentCounts) count(host string) (map[inventory.Health]int, error) {
	counts := map[inventory.Health]int{}
	for component, err := range c.components(host) {
		if err != nil {
			return nil, err
		}
		counts[component.Health]++
	}
	return counts, nil
}
