package cli

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// unpackedBackup is a backup that came packed, or through a pipe, as a file.
type unpackedBackup struct {
	file string
	name string // what it was made of, "" when it was a plain file
}

// unpack returns the file of a backup: that itself, or a new one beside the store that is to be made,
// of standard input for -, and of what is packed by gzip.
func unpack(ctx context.Context, env *Env, backup, beside string) (unpackedBackup, error) {
	if backup != stdFile {
		f, err := os.Open(backup)
		if err != nil {
			return unpackedBackup{file: backup}, nil // whoever opens it next says why it cannot be
		}
		defer func() { _ = f.Close() }() // only read from
		packed := bufio.NewReader(f)
		if !isGzip(packed) {
			return unpackedBackup{file: backup}, nil
		}
		return spool(ctx, packed, backup, beside)
	}
	if env.ReadLine != nil {
		return unpackedBackup{}, withHint(usage(errors.New("standard input is a terminal, not a backup")), "pipe a backup in, or name its file")
	}
	return spool(ctx, bufio.NewReader(env.Stdin), "standard input", beside)
}

func isGzip(r *bufio.Reader) bool {
	begin, err := r.Peek(2)
	return err == nil && bytes.Equal(begin, []byte{0x1f, 0x8b}) // RFC 1952 section 2.3.1
}

// spool writes what comes into a new file, which nobody else can read.
func spool(ctx context.Context, r *bufio.Reader, name, beside string) (u unpackedBackup, err error) {
	u.name = name
	var content io.Reader = r
	if isGzip(r) {
		if content, err = gzip.NewReader(r); err != nil {
			return u, fmt.Errorf("unpack %s: %w", name, err)
		}
	}
	f, err := os.CreateTemp(filepath.Dir(beside), filepath.Base(beside)+".new-*")
	if err != nil {
		return u, fmt.Errorf("unpack %s: %w", name, err)
	}
	u.file = f.Name()
	_, err = io.Copy(f, contextReader{ctx, content})
	if err = errors.Join(err, f.Close()); err != nil {
		return u, errors.Join(fmt.Errorf("unpack %s: %w", name, err), u.remove())
	}
	return u, nil
}

// remove removes the file, if it is a new one.
func (u unpackedBackup) remove() error {
	if u.name == "" || u.file == "" {
		return nil
	}
	return os.Remove(u.file)
}

// explain names in an error what was unpacked, of which nobody finds the file any more.
func (u unpackedBackup) explain(err error) error {
	if err == nil || u.name == "" {
		return err
	}
	err = fmt.Errorf("%s: %w", printable(u.name), err)
	if isDamage(err) {
		return withHint(err, `unpack it into a FILE, and see what is wrong with "cimwatch store check --db FILE"`)
	}
	return err
}

// contextReader reads until ctx ends.
type contextReader struct {
	ctx  context.Context //nolint:containedctx // it lasts as long as one copy
	from io.Reader
}

// Read implements io.Reader.
func (r contextReader) Read(b []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.from.Read(b)
}
