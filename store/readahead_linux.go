package store

import (
	"syscall"
	"unsafe"

	"go.etcd.io/bbolt"
)

// bbolt tells the system that its file is read at random, so that a scan of a journal that
// is not in memory waits for each page of 4 kB on its own. readahead has the pages fetched
// that probably come next: entries were written behind each other.
type readahead struct {
	from, to uintptr // offsets in the file that were asked for
}

const aheadBytes = 4 << 20

// at tells which record of the file is being read.
func (r *readahead) at(tx *bbolt.Tx, record []byte) {
	mapping, size := tx.DB().Info().Data, uintptr(tx.Size())
	p := unsafe.Pointer(unsafe.SliceData(record))
	offset := uintptr(p) - mapping
	if len(record) == 0 || offset >= size || r.from <= offset && offset+aheadBytes/2 < r.to {
		return
	}
	from := offset &^ (aheadBytes/4 - 1) // of pages, too
	length := min(aheadBytes, size-from)
	r.from, r.to = from, from+aheadBytes
	_ = syscall.Madvise(unsafe.Slice((*byte)(unsafe.Add(p, -int(offset-from))), length), syscall.MADV_WILLNEED) // it is a hint
}
