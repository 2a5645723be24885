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
