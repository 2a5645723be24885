package daemon

import "github.com/prometheus/client_golang/prometheus"

// What was done to subscriptions, the values of the label "change".
const (
	changeCreated = "created"
	changeRemoved = "removed"
)

// addUpkeep makes the metrics of what the daemon does to keep hosts subscribed. They have
// no host as a label, which is in the log.
func (m *metrics) addUpkeep() {
	const namespace = "cimwatch"
	m.failures = prometheus.NewCounterVec(prometheus.CounterOpts{
		Namespace: namespace, Name: "failed_turns_total",
		Help: "Looks at a host that failed, by reason.",
	}, []string{"reason"})
	m.repairs = prometheus.NewCounterVec(prometheus.CounterOpts{
		Namespace: namespace, Name: "subscription_changes_total",
		Help: "Subscriptions created, and subscriptions, filters and handlers removed, on all hosts.",
	}, []string{"change"})
	m.wakeups = prometheus.NewCounterVec(prometheus.CounterOpts{
		Namespace: namespace, Name: "early_turns_total",
		Help: "Looks at a host that were asked for before they were due, by reason.",
	}, []string{"reason"})
	m.surveys = prometheus.NewCounterVec(prometheus.CounterOpts{
		Namespace: namespace, Name: "surveys_total",
		Help: "Looks at which classes of a host hold hardware, by outcome.",
	}, []string{"outcome"})
	m.rereads = prometheus.NewCounterVec(prometheus.CounterOpts{
		Namespace: namespace, Name: "element_readings_total",
		Help: "Elements that alerts told of and that were read again, by outcome.",
	}, []string{"outcome"})
	m.gaps = prometheus.NewCounter(prometheus.CounterOpts{
		Namespace: namespace, Name: "journal_gaps_total",
		Help: "Gaps in the sequences of senders that were not filled in time.",
	})
	m.missing = prometheus.NewCounter(prometheus.CounterOpts{
		Namespace: namespace, Name: "journal_missing_total",
		Help: "Indications that did not come, by the gaps in their sequences.",
	})
}

func (m *metrics) startUpkeep() {
	for _, f := range failures() {
		m.failures.WithLabelValues(string(f))
	}
	for _, change := range []string{changeCreated, changeRemoved} {
		m.repairs.WithLabelValues(change)
	}
	for _, outcome := range surveyOutcomes() {
		m.surveys.WithLabelValues(outcome)
	}
	for _, outcome := range rereadOutcomes() {
		m.rereads.WithLabelValues(outcome)
	}
	for _, reason := range wakeReasons() {
		m.wakeups.WithLabelValues(string(reason))
	}
}
