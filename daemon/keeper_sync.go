package daemon

import (
	"context"
	"fmt"

	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/store"
)

// sync brings the inventory of a host up to date with what was read of all of it.
func (k *inventoryKeeper) sync(ctx context.Context, snapshot inventory.Snapshot) error {
	changes, err := k.keepRead(ctx, snapshot)
	if err != nil {
		return err
	}
	k.observe.synced(snapshot.Host, changes)
	return nil
}

// keepRead brings the inventory of a host up to date with what was read. The first reading
// of a host is told from later ones by what the store knows of it.
func (k *inventoryKeeper) keepRead(ctx context.Context, snapshot inventory.Snapshot) ([]inventory.Change, error) {
	var changes []inventory.Change
	err := k.kept.Update(ctx, func(tx store.InventoryTx) error {
		h, err := tx.Host(snapshot.Host)
		if err != nil {
			return err
		}
		snapshot.Reason = inventory.Resync
		if h.LastSync.IsZero() {
			snapshot.Reason = inventory.FirstSync
		}
		if !snapshot.Partial {
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
