package store

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"go.etcd.io/bbolt"
)

// compactTx is how much one transaction of a compaction writes.
const compactTx = 8 << 20

// Sizes are those of a file before and after, in bytes.
type Sizes struct{ Before, After int64 }

// Compact writes what the file at path holds into a new one without the room that is not
// used, compares the two, and puts the new one in place of the old, or at to where that is not
// "". Entries that a crash left in the intake are taken in first. Whenever it fails or is
// killed, the file at path is as it was, or the new one, whole. The error is ErrLocked when
// another process has the file, ErrExists when there is a file at to.
func Compact(ctx context.Context, path, to string) (Sizes, error) {
	sizes, err := compact(ctx, path, to)
	if err != nil {
		return Sizes{}, fmt.Errorf("compact store: %w", err)
	}
	return sizes, nil
}

func compact(ctx context.Context, path, to string) (sizes Sizes, err error) {
	switch info, err := os.Stat(path); { // Open would make a new file
	case err != nil:
		return sizes, err
	case info.Size() == 0:
		return sizes, fmt.Errorf("%s: %w: it is empty", path, ErrFormat)
	}
	s, err := Open(path, &Options{After: never}) // maintenance would change what is compared
	if err != nil {
		return sizes, err
	}
	defer func() { err = errors.Join(err, s.Close()) }() // held until the new file is in place
	if sizes.Before, err = s.Size(); err != nil {
		return sizes, err
	}
	n, err := newFile(cmp.Or(to, path), to == "")
	if err != nil {
		return sizes, err
	}
	defer func() { err = n.end(err) }()
	if err := s.compactInto(ctx, n.temporary); err != nil {
		return sizes, err
	}
	if sizes.After, err = n.size(); err != nil {
		return sizes, err
	}
	return sizes, n.place()
}

// never is the time after which nothing happens.
func never(time.Duration) <-chan time.Time { return nil }

// compactInto makes a file that holds what the store does, without what bbolt has the file grow ahead
// of what it holds: up to twice as much below 16 MiB, and 16 MiB beyond.
func (s *Store) compactInto(ctx context.Context, path string) error {
	size, err := s.copyInto(ctx, path)
	if err != nil {
		return err
	}
	return os.Truncate(path, size)
}

// copyInto makes a file that holds what the store does, and returns how much of it is used.
func (s *Store) copyInto(ctx context.Context, path string) (size int64, err error) {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{NoSync: true, FreelistType: bbolt.FreelistArrayType})
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := guarded(func() error { return bbolt.Compact(db, s.db, compactTx) }); err != nil {
		return 0, err
	}
	if err := db.Sync(); err != nil {
		return 0, err
	}
	err = s.view(func(old *bbolt.Tx) error {
		return db.View(func(tx *bbolt.Tx) error {
			size = tx.Size()
			for err := range tx.Check() {
				return fmt.Errorf("the new file: %w", err)
			}
			return sameBuckets(ctx, old.Cursor(), tx.Cursor(), bucketsOf{old.Bucket, tx.Bucket})
		})
	})
	return size, err
}

// bucketsOf finds the buckets within two that are compared.
type bucketsOf struct{ one, other func([]byte) *bbolt.Bucket }

// sameBuckets returns an error unless two buckets hold the same, with all that is in them.
func sameBuckets(ctx context.Context, one, other *bbolt.Cursor, within bucketsOf) error {
	k, v := one.First()
	l, w := other.First()
	for ; k != nil || l != nil; k, v = one.Next() {
		if !bytes.Equal(k, l) || !bytes.Equal(v, w) || (v == nil) != (w == nil) {
			return fmt.Errorf("the new file has %q in place of %q", l, k)
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if v == nil {
			a, b := within.one(k), within.other(k)
			if a.Sequence() != b.Sequence() {
				return fmt.Errorf("the new file has another sequence of %q", k)
			}
			if err := sameBuckets(ctx, a.Cursor(), b.Cursor(), bucketsOf{a.Bucket, b.Bucket}); err != nil {
				return err
			}
		}
		l, w = other.Next()
	}
	return nil
}
