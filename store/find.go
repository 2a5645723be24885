package store

import (
	"context"
	"fmt"
	"iter"

	"go.etcd.io/bbolt"

	"github.com/cimwatch/cimwatch/inventory"
)

// mostLooked is how many components one transaction of a search looks at.
const mostLooked = 4096

// Find returns the components that a query selects, in its order; by host and ID where it
// has none. It looks at no more than an index names, where one of health, kind, vendor,
// serial or part number fits the query, or at some hosts. A query with an order keeps the
// places of all that it selects in memory, or of up to twice its limit. The sequence ends
// after the first error. It is read piece by piece: what changes meanwhile may show or not.
func (s *Store) Find(ctx context.Context, q inventory.Query) iter.Seq2[inventory.Component, error] {
	return func(yield func(inventory.Component, error) bool) {
		f := &finder{store: s, query: &q, fields: q, heads: len(q.Sort) > 0 && q.Where == nil}
		f.fields.Where = nil
		walk, err := f.start(ctx)
		left := q.Limit
		for done := false; err == nil && !done; {
			var found []inventory.Component
			found, done, err = f.next(ctx, walk)
			for _, c := range found {
				if left--; !yield(c, nil) || left == 0 {
					return
				}
			}
		}
		if err != nil {
			yield(inventory.Component{}, fmt.Errorf("find components: %w", err))
		}
	}
}

// A finder answers a query.
type finder struct {
	store  *Store
	query  *inventory.Query
	fields inventory.Query // without what needs the properties
	heads  bool            // heads of components are all that is asked for
}

// A walk goes through components in an order, piece by piece.
type walk interface {
	// piece goes on in a transaction until take has enough, and reports whether it came to
	// the end.
	piece(tx *bbolt.Tx, take func(record []byte) bool) (done bool)
}

// start returns the walk that is to be made, with an order to those that are found already.
func (f *finder) start(ctx context.Context) (walk, error) {
	if err := f.query.Check(); err != nil {
		return nil, err
	}
	var planned walk
	err := f.store.read(ctx, func(tx *bbolt.Tx) error {
		planned = f.plan(tx)
		return nil
	})
	if err != nil || len(f.query.Sort) == 0 {
		return planned, err
	}
	ranking := inventory.NewRanking[[]byte](f.query)
	for done := false; !done; {
		var found []inventory.Component
		if found, done, err = f.next(ctx, planned); err != nil {
			return nil, err
		}
		for i := range found {
			ranking.Add(f.query.Place(&found[i]), componentKey(found[i].Host, found[i].ID))
		}
	}
	f.heads = false
	return &keyWalk{ranking.All()}, nil
}

// next returns what the query selects of the next piece of a walk.
func (f *finder) next(ctx context.Context, w walk) (found []inventory.Component, done bool, err error) {
	err = f.store.read(ctx, func(tx *bbolt.Tx) error {
		var failure error
		looked, bytes := 0, 0
		done = w.piece(tx, func(record []byte) bool {
			c, fits, err := f.examine(record)
			if fits {
				found = append(found, c)
				bytes += len(record)
			}
			looked++
			failure = err
			return err == nil && looked < mostLooked && len(found) < chunkRecords && bytes < chunkBytes
		})
		return failure
	})
	return found, done, err
}

// examine decodes a component as far as the query needs it.
func (f *finder) examine(record []byte) (c inventory.Component, fits bool, err error) {
	c, err = decodeHead(record)
	if err != nil || !f.fields.Match(&c) || f.heads {
		return c, err == nil && f.heads && f.fields.Match(&c), err
	}
	c, err = decodeComponent(record)
	if err != nil || f.query.Where != nil && !f.query.Where.Match(c.Instance()) {
		return c, false, err
	}
	return c, true, nil
}

// A keyWalk goes to the components with some keys, as far as they are there.
type keyWalk struct{ keys [][]byte }

func (w *keyWalk) piece(tx *bbolt.Tx, take func(record []byte) bool) bool {
	components := tx.Bucket(bucketComponents)
	for len(w.keys) > 0 {
		record := components.Get(w.keys[0])
		w.keys = w.keys[1:]
		if record != nil && !take(record) {
			break
		}
	}
	return len(w.keys) == 0
}

// A scanWalk goes through ranges of all components.
type scanWalk struct {
	prefixes [][]byte // of keys, in their order
	next     []byte   // the key to go on from
}

func (w *scanWalk) piece(tx *bbolt.Tx, take func(record []byte) bool) bool {
	components := tx.Bucket(bucketComponents)
	for ; len(w.prefixes) > 0; w.prefixes = w.prefixes[1:] {
		start := w.prefixes[0]
		if string(w.next) > string(start) {
			start = w.next
		}
		for k, record := range from(components, w.prefixes[0], start) {
			if !take(record) {
				w.next = keyAfter(k)
				return false
			}
		}
	}
	return true
}

// keyAfter returns the first key after one.
func keyAfter(key []byte) []byte { return append(append([]byte{}, key...), 0) }
