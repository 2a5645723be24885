package daemon

import (
	"context"
	"iter"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/cimwatch/cimwatch/inventory"
)

// componentCounts are the metrics of components: counts by health, the health of hosts,
// and, where they are wanted, series of each component. A host is read when the metrics
// are and it has changed since, so that a burst of indications costs one reading.
type componentCounts struct {
	desc     *prometheus.Desc // components by health
	hostDesc *prometheus.Desc // worst health by host
	leftDesc *prometheus.Desc // series that are left out
	oldDesc  *prometheus.Desc // hosts whose counts are old
	descs    map[string]*prometheus.Desc

	// These are set before the first Collect.
	summary    func(ctx context.Context, host string) (inventory.Summary, error)
	components func(ctx context.Context, host string) iter.Seq2[inventory.Component, error]
	ctx        context.Context //nolint:containedctx // of all counts: a Collect has none
	failed     func(error)     // told when hosts cannot be counted, and with nil when they can again
	configured map[string]bool // hosts that have series of their own
	most       int             // series of components; 0: none

	counting sync.Mutex // one count at a time; protects hosts and failing
	hosts    map[string]*hostCount
	failing  bool

	// mu protects stale alone, so that who follows the journal never waits for a count.
	mu    sync.Mutex
	stale map[string]bool
}

// hostCount is what a host has.
type hostCount struct {
	byHealth map[inventory.Health]int
	worst    inventory.Health
	series   []componentSeries
}

func newComponentCounts() *componentCounts {
	return &componentCounts{
		desc: prometheus.NewDesc("cimwatch_inventory_components",
			"Components of all hosts, by health.", []string{"health"}, nil),
		hostDesc: prometheus.NewDesc("cimwatch_host_health",
			"Worst health of a host's components: 0 ok, 1 warning, 2 critical, -1 unknown.", []string{"host"}, nil),
		leftDesc: prometheus.NewDesc("cimwatch_component_series_left_out",
			"Series of components that there is no room for, by metrics.max_series.", nil, nil),
		oldDesc: prometheus.NewDesc("cimwatch_inventory_uncounted_hosts",
			"Hosts whose components changed and could not be counted again: what is told of them is old.", nil, nil),
		descs:      componentDescs(),
		configured: map[string]bool{},
		hosts:      map[string]*hostCount{},
		stale:      map[string]bool{},
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
func (c *componentCounts) Describe(ch chan<- *prometheus.Desc) {
	ch <- c.desc
	ch <- c.hostDesc
	ch <- c.leftDesc
	ch <- c.oldDesc
	for _, desc := range c.descs {
		ch <- desc
	}
}

// Collect counts the hosts that changed and sends the sums: of those that cannot be counted now, the
// last ones.
func (c *componentCounts) Collect(ch chan<- prometheus.Metric) {
	c.counting.Lock()
	defer c.counting.Unlock()
	err := c.countStale()
	if failing := err != nil; failing != c.failing {
		c.failing = failing
		c.failed(err)
	}
	old := 0
	if c.failing {
		old = c.left()
	}
	ch <- prometheus.MustNewConstMetric(c.oldDesc, prometheus.GaugeValue, float64(old))
	for _, health := range healths() {
		sum := 0
		for _, host := range c.hosts {
			sum += host.byHealth[health]
		}
		ch <- prometheus.MustNewConstMetric(c.desc, prometheus.GaugeValue, float64(sum), health.String())
	}
	names := slices.Sorted(maps.Keys(c.configured))
	for _, name := range names {
		worst := inventory.Unknown
		if host := c.hosts[name]; host != nil {
			worst = host.worst
		}
		ch <- prometheus.MustNewConstMetric(c.hostDesc, prometheus.GaugeValue, HealthValue(worst), name)
	}
	left := c.collectSeries(ch, names, true, c.most)
	left = c.collectSeries(ch, names, false, left)
	ch <- prometheus.MustNewConstMetric(c.leftDesc, prometheus.GaugeValue, float64(max(-left, 0)))
}

// collectSeries sends the series of hosts that tell of trouble, or the others, as long as
// there is room. It returns how much is left of it, below zero how much there was too little.
func (c *componentCounts) collectSeries(ch chan<- prometheus.Metric, hosts []string, troubled bool, room int) int {
	for _, host := range hosts {
		count := c.hosts[host]
		for n := 0; count != nil && n < len(count.series); n++ {
			s := &count.series[n]
			if s.troubled() != troubled {
				continue
			}
			if room--; room >= 0 {
				ch <- prometheus.MustNewConstMetric(c.descs[s.name], prometheus.GaugeValue, s.value, host, s.kind, s.component)
			}
		}
	}
	return room
}

// countTime is what the counts of one Collect may take: less than a scraper waits.
const countTime = 5 * time.Second

// countStale counts the hosts that changed.
func (c *componentCounts) countStale() error {
	stale := c.takeStale()
	if len(stale) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(c.ctx, countTime)
	defer cancel()
	for host := range stale {
		count, err := c.count(ctx, host)
		if err != nil {
			c.giveBack(stale)
			return err
		}
		if c.hosts[host] = count; len(count.byHealth) == 0 && !c.configured[host] {
			delete(c.hosts, host) // it was forgotten
		}
		delete(stale, host)
	}
	return nil
}

// left returns how many hosts are to be counted.
func (c *componentCounts) left() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.stale)
}

// count reads the components of a host where they have series, and else its summary alone.
func (c *componentCounts) count(ctx context.Context, host string) (*hostCount, error) {
	summary, err := c.summary(ctx, host)
	if err != nil {
		return nil, err
	}
	count := &hostCount{byHealth: summary.ByHealth(), worst: summary.Worst()}
	if c.most == 0 || !c.configured[host] {
		return count, nil
	}
	var components []inventory.Component
	for component, err := range c.components(ctx, host) {
		if err != nil {
			return nil, err
		}
		components = append(components, component)
	}
	count.series = seriesOf(components)
	return count, nil
}
