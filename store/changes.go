package store

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"go.etcd.io/bbolt"

	"github.com/cimwatch/cimwatch/inventory"
)

// A change is kept under its number, after all that came before: however many hosts and
// components change, the changes of a transaction lie together. Which ones a component has
// is told by runs, in history-of, once it is no longer in the tail. Up to format 3 a change was
// kept under its host and number, and a run was a single one; such changes stay where they are.

// longestRun is how many numbers a run may have.
const longestRun = 64

// changesFill is how full pages of changes are made: they come in order, and only go.
const changesFill = 0.95

// A historian keeps the changes of a transaction.
type historian struct {
	tx      *bbolt.Tx
	changes *bbolt.Bucket
}

func newHistorian(tx *bbolt.Tx) *historian {
	changes := tx.Bucket(bucketChanges)
	changes.FillPercent = changesFill
	return &historian{tx, changes}
}

// put keeps the change of a component.
func (h *historian) put(change *inventory.Change) error {
	number, err := h.changes.NextSequence()
	if err != nil {
		return fmt.Errorf("number change: %w", err)
	}
	if err := h.changes.Put(key64(number), encodeChange(change)); err != nil {
		return fmt.Errorf("put change of %s: %w", change.ID, err)
	}
	return nil
}

// appendRuns adds numbers, which are above those that are there, to the runs of a component.
func appendRuns(index *bbolt.Bucket, of []byte, numbers []uint64) error {
	last, err := lastRun(index, of, math.MaxUint64)
	if err != nil {
		last = nil // it stays as it is, and Check tells of it: one damaged run is not to hold up all
	}
	if len(last) < longestRun {
		numbers = slices.Concat(last, numbers)
	}
	return putRuns(index, of, numbers)
}

// lastRun returns the last run of a component that begins at a number or before, nil if there
// is none.
func lastRun(index *bbolt.Bucket, of []byte, number uint64) ([]uint64, error) {
	c := index.Cursor()
	if k, _ := c.First(); k == nil {
		return nil, nil // Last never ends where a transaction has emptied several pages
	}
	key := slices.Concat(of, key64(number))
	k, v := c.Seek(key)
	if k == nil {
		k, v = c.Last()
	} else if !bytes.Equal(k, key) {
		k, v = c.Prev()
	}
	for hasPrefix(k, of) {
		if isRunOf(k, of) {
			return decodeRun(nil, k, v)
		}
		k, v = c.Prev()
	}
	return nil, nil
}

// putRuns writes numbers as runs, over those that begin with the same ones.
func putRuns(index *bbolt.Bucket, of []byte, numbers []uint64) error {
	for run := range slices.Chunk(numbers, longestRun) {
		if err := index.Put(slices.Concat(of, key64(run[0])), encodeRun(run)); err != nil {
			return err
		}
	}
	return nil
}

// isRunOf tells the runs of a component from those of another, whose ID begins like this one's.
func isRunOf(key, of []byte) bool { return len(key) == len(of)+8 && hasPrefix(key, of) }

// encodeRun returns what follows the first number of a run, which stands in its key: how much
// more each of the others is than the one before.
func encodeRun(numbers []uint64) []byte {
	b := []byte{}
	for n := 1; n < len(numbers); n++ {
		b = binary.AppendUvarint(b, numbers[n]-numbers[n-1])
	}
	return b
}

// decodeRun adds the numbers of a run to others.
func decodeRun(numbers []uint64, key, value []byte) ([]uint64, error) {
	if len(key) < 8 {
		return numbers, fmt.Errorf("run %q: %w", key, errShort)
	}
	number := number64(key[len(key)-8:])
	numbers = append(numbers, number)
	for len(value) > 0 {
		more, size := binary.Uvarint(value)
		if size <= 0 || more == 0 || number+more < number {
			return numbers, fmt.Errorf("run %q: it does not say which change follows %d", key, number)
		}
		number += more
		numbers, value = append(numbers, number), value[size:]
	}
	return numbers, nil
}

// runLength returns how many numbers a run has.
func runLength(value []byte) int {
	n := 1
	for _, b := range value {
		if b < 0x80 { // the last byte of a number
			n++
		}
	}
	return n
}

// changeAt returns the record of a host's change, nil if there is none.
func changeAt(tx *bbolt.Tx, host []byte, number uint64) []byte {
	if changes := tx.Bucket(bucketChanges); changes != nil { // else it is a file of an older format
		if b := changes.Get(key64(number)); b != nil {
			return b
		}
	}
	return tx.Bucket(bucketHistory).Get(formerKey(host, number))
}

// dropChange takes a change away, but not from the runs.
func dropChange(tx *bbolt.Tx, host []byte, number uint64) error {
	changes := tx.Bucket(bucketChanges)
	if changes.Get(key64(number)) != nil {
		return changes.Delete(key64(number))
	}
	return tx.Bucket(bucketHistory).Delete(formerKey(host, number))
}

// replaceChange puts another change in the place of one, if that is there.
func replaceChange(tx *bbolt.Tx, host []byte, number uint64, change []byte) error {
	changes, former := tx.Bucket(bucketChanges), tx.Bucket(bucketHistory)
	if changes.Get(key64(number)) != nil {
		return changes.Put(key64(number), change)
	}
	if key := formerKey(host, number); former.Get(key) != nil {
		return former.Put(key, change)
	}
	return nil
}

// formerKey is that of a change up to format 3.
func formerKey(host []byte, number uint64) []byte {
	return slices.Concat(host, []byte{0}, key64(number))
}
