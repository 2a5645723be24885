package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// A newStore is written under another name and gets its own when it is whole and on disk.
type newStore struct {
	path      string
	temporary string
	replaces  bool   // a file that may be there
	branches  bool   // its journal goes on as another one than what it is a copy of
	recovered bool   // an intake was taken in
	last      uint64 // number of the last entry before that
}

// newFile makes an empty file, readable by its owner only, that is to be at a path, where
// there may be one if it is replaced. A process that is killed leaves it behind.
func newFile(path string, replaces bool) (*newStore, error) {
	if !replaces {
		if _, err := os.Lstat(path); err == nil {
			return nil, fmt.Errorf("%w: %s", ErrExists, path)
		} else if !errors.Is(err, os.ErrNotExist) {
			return nil, err
		}
	}
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".new-*")
	if err != nil {
		return nil, err
	}
	return &newStore{path: path, temporary: f.Name(), replaces: replaces}, f.Close()
}

// remove removes what is not in place, and the intake beside it.
func (n *newStore) remove() error {
	var errs []error
	for _, path := range []string{n.temporary, intakePath(n.temporary)} {
		if err := os.Remove(path); !errors.Is(err, os.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func (n *newStore) size() (int64, error) {
	info, err := os.Stat(n.temporary)
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// place puts the file in its place, for good.
func (n *newStore) place() error {
	if err := syncFile(n.temporary); err != nil {
		return err
	}
	if err := n.rename(); err != nil {
		return err
	}
	return syncDirectory(filepath.Dir(n.path))
}

// rename gives the file its name. A link fails where a file appeared meanwhile.
func (n *newStore) rename() error {
	if n.replaces {
		return os.Rename(n.temporary, n.path)
	}
	err := os.Link(n.temporary, n.path)
	switch _, statErr := os.Lstat(n.path); {
	case errors.Is(err, os.ErrExist):
		return fmt.Errorf("%w: %s", ErrExists, n.path)
	case err != nil && errors.Is(statErr, os.ErrNotExist): // a filesystem without links
		return os.Rename(n.temporary, n.path)
	default:
		return err
	}
}

func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
