package daemon

import (
	"context"
	"time"

	"github.com/cimwatch/cimwatch/store"
)

// gapConsumer is the name of the daemon's cursor among the gaps that were called.
const gapConsumer = "resync"

// gapped is told that gaps were called. It is called by who commits the journal and must
// not hold that up.
func (d *Daemon) gapped(store.Gap) {
	select {
	case d.gaps <- struct{}{}:
	default: // somebody looks already
	}
}

// followGaps tells of gaps as they are called, until ctx ends. What fails is tried again.
func (d *Daemon) followGaps(ctx context.Context) {
	for {
		var again <-chan time.Time
		if err := d.tellGaps(ctx, true); err != nil && ctx.Err() == nil {
			d.log.Debug("gaps are looked at again", "component", "journal", "error", err)
			again = d.after(time.Second)
		}
		select {
		case <-ctx.Done():
			return
		case <-d.gaps:
		case <-again:
		}
	}
}

// tellGaps logs and counts the gaps that were called since the last time, also before a
// crash, and has the hosts read anew if they are to be woken.
func (d *Daemon) tellGaps(ctx context.Context, wake bool) error {
	for g, err := range d.store.Gaps(ctx, d.told) {
		if err != nil {
			return err
		}
		d.tellGap(&g)
		if wake {
			d.wake(g.Host, wakeGap)
		}
		d.told, d.untold = g.Number, true
	}
	if !d.untold {
		return nil
	}
	err := d.store.Update(ctx, func(tx *store.Tx) error { return tx.SetGapCursor(gapConsumer, d.told) })
	d.untold = err != nil
	return err
}

func (d *Daemon) tellGap(g *store.Gap) {
	missing := uint64(g.Last-g.First) + 1
	d.metrics.gaps.Inc()
	d.metrics.missing.Add(float64(missing))
	d.log.Warn("indications are lost", "component", "journal", "host", g.Host, "sender", g.Sender,
		"first", g.First, "last", g.Last, "missing", missing)
}
