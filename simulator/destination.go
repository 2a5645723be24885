package simulator

import (
	"context"
	"fmt"
	"sync"

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

// newDestination gives the handler its sequence context.
func newDestination(s *Server, handler *cim.Instance) *destination {
	return &destination{
		server:  s,
		path:    handler.Path,
		url:     handler.Text("Destination"),
		context: s.opts.Profile.sequenceContext(s.service, s.started, s.opts.Now()),
	}
}

// send queues a copy of an indication that passed a filter. ctx lends its values only.
func (d *destination) send(ctx context.Context, f *filter, whole *cim.Instance) {
	i := f.query.Project(whole)
	i.Path = cim.ObjectPath{}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.gone {
		return
	}
	d.server.opts.Profile.arrange(i, f.name, []cim.Property{
		cim.Prop("SequenceContext", cim.String(d.context)), cim.Prop("SequenceNumber", cim.Sint64(d.next)),
	})
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
	var l line
	defer l.close()
	for {
		i := d.take()
		if i == nil {
			return
		}
		d.deliver(ctx, &l, i)
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
