package store

import (
	"context"
	"fmt"
	"time"

	"go.etcd.io/bbolt"
)

// A consumer of the journal has a name. Its cursor is the number of the last entry it has
// dealt with, which the file keeps: so it goes on where it was, and at least once sees each
// entry that came after its cursor was first set. What it has not seen is not dropped, so
// that one that is gone for good must be forgotten.

// Cursor returns how far a consumer has come: the number of the last journal entry it has
// dealt with, 0 for a new one.
func (tx *Tx) Cursor(consumer string) uint64 { return cursor(tx.tx, consumer) }

// SetCursor moves a consumer on, or back to see entries again. The entry must be in the
// journal, or have been.
func (tx *Tx) SetCursor(consumer string, number uint64) error {
	if last := tx.tx.Bucket(bucketJournal).Sequence(); number > last {
		return fmt.Errorf("set cursor %s to %d: the last entry is %d", consumer, number, last)
	}
	if err := tx.tx.Bucket(bucketCursors).Put([]byte(consumer), key64(number)); err != nil {
		return fmt.Errorf("set cursor %s: %w", consumer, err)
	}
	return nil
}

// DeleteCursor forgets a consumer: entries are no longer kept for it.
func (tx *Tx) DeleteCursor(consumer string) error {
	if err := tx.tx.Bucket(bucketCursors).Delete([]byte(consumer)); err != nil {
		return fmt.Errorf("delete cursor %s: %w", consumer, err)
	}
	return nil
}

func cursor(tx *bbolt.Tx, consumer string) uint64 {
	return number64(tx.Bucket(bucketCursors).Get([]byte(consumer)))
}

// Cursor returns how far a consumer has come, 0 for a new one.
func (s *Store) Cursor(ctx context.Context, consumer string) (uint64, error) {
	var number uint64
	err := s.read(ctx, func(tx *bbolt.Tx) error {
		number = cursor(tx, consumer)
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("read cursor %s: %w", consumer, err)
	}
	return number, nil
}

// Cursors returns how far each consumer has come.
func (s *Store) Cursors(ctx context.Context) (map[string]uint64, error) {
	all := map[string]uint64{}
	err := s.read(ctx, func(tx *bbolt.Tx) error {
		for k, v := range within(tx.Bucket(bucketCursors), nil) {
			all[string(k)] = number64(v)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read cursors: %w", err)
	}
	return all, nil
}

// FirstNumber returns the number of the first entry that has not been dropped. When the
// journal is empty it is the number of the entry that will come.
func (s *Store) FirstNumber(ctx context.Context) (uint64, error) {
	var first uint64
	err := s.read(ctx, func(tx *bbolt.Tx) error {
		first = firstNumber(tx)
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("read first number: %w", err)
	}
	return first, nil
}

// Before returns where to read from for the entries since a time: after the last number
// whose entry, and those before it, were received earlier. Where the clock was set back
// that is the first such place.
func (s *Store) Before(ctx context.Context, at time.Time) (uint64, error) {
	var before uint64
	err := s.read(ctx, func(tx *bbolt.Tx) error {
		first := firstNumber(tx)
		start := first
		segments, _ := liveSegments(tx, first)
		for n, seg := range segments {
			if seg.begin >= at.Unix() {
				break // it begins later; the one before may hold earlier entries and later ones
			}
			start = segments[n].first
		}
		before = start - 1
		for number, record := range entriesAfter(tx, before) {
			e, err := decodeEntry(number, record, nil)
			if err != nil {
				return err
			}
			if !e.Received.Before(at) {
				break
			}
			before = number
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("find journal entries of %v: %w", at, err)
	}
	return before, nil
}
