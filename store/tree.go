package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// maxPageDepth bounds how far branches lead; a file of a terabyte has less than ten.
const maxPageDepth = 64

// maxBuckets is how deep buckets are within each other in a file of this package.
const maxBuckets = 2

// A tree goes through a file's buckets, keys and values without bbolt. Each function may be
// nil; names are those of the buckets that something is in, from the outermost.
type tree struct {
	pages
	bucket  func(names [][]byte, sequence uint64) // comes before the records in it
	record  func(names [][]byte, key, value []byte)
	damaged func(names [][]byte, err error)
	stop    func() bool // says that no more is wanted
	seen    map[uint64]bool
}

// walk goes through all that can be reached from the root that a meta page names.
func (t *tree) walk(root uint64) {
	t.seen = map[uint64]bool{}
	t.page(nil, root, 0)
}

func (t *tree) fail(names [][]byte, err error) {
	if t.damaged != nil {
		t.damaged(names, err)
	}
}

// page goes through a page and those below it.
func (t *tree) page(names [][]byte, id uint64, depth int) {
	if t.seen[id] || depth > maxPageDepth {
		t.fail(names, fmt.Errorf("page %d is named more than once", id))
		return
	}
	t.seen[id] = true
	p, err := t.read(id)
	if err != nil {
		t.fail(names, err)
		return
	}
	for n := range p.after {
		t.seen[id+1+n] = true
	}
	elements, damaged := p.elements()
	for _, err := range damaged {
		t.fail(names, err)
	}
	if !slices.IsSortedFunc(elements, func(a, b element) int { return bytes.Compare(a.key, b.key) }) {
		t.fail(names, fmt.Errorf("page %d: its keys are not in order", id))
	}
	for _, e := range elements {
		if t.stop != nil && t.stop() {
			return
		}
		if p.flags == pageBranch {
			t.page(names, e.child, depth+1)
		} else {
			t.leaf(names, e)
		}
	}
}

// leaf goes through an element of a leaf, which may be a bucket.
func (t *tree) leaf(names [][]byte, e element) {
	if !e.bucket {
		if t.record != nil {
			t.record(names, e.key, e.value)
		}
		return
	}
	within := append(slices.Clip(names), e.key)
	if len(within) > maxBuckets || len(e.value) < bucketHeader {
		t.fail(names, fmt.Errorf("bucket %q is none", e.key))
		return
	}
	order := binary.NativeEndian
	if t.bucket != nil {
		t.bucket(within, order.Uint64(e.value[8:]))
	}
	if root := order.Uint64(e.value); root != 0 {
		t.page(within, root, 0)
		return
	}
	if err := t.inline(within, e.value[bucketHeader:]); err != nil {
		t.fail(within, err)
	}
}

// inline goes through a bucket so small that it is a value.
func (t *tree) inline(names [][]byte, b []byte) error {
	if len(b) < boltHeader {
		return errors.New("a small bucket is cut")
	}
	p := page{flags: binary.NativeEndian.Uint16(b[8:]), count: int(binary.NativeEndian.Uint16(b[10:])), body: b}
	if p.flags != pageLeaf {
		return errors.New("a small bucket is no leaf")
	}
	elements, damaged := p.elements()
	for _, e := range elements {
		if !e.bucket && t.record != nil {
			t.record(names, e.key, e.value)
		}
	}
	return errors.Join(damaged...)
}
