package store

import (
	"context"
	"fmt"
	"iter"

	"go.etcd.io/bbolt"

	"github.com/cimwatch/cimwatch/inventory"
)

// Find returns the components that a query selects, in its order; by host and ID where it
// has none. It looks at no more than an index names, where one of health, kind, vendor,
// serial or part number fits the query, or at some hosts. A query with an order keeps the
// places of all that it selects in memory, or of up to twice its limit. The sequence ends
// after the first error. It is read piece by piece: what changes meanwhile may show or not.
//
// Of what the query does not select, no more is read than tells so: Find does not notice that
// the rest of such a record is damaged. Check does.
func (s *Store) Find(ctx context.Context, q inventory.Query) iter.Seq2[inventory.Component, error] {
	return func(yield func(inventory.Component, error) bool) {
		f := newFinder(s, &q)
		walk, err := f.start(ctx)
		components, left := newSearch(f, q.Limit, (*looker).component), q.Limit
		for done := false; err == nil && !done; {
			var found []inventory.Component
			found, done, err = components.next(ctx, walk)
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
	names  []string        // of the properties that Where looks at; nil: it may look at all
}

func newFinder(s *Store, q *inventory.Query) *finder {
	f := &finder{store: s, query: q, fields: *q}
	f.fields.Where = nil
	if where, ok := q.Where.(inventory.PropertyPredicate); ok {
		f.names = append([]string{}, where.Properties()...)
	}
	return f
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
	places := newSearch(f, 0, (*looker).place)
	for done := false; !done; {
		var found []inventory.Place
		if found, done, err = places.next(ctx, planned); err != nil {
			return nil, err
		}
		for _, p := range found {
			ranking.Add(p, componentKey(p.Host, p.ID))
		}
	}
	return &keyWalk{ranking.All()}, nil
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
	ahead    readahead
}

func (w *scanWalk) piece(tx *bbolt.Tx, take func(record []byte) bool) bool {
	components := tx.Bucket(bucketComponents)
	for ; len(w.prefixes) > 0; w.prefixes = w.prefixes[1:] {
		start := w.prefixes[0]
		if string(w.next) > string(start) {
			start = w.next
		}
		for k, record := range from(components, w.prefixes[0], start) {
			w.ahead.anywhere(tx, record)
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
