package store

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"go.etcd.io/bbolt"

	"github.com/cimwatch/cimwatch/inventory"
)

// read runs a read transaction unless ctx has ended.
func (s *Store) read(ctx context.Context, read func(*bbolt.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.view(read)
}

// Hosts returns the hosts, by name.
func (s *Store) Hosts(ctx context.Context) ([]inventory.Host, error) {
	var hosts []inventory.Host
	err := s.read(ctx, func(tx *bbolt.Tx) error {
		return tx.Bucket(bucketHosts).ForEach(func(name, b []byte) error {
			h, err := decodeHost(b)
			if err != nil {
				return fmt.Errorf("host %s: %w", name, err)
			}
			hosts = append(hosts, h)
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read hosts: %w", err)
	}
	return hosts, nil
}

// Component returns a component of a host, also one that was removed and is remembered.
// The error is ErrNotFound when there is none.
func (s *Store) Component(ctx context.Context, host, id string) (inventory.Component, error) {
	var c inventory.Component
	err := s.read(ctx, func(tx *bbolt.Tx) error {
		b := tx.Bucket(bucketComponents).Get(componentKey(host, id))
		if b == nil {
			return ErrNotFound
		}
		var err error
		c, err = decodeComponent(b)
		return err
	})
	if err != nil {
		return inventory.Component{}, fmt.Errorf("read component %s of %s: %w", id, host, err)
	}
	return c, nil
}

// Components returns the components of a host that are there, or of all hosts when host is
// "", sorted by host and ID. The sequence ends after the first error. It is read piece by
// piece: what changes meanwhile may show or not.
func (s *Store) Components(ctx context.Context, host string) iter.Seq2[inventory.Component, error] {
	return s.components(ctx, prefixOf(host), false)
}

// Removed returns the components of a host that were removed and are remembered, sorted by ID. The
// sequence ends after the first error, and is read piece by piece as well.
func (s *Store) Removed(ctx context.Context, host string) iter.Seq2[inventory.Component, error] {
	return s.components(ctx, hostPrefix(host), true)
}

func (s *Store) components(ctx context.Context, prefix []byte, removed bool) iter.Seq2[inventory.Component, error] {
	return func(yield func(inventory.Component, error) bool) {
		for b, err := range s.records(ctx, bucketComponents, prefix) {
			if err != nil {
				yield(inventory.Component{}, fmt.Errorf("read components: %w", err))
				return
			}
			c, err := decodeComponent(b)
			if err == nil && c.Removed.IsZero() == removed {
				continue
			}
			if !yield(c, err) || err != nil {
				return
			}
		}
	}
}

func prefixOf(host string) []byte {
	if host == "" {
		return nil
	}
	return hostPrefix(host)
}

// record is a key and a value that are no longer the file's memory.
type record struct{ key, value []byte }

// records returns the values under a prefix.
func (s *Store) records(ctx context.Context, bucket, prefix []byte) iter.Seq2[[]byte, error] {
	return s.chunks(ctx, prefix, func(tx *bbolt.Tx, start []byte) iter.Seq2[[]byte, []byte] {
		return from(tx.Bucket(bucket), prefix, start)
	})
}

// chunks reads a range of keys with a transaction for each piece. The range is opened with
// the key to start from.
func (s *Store) chunks(ctx context.Context, start []byte,
	open func(*bbolt.Tx, []byte) iter.Seq2[[]byte, []byte]) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for next := start; ; {
			var chunk []record
			err := s.read(ctx, func(tx *bbolt.Tx) error {
				chunk = take(open(tx, next))
				return nil
			})
			if err != nil {
				yield(nil, err)
				return
			}
			for _, r := range chunk {
				if !yield(r.value, nil) {
					return
				}
			}
			if len(chunk) == 0 {
				return
			}
			next = slices.Concat(chunk[len(chunk)-1].key, []byte{0}) // the first key after it
		}
	}
}

// take copies a piece of a range.
func take(all iter.Seq2[[]byte, []byte]) []record {
	var chunk []record
	bytes := 0
	for k, v := range all {
		chunk = append(chunk, record{slices.Clone(k), slices.Clone(v)})
		if bytes += len(v); len(chunk) == chunkRecords || bytes >= chunkBytes {
			break
		}
	}
	return chunk
}
