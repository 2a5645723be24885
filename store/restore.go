package store

import (
	"context"
	"errors"
	"fmt"
	"os"
)

// Restore makes the store at path from a backup, or from any file of a store that no writer
// has open, with what a crash left in its intake. The backup is checked first. A file at path is
// replaced where replace is set; whenever Restore fails or is killed, it is as it was, or
// the new one, whole. What a crash left in the intake at path stays, for the next Open to
// take in: it was answered for, and what the backup has of it is known for a duplicate. The journal
// is another one from there on, see [Store.Lineage]. The error is
// ErrExists when there is a file and replace is not set, ErrLocked when a process has it or
// the backup open, ErrDamaged when something is wrong with the backup.
func Restore(ctx context.Context, backup, path string, replace bool) (*Report, error) {
	r, err := restore(ctx, backup, path, replace)
	if err != nil {
		return nil, fmt.Errorf("restore store: %w", err)
	}
	return r, nil
}

func restore(ctx context.Context, backup, path string, replace bool) (r *Report, err error) {
	if err := differ(backup, path); err != nil {
		return nil, err
	}
	unlock, err := lock(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	defer func() { err = errors.Join(err, unlock()) }()
	n, err := newFile(path, replace)
	if err != nil {
		return nil, err
	}
	n.branches = true
	return n.copyOf(ctx, backup)
}

// differ returns an error when two paths are those of one file.
func differ(one, other string) error {
	a, err := os.Stat(one)
	if err != nil {
		return err
	}
	if b, err := os.Stat(other); err == nil && os.SameFile(a, b) {
		return fmt.Errorf("%s and %s are the same file", one, other)
	}
	return nil
}

// lock keeps writers from the file at path, whatever is in it, until unlock is called. A
// file that is none of bbolt nobody can have open.
func lock(path string) (unlock func() error, err error) {
	nothing := func() error { return nil }
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return nothing, nil
	}
	db, err := openBolt(path, new((&Options{ReadOnly: true}).orDefaults()))
	if errors.Is(err, ErrLocked) {
		return nil, err
	}
	if db == nil {
		return nothing, nil
	}
	return db.Close, nil
}
