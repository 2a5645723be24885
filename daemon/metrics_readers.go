package daemon

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// What is read of the API as it comes, the values of the label "stream".
const (
	streamIndications = "indications"
	streamUpdates     = "updates"
)

// registerReaders registers the metrics of those who read streams.
func (d *Daemon) registerReaders() error {
	const namespace = "cimwatch"
	d.readers = prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Namespace: namespace, Name: "stream_readers",
		Help: "Answers of the API with indications or updates that are being written, by what they are of.",
	}, []string{"stream"})
	for _, stream := range []string{streamIndications, streamUpdates} {
		d.readers.WithLabelValues(stream)
	}
	if err := d.registry.Register(d.readers); err != nil {
		return err
	}
	return d.registry.Register(prometheus.NewCounterFunc(prometheus.CounterOpts{
		Namespace: namespace, Name: "updates_missed_total",
		Help: "How often readers of updates were told that they have missed some.",
	}, func() float64 { return float64(d.updates.missed.Load()) }))
}

// counted has the readers of a stream counted.
func (d *Daemon) counted(stream string, handler http.Handler) http.Handler {
	return promhttp.InstrumentHandlerInFlight(d.readers.WithLabelValues(stream), handler)
}
