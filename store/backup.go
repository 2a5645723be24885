package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"go.etcd.io/bbolt"
)

// Backup writes the store as it is at one moment, all that was appended and kept until then
// included, while others go on writing. begin is told how many bytes come and says where
// they go; it may be called only once they are known, and is not called when there is an
// error before. A slow writer keeps pages that were changed meanwhile from being used again,
// and, when the file grows beyond what is mapped, commits waiting: it must not be waited for
// without end.
//
// A backup holds what the file does, the [Store.Secret] included.
func (s *Store) Backup(ctx context.Context, begin func(size int64) (io.Writer, error)) error {
	if err := s.Flush(ctx); err != nil {
		return fmt.Errorf("back up store: %w", err)
	}
	err := s.read(ctx, func(tx *bbolt.Tx) error {
		w, err := begin(tx.Size())
		if err != nil {
			return err
		}
		_, err = tx.WriteTo(until(ctx, w))
		return err
	})
	if err != nil {
		return fmt.Errorf("back up store: %w", err)
	}
	return nil
}

// writerFunc is an io.Writer.
type writerFunc func([]byte) (int, error)

func (w writerFunc) Write(b []byte) (int, error) { return w(b) }

// until returns a writer that fails when ctx has ended.
func until(ctx context.Context, w io.Writer) io.Writer {
	return writerFunc(func(b []byte) (int, error) {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		return w.Write(b)
	})
}

// SaveBackup makes a store at path, readable by its owner only, of what write writes, which is a
// backup. It is there when it is whole and [Inspect] finds nothing wrong with it, and not at
// all otherwise. The error is ErrExists when there is a file already, ErrDamaged when
// something is wrong with the backup.
func SaveBackup(ctx context.Context, path string, write func(io.Writer) error) (*Report, error) {
	n, err := newFile(path, false)
	if err != nil {
		return nil, fmt.Errorf("save store: %w", err)
	}
	r, err := n.save(ctx, write)
	if err != nil {
		return nil, fmt.Errorf("save store: %w", err)
	}
	return r, nil
}

// save fills the file, checks it and puts it in its place.
func (n *newStore) save(ctx context.Context, write func(io.Writer) error) (r *Report, err error) {
	defer func() { err = n.end(err) }()
	if err := n.fill(write); err != nil {
		return nil, err
	}
	if err := n.takeIn(); err != nil {
		return nil, err
	}
	if r, err = Inspect(ctx, n.temporary, nil); err != nil {
		return nil, err
	}
	if err := r.Err(); err != nil {
		return nil, err
	}
	if n.branches {
		if err := n.branchOff(); err != nil {
			return nil, err
		}
	}
	return r, n.place()
}

// fill fills the file.
func (n *newStore) fill(write func(io.Writer) error) error {
	f, err := os.OpenFile(n.temporary, os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}

// branchOff makes its journal another one, from what the intake has brought on: that had other
// numbers where it came from.
func (n *newStore) branchOff() (err error) {
	db, err := openBolt(n.temporary, new((*Options)(nil).orDefaults()))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return db.Update(func(tx *bbolt.Tx) error {
		after := tx.Bucket(bucketJournal).Sequence()
		if n.recovered {
			after = n.last
		}
		return branchOff(tx, after)
	})
}

// takeIn takes the intake into the journal, if the file has one.
func (n *newStore) takeIn() error {
	if _, err := os.Stat(intakePath(n.temporary)); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	s, err := Open(n.temporary, nil)
	if err != nil {
		return err
	}
	n.last, n.recovered = s.LastWhole(), true
	return s.Close()
}

// BackupFile makes a backup at to of the file at path, which no writer has open, with what a
// crash left in its intake. It is there when it is whole and nothing is wrong with it, and
// not at all otherwise; the file at path is not changed. The error is ErrLocked when a
// writer has the file, ErrExists when there is one at to.
func BackupFile(ctx context.Context, path, to string) (*Report, error) {
	n, err := newFile(to, false)
	if err != nil {
		return nil, fmt.Errorf("back up store: %w", err)
	}
	r, err := n.copyOf(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("back up store: %w", err)
	}
	return r, nil
}

// copyOf makes the file a copy of the one at path, and takes in the intake of that.
func (n *newStore) copyOf(ctx context.Context, path string) (_ *Report, err error) {
	defer func() { err = n.end(err) }()
	if err := checkSize(path); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	db, err := openBolt(path, new((&Options{ReadOnly: true}).orDefaults()))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return n.save(ctx, func(w io.Writer) error {
		if err := copyIntake(intakePath(path), intakePath(n.temporary)); err != nil {
			return err
		}
		return db.View(func(tx *bbolt.Tx) error {
			_, err := tx.WriteTo(until(ctx, w))
			return err
		})
	})
}

// copyIntake copies what is of interest of an intake, if there is one.
func copyIntake(from, to string) error {
	content, err := readIntake(from)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return os.WriteFile(to, content, 0o600)
}
