package postgres

import (
	"context"
	"fmt"
	"math"

	"github.com/jackc/pgx/v5"

	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/store"
)

// key names a component.
type key struct{ host, id string }

// A written component is as a transaction leaves it.
type written struct {
	component *inventory.Component // nil: it is forgotten
	record    []byte
	alarms    bool // its conditions are others than before
}

// transaction is what an Update does: it is kept in memory, over what the writer's connection
// reads, and sent in the end.
type transaction struct {
	ctx context.Context //nolint:containedctx // of the Update that the transaction lives in
	w   *writer
	err error // the first one of what has none to return

	forgotten  map[string]bool // hosts, before all of the following
	hosts      map[string]hostRow
	components map[key]written
	decoded    map[key]inventory.Component // before, where it was asked for
	changes    []changeRow
	cursors    map[string]*uint64 // nil: deleted
	taken      map[uint64]takenRow
	dropped    uint64 // entries before it are forgotten

	newCursors map[string]uint64 // in place of all
	journal    []byte            // in place of the one before
}

func newTransaction(ctx context.Context, w *writer) *transaction {
	return &transaction{
		ctx: ctx, w: w, forgotten: map[string]bool{}, hosts: map[string]hostRow{}, components: map[key]written{}, decoded: map[key]inventory.Component{},
		cursors: map[string]*uint64{}, taken: map[uint64]takenRow{},
	}
}

// Host implements store.InventoryTx.
func (t *transaction) Host(name string) (inventory.Host, error) {
	if row, ok := t.hosts[name]; ok {
		return row.host, nil
	}
	record, err := t.hostBefore(name)
	if err != nil {
		return inventory.Host{}, fmt.Errorf("host %s: %w", name, err)
	}
	if record == nil {
		return inventory.Host{Name: name}, nil
	}
	h, err := store.DecodeHost(record)
	if err != nil {
		return inventory.Host{}, fmt.Errorf("host %s: %w", name, err)
	}
	return h, nil
}

// HasHost implements store.InventoryTx.
func (t *transaction) HasHost(name string) (bool, error) {
	if _, put := t.hosts[name]; put {
		return true, nil
	}
	record, err := t.hostBefore(name)
	if err != nil {
		return false, fmt.Errorf("host %s: %w", name, err)
	}
	return record != nil, nil
}

// PutHost implements store.InventoryTx.
func (t *transaction) PutHost(h inventory.Host) error {
	if err := store.CheckHostName(h.Name); err != nil {
		return err
	}
	t.hosts[h.Name] = hostRow{h, store.EncodeHost(&h)}
	return nil
}

// Apply implements store.InventoryTx.
func (t *transaction) Apply(host string, work func(inventory.View) inventory.Delta) ([]inventory.Change, error) {
	if err := t.ensureHost(host); err != nil {
		return nil, err
	}
	d := work(&view{t, host})
	if t.err != nil {
		return nil, fmt.Errorf("read inventory of %s: %w", host, t.err)
	}
	if err := t.putDelta(host, &d); err != nil {
		return nil, fmt.Errorf("update inventory of %s: %w", host, err)
	}
	return d.Changes, nil
}

// ensureHost sees to it that all hosts with components are listed.
func (t *transaction) ensureHost(name string) error {
	if _, ok := t.hosts[name]; ok {
		return nil
	}
	record, err := t.hostBefore(name)
	if err != nil {
		return fmt.Errorf("host %s: %w", name, err)
	}
	if record != nil {
		return nil
	}
	return t.PutHost(inventory.Host{Name: name})
}

func (t *transaction) putDelta(host string, d *inventory.Delta) error {
	for i := range d.Upserts {
		c := &d.Upserts[i]
		if c.Host != host {
			return fmt.Errorf("component %s is of host %q", c.ID, c.Host)
		}
		k := key{host, c.ID}
		before, read := t.decoded[k]
		alarms := !read || t.components[k].alarms || !sameConditions(&before, c)
		t.components[k] = written{component: c, record: store.EncodeComponent(c), alarms: alarms}
	}
	for _, id := range d.Removes {
		t.components[key{host, id}] = written{alarms: true}
	}
	for i := range d.Changes {
		t.changes = append(t.changes, changeRow{host: host, change: &d.Changes[i]})
	}
	return nil
}

// sameConditions reports whether the conditions of a component show the same before and after.
func sameConditions(before, after *inventory.Component) bool {
	same := func(a, b []inventory.Condition) bool {
		for i := range a {
			x, y := a[i], b[i]
			x.Heard, y.Heard = inventory.Mark{}, inventory.Mark{} // which is not shown
			if x != y {
				return false
			}
		}
		return true
	}
	return len(before.Conditions) == len(after.Conditions) && len(before.Cleared) == len(after.Cleared) &&
		same(before.Conditions, after.Conditions) && same(before.Cleared, after.Cleared)
}

// Cursor implements store.InventoryTx.
func (t *transaction) Cursor(consumer string) uint64 {
	if n, ok := t.cursors[consumer]; ok {
		if n == nil {
			return 0
		}
		return *n
	}
	return t.w.cursors[consumer]
}

// SetCursor implements store.InventoryTx.
func (t *transaction) SetCursor(consumer string, number uint64) error {
	if number > math.MaxInt64 {
		return fmt.Errorf("set cursor %s to %d: no journal has so many entries", consumer, number)
	}
	t.cursors[consumer] = &number
	return nil
}

// DeleteCursor implements store.InventoryTx.
func (t *transaction) DeleteCursor(consumer string) error {
	t.cursors[consumer] = nil
	return nil
}

// TakeIn implements store.JournalTx: it keeps the index, and reads what the events are about.
func (t *transaction) TakeIn(entries []store.Taken) error {
	hosts, keys := []string{}, []key{}
	for _, e := range entries {
		t.taken[e.Entry.Number] = takenRow{e, t.w.generation}
		if e.Event != nil {
			hosts, keys = append(hosts, e.Event.Host), append(keys, key{e.Event.Host, inventory.IDOf(e.Event)})
		}
	}
	if err := t.load(hosts, keys); err != nil {
		return fmt.Errorf("read what %d entries are about: %w", len(entries), err)
	}
	return nil
}

// Drop implements store.JournalTx.
func (t *transaction) Drop(before uint64) error {
	t.dropped = max(t.dropped, min(before, math.MaxInt64))
	return nil
}

// commit sends what the transaction did, and has the writer know it.
func (t *transaction) commit(ctx context.Context) error {
	batch := &pgx.Batch{}
	t.queue(batch)
	if batch.Len() == 0 {
		return nil
	}
	if err := t.w.send(ctx, batch); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	t.remember()
	return nil
}

// remember notes what is in the database now.
func (t *transaction) remember() {
	w := t.w
	for name := range t.forgotten {
		w.cache.forget(name)
	}
	for name, row := range t.hosts {
		w.cache.putHost(name, row.record)
	}
	for k, c := range t.components {
		w.cache.putComponent(k.host, k.id, c.record)
	}
	if t.newCursors != nil {
		w.cursors, w.journal = t.newCursors, t.journal
	}
	for name, number := range t.cursors {
		if delete(w.cursors, name); number != nil {
			w.cursors[name] = *number
		}
	}
	if n := len(t.changes); n > 0 {
		w.change = t.changes[n-1].number // which was read already, if the connection was lost meanwhile
	}
}
