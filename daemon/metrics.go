package daemon

import (
	"runtime/debug"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/listener"
)

// metrics are described in docs/metrics.md. Every label comes from a bounded set: hosts
// from the configuration, classes from what is subscribed to and first seen, capped.
type metrics struct {
	indications   *prometheus.CounterVec   // class, outcome
	duration      *prometheus.HistogramVec // status
	commitSize    prometheus.Histogram
	commitTime    prometheus.Histogram
	changes       *prometheus.CounterVec // kind
	undecodable   prometheus.Counter
	passedOver    prometheus.Counter
	hostState     *prometheus.GaugeVec     // host, state
	subscriptions *prometheus.GaugeVec     // host, state
	hostFailures  *prometheus.CounterVec   // host, step
	syncTime      *prometheus.HistogramVec // outcome
	components    *componentCounts
	lastProcessed prometheus.Gauge
	failures      *prometheus.CounterVec // reason
	repairs       *prometheus.CounterVec // change
	wakeups       *prometheus.CounterVec // reason
	surveys       *prometheus.CounterVec // outcome
	rereads       *prometheus.CounterVec // outcome
	gaps, missing prometheus.Counter

	classes classLabels
}

// Outcomes of an indication, the values of the label "outcome".
const (
	outcomeKept      = "kept"
	outcomeDuplicate = "duplicate"
	outcomeRefused   = "refused"
	outcomeFailed    = "failed"
)

func newMetrics() *metrics {
	const namespace = "cimwatch"
	m := &metrics{
		indications: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: namespace, Name: "indications_total",
			Help: "Export requests received, by class of the indication and outcome.",
		}, []string{"class", "outcome"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: namespace, Name: "listener_request_duration_seconds",
			Help:    "Time from the end of a request's header to its answer, by the class of the HTTP status.",
			Buckets: prometheus.ExponentialBuckets(0.0001, 2.5, 12),
		}, []string{"status"}),
		commitSize: prometheus.NewHistogram(prometheus.HistogramOpts{
			Namespace: namespace, Name: "journal_commit_entries",
			Help:    "Indications that one commit takes from the intake into the journal.",
			Buckets: prometheus.ExponentialBuckets(1, 2, 12),
		}),
		commitTime: prometheus.NewHistogram(prometheus.HistogramOpts{
			Namespace: namespace, Name: "journal_commit_duration_seconds",
			Help:    "Time of one commit of the journal, its syncs included. Senders do not wait for it, but for the intake: see the time to answer.",
			Buckets: prometheus.ExponentialBuckets(0.0001, 2.5, 12),
		}),
		changes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: namespace, Name: "inventory_changes_total",
			Help: "Changes written to the history of the inventory, by kind.",
		}, []string{"kind"}),
		undecodable: prometheus.NewCounter(prometheus.CounterOpts{
			Namespace: namespace, Name: "journal_undecodable_total",
			Help: "Journal entries that could not be decoded and changed nothing.",
		}),
		passedOver: prometheus.NewCounter(prometheus.CounterOpts{
			Namespace: namespace, Name: "journal_passed_over_total",
			Help: "Journal entries of hosts that neither the configuration nor the inventory has, which changed nothing.",
		}),
		hostState: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Namespace: namespace, Name: "host_subscription_state",
			Help: "1 for the state that the subscriptions of a host are in.",
		}, []string{"host", "state"}),
		subscriptions: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Namespace: namespace, Name: "subscriptions",
			Help: "Subscriptions of a host at the last look: standing, or declared and missing.",
		}, []string{"host", "state"}),
		hostFailures: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: namespace, Name: "host_failures_total",
			Help: "Failed attempts to subscribe to a host, to read its inventory or to unsubscribe, by step.",
		}, []string{"host", "step"}),
		syncTime: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: namespace, Name: "inventory_sync_duration_seconds",
			Help:    "Time to read the inventory of a host.",
			Buckets: prometheus.ExponentialBuckets(0.01, 3, 9),
		}, []string{"outcome"}),
		components: newComponentCounts(),
		lastProcessed: prometheus.NewGauge(prometheus.GaugeOpts{
			Namespace: namespace, Name: "inventory_journal_entry",
			Help: "Number of the last journal entry that the inventory has taken in.",
		}),
	}
	m.addUpkeep()
	m.start()
	return m
}

