package store

import (
	"cmp"
	"fmt"
	"strings"

	"go.etcd.io/bbolt"
)

// Forget removes a host with its components and its history, and all that finds and counts them.
// The error is ErrNotFound when there is no such host. The journal and the windows of senders
// stay: repeated deliveries are still known for what they are when the host comes again.
func (tx *Tx) Forget(host string) error {
	if err := tx.forget(host); err != nil {
		return fmt.Errorf("forget host %s: %w", host, err)
	}
	return nil
}

func (tx *Tx) forget(host string) error {
	if there, err := tx.HasHost(host); err != nil || !there {
		return cmp.Or(err, ErrNotFound)
	}
	if err := tx.components.forget(host); err != nil {
		return err
	}
	if err := tx.history.forget(host); err != nil {
		return err
	}
	if err := tx.tx.Bucket(bucketSummaries).Delete([]byte(host)); err != nil {
		return fmt.Errorf("delete summary: %w", err)
	}
	return tx.tx.Bucket(bucketHosts).Delete([]byte(host))
}

// forget deletes the components of a host, and takes them out of the indexes. The summary of the
// host is not brought up to date.
func (c *componentCache) forget(host string) error {
	if err := c.flush(); err != nil {
		return err
	}
	prefix := hostPrefix(host)
	for key := range c.byKey {
		if strings.HasPrefix(key, string(prefix)) {
			delete(c.byKey, key)
		}
	}
	return deleteWithin(c.bucket, prefix, func(key, record []byte) error {
		before, err := decodeHead(record)
		if err != nil {
			return nil //nolint:nilerr // what is damaged is forgotten too; Check tells of what the indexes still have
		}
		return reindex(c.tx, key, &before, nil)
	})
}

// forget deletes the changes of a host, which the runs of its components name.
func (h *historian) forget(host string) error {
	if err := indexTail(h.tx); err != nil {
		return err
	}
	return deleteWithin(h.tx.Bucket(bucketHistoryOf), hostPrefix(host), func(key, run []byte) error {
		numbers, _ := decodeRun(nil, key, run) // of what is damaged, those that can be read
		for _, number := range numbers {
			if err := dropChange(h.tx, []byte(host), number); err != nil {
				return err
			}
		}
		return nil
	})
}

// deleteWithin deletes the keys with a prefix, piece by piece, each after do was called with it.
func deleteWithin(b *bbolt.Bucket, prefix []byte, do func(key, value []byte) error) error {
	for {
		chunk := take(within(b, prefix)) // a cursor does not go on behind what is deleted
		for _, r := range chunk {
			if err := do(r.key, r.value); err != nil {
				return err
			}
			if err := b.Delete(r.key); err != nil {
				return fmt.Errorf("delete %q: %w", r.key, err)
			}
		}
		if len(chunk) == 0 {
			return nil
		}
	}
}
