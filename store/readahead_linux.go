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
	page     uintptr // address of the page that was looked for last
	calm     int     // records that may be passed over when the next page is found in memory
	passed   int     // of these
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
	ahead := unsafe.Slice((*byte)(unsafe.Add(p, -int(offset-from))), length)
	if !isInMemory(ahead) {
		_ = syscall.Madvise(ahead, syscall.MADV_WILLNEED) // it is a hint
	}
}

// aheadSamples are the pages of a piece that are looked for in memory: to ask for what is there takes
// the system a third of the time of a scan.
const aheadSamples = 8

// isInMemory reports whether a piece of the file likely is: samples of its pages are. The system
// says of files of others that they are; who can read a store owns it.
func isInMemory(piece []byte) bool {
	size := syscall.Getpagesize()
	for n := range aheadSamples {
		last := (len(piece) - 1) * (n + 1) / aheadSamples
		page := uintptr(unsafe.Pointer(&piece[last])) &^ uintptr(size-1)
		var state byte
		_, _, failed := syscall.Syscall(syscall.SYS_MINCORE, page, uintptr(size), uintptr(unsafe.Pointer(&state)))
		if failed != 0 || state&1 == 0 {
			return false
		}
	}
	return true
}

// mostCalm is how many records are read without a look whether they are in memory.
const mostCalm = 63

// nearPages are looked for behind a record, which is in memory itself by now.
const nearPages = 32

// anywhere does the same for records that lie anywhere in the file, where little of what is near them
// is in memory. The more is found there, the less often it looks.
func (r *readahead) anywhere(tx *bbolt.Tx, record []byte) {
	if r.passed < r.calm {
		r.passed++
		return
	}
	size := uintptr(syscall.Getpagesize())
	page := uintptr(unsafe.Pointer(unsafe.SliceData(record))) &^ (size - 1)
	if len(record) == 0 || page == r.page {
		return
	}
	r.page, r.passed = page, 0
	var near [nearPages]byte
	_, _, failed := syscall.Syscall(syscall.SYS_MINCORE, page, nearPages*size, uintptr(unsafe.Pointer(&near)))
	there := 0
	for _, state := range near {
		there += int(state & 1)
	}
	if failed != 0 || there > nearPages/2 {
		r.calm = min(2*r.calm+1, mostCalm)
		return
	}
	r.calm = 0
	r.at(tx, record)
}
