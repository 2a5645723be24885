package daemon

import (
	"context"
	"fmt"

	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/store"
)

// sync brings the inventory of a host up to date with a turn's reading, or a part of it;
// looked is whether the whole host was looked at with that.
func (k *inventoryKeeper) sync(ctx context.Context, snapshot inventory.Snapshot, looked bool) error {
	changes, err := k.keep(ctx, snapshot, looked)
	if err != nil {
		return err
	}
	k.observe.synced(snapshot.Host, changes)
	return nil
}

// keep brings the inventory of a host up to date with what was read. The first reading of a
// host is told from later ones by what the store knows of it.
func (k *inventoryKeeper) keep(ctx context.Context, snapshot inventory.Snapshot, looked bool) ([]inventory.Change, error) {
	var changes []inventory.Change
	snapshot.Rules = k.rules(snapshot.Host)
	err := k.kept.Update(ctx, func(tx store.InventoryTx) error {
		h, err := tx.Host(snapshot.Host)
		if err != nil {
			return err
		}
		snapshot.Reason = inventory.Resync
		if h.LastSync.IsZero() {
			snapshot.Reason = inventory.FirstSync
		}
		if looked {
			h.LastSync = snapshot.Started
		}
		changes, err = tx.Apply(snapshot.Host, func(v inventory.View) inventory.Delta {
			return inventory.Sync(v, snapshot)
		})
		if err != nil {
			return err
		}
		return tx.PutHost(h)
	})
	if err != nil {
		return nil, fmt.Errorf("keep the inventory: %w", err)
	}
	k.count(snapshot.Host, changes)
	return changes, nil
}
