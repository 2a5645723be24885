package daemon

import (
	"context"
	"time"

	"github.com/cimwatch/cimwatch/inventory"
)

// condenseEvery is how often a history is looked through that is not in the store, which does
// it on its own.
const condenseEvery = time.Hour

// condenser is an inventory whose history is condensed when somebody asks for it.
type condenser interface {
	Condense(ctx context.Context, r inventory.Retention, now time.Time) (dropped int, err error)
}

// retention returns what the configuration says of history.
func (d *Daemon) retention() inventory.Retention {
	return inventory.Retention{Changes: d.config.Store.HistoryChanges, Age: d.config.Store.HistoryAge}
}

// condenseHistory has the history condensed until ctx ends.
func (d *Daemon) condenseHistory(ctx context.Context) {
	kept, ok := d.kept.(condenser)
	if !ok || d.retention() == (inventory.Retention{}) {
		return
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-d.after(condenseEvery):
		}
		dropped, err := kept.Condense(ctx, d.retention(), d.now())
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			d.log.Warn("history cannot be condensed", "component", "inventory", "error", err)
		case dropped > 0:
			d.log.Info("history was condensed", "component", "inventory", "changes", dropped)
		}
	}
}
