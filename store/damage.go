package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"os"
	"syscall"
)

// bbolt maps the file and trusts its meta page: touching a page beyond the end of a file
// that was cut ends the process with SIGBUS. So what the meta page claims is compared with
// the size of the file first.

// The layout of bbolt's meta pages (bbolt, internal/common/meta.go, version 2), of which
// there are two, at the start of the file, written in turn.
const (
	boltMagic     = 0xED0CDAED
	boltHeader    = 16 // bytes of a page before its content
	boltMetaSize  = 64
	boltPageSize  = 8 // offsets in a meta
	boltRoot      = 16
	boltFreelist  = 32
	boltHighWater = 40 // number of pages in use or free
	boltTxID      = 48
	boltChecksum  = 56
)

// checkSize returns an error when the file at path ends before what its newest meta page
// says. What is no bbolt file at all is left for bbolt to refuse.
func checkSize(path string) error {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // it was only read from
	need, err := sizeNeeded(f)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if info.Mode().IsRegular() && uint64(info.Size()) < need {
		return fmt.Errorf("%w: %w: it has %d bytes and needs %d", ErrFormat, ErrCut, info.Size(), need)
	}
	return nil
}

const leastPage = 4096 // bytes, of all systems

// isTooSmall reports whether a file cannot be opened since it has no room for the first pages. bbolt
// has no error for that; those of the system mean something else.
func isTooSmall(path string, failed error) bool {
	if _, system := errors.AsType[syscall.Errno](failed); system {
		return false
	}
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Size() < 2*leastPage
}

// looksLikeStore reports whether a file may be a store's though it has no first page that can be
// used: it has whole pages, or an intake is beside it.
func looksLikeStore(path string) bool {
	if _, err := os.Stat(intakePath(path)); err == nil {
		return true
	}
	info, err := os.Stat(path)
	return err == nil && info.Size() >= 2*leastPage && info.Size()%leastPage == 0
}

// sizeNeeded returns the least size of a file, 0 when no meta page is valid.
func sizeNeeded(f io.ReaderAt) (uint64, error) {
	newest, err := newestMeta(f)
	if newest == nil || err != nil {
		return 0, err
	}
	return newest.highWater * uint64(newest.pageSize), nil
}

// newestMeta returns the meta that counts, nil when none is valid.
func newestMeta(f io.ReaderAt) (*boltMeta, error) {
	first, err := readMeta(f, 0)
	if err != nil {
		return nil, err
	}
	pageSize := int64(os.Getpagesize())
	if first != nil {
		pageSize = int64(first.pageSize)
	}
	second, err := readMeta(f, pageSize)
	if err != nil {
		return nil, err
	}
	newest := first
	if first == nil || second != nil && second.txID > first.txID {
		newest = second
	}
	return newest, nil
}

type boltMeta struct {
	pageSize  uint32
	root      uint64 // page of the buckets
	freelist  uint64 // page of the free pages
	highWater uint64
	txID      uint64
}

// readMeta returns the meta at the start of a page, nil when it is not valid.
func readMeta(f io.ReaderAt, page int64) (*boltMeta, error) {
	b := make([]byte, boltMetaSize)
	if _, err := f.ReadAt(b, page+boltHeader); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, nil
		}
		return nil, err
	}
	order := binary.NativeEndian // bbolt writes memory as it is
	sum := fnv.New64a()
	_, _ = sum.Write(b[:boltChecksum]) // never fails (package hash)
	if order.Uint32(b) != boltMagic || order.Uint64(b[boltChecksum:]) != sum.Sum64() {
		return nil, nil
	}
	return &boltMeta{
		pageSize:  order.Uint32(b[boltPageSize:]),
		root:      order.Uint64(b[boltRoot:]),
		freelist:  order.Uint64(b[boltFreelist:]),
		highWater: order.Uint64(b[boltHighWater:]),
		txID:      order.Uint64(b[boltTxID:]),
	}, nil
}
