package postgres

import (
	"fmt"
	"iter"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/store"
)

// load reads hosts and components that the cache does not know, in one round trip.
func (t *transaction) load(hosts []string, keys []key) error {
	cache := t.w.cache
	var unknown [][]byte
	seen := map[string]bool{}
	for _, name := range hosts {
		if !cache.host(name).known && !seen[name] {
			seen[name] = true
			unknown = append(unknown, []byte(name))
		}
	}
	var missing [][2][]byte
	wanted := map[key]bool{}
	for _, k := range keys {
		h := cache.host(k.host)
		if _, ok := h.components[k.id]; !ok && !h.complete && !wanted[k] {
			wanted[k] = true
			missing = append(missing, [2][]byte{[]byte(k.host), []byte(k.id)})
		}
	}
	batch := &pgx.Batch{}
	if len(unknown) > 0 {
		batch.Queue("SELECT host_key, record FROM cimwatch_data.hosts WHERE host_key = ANY($1)", unknown).
			Query(func(rows pgx.Rows) error { return t.loadedHosts(rows, seen) })
	}
	if len(missing) > 0 {
		ids, names := split(missing)
		batch.Queue("SELECT c.host_key, c.id_key, c.record FROM unnest($1::bytea[], $2::bytea[]) AS k(host_key, id_key) "+
			"JOIN cimwatch_data.components c USING (host_key, id_key)", ids, names).
			Query(func(rows pgx.Rows) error { return t.loadedComponents(rows, wanted) })
	}
	if batch.Len() == 0 {
		return nil
	}
	return t.read(batch)
}

// read runs a batch that only reads.
func (t *transaction) read(batch *pgx.Batch) error {
	if err := t.w.conn.SendBatch(t.ctx, batch).Close(); err != nil {
		return fmt.Errorf("read: %w", err)
	}
	return nil
}

func (t *transaction) loadedHosts(rows pgx.Rows, wanted map[string]bool) error {
	var name, record []byte
	_, err := pgx.ForEachRow(rows, []any{&name, &record}, func() error {
		t.w.cache.putHost(string(name), slices.Clone(record))
		delete(wanted, string(name))
		return nil
	})
	if err != nil {
		return err
	}
	for name := range wanted {
		t.w.cache.putHost(name, nil)
	}
	return nil
}

func (t *transaction) loadedComponents(rows pgx.Rows, wanted map[key]bool) error {
	var host, id, record []byte
	_, err := pgx.ForEachRow(rows, []any{&host, &id, &record}, func() error {
		t.w.cache.putComponent(string(host), string(id), slices.Clone(record))
		delete(wanted, key{string(host), string(id)})
		return nil
	})
	if err != nil {
		return err
	}
	for k := range wanted {
		t.w.cache.putComponent(k.host, k.id, nil)
	}
	return nil
}

// loadAll reads all components of a host.
func (t *transaction) loadAll(host string) error {
	h := t.w.cache.host(host)
	if h.complete {
		return nil
	}
	batch := &pgx.Batch{}
	batch.Queue("SELECT host_key, id_key, record FROM cimwatch_data.components WHERE host_key = $1", []byte(host)).
		Query(func(rows pgx.Rows) error { return t.loadedComponents(rows, nil) })
	if err := t.read(batch); err != nil {
		return err
	}
	h.complete = true
	return nil
}

// view is the inventory of one host within a transaction.
type view struct {
	t    *transaction
	host string
}

// Component implements inventory.View.
func (v *view) Component(id string) (inventory.Component, bool) {
	k := key{v.host, id}
	if _, ok := v.t.components[k]; !ok && v.t.err == nil {
		v.t.err = v.t.load(nil, []key{k})
	}
	return v.get(k)
}

// get returns a component that is written or in the cache.
func (v *view) get(k key) (c inventory.Component, ok bool) {
	t := v.t
	w, changed := t.components[k]
	if !changed && !t.forgotten[k.host] {
		w.record = t.w.cache.host(k.host).components[k.id]
	}
	if w.record == nil || t.err != nil {
		return c, false
	}
	c, err := store.DecodeComponent(w.record)
	if err != nil {
		t.err = fmt.Errorf("component %s: %w", k.id, err)
		return inventory.Component{}, false
	}
	t.decoded[k] = c
	return c, true
}

// Components implements inventory.View.
func (v *view) Components() iter.Seq[inventory.Component] {
	return func(yield func(inventory.Component) bool) {
		all := map[string]bool{}
		if !v.t.forgotten[v.host] {
			if v.t.err == nil {
				v.t.err = v.t.loadAll(v.host)
			}
			for id, record := range v.t.w.cache.host(v.host).components {
				all[id] = record != nil
			}
		}
		for k := range v.t.components {
			if k.host == v.host {
				all[k.id] = true
			}
		}
		for _, id := range slices.Sorted(maps.Keys(all)) {
			c, ok := v.get(key{v.host, id})
			if v.t.err != nil || ok && !yield(c) {
				return
			}
		}
	}
}