// The values of the label "outcome" of a reading of the inventory.
const (
	syncComplete = "complete"
	syncPartial  = "partial"
)

// start makes series that are known from the start, so that they show as zero.
func (m *metrics) start() {
	for _, status := range []string{"2xx", "4xx", "5xx"} {
		m.duration.WithLabelValues(status)
	}
	for _, outcome := range []string{syncComplete, syncPartial} {
		m.syncTime.WithLabelValues(outcome)
	}
	for _, outcome := range []string{outcomeKept, outcomeDuplicate, outcomeRefused, outcomeFailed} {
		m.indications.WithLabelValues("", outcome)
	}
	m.startUpkeep()
	for kind := inventory.Appeared; kind <= inventory.ConditionCleared; kind++ {
		m.changes.WithLabelValues(kind.String())
	}
}

func healths() []inventory.Health {
	return []inventory.Health{inventory.Unknown, inventory.Absent, inventory.OK, inventory.Warning, inventory.Critical}
}

func (m *metrics) all() []prometheus.Collector {
	return []prometheus.Collector{
		m.indications, m.duration, m.commitSize, m.commitTime, m.changes, m.undecodable, m.passedOver,
		m.hostState, m.subscriptions, m.hostFailures, m.syncTime, m.components, m.lastProcessed,
		m.failures, m.repairs, m.wakeups, m.surveys, m.rereads, m.gaps, m.missing,
	}
}

// register registers everything, the Go runtime's own, the queue's depth and the
// listener's counts included.
func (m *metrics) register(
	r prometheus.Registerer, version string, queueDepth func() float64, stats func() listener.Stats,
) error {
	collectors := append(m.all(), newListenerCounts(stats), collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		buildInfo(version),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Namespace: "cimwatch", Name: "journal_queue_depth",
			Help: "Indications that wait to be written to the intake, or to be taken from it into the journal.",
		}, queueDepth))
	for _, c := range collectors {
		if err := r.Register(c); err != nil {
			return err
		}
	}
	return nil
}

func buildInfo(version string) prometheus.Collector {
	goVersion := ""
	if info, ok := debug.ReadBuildInfo(); ok {
		goVersion = info.GoVersion
	}
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Namespace: "cimwatch", Name: "build_info",
		Help:        "1, with the version as a label.",
		ConstLabels: prometheus.Labels{"version": version, "goversion": goVersion},
	}, func() float64 { return 1 })
}

// received counts an indication by what became of it.
func (m *metrics) received(class, outcome string) {
	m.indications.WithLabelValues(m.classes.label(class), outcome).Inc()
}

// startHost makes the series of a host.
func (m *metrics) startHost(host string) {
	m.components.configured[host] = true
	for _, step := range steps() {
		m.hostFailures.WithLabelValues(host, step)
	}
	m.setHostState(host, StatePending)
	m.setSubscriptions(host, 0, 0)
}

// setSubscriptions shows how many subscriptions of a host stand and how many are missing.
func (m *metrics) setSubscriptions(host string, standing, missing int) {
	m.subscriptions.WithLabelValues(host, "standing").Set(float64(standing))
	m.subscriptions.WithLabelValues(host, "missing").Set(float64(missing))
}

// setHostState shows one state of a host as 1 and the others as 0.
func (m *metrics) setHostState(host string, state State) {
	for _, s := range states() {
		value := 0.0
		if s == state {
			value = 1
		}
		m.hostState.WithLabelValues(host, string(s)).Set(value)
	}
}
