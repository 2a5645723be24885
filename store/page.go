package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

// A damaged page sends bbolt, which maps the file, to places that are not there: that ends
// the process. So what may be damaged is read here, page by page, with every length compared
// with what there is.

// The layout of bbolt's pages (bbolt, internal/common/page.go): a header, then elements of
// 16 bytes that point behind themselves, to keys and values.
const (
	pageBranch = 0x01
	pageLeaf   = 0x02
	pageFree   = 0x10 // names the free pages

	elementSize   = 16
	elementBucket = 0x01 // flag of a leaf element: its value is a bucket
	bucketHeader  = 16   // root page, sequence

	maxPage = 256 << 20 // bytes of a page with those behind it: far more than a listener takes
)

// pages reads the pages of a file.
type pages struct {
	file     io.ReaderAt
	pageSize uint64
	count    uint64 // of the pages that are in use or free
}

// A page is a branch or a leaf, with the pages that follow as a part of it.
type page struct {
	id    uint64
	flags uint16
	count int
	after uint64 // pages behind the first
	body  []byte // all of it, the header included
}

// An element of a leaf has a value, one of a branch the page that holds the keys from its
// key on.
type element struct {
	bucket     bool
	key, value []byte
	child      uint64
}

// read reads the branch or leaf with a number.
func (p *pages) read(id uint64) (page, error) {
	found, err := p.any(id)
	if err == nil && found.flags != pageBranch && found.flags != pageLeaf {
		err = fmt.Errorf("page %d: it is neither a branch nor a leaf, but of type %#x", id, found.flags)
	}
	return found, err
}

// any reads the page with a number, of any type.
func (p *pages) any(id uint64) (page, error) {
	if id < 2 || id >= p.count {
		return page{}, fmt.Errorf("page %d is not one of the file's %d", id, p.count)
	}
	head := make([]byte, boltHeader)
	if _, err := p.file.ReadAt(head, int64(id*p.pageSize)); err != nil {
		return page{}, fmt.Errorf("page %d: %w", id, endOf(err))
	}
	found, err := p.header(head)
	if err == nil && found.id != id {
		err = fmt.Errorf("it says that it is page %d", found.id)
	}
	if err != nil {
		return page{}, fmt.Errorf("page %d: %w", id, err)
	}
	found.body = make([]byte, (found.after+1)*p.pageSize)
	if _, err := p.file.ReadAt(found.body, int64(id*p.pageSize)); err != nil {
		return page{}, fmt.Errorf("page %d: %w", id, endOf(err))
	}
	return found, nil
}

// endOf says of a file that ends what that means.
func endOf(err error) error {
	if errors.Is(err, io.EOF) {
		return errors.New("it is beyond the end of the file")
	}
	return err
}

// header reads the header of a page.
func (p *pages) header(b []byte) (page, error) {
	order := binary.NativeEndian
	found := page{
		id: order.Uint64(b), flags: order.Uint16(b[8:]),
		count: int(order.Uint16(b[10:])), after: uint64(order.Uint32(b[12:])),
	}
	if found.id >= p.count || found.after >= p.count-found.id || found.after*p.pageSize > maxPage {
		return page{}, fmt.Errorf("it is said to have %d pages more, beyond the end", found.after)
	}
	return found, nil
}

// free checks the page that names the free pages.
func (p *pages) free(id uint64) error {
	found, err := p.any(id)
	if err != nil {
		return err
	}
	if found.flags != pageFree {
		return fmt.Errorf("page %d: it is no list of free pages, but of type %#x", id, found.flags)
	}
	order, b := binary.NativeEndian, found.body[boltHeader:]
	count := uint64(found.count)
	if found.count == math.MaxUint16 { // more than the header can say
		count, b = order.Uint64(b), b[8:]
	}
	if count > uint64(len(b))/8 {
		return fmt.Errorf("page %d: it has no room for the %d free pages that it names", id, count)
	}
	last := uint64(1)
	for n := range count {
		free := order.Uint64(b[n*8:])
		if free <= last || free >= p.count {
			return fmt.Errorf("page %d: it names %d behind %d as a free page", id, free, last)
		}
		last = free
	}
	return nil
}

// elements returns the elements of a page that lie within it, and what is wrong with the
// others. Keys and values are parts of the page.
func (p *page) elements() (all []element, damaged []error) {
	for n := range p.count {
		e, err := p.element(n)
		if err != nil {
			damaged = append(damaged, fmt.Errorf("page %d: element %d: %w", p.id, n, err))
			continue
		}
		all = append(all, e)
	}
	return all, damaged
}

func (p *page) element(n int) (element, error) {
	at := boltHeader + n*elementSize
	if at+elementSize > len(p.body) {
		return element{}, errors.New("it is beyond the end of the page")
	}
	order, b := binary.NativeEndian, p.body[at:]
	if p.flags == pageBranch {
		position, key := uint64(order.Uint32(b)), uint64(order.Uint32(b[4:]))
		if position+key > uint64(len(b)) {
			return element{}, errors.New("its key ends beyond the page")
		}
		return element{key: b[position:][:key:key], child: order.Uint64(b[8:])}, nil
	}
	position, key, value := uint64(order.Uint32(b[4:])), uint64(order.Uint32(b[8:])), uint64(order.Uint32(b[12:]))
	if position+key+value > uint64(len(b)) {
		return element{}, errors.New("its value ends beyond the page")
	}
	return element{
		bucket: order.Uint32(b)&elementBucket != 0,
		key:    b[position:][:key:key], value: b[position+key:][:value:value],
	}, nil
}
