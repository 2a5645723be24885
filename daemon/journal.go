package daemon

import (
	"context"

	"github.com/cimwatch/cimwatch/cimxml"
	"github.com/cimwatch/cimwatch/store"
)

func (d *Daemon) openStore(ctx context.Context) (err error) {
	d.store, err = store.Open(d.config.Store.File, &store.Options{OnCommit: d.committed})
	if err != nil {
		return err
	}
	d.onClose("the store", d.store.Close)
	if d.secret, err = d.store.Secret(ctx); err != nil {
		return err
	}
	d.inventory = &inventoryKeeper{
		store: d.store, metrics: d.metrics, observe: &d.observe, after: d.after,
		log: d.log.With("component", "inventory"), decoder: cimxml.NewExportDecoder(cimxml.Limits{}),
	}
	d.metrics.components.components = d.store.Components
	return d.countAll(ctx)
}

// countAll has the metrics count every host that the store knows.
func (d *Daemon) countAll(ctx context.Context) error {
	hosts, err := d.store.Hosts(ctx)
	for i := range hosts {
		d.metrics.components.stale(hosts[i].Name)
	}
	return err
}

func (d *Daemon) committed(c store.CommitInfo) {
	if c.Err != nil {
		d.log.Error("indications could not be kept", "component", "journal", "error", c.Err)
		return
	}
	d.metrics.commitSize.Observe(float64(c.Entries))
	d.metrics.commitTime.Observe(c.Duration.Seconds())
}

func (d *Daemon) queueDepth() float64 { return float64(d.store.Stats().Queued) }

// keepHost keeps what is known of a host.
func (k *inventoryKeeper) keepHost(ctx context.Context, url string, status HostStatus) error {
	return k.store.Update(ctx, func(tx *store.Tx) error {
		h, err := tx.Host(status.Host)
		if err != nil {
			return err
		}
		h.URL, h.Subscription, h.Error = url, string(status.State), status.Detail
		return tx.PutHost(h)
	})
}
