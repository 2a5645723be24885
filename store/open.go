package store

import (
	"errors"
	"fmt"
	"os"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// openBolt opens the file that is at path when it has the lock: who had it before may have
// put another one in its place, as [Compact] does.
func openBolt(path string, o *Options) (*bbolt.DB, error) {
	for {
		before, _ := os.Stat(path) // nil: there is none, or Open says why
		if before != nil && o.ReadOnly && before.Size() == 0 {
			return nil, fmt.Errorf("%w: it is empty", ErrFormat)
		}
		db, err := openGuarded(path, &bbolt.Options{
			Timeout:         o.LockTimeout,
			ReadOnly:        o.ReadOnly,
			FreelistType:    bbolt.FreelistArrayType, // it stays short, see maintain.go
			InitialMmapSize: mapped,
		})
		if err != nil {
			return nil, openError(path, err)
		}
		after, err := os.Stat(path)
		if err == nil && (before == nil || os.SameFile(before, after)) {
			return db, nil
		}
		if err := errors.Join(err, db.Close()); err != nil {
			return nil, err
		}
	}
}

// openGuarded opens a file, of which a damaged list of free pages is an error, too.
func openGuarded(path string, o *bbolt.Options) (db *bbolt.DB, err error) {
	err = guarded(func() (err error) {
		db, err = bbolt.Open(path, 0o600, o)
		return err
	})
	return db, err
}

func openError(path string, err error) error {
	unusable := errors.Is(err, bolterrors.ErrInvalid) || errors.Is(err, bolterrors.ErrVersionMismatch) ||
		errors.Is(err, bolterrors.ErrChecksum) || isTooSmall(path, err)
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		return ErrLocked
	case unusable && looksLikeStore(path):
		return fmt.Errorf("%w: %w: %w", ErrFormat, ErrFirstPages, err)
	case unusable:
		return fmt.Errorf("%w: %w", ErrFormat, err)
	default:
		return err
	}
}
