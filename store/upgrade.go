package store

import (
	"errors"
	"fmt"
	"slices"

	"go.etcd.io/bbolt"

	"github.com/cimwatch/cimwatch/inventory"
)

// upgradeComponents is how many components a transaction of an upgrade indexes, which bounds
// its memory.
const upgradeComponents = 5000

// upgrade brings a file of an older format to this one. It goes on where a former try was
// broken off: the version is that of the new format from the beginning, so that no older
// program writes to a file that is on its way.
func (s *Store) upgrade() error {
	for done := false; !done; {
		err := s.readBolt(func(tx *bbolt.Tx) error {
			done = !isOld(tx)
			return nil
		})
		if err == nil && !done {
			err = s.writeBolt(indexMore)
		}
		if err != nil {
			return fmt.Errorf("upgrade: %w", err)
		}
	}
	return nil
}

// isOld reports whether a file is of an older format, or on its way from there.
func isOld(tx *bbolt.Tx) bool {
	meta := tx.Bucket(bucketMeta)
	return meta != nil && (number64(meta.Get(keyFormat)) < formatVersion || meta.Get(keyUnindexed) != nil)
}

// layOut gives a file of an older format the buckets that it has not.
func layOut(tx *bbolt.Tx) error {
	meta := tx.Bucket(bucketMeta)
	version := number64(meta.Get(keyFormat))
	if version == formatVersion {
		return nil
	}
	create := bucketsSince4
	if version == oldestVersion {
		create = slices.Concat(bucketsSince3, bucketsSince4)
		if err := meta.Put(keyUnindexed, []byte{}); err != nil {
			return err
		}
	}
	for _, name := range create {
		if _, err := tx.CreateBucket(name); err != nil {
			return fmt.Errorf("create bucket %s: %w", name, err)
		}
	}
	numbered := tx.Bucket(bucketHistory).Sequence()
	return errors.Join(tx.Bucket(bucketChanges).SetSequence(numbered), meta.Put(keyRuns, key64(numbered)),
		meta.Put(keyFormat, key64(formatVersion)))
}

// indexMore indexes and counts the next components, and notes how far it has come.
func indexMore(tx *bbolt.Tx) error {
	if err := errors.Join(checkFormat(tx), layOut(tx)); err != nil {
		return err
	}
	meta := tx.Bucket(bucketMeta)
	if meta.Get(keyUnindexed) == nil {
		return nil
	}
	components := tx.Bucket(bucketComponents).Cursor()
	counts := map[string]*inventory.Summary{}
	last := meta.Get(keyUnindexed)
	k, v := components.Seek(keyAfter(last))
	for left := upgradeComponents; k != nil && left > 0; left-- {
		if err := enter(tx, k, v, counts); err != nil {
			return fmt.Errorf("component %q: %w", k, err)
		}
		last = k
		k, v = components.Next()
	}
	for host, changed := range counts {
		if err := addToSummary(tx, host, *changed); err != nil {
			return fmt.Errorf("host %s: %w", host, err)
		}
	}
	if k == nil {
		return meta.Delete(keyUnindexed)
	}
	return meta.Put(keyUnindexed, last)
}

// enter indexes and counts a component. One that cannot be read is passed over: Check tells
// of it, and the file opens all the same.
func enter(tx *bbolt.Tx, key, record []byte, counts map[string]*inventory.Summary) error {
	c, err := decodeHead(record)
	if err != nil {
		return nil //nolint:nilerr // see above
	}
	if counts[c.Host] == nil {
		counts[c.Host] = &inventory.Summary{}
	}
	tally(counts[c.Host], &c, 1)
	return reindex(tx, key, nil, &c)
}
