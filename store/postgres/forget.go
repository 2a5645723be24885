package postgres

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/store"
)

// Forget implements store.InventoryTx.
func (t *transaction) Forget(host string) error {
	if there, err := t.HasHost(host); err != nil || !there {
		return fmt.Errorf("forget host %s: %w", host, cmp.Or(err, store.ErrNotFound))
	}
	t.forgotten[host] = true
	delete(t.hosts, host)
	maps.DeleteFunc(t.components, func(k key, _ written) bool { return k.host == host })
	maps.DeleteFunc(t.decoded, func(k key, _ inventory.Component) bool { return k.host == host })
	t.changes = slices.DeleteFunc(t.changes, func(c changeRow) bool { return c.host == host })
	return nil
}

// hostBefore returns the record of a host as the database has it, nil when there is none or it
// was forgotten.
func (t *transaction) hostBefore(name string) ([]byte, error) {
	if t.forgotten[name] {
		return nil, nil
	}
	if err := t.load([]string{name}, nil); err != nil {
		return nil, err
	}
	return t.w.cache.host(name).record, nil
}

// queueForgotten deletes what there is of hosts. Changes that come later have numbers behind those
// that go.
func (t *transaction) queueForgotten(batch *pgx.Batch) {
	if len(t.forgotten) == 0 {
		return
	}
	var keys [][]byte
	for _, name := range slices.Sorted(maps.Keys(t.forgotten)) {
		keys = append(keys, []byte(name))
	}
	batch.Queue("UPDATE cimwatch_data.state SET last_change = $1", t.w.change)
	for _, table := range []string{"changes", "conditions", "components", "hosts"} {
		batch.Queue("DELETE FROM cimwatch_data."+table+" WHERE host_key = ANY($1)", keys)
	}
}
