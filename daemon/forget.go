package daemon

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/cimwatch/cimwatch/store"
	"github.com/cimwatch/cimwatch/web"
)

// ForgetHosts removes hosts with their components and history from an inventory, each in a
// transaction, and returns what went with them; with preview it only returns what would. The
// error is web.ErrNotFound when the inventory has no host of a name: then nothing was done, unless
// it went just now.
func ForgetHosts(ctx context.Context, kept store.Inventory, preview bool, hosts ...string) ([]web.ForgottenHost, error) {
	known, err := kept.Hosts(ctx)
	if err != nil {
		return nil, err
	}
	there := map[string]bool{}
	for i := range known {
		there[known[i].Name] = true
	}
	list := []web.ForgottenHost{}
	for _, name := range slices.Compact(slices.Sorted(slices.Values(hosts))) {
		if !there[name] {
			return nil, fmt.Errorf("host %s: %w", name, web.ErrNotFound)
		}
		one, err := countHost(ctx, kept, name)
		if err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	for i := range list {
		if preview {
			break
		}
		err := kept.Update(ctx, func(tx store.InventoryTx) error { return tx.Forget(list[i].Host) })
		if errors.Is(err, store.ErrNotFound) {
			err = fmt.Errorf("%w: %w", web.ErrNotFound, err)
		}
		if err != nil {
			return list[:i], err
		}
	}
	return list, nil
}

// countHost counts what there is of a host.
func countHost(ctx context.Context, kept store.Inventory, host string) (web.ForgottenHost, error) {
	one := web.ForgottenHost{Host: host}
	summary, err := kept.Summary(ctx, host)
	if err != nil {
		return one, err
	}
	for _, c := range summary {
		one.Components += c.Components
	}
	for _, err := range kept.History(ctx, host, "") {
		if err != nil {
			return one, err
		}
		one.Changes++
	}
	return one, nil
}

// Forget removes hosts from the inventory as [ForgetHosts] does. What the journal still has of
// them is taken in no more. The error is web.ErrConfigured when one is in the configuration, whose
// inventory would only be read anew: then none is forgotten.
func (d *Daemon) Forget(ctx context.Context, preview bool, hosts ...string) ([]web.ForgottenHost, error) {
	for _, name := range hosts {
		if d.isConfigured(name) {
			return nil, fmt.Errorf("host %s: %w", name, web.ErrConfigured)
		}
	}
	list, err := ForgetHosts(ctx, d.kept, preview, hosts...)
	if preview {
		return list, err
	}
	for _, name := range hosts { // also one of which it is in doubt whether it was
		d.metrics.components.changed(name)
	}
	for i := range list {
		d.log.Info("host was forgotten", "component", "inventory", "host", list[i].Host,
			"components", list[i].Components, "changes", list[i].Changes)
	}
	return list, err
}

// mayForget says whether hosts are forgotten for who asks by the API: the file that asks everybody
// for authentication may have changed since the start.
func (d *Daemon) mayForget() bool { return authenticates(d.config.Metrics.WebConfig) }

// pass tells of entries that were passed over, of each host once.
func (k *inventoryKeeper) pass(entries map[string]int) {
	for _, host := range slices.Sorted(maps.Keys(entries)) {
		k.metrics.passedOver.Add(float64(entries[host]))
		if k.strangers[host] {
			continue
		}
		if k.strangers == nil {
			k.strangers = map[string]bool{}
		}
		k.strangers[host] = true
		k.log.Info("indications of a host that neither the configuration nor the inventory has are passed over", "host", host)
	}
}

// isForgotten reports whether a host is neither in the configuration nor in the inventory: it was
// forgotten, and what the journal has of it, or was held back, does not bring it back.
func (k *inventoryKeeper) isForgotten(tx store.InventoryTx, name string) (bool, error) {
	if k.has(name) {
		return false, nil
	}
	there, err := tx.HasHost(name)
	return err == nil && !there, err
}
