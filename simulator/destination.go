package simulator

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/cimwatch/cimwatch/cim"
)

// maxQueue is how many indications wait for one destination; the oldest give way
// (observed: OpenPegasus).
const maxQueue = 2400

// destination sends indications to one listener destination, one after the other. A
// goroutine runs only while there is something to send.
type destination struct {
	server  *Server
	path    cim.ObjectPath
	context string // SequenceContext

	mu     sync.Mutex
	url    string
	next   int64 // SequenceNumber
	queue  []*cim.Instance
	worker *worker // nil while there is nothing to send
	gone   bool    // nothing is sent any more
}

// worker is the goroutine of a destination.
type worker struct {
	cancel context.CancelFunc
	done   chan struct{}
}

// newDestination gives the handler its sequence context: service name, the handler's and
// the server's start to the second, so that handlers of one second share it (observed:
// sfcb).
func newDestination(s *Server, handler *cim.Instance) *destination {
	const seconds = "20060102150405"
	return &destination{
		server:  s,
		path:    handler.Path,
		url:     handler.Text("Destination"),
		context: s.service + "#" + s.opts.Now().UTC().Format(seconds) + "#" + s.started.UTC().Format(seconds),
	}
}

// send queues a copy of an indication that passed a filter. ctx lends its values only.
func (d *destination) send(ctx context.Context, f *filter, whole *cim.Instance) {
	i := f.query.Project(whole)
	i.Path = cim.ObjectPath{}
	i.Set("IndicationFilterName", cim.String(f.name))
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.gone {
		return
	}
	i.Set("SequenceContext", cim.String(d.context))
	i.Set("SequenceNumber", cim.Sint64(d.next))
	if d.next++; d.next < 0 {
		d.next = 0 // DSP1054: numbers wrap to 0
	}
	d.queue = append(d.queue, i)
	if len(d.queue) > maxQueue {
		d.queue = d.queue[1:]
	}
	if d.worker == nil {
		d.start(context.WithoutCancel(ctx))
	}
}

func (d *destination) start(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	d.worker = &worker{cancel: cancel, done: make(chan struct{})}
	w := d.worker
	d.server.workers.Go(func() { d.run(ctx, w) })
}

func (d *destination) run(ctx context.Context, w *worker) {
	defer close(w.done)
	defer w.cancel()
	for {
		i := d.take()
		if i == nil {
			return
		}
		d.deliver(ctx, i)
	}
}

// take returns the next indication. When there is none the worker has ended.
func (d *destination) take() *cim.Instance {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.queue) == 0 {
		d.worker = nil
		return nil
	}
	i := d.queue[0]
	d.queue = d.queue[1:]
	return i
}

// deliver sends one indication until it is delivered, refused for good or given up.
func (d *destination) deliver(ctx context.Context, i *cim.Instance) {
	s := d.server
	for attempt := 1; ; attempt++ {
		report := Delivery{Handler: d.path, Destination: d.address(), Indication: i, Attempt: attempt}
		report.Status, report.Err = s.export(ctx, report.Destination, i)
		report.Outcome = judge(report.Status)
		if report.Outcome == Retrying && (attempt > s.opts.RetryAttempts || ctx.Err() != nil || errors.Is(report.Err, errUndeliverable)) {
			report.Outcome = Dropped
		}
		if s.opts.OnDelivery != nil {
			s.opts.OnDelivery(report)
		}
		if report.Outcome != Retrying || s.opts.Sleep(ctx, s.opts.RetryInterval) != nil {
			return
		}
	}
}

func (d *destination) address() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.url
}

func (d *destination) redirect(url string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.url = url
}

// abandon drops what waits and interrupts what is on its way.
func (d *destination) abandon() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.gone = true
	d.queue = nil
	if d.worker != nil {
		d.worker.cancel()
	}
}

// idle waits until nothing is left to send.
func (d *destination) idle(ctx context.Context) error {
	for {
		d.mu.Lock()
		w := d.worker
		d.mu.Unlock()
		if w == nil {
			return nil
		}
		select {
		case <-w.done:
		case <-ctx.Done():
			return fmt.Errorf("waiting for deliveries to %s: %w", d.address(), ctx.Err())
		}
	}
}

// Delivery tells how one attempt to deliver an indication ended.
type Delivery struct {
	Handler     cim.ObjectPath
	Destination string        // the URL
	Indication  *cim.Instance // as it was sent; do not change it
	Attempt     int           // 1 for the first
	Status      int           // of HTTP, 0 when there was no answer
	Err         error         // why there was no answer
	Outcome     Outcome
}

// Outcome is what follows from an attempt to deliver an indication.
type Outcome uint8

// The outcomes. sfcb looks at the HTTP status alone (observed): 2xx and 302 mean
// delivered, 400 and 501 refused for good, all else and no answer a retry, and after the
// last retry the indication is dropped without a word.
const (
	Delivered Outcome = iota + 1
	Retrying
	Dropped
)

// String returns the outcome as a word.
func (o Outcome) String() string {
	switch o {
	case Delivered:
		return "delivered"
	case Retrying:
		return "retrying"
	case Dropped:
		return "dropped"
	default:
		return "unknown"
	}
}

func judge(status int) Outcome {
	switch {
	case status >= 200 && status < 300, status == 302:
		return Delivered
	case status == 400, status == 501:
		return Dropped
	default:
		return Retrying
	}
}

// sleep waits for d to pass or ctx to end.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
