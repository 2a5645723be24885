package store

import (
	"errors"
	"fmt"
	"slices"

	"go.etcd.io/bbolt"
)

// history checks all changes, and that the runs have each of them.
func (c *checker) history() error {
	former := c.tx.Bucket(bucketHistory)
	err := c.changes(former, bucketHistory, formerKey)
	if changes := c.tx.Bucket(bucketChanges); err == nil && changes != nil {
		err = c.changes(changes, bucketChanges, func(_ []byte, number uint64) []byte { return key64(number) })
	}
	return err
}

// changes checks those of a bucket, with the key that each must have.
func (c *checker) changes(b *bbolt.Bucket, name []byte, keyOf func(host []byte, number uint64) []byte) error {
	index, last := c.tx.Bucket(bucketHistoryOf), lastInRuns(c.tx)
	count, err := c.each(name, func(k, v []byte) error {
		change, err := decodeChange(v)
		if err != nil {
			return fmt.Errorf("change %q: %w", k, err)
		}
		number := number64(k[max(0, len(k)-8):])
		if string(keyOf([]byte(change.Host), number)) != string(k) || number > b.Sequence() {
			return fmt.Errorf("change %q is of host %s", k, change.Host)
		}
		if string(name) == string(bucketChanges) && number > last {
			c.tail++
		} else if !inRuns(index, historyPrefix(change.Host, change.ID), number) {
			return fmt.Errorf("change %q of %s is not in the index", k, change.ID)
		}
		return nil
	})
	c.report.Changes += count
	return err
}

// inRuns reports whether the runs of a component have a number.
func inRuns(index *bbolt.Bucket, of []byte, number uint64) bool {
	run, err := lastRun(index, of, number)
	return err == nil && slices.Contains(run, number)
}

// historyOf checks the runs, and that they have nothing but the changes.
func (c *checker) historyOf() error {
	indexed := 0
	_, err := c.each(bucketHistoryOf, func(k, v []byte) error {
		indexed += runLength(v)
		if len(k) < 8 {
			return errors.New("a run has no number")
		}
		_, err := decodeRun(nil, k, v)
		return err
	})
	if changes := c.report.Changes - c.tail; err == nil && indexed != changes {
		c.found(bucketHistoryOf, "the index names %d changes, there are %d", indexed, changes)
	}
	return err
}

// lastChange returns the number of the last change.
func (c *checker) lastChange() uint64 {
	if changes := c.tx.Bucket(bucketChanges); changes != nil {
		return changes.Sequence()
	}
	return c.tx.Bucket(bucketHistory).Sequence()
}
