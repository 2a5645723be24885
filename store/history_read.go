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

// mostNumbers is how many changes of a host are put in order at once, by their numbers.
const mostNumbers = 1 << 20

// History returns the changes of a component, oldest first; of all components of a host
// when id is "", and of all hosts, by host, when host is "" too. The sequence ends after
// the first error.
func (s *Store) History(ctx context.Context, host, id string) iter.Seq2[inventory.Change, error] {
	return func(yield func(inventory.Change, error) bool) {
		var err, damaged error
		goOn := func(b []byte) bool {
			var c inventory.Change
			c, damaged = decodeChange(b)
			return damaged == nil && yield(c, nil)
		}
		if host != "" {
			_, err = s.historyOf(ctx, host, id, goOn)
		} else {
			err = s.wholeHistory(ctx, goOn)
		}
		if err = errors.Join(err, damaged); err != nil {
			yield(inventory.Change{}, fmt.Errorf("read history: %w", err))
		}
	}
}

// wholeHistory hands on the changes of all hosts, until goOn says no.
func (s *Store) wholeHistory(ctx context.Context, goOn func([]byte) bool) error {
	var next []byte
	for {
		var host []byte
		err := s.read(ctx, func(tx *bbolt.Tx) error {
			if k, _ := tx.Bucket(bucketHistoryOf).Cursor().Seek(next); k != nil {
				host = bytes.Clone(hostOf(k))
			}
			return nil
		})
		if err != nil || host == nil {
			return err
		}
		if more, err := s.historyOf(ctx, string(host), "", goOn); err != nil || !more {
			return err
		}
		next = slices.Concat(host, []byte{1}) // after all keys that begin with the host and 0
	}
}

// historyOf hands on the changes of a host, or of one of its components, until goOn says no.
func (s *Store) historyOf(ctx context.Context, host, id string, goOn func([]byte) bool) (more bool, err error) {
	var after uint64
	for {
		var numbers []uint64
		err := s.read(ctx, func(tx *bbolt.Tx) (err error) {
			numbers, err = numbersOf(tx, host, id, after)
			return err
		})
		if err != nil || len(numbers) == 0 {
			return true, err
		}
		after = numbers[len(numbers)-1]
		if more, err := s.changes(ctx, []byte(host), numbers, goOn); err != nil || !more {
			return false, err
		}
	}
}

// numbersOf returns the numbers of a host's changes, or of those of one component, that come after
// one; the first of them where there are very many.
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
func (s *Store) changes(ctx context.Context, host []byte, numbers []uint64, goOn func([]byte) bool) (more bool, err error) {
	for len(numbers) > 0 {
		var chunk [][]byte
		err := s.read(ctx, func(tx *bbolt.Tx) error {
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
			if !goOn(b) {
				return false, nil
			}
		}
	}
	return true, nil
}
