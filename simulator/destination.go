package simulator

import (
	"context"
	"fmt"
	"slices"
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

	mu      sync.Mutex
	url     string
	next    int64       // SequenceNumber
	queue   []*shipment // never tried
	retries []*shipment // tried in vain, in the order of their next attempts
	wake    func()      // ends the worker's wait for a retry
	worker  *worker     // nil while there is nothing to send
	gone    bool        // nothing is sent any more
}

// shipment is an indication on its way to a listener.
type shipment struct {
	indication   *cim.Instance
	subscription *subscription // that it is sent for
	attempts     int           // so far
	due          time.Time     // of the next attempt, after the first
}

// worker is the goroutine of a destination.
type worker struct {
	cancel context.CancelFunc
	done   chan struct{}
}

// newDestination gives the handler its sequence context.
func newDestination(s *Server, handler *cim.Instance) *destination {
	return &destination{
		server:  s,
		path:    handler.Path,
		url:     handler.Text("Destination"),
		context: s.opts.Profile.sequenceContext(s.service, s.started, s.opts.Now()),
		wake:    func() {},
	}
}

// send queues a copy of an indication that passed the filter of a subscription. ctx lends
// its values only.
func (d *destination) send(ctx context.Context, sub *subscription, whole *cim.Instance) {
	i := sub.filter.query.Project(whole)
	i.Path = cim.ObjectPath{}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.gone {
		return
	}
	d.server.opts.Profile.arrange(i, sub.filter.name, []cim.Property{
		cim.Prop("SequenceContext", cim.String(d.context)), cim.Prop("SequenceNumber", cim.Sint64(d.next)),
	})
	if d.next++; d.next < 0 {
		d.next = 0 // DSP1054: numbers wrap to 0
	}
	d.queue = enqueue(d.queue, &shipment{indication: i, subscription: sub})
	d.wake()
	if d.worker == nil {
		d.start(context.WithoutCancel(ctx))
	}
}

func enqueue(queue []*shipment, x *shipment) []*shipment {
	if queue = append(queue, x); len(queue) > maxQueue {
		return queue[1:]
	}
	return queue
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
	var l line
	defer l.close()
	for x := d.take(ctx); x != nil; x = d.take(ctx) {
		if d.server.opts.Profile.keepsOrder() {
			d.deliver(ctx, &l, x)
		} else if d.attempt(ctx, &l, x) == Retrying {
			d.postpone(x)
		}
	}
}

// take returns the next shipment when it is time for it. When there is none the worker
// has ended.
func (d *destination) take(ctx context.Context) *shipment {
	for {
		waiting, wake := context.WithCancel(ctx)
		x, wait := d.pick(wake)
		if wait > 0 {
			// What counts is whether something else has come first.
			_ = d.server.opts.Sleep(waiting, wait)
		}
		overtaken := wait > 0 && waiting.Err() != nil
		wake()
		if !overtaken {
			return x
		}
		d.putBack(x)
	}
}

// pick takes a retry that is due, else what was never tried, else the next retry with
// the time until it is due. wake ends the wait for that.
func (d *destination) pick(wake func()) (x *shipment, wait time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.server.opts.Now()
	switch {
	case len(d.retries) > 0 && (len(d.queue) == 0 || !now.Before(d.retries[0].due)):
		x, d.retries = d.retries[0], d.retries[1:]
		d.wake = wake
		return x, x.due.Sub(now)
	case len(d.queue) > 0:
		x, d.queue = d.queue[0], d.queue[1:]
		return x, 0
	default:
		d.worker = nil
		return nil, 0
	}
}

// putBack undoes the pick of a retry.
func (d *destination) putBack(x *shipment) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.gone {
		d.retries = slices.Insert(d.retries, 0, x)
	}
}

// postpone has a shipment tried again later. Others pass it meanwhile.
func (d *destination) postpone(x *shipment) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.gone {
		x.due = d.server.opts.Now().Add(d.server.opts.RetryInterval)
		d.retries = enqueue(d.retries, x)
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
	d.queue, d.retries = nil, nil
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
