package daemon

import (
	"context"

	"github.com/cimwatch/cimwatch/cimxml"
	"github.com/cimwatch/cimwatch/store"
)

// openStore opens the store and finds out how far the inventory has come in the journal.
func (d *Daemon) openStore(ctx context.Context) (err error) {
	d.store, err = store.Open(d.config.Store.File, &store.Options{
		OnCommit: d.committed, OnKept: d.took, OnGap: d.gapped, GapLifetime: d.config.Store.GapLifetime, Now: d.now,
		MaxAge: d.config.Store.MaxAge, MaxBytes: d.config.Store.MaxMB << 20,
		HistoryChanges: d.config.Store.HistoryChanges, HistoryAge: d.config.Store.HistoryAge,
	})
	if err != nil {
		return err
	}
	d.onClose("the store", d.store.Close)
	if d.secret, err = d.store.Secret(ctx); err != nil {
		return err
	}
	if d.told, err = d.store.GapCursor(ctx, gapConsumer); err != nil {
		return err
	}
	kept, err := d.openInventory(ctx)
	if err != nil {
		return err
	}
	d.updates = Announce(kept, d.ended)
	d.kept = d.updates
	if err := d.checkCopied(ctx); err != nil {
		return err
	}
	cursor, err := d.kept.Cursor(ctx, consumer)
	if err != nil {
		return err
	}
	d.inventory = &inventoryKeeper{
		journal: d.store, kept: d.kept, metrics: d.metrics, observe: &d.observe, after: d.after,
		log: d.log.With("component", "inventory"), decoder: newDecoder(), ahead: readAhead{decoder: newDecoder()},
		came: d.came, heard: d.applied, rules: d.rulesOf, has: d.isConfigured, now: d.now, order: order{window: d.config.Store.OrderWindow},
	}
	if d.config.Store.Postgres.URL != "" {
		d.inventory.mark = &mark{journal: d.store, kept: d.kept}
		if err := d.inventory.mark.begin(ctx); err != nil {
			return err
		}
	}
	d.inventory.move(cursor)
	if err := d.inventory.restore(ctx); err != nil {
		return err
	}
	return d.countAll(ctx)
}

// newDecoder returns a decoder for what is in the journal, which the listener took leniently.
func newDecoder() *cimxml.ExportDecoder {
	decoder := cimxml.NewExportDecoder(cimxml.Limits{})
	decoder.Mode = cimxml.ModeLenient
	return decoder
}

// countAll has the metrics count every host that the store knows.
func (d *Daemon) countAll(ctx context.Context) error {
	c := d.metrics.components
	c.ctx = context.WithoutCancel(ctx) // metrics are read as long as the daemon runs
	c.summary, c.components = d.kept.Summary, d.kept.Components
	c.failed = func(err error) {
		log := d.log.With("component", "inventory")
		if err != nil {
			log.Warn("components cannot be counted for the metrics", "error", err)
		} else {
			log.Info("components are counted again")
		}
	}
	hosts, err := d.kept.Hosts(ctx)
	for i := range hosts {
		c.changed(hosts[i].Name)
	}
	return err
}

// came is told of the entries that the inventory has taken in.
func (d *Daemon) came(e *store.Entry) {
	if d.contexts.note(e) {
		d.log.Info("CIM server counts indications anew", "component", "host", "host", e.Host, "context", e.Sequence.Context)
		d.wake(e.Host, wakeRestart)
	}
}

// committed counts a commit of the journal, and logs when commits begin to fail, and when they have not
// for a while.
func (d *Daemon) committed(c store.CommitInfo) {
	failed := c.Err != nil
	d.uncommitted.Store(failed)
	switch begun, over := d.trouble.Note(failed, d.now); {
	case begun:
		d.log.With("component", "journal").Error("indications cannot be kept", "error", c.Err)
	case over:
		d.log.With("component", "journal").Info("indications are kept again")
	}
	if failed {
		return
	}
	d.metrics.commitSize.Observe(float64(c.Entries))
	d.metrics.commitTime.Observe(c.Duration.Seconds())
}

func (d *Daemon) queueDepth() float64 { return float64(d.store.Stats().Queued) }
