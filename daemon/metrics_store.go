package daemon

import (
	"math"

	"github.com/prometheus/client_golang/prometheus"
)

// storeMetrics are read from the store when they are asked for.
func (d *Daemon) storeMetrics() []prometheus.Collector {
	return []prometheus.Collector{
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Namespace: "cimwatch", Name: "journal_last_entry",
			Help: "Number of the last entry in the journal.",
		}, func() float64 { return float64(d.store.LastNumber()) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Namespace: "cimwatch", Name: "store_size_bytes",
			Help: "Size of the store's file, with the room that is used again.",
		}, d.storeSize),
	}
}

// storeSize returns the size of the file, NaN where it cannot be told.
func (d *Daemon) storeSize() float64 {
	size, err := d.store.Size()
	if err != nil {
		return math.NaN()
	}
	return float64(size)
}

// standMetrics tell since when the inventory does not follow the journal.
func (d *Daemon) standMetrics() (all []prometheus.Collector) {
	for _, reason := range standReasons() {
		all = append(all, prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Namespace: "cimwatch", Name: "inventory_failing_since_seconds",
			Help:        "Since when the inventory does not follow the journal, in seconds since 1970, by reason; 0 while it does.",
			ConstLabels: prometheus.Labels{"reason": string(reason)},
		}, func() float64 {
			since, err := d.inventory.stands.now()
			if err == nil || standReasonOf(err) != reason {
				return 0
			}
			return float64(since.UnixMilli()) / 1000
		}))
	}
	return all
}
