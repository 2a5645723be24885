package store

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"go.etcd.io/bbolt"
)

// The tail are the latest changes, which no run has yet. The runs of components that change in
// turn lie far apart: to write them for many changes at once costs much less than with each
// transaction, and to look through so many changes takes a few milliseconds at most.

// longestTail is how many changes may be in the tail after a transaction.
const longestTail = 1 << 14

// lastInRuns returns the number of the last change that the runs have, and all before it.
func lastInRuns(tx *bbolt.Tx) uint64 { return number64(tx.Bucket(bucketMeta).Get(keyRuns)) }

// A tailed change is one of the tail, as long as the transaction.
type tailed struct {
	host, id string
	err      error // it cannot be read
}

// tail returns the changes of the tail by their numbers.
func tail(tx *bbolt.Tx) iter.Seq2[uint64, tailed] {
	return func(yield func(uint64, tailed) bool) {
		changes := tx.Bucket(bucketChanges)
		if changes == nil {
			return // it is a file of an older format
		}
		for k, v := range from(changes, nil, key64(lastInRuns(tx)+1)) {
			if !yield(number64(k), tailedOf(v)) {
				return
			}
		}
	}
}

// tailOf returns the numbers of those changes of the tail that are wanted, by host. One that
// cannot be read may be one of them.
func tailOf(tx *bbolt.Tx, wanted func(host, id string) bool) (map[string][]uint64, error) {
	numbers := map[string][]uint64{}
	for number, c := range tail(tx) {
		if c.err != nil {
			return nil, fmt.Errorf("change %d: %w", number, c.err)
		}
		if wanted(c.host, c.id) {
			host := strings.Clone(c.host)
			numbers[host] = append(numbers[host], number)
		}
	}
	return numbers, nil
}

// flush brings the runs up to date where the tail has become long.
func (h *historian) flush() error {
	if h.changes.Sequence()-lastInRuns(h.tx) <= longestTail {
		return nil
	}
	return indexTail(h.tx)
}

// indexTail brings the runs up to date, in the order of their keys. What cannot be read is in
// none; Check tells of it.
func indexTail(tx *bbolt.Tx) error {
	numbers := map[string][]uint64{}
	for number, c := range tail(tx) {
		if c.err == nil {
			prefix := string(historyPrefix(c.host, c.id))
			numbers[prefix] = append(numbers[prefix], number)
		}
	}
	index := tx.Bucket(bucketHistoryOf)
	for _, of := range slices.Sorted(maps.Keys(numbers)) {
		if err := appendRuns(index, []byte(of), numbers[of]); err != nil {
			return fmt.Errorf("index changes of %q: %w", of, err)
		}
	}
	last := tx.Bucket(bucketChanges).Sequence()
	if last == lastInRuns(tx) {
		return nil
	}
	return tx.Bucket(bucketMeta).Put(keyRuns, key64(last))
}
