package store

import (
	"context"
	"slices"

	"go.etcd.io/bbolt"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/inventory"
)

const (
	mostLooked    = 4096 // components that one transaction of a search looks at
	lookedAtFirst = 256  // of them at once: the query may be content with what it finds there
	lookedAtOnce  = 1024
	searchShares  = 4  // of those that are looked at at once, each on a processor
	leastShare    = 32 // fewer are not worth another one
)

// A search looks at the components of walks, and takes T of those that a query selects.
type search[T any] struct {
	finder  *finder
	take    func(l *looker, record []byte) (T, error)
	most    int                   // of T that are wanted; 0: all
	batch   int                   // how many components are looked at next
	records [][]byte              // of the file, during a transaction
	lookers [searchShares]*looker // those that were needed so far
	shares  [searchShares][]T     // of what is taken, used again
	taken   []T                   // in one transaction, used again
}

func newSearch[T any](f *finder, most int, take func(*looker, []byte) (T, error)) *search[T] {
	s := &search[T]{finder: f, take: take, most: most, batch: lookedAtFirst}
	if most > 0 {
		s.batch = min(s.batch, max(most, leastShare))
	}
	return s
}

// next returns what is taken of the next piece of a walk, in one transaction. It is there until
// next is called again.
func (s *search[T]) next(ctx context.Context, w walk) (taken []T, done bool, err error) {
	s.taken = s.taken[:0]
	enough := chunkRecords
	if s.most > 0 {
		enough = min(enough, s.most)
	}
	err = s.finder.store.read(ctx, func(tx *bbolt.Tx) error {
		looked, bytes := 0, 0
		for !done && looked < mostLooked && len(s.taken) < enough && bytes < chunkBytes {
			done = s.collect(tx, w)
			looked += len(s.records)
			if err := s.look(); err != nil {
				return err
			}
			for n := range s.shares {
				s.taken = append(s.taken, s.shares[n]...)
			}
			bytes += s.weight()
		}
		return nil
	})
	return s.taken, done, err
}

// collect finds the records that are looked at next.
func (s *search[T]) collect(tx *bbolt.Tx, w walk) (done bool) {
	s.records = s.records[:0]
	bytes := 0
	done = w.piece(tx, func(record []byte) bool {
		s.records = append(s.records, record)
		bytes += len(record)
		return len(s.records) < s.batch && bytes < chunkBytes
	})
	s.batch = min(4*s.batch, lookedAtOnce)
	return done
}

// look looks at the records, on several processors where they are many: that takes a millisecond.
func (s *search[T]) look() error {
	for n, l := range s.lookers {
		if s.shares[n] = s.shares[n][:0]; l != nil {
			l.bytes = 0
		}
	}
	size := max((len(s.records)+searchShares-1)/searchShares, leastShare)
	return inShares((len(s.records)+size-1)/size, func(n int) error {
		return s.lookAt(n, s.records[n*size:min((n+1)*size, len(s.records))])
	})
}

// weight returns how many bytes the records have of which something was taken.
func (s *search[T]) weight() (bytes int) {
	for _, l := range s.lookers {
		if l != nil {
			bytes += l.bytes
		}
	}
	return bytes
}

// lookAt looks at a share of the records.
func (s *search[T]) lookAt(n int, records [][]byte) error {
	if s.lookers[n] == nil {
		s.lookers[n] = &looker{finder: s.finder}
	}
	l := s.lookers[n]
	for _, record := range records {
		fits, err := l.look(record)
		if err != nil {
			return err
		}
		if !fits {
			continue
		}
		one, err := s.take(l, record)
		if err != nil {
			return err
		}
		s.shares[n] = append(s.shares[n], one)
		if l.bytes += len(record); len(s.shares[n]) == s.most {
			break // those behind it are not wanted
		}
	}
	return nil
}

// A looker looks at components, one after the other.
type looker struct {
	finder   *finder
	head     inventory.Component  // of the last one, lent by the file and without its path
	whole    *inventory.Component // the last one, if it had to be decoded
	instance cim.Instance         // with the properties that were looked at
	texts    texts
	bytes    int // of the records that were taken
}

// look says whether the query selects a component. It decodes no more than it needs for that,
// and copies none of it.
func (l *looker) look(record []byte) (fits bool, err error) {
	d := decoder{b: record, lends: true}
	d.head(&l.head, d.skipPath)
	l.whole = nil
	if d.err != nil || !l.finder.fields.Match(&l.head) {
		return false, d.err
	}
	if l.finder.query.Where == nil {
		return true, nil
	}
	return l.meets(&d, record)
}

// meets says whether a component meets the query's condition. The decoder has come to the end of
// its head.
func (l *looker) meets(d *decoder, record []byte) (bool, error) {
	where, names, class := l.finder.query.Where, l.finder.names, l.head.Class
	named := func(name string) bool { return cim.EqualNames(name, class) }
	if names == nil || slices.ContainsFunc(names, named) { // it stands for all of the instance
		whole, err := decodeNamed(record, &l.texts)
		l.whole = &whole
		return err == nil && where.Match(whole.Instance()), err
	}
	d.mark()
	l.instance.Class = class
	l.instance.Properties = d.propertiesNamed(names, l.instance.Properties[:0])
	return d.err == nil && where.Match(&l.instance), d.err
}

// component takes all of a component.
func (l *looker) component(record []byte) (inventory.Component, error) {
	if l.whole != nil {
		return *l.whole, nil
	}
	if l.bytes == 0 {
		return decodeComponent(record) // the first of a few shares nothing with others
	}
	return decodeNamed(record, &l.texts)
}

// place takes where a component stands in the query's order.
func (l *looker) place([]byte) (inventory.Place, error) {
	return l.finder.query.Place(&l.head).Clone(), nil
}
