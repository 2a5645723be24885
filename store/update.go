package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"go.etcd.io/bbolt"

	"github.com/cimwatch/cimwatch/inventory"
)

// Tx is a transaction that changes what consumers of the journal keep: all of it happens,
// or nothing.
type Tx struct {
	tx         *bbolt.Tx
	components *componentCache
	history    *historian
}

// Update runs a transaction. It is on disk when Update returns nil; when the function
// returns an error nothing has happened, and Update returns that error. Each Update costs
// a sync: do the work of many journal entries in one.
func (s *Store) Update(ctx context.Context, do func(*Tx) error) error {
	if s.options.ReadOnly {
		return fmt.Errorf("update store: %w", ErrReadOnly)
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("update store: %w", err)
	}
	if err := s.closed(); err != nil {
		return fmt.Errorf("update store: %w", err)
	}
	err := s.writeBolt(func(tx *bbolt.Tx) error {
		t := &Tx{tx, newComponentCache(tx), newHistorian(tx)}
		if err := do(t); err != nil {
			return err
		}
		return errors.Join(t.components.flush(), t.history.flush())
	})
	if err != nil {
		return fmt.Errorf("update store: %w", asClosed(err))
	}
	return nil
}

// Host returns what is kept of a host, with nothing but its name when it is new.
func (tx *Tx) Host(name string) (inventory.Host, error) {
	b := tx.tx.Bucket(bucketHosts).Get([]byte(name))
	if b == nil {
		return inventory.Host{Name: name}, nil
	}
	h, err := decodeHost(b)
	if err != nil {
		return inventory.Host{}, fmt.Errorf("host %s: %w", name, err)
	}
	return h, nil
}

// HasHost reports whether there is a host of that name. The error is always nil.
func (tx *Tx) HasHost(name string) (bool, error) {
	return tx.tx.Bucket(bucketHosts).Get([]byte(name)) != nil, nil
}

// PutHost keeps a host under its name.
func (tx *Tx) PutHost(h inventory.Host) error {
	if err := checkHostName(h.Name); err != nil {
		return err
	}
	if err := tx.tx.Bucket(bucketHosts).Put([]byte(h.Name), encodeHost(&h)); err != nil {
		return fmt.Errorf("put host %s: %w", h.Name, err)
	}
	return nil
}

// TakeIn reads what events are about at once. See [JournalTx].
func (tx *Tx) TakeIn(entries []Taken) error {
	keys := make([][]byte, 0, len(entries))
	for _, e := range entries {
		if e.Event != nil {
			keys = append(keys, componentKey(e.Event.Host, inventory.IDOf(e.Event)))
		}
	}
	slices.SortFunc(keys, bytes.Compare)
	if err := tx.components.load(slices.CompactFunc(keys, bytes.Equal)); err != nil {
		return fmt.Errorf("read what %d entries are about: %w", len(entries), err)
	}
	return nil
}

// Drop does nothing: the journal is in the same file. See [JournalTx].
func (tx *Tx) Drop(uint64) error { return nil }

// Apply brings the inventory of a host up to date: it hands the present state to the
// function and keeps the Delta that comes back. It returns the changes for passing on.
func (tx *Tx) Apply(host string, work func(inventory.View) inventory.Delta) ([]inventory.Change, error) {
	if err := tx.ensureHost(host); err != nil {
		return nil, err
	}
	v := &view{components: tx.components, host: host}
	d := work(v)
	if v.err != nil {
		return nil, fmt.Errorf("read inventory of %s: %w", host, v.err)
	}
	if err := tx.putDelta(host, &d); err != nil {
		return nil, fmt.Errorf("update inventory of %s: %w", host, err)
	}
	return d.Changes, nil
}

// ensureHost sees to it that all hosts with components are listed.
func (tx *Tx) ensureHost(name string) error {
	if there, err := tx.HasHost(name); there || err != nil {
		return err
	}
	return tx.PutHost(inventory.Host{Name: name})
}

func (tx *Tx) putDelta(host string, d *inventory.Delta) error {
	for n := range d.Upserts {
		c := &d.Upserts[n]
		if c.Host != host {
			return fmt.Errorf("component %s is of host %q", c.ID, c.Host)
		}
		if err := tx.components.put(c); err != nil {
			return fmt.Errorf("put component %s: %w", c.ID, err)
		}
	}
	for _, id := range d.Removes {
		if err := tx.components.remove(host, id); err != nil {
			return fmt.Errorf("delete component %s: %w", id, err)
		}
	}
	for n := range d.Changes {
		c := &d.Changes[n]
		if c.Host != host {
			return fmt.Errorf("change of %s is of host %q", c.ID, c.Host)
		}
		if err := tx.history.put(c); err != nil {
			return err
		}
	}
	return nil
}

// view is the inventory of one host within a transaction. The first error stays.
type view struct {
	components *componentCache
	host       string
	err        error
}

// Component implements inventory.View.
func (v *view) Component(id string) (inventory.Component, bool) {
	c, ok, err := v.components.get(v.host, id)
	v.note(err)
	return c, ok
}

// Components implements inventory.View.
func (v *view) Components() iter.Seq[inventory.Component] {
	return func(yield func(inventory.Component) bool) {
		if v.note(v.components.flush()) {
			return
		}
		for _, b := range within(v.components.bucket, hostPrefix(v.host)) {
			if c, err := decodeComponent(b); v.note(err) || !yield(c) {
				return
			}
		}
	}
}

// note says whether there is an error, and keeps the first.
func (v *view) note(err error) bool {
	if err != nil && v.err == nil {
		v.err = err
	}
	return err != nil
}

// longestHost is that of a name in the domain name system; host names are part of keys.
const longestHost = 255

func checkHostName(name string) error {
	if name == "" || len(name) > longestHost || slices.Contains([]byte(name), 0) {
		return fmt.Errorf("host name %.300q: it must have 1 to %d bytes and no NUL", name, longestHost)
	}
	return nil
}

func hostPrefix(host string) []byte { return append([]byte(host), 0) }

func componentKey(host, id string) []byte { return append(hostPrefix(host), id...) }

func historyPrefix(host, id string) []byte { return append(componentKey(host, id), 0) }
