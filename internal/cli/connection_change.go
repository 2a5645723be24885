package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/rogpeppe/go-internal/lockedfile"
)

// lockPatience is how long a change waits for those of other processes, which take some
// milliseconds each.
const lockPatience = 10 * time.Second

// changeConnections reads the named connections, changes them and replaces the file, which
// only its owner can read from then on. No other process changes them meanwhile.
func changeConnections(ctx context.Context, env *Env, change func(*connectionFile) error) error {
	name, err := connectionFileName(env)
	if err != nil {
		return err
	}
	unlock, err := lockFile(ctx, name+".lock", lockPatience)
	if err != nil {
		return fmt.Errorf("lock the named connections: %w", err)
	}
	defer unlock()
	file, err := readConnections(env)
	if err != nil {
		return err
	}
	if file.exposed() {
		note(env.Stderr, "others could read the passwords in "+name+": it is for its owner only now; change the passwords that others may have seen")
	}
	if err := change(&file); err != nil {
		return err
	}
	return file.write()
}

// lockFile locks a file that exists for nothing else, at most for a time. The operating
// system takes the lock from a process that ends, whatever ends it.
func lockFile(ctx context.Context, name string, patience time.Duration) (unlock func(), err error) {
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return nil, err
	}
	type answer struct {
		unlock func()
		err    error
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	answers := make(chan answer)
	go func() {
		unlock, err := lockedfile.MutexAt(name).Lock()
		select {
		case answers <- answer{unlock, err}:
		case <-ctx.Done():
			if err == nil {
				unlock() // too late
			}
		}
	}()
	select {
	case got := <-answers:
		return got.unlock, got.err
	case <-ctx.Done():
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			// Not the context's own error, which would be one of the network.
			return nil, withHint(fmt.Errorf("another process has held %s for %s", name, patience), "stop the other cimwatch connection command")
		}
		return nil, ctx.Err()
	}
}

// write replaces the file.
func (f *connectionFile) write() error {
	var text bytes.Buffer
	if err := yaml.NewEncoder(&text).Encode(f); err != nil {
		return fmt.Errorf("write the named connections: %w", err)
	}
	if err := replaceFile(f.name, text.Bytes()); err != nil {
		return fmt.Errorf("write the named connections: %w", err)
	}
	return nil
}

// replaceFile writes a file that only its owner can read, wholly or not at all.
func replaceFile(name string, text []byte) (err error) {
	dir := filepath.Dir(name)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	file, err := os.CreateTemp(dir, filepath.Base(name)+".new-*") // mode 0600
	if err != nil {
		return namedError(err, name)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(file.Name())
			err = namedError(err, name)
		}
	}()
	if _, err := file.Write(text); err != nil {
		return errors.Join(err, file.Close())
	}
	if err := errors.Join(file.Sync(), file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), name)
}

// namedError returns an error of a file under a temporary name as one of the file.
func namedError(err error, name string) error {
	if failed, ok := errors.AsType[*fs.PathError](err); ok {
		return &fs.PathError{Op: failed.Op, Path: name, Err: failed.Err}
	}
	if failed, ok := errors.AsType[*os.LinkError](err); ok {
		return &fs.PathError{Op: failed.Op, Path: name, Err: failed.Err}
	}
	return err
}
