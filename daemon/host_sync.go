package daemon

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/inventory"
)

// sync finds out which classes the host has, when that is due, reads those whose time has
// come and brings what is kept of the host up to date, also with a part of it.
func (h *host) sync(ctx context.Context) error {
	started := h.d.now()
	if h.everything {
		h.putOff()
	}
	if err := h.survey(ctx); err != nil {
		return err
	}
	readings, all, err := h.agenda.readings(ctx, h, started)
	if err != nil {
		return err
	}
	h.first.reads(&h.d.looked, readings)
	r := newReader(h, started)
	err = r.read(ctx, readings)
	if h.everything && !r.over {
		r.snapshot.Associations = h.associations(ctx)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if p := h.slot.Load(); p != nil {
		p.own()
	}
	outcome := syncComplete
	if err != nil {
		outcome = syncPartial
	}
	h.d.metrics.syncTime.WithLabelValues(outcome).Observe(h.d.now().Sub(started).Seconds())
	r.snapshot.Partial = err != nil || !all
	kept := h.d.inventory.sync(ctx, r.snapshot, h.everything && err == nil)
	r.settle(kept == nil)
	err = errors.Join(err, kept)
	if h.everything && err == nil {
		h.first.read(&h.d.looked)
	}
	return err
}

// mostInstances of a host are held at a time: more than that are brought in piece by piece.
const mostInstances = 10_000

// A reader reads classes of a host, several at once.
type reader struct {
	*host
	mu       sync.Mutex // the readers of the classes share what follows
	queue    []reading
	finished []reading
	failures []error
	over     bool // no further class is begun

	snapshot inventory.Snapshot // what was not brought in yet
}

func newReader(h *host, started time.Time) *reader {
	return &reader{host: h, snapshot: inventory.Snapshot{Host: h.config.Name, Started: started, Grace: h.config.RereadAgain}}
}

// read reads classes. What cannot be read is left to the next turn, which begins with it, and
// nothing of it is taken for gone. The first failure that is no answer of the server is the
// last: each further request would wait as long.
func (r *reader) read(ctx context.Context, readings []reading) error {
	r.queue = readings
	var workers sync.WaitGroup
	for range min(r.config.ReadsAtOnce, len(readings)) {
		workers.Go(func() {
			for class, ok := r.next(ctx); ok; class, ok = r.next(ctx) {
				r.ended(&class, r.class(ctx, &class))
			}
		})
	}
	workers.Wait()
	for i := range r.queue {
		r.agenda.missed(&r.queue[i])
	}
	return errors.Join(r.failures...)
}

func (r *reader) next(ctx context.Context) (reading, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.over || len(r.queue) == 0 || ctx.Err() != nil {
		return reading{}, false
	}
	first := r.queue[0]
	r.queue = r.queue[1:]
	return first, true
}

// ended notes what became of a class. That the server has none is normal, unless it had
// instances of it a while ago: then a provider may be away, and a survey is to tell.
func (r *reader) ended(class *reading, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	missing := cim.IsMissingClass(err)
	if err == nil || missing && class.Expected == 0 {
		if class.properties == nil {
			for _, name := range class.Covers {
				r.snapshot.Whole = append(r.snapshot.Whole, cim.ClassPath(class.Namespace, name))
			}
		}
		r.finished = append(r.finished, *class)
		return
	}
	if missing {
		r.resurvey.Store(true)
	}
	r.failures = append(r.failures, err)
	r.over = r.over || !isRefusal(err)
	r.agenda.missed(class)
}

// settle notes when the classes are due again that were read. Where what was read of them was
// not kept, they were not read.
func (r *reader) settle(kept bool) {
	for i := range r.finished {
		if kept {
			r.agenda.done(&r.finished[i], r.snapshot.Started)
		} else {
			r.agenda.missed(&r.finished[i])
		}
	}
}

// class reads the instances of a class.
func (r *reader) class(ctx context.Context, class *reading) error {
	var options *cim.ReadOptions
	if class.properties != nil {
		options = &cim.ReadOptions{Properties: class.properties}
	}
	for i, err := range r.client.EnumerateInstances(ctx, class.Namespace, class.Class, options) {
		if err == nil {
			err = r.add(ctx, i, class.properties == nil)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// add takes an instance, or some of its properties; with many it brings in those that are
// there.
func (r *reader) add(ctx context.Context, i *cim.Instance, whole bool) error {
	r.d.looked.instances.Add(1)
	r.mu.Lock()
	defer r.mu.Unlock()
	if whole {
		r.snapshot.Instances = append(r.snapshot.Instances, i)
	} else {
		r.snapshot.Fragments = append(r.snapshot.Fragments, i)
	}
	if len(r.snapshot.Instances)+len(r.snapshot.Fragments) < mostInstances {
		return nil
	}
	piece := r.snapshot
	piece.Partial, piece.Whole = true, nil
	if err := r.d.inventory.sync(ctx, piece, false); err != nil {
		return err
	}
	r.see()
	return nil
}

// see remembers what was brought in by its IDs.
func (r *reader) see() {
	if r.snapshot.Seen == nil {
		r.snapshot.Seen = map[string]bool{}
	}
	for _, i := range r.snapshot.Instances {
		if i.Path.IsInstance() {
			r.snapshot.Seen[inventory.ID(i.Path)] = true
		}
	}
	r.snapshot.Instances, r.snapshot.Fragments = nil, nil
}
