package daemon

import (
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
)

// SyncProgress is how far the daemon has come with its first look at each host since it was
// started.
type SyncProgress struct {
	Hosts     int    // of the configuration
	Done      int    // looked at, and read as a whole
	Failing   int    // the others of which a look failed
	Instances uint64 // read of components, in all, also in later looks
	Expected  uint64 // instances of the hosts whose first look has come to reading, as far as it is known
}

// firstLooks counts the first looks.
type firstLooks struct {
	done, failing atomic.Int64
	instances     atomic.Uint64
	expected      atomic.Uint64
}

// The stages of a host on the way to its first look, the values of the label "stage".
const (
	stageWaiting = "waiting"
	stageFailing = "failing"
	stageDone    = "done"
)

// Progress returns how far the first look at each host has come.
func (d *Daemon) Progress() SyncProgress {
	return SyncProgress{
		Hosts: len(d.hosts), Done: int(d.looked.done.Load()), Failing: int(d.looked.failing.Load()),
		Instances: d.looked.instances.Load(), Expected: d.looked.expected.Load(),
	}
}

// A firstLook is what came of a host's first look so far. It is for the host's goroutine.
type firstLook struct{ counted, done, failing bool }

// reads notes what there is to read.
func (f *firstLook) reads(all *firstLooks, readings []reading) {
	if f.counted {
		return
	}
	f.counted = true
	for i := range readings {
		all.expected.Add(uint64(max(readings[i].Expected, 0)))
	}
}

// read notes that the whole host was read.
func (f *firstLook) read(all *firstLooks) {
	if f.done {
		return
	}
	if f.failing {
		all.failing.Add(-1)
	}
	f.done, f.failing = true, false
	all.done.Add(1)
}

// failed notes that a look failed.
func (f *firstLook) failed(all *firstLooks) {
	if !f.done && !f.failing {
		f.failing = true
		all.failing.Add(1)
	}
}

// registerProgress makes the metrics of that.
func (d *Daemon) registerProgress() error {
	collectors := []prometheus.Collector{prometheus.NewCounterFunc(prometheus.CounterOpts{
		Namespace: "cimwatch", Name: "inventory_instances_read_total",
		Help: "Instances of components read from all hosts.",
	}, func() float64 { return float64(d.looked.instances.Load()) })}
	for name, count := range map[string]func(SyncProgress) int{
		stageDone:    func(p SyncProgress) int { return p.Done },
		stageFailing: func(p SyncProgress) int { return p.Failing },
		stageWaiting: func(p SyncProgress) int { return p.Hosts - p.Done - p.Failing },
	} {
		collectors = append(collectors, prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Namespace: "cimwatch", Name: "first_looks",
			Help:        "Hosts by how far the first look at them since the start has come.",
			ConstLabels: prometheus.Labels{"stage": name},
		}, func() float64 { return float64(count(d.Progress())) }))
	}
	for _, c := range collectors {
		if err := d.registry.Register(c); err != nil {
			return err
		}
	}
	return nil
}
