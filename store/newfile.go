package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
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
	if failed, ok := errors.AsType[*fs.PathError](err); ok {
		return nil, &fs.PathError{Op: failed.Op, Path: path, Err: failed.Err}
	}
	if err != nil {
		return nil, err
	}
	return &newStore{path: path, temporary: f.Name(), replaces: replaces}, f.Close()
}

// end removes what is not in place, and returns an error with the name that the caller knows.
func (n *newStore) end(err error) error {
	if err = errors.Join(err, n.remove()); err == nil {
		return nil
	}
	return &namedError{err, n.temporary, n.path}
}

// A namedError is an error in which a file has its own name in place of a temporary one.
type namedError struct {
	err             error
	temporary, path string
}

func (e *namedError) named(text string) string { return strings.ReplaceAll(text, e.temporary, e.path) }

func (e *namedError) Error() string { return e.named(e.err.Error()) }
func (e *namedError) Unwrap() error { return e.err }

// As gives an error of a file that file's name, too.
func (e *namedError) As(target any) bool {
	as, ok := target.(**fs.PathError)
	if !ok {
		return false
	}
	failed, ok := errors.AsType[*fs.PathError](e.err)
	if ok {
		*as = &fs.PathError{Op: failed.Op, Path: e.named(failed.Path), Err: failed.Err}
	}
	return ok
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
