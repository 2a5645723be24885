package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"

	"go.etcd.io/bbolt"

	"github.com/cimwatch/cimwatch/inventory"
)

// mostNumbers is how many changes of a host are put in order at once, by their numbers.
const mostNumbers = 1 << 20

// History returns the changes of a component, oldest first; of all components of a host
// when id is "", and of all hosts, by host, when host is "" too. The sequence ends after
// the first error.
func (s *Store) History(ctx context.Context, host, id string) iter.Seq2[inventory.Change, error] {
	return func(yield func(inventory.Change, error) bool) {
		var damaged error
		r := &historyReader{store: s, goOn: func(b []byte) bool {
			var c inventory.Change
			c, damaged = decodeChange(b)
			return damaged == nil && yield(c, nil)
		}}
		if err := errors.Join(r.read(ctx, host, id), damaged); err != nil {
			yield(inventory.Change{}, fmt.Errorf("read history: %w", err))
		}
	}
}

// A historyReader hands on changes, until goOn says no.
type historyReader struct {
	store *Store
	goOn  func(change []byte) bool
	tail  map[string][]uint64 // by host; what it has is in the runs by and by
}

func (r *historyReader) read(ctx context.Context, host, id string) error {
	err := r.store.read(ctx, func(tx *bbolt.Tx) (err error) {
		r.tail, err = tailOf(tx, func(h, i string) bool { return (host == "" || h == host) && (id == "" || i == id) })
		return err
	})
	if err == nil && host == "" {
		return r.all(ctx)
	}
	if err == nil {
		_, err = r.of(ctx, host, id)
	}
	return err
}

// all hands on the changes of all hosts.
func (r *historyReader) all(ctx context.Context) error {
	ahead := slices.Sorted(maps.Keys(r.tail)) // hosts that may have no run yet
	var next []byte
	for {
		var host []byte
		err := r.store.read(ctx, func(tx *bbolt.Tx) error {
			if k, _ := tx.Bucket(bucketHistoryOf).Cursor().Seek(next); k != nil {
				host = bytes.Clone(hostOf(k))
			}
			return nil
		})
		if len(ahead) > 0 && (host == nil || ahead[0] <= string(host)) {
			host, ahead = []byte(ahead[0]), ahead[1:]
		}
		if err != nil || host == nil {
			return err
		}
		if more, err := r.of(ctx, string(host), ""); err != nil || !more {
			return err
		}
		next = slices.Concat(host, []byte{1}) // after all keys that begin with the host and 0
	}
}

// of hands on the changes of a host, or of one of its components.
func (r *historyReader) of(ctx context.Context, host, id string) (more bool, err error) {
	var after uint64
	for {
		var numbers []uint64
		err := r.store.read(ctx, func(tx *bbolt.Tx) (err error) {
			numbers, err = numbersOf(tx, host, id, after)
			return err
		})
		if err != nil {
			return false, err
		}
		ended := len(numbers) == 0
		if ended {
			numbers = r.tail[host]
			passed, _ := slices.BinarySearch(numbers, after+1)
			numbers = numbers[passed:]
		} else {
			after = numbers[len(numbers)-1]
		}
		if more, err := r.changes(ctx, []byte(host), numbers); err != nil || !more || ended {
			return more, err
		}
	}
}

// numbersOf returns the numbers of a host's changes in runs, or of those of one component, that come
// after one; the first of them where there are very many.
func numbersOf(tx *bbolt.Tx, host, id string, after uint64) (numbers []uint64, err error) {
	prefix := hostPrefix(host)
	if id != "" {
		prefix = historyPrefix(host, id)
	}
	for k, v := range within(tx.Bucket(bucketHistoryOf), prefix) {
		if id != "" && !isRunOf(k, prefix) {
			continue
		}
		known := len(numbers)
		if numbers, err = decodeRun(numbers, k, v); err != nil {
			return nil, err
		}
		passed, _ := slices.BinarySearch(numbers[known:], after+1)
		numbers = slices.Delete(numbers, known, known+passed)
		if len(numbers) >= 2*mostNumbers {
			slices.Sort(numbers)
			numbers = numbers[:mostNumbers]
		}
	}
	slices.Sort(numbers)
	return numbers[:min(len(numbers), mostNumbers)], nil
}

// changes hands on the changes of a host with some numbers, with a transaction for each piece.
// What has gone meanwhile is passed over.
func (r *historyReader) changes(ctx context.Context, host []byte, numbers []uint64) (more bool, err error) {
	for len(numbers) > 0 {
		var chunk [][]byte
		err := r.store.read(ctx, func(tx *bbolt.Tx) error {
			bytes := 0
			for len(numbers) > 0 && len(chunk) < chunkRecords && bytes < chunkBytes {
				if b := changeAt(tx, host, numbers[0]); b != nil {
					chunk = append(chunk, slices.Clone(b))
					bytes += len(b)
				}
				numbers = numbers[1:]
			}
			return nil
		})
		if err != nil {
			return false, err
		}
		for _, b := range chunk {
			if !r.goOn(b) {
				return false, nil
			}
		}
	}
	return true, nil
}
