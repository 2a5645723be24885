package daemon

import (
	"context"
	"time"

	"github.com/cimwatch/cimwatch/store"
)

// keepTimes keeps when each host last sent an indication.
func (k *inventoryKeeper) keepTimes(tx store.InventoryTx, entries []store.Entry) error {
	last := map[string]time.Time{}
	for i := range entries {
		if host := entries[i].Host; host != "" {
			last[host] = entries[i].Received
		}
	}
	for name, received := range last {
		if forgotten, err := k.isForgotten(tx, name); err != nil {
			return err
		} else if forgotten {
			continue
		}
		h, err := tx.Host(name)
		if err != nil {
			return err
		}
		h.LastIndication = received
		if err := tx.PutHost(h); err != nil {
			return err
		}
	}
	return nil
}

// keepHost keeps what is known of a host besides its inventory.
func (k *inventoryKeeper) keepHost(ctx context.Context, url string, status HostStatus, now time.Time) error {
	return k.kept.Update(ctx, func(tx store.InventoryTx) error { return putHost(tx, url, status, now) })
}

// putHost keeps what is known of a host. It was seen first when its server first told where
// its subscriptions belong.
func putHost(tx store.InventoryTx, url string, status HostStatus, now time.Time) error {
	h, err := tx.Host(status.Host)
	if err != nil {
		return err
	}
	h.URL, h.Subscription, h.Error = url, string(status.State), status.Detail
	if status.Interop != "" {
		h.Interop = status.Interop
		if h.FirstSeen.IsZero() {
			h.FirstSeen = now
		}
	}
	return tx.PutHost(h)
}

// keepHosts notes at the start that nothing is known yet of the hosts of the configuration,
// and that other ones are left to themselves.
func (k *inventoryKeeper) keepHosts(ctx context.Context, hosts []*host) error {
	configured := map[string]bool{}
	for _, h := range hosts {
		configured[h.config.Name] = true
	}
	known, err := k.kept.Hosts(ctx)
	if err != nil {
		return err
	}
	return k.kept.Update(ctx, func(tx store.InventoryTx) error {
		for _, h := range known {
			if configured[h.Name] || h.Subscription == "" {
				continue
			}
			h.Subscription, h.Error = string(StateUnconfigured), ""
			if err := tx.PutHost(h); err != nil {
				return err
			}
		}
		for _, h := range hosts {
			if err := putHost(tx, h.client.URL(), h.status, h.d.now()); err != nil {
				return err
			}
		}
		return nil
	})
}
