package daemon

import (
	"context"
	"errors"
	"time"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/inventory"
)

// sync reads the inventory of the host and brings what is kept of it up to date, also
// with a part of it.
func (h *host) sync(ctx context.Context) error {
	started := h.d.now()
	h.putOff()
	snapshot, err := h.snapshot(ctx, started)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	outcome := syncComplete
	if snapshot.Partial {
		outcome = syncPartial
	}
	if p := h.slot.Load(); p != nil {
		p.own()
	}
	h.d.metrics.syncTime.WithLabelValues(outcome).Observe(h.d.now().Sub(started).Seconds())
	return errors.Join(err, h.d.inventory.sync(ctx, snapshot))
}

// snapshot reads the instances of all component classes. What a server does not have is
// normal; what cannot be read makes the snapshot partial, so that nothing is taken for gone.
// The first failure that is no answer of the server ends it: each further request would
// wait as long.
func (h *host) snapshot(ctx context.Context, started time.Time) (inventory.Snapshot, error) {
	snapshot := inventory.Snapshot{Host: h.config.Name, Started: started, Grace: h.config.RereadAgain}
	var failures []error
	for _, class := range inventory.Classes() {
		instances, err := h.read(ctx, class)
		switch {
		case err == nil:
			snapshot.Instances = append(snapshot.Instances, instances...)
		case cim.IsMissingClass(err):
		default:
			snapshot.Partial = true
			failures = append(failures, err)
			if !isRefusal(err) {
				return snapshot, errors.Join(failures...)
			}
		}
	}
	snapshot.Associations = h.associations(ctx)
	return snapshot, errors.Join(failures...)
}

func (h *host) read(ctx context.Context, class string) ([]*cim.Instance, error) {
	var instances []*cim.Instance
	for i, err := range h.client.EnumerateInstances(ctx, h.config.Namespace, class, nil) {
		if err != nil {
			return nil, err
		}
		instances = append(instances, i)
	}
	return instances, nil
}
