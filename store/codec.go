package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"time"
	"unsafe"
)

// Values in the file are written field after field: integers as varints, texts and byte
// strings with their length before them. The first byte of each record is its version.

var errShort = errors.New("record ends early")

// encoder appends fields to a record.
type encoder struct {
	b     []byte
	depth int // of the values that are being written within each other
}

func (e *encoder) byte(c byte)     { e.b = append(e.b, c) }
func (e *encoder) uint(n uint64)   { e.b = binary.AppendUvarint(e.b, n) }
func (e *encoder) int(n int64)     { e.b = binary.AppendVarint(e.b, n) }
func (e *encoder) fixed(n uint64)  { e.b = binary.BigEndian.AppendUint64(e.b, n) }
func (e *encoder) float(f float64) { e.fixed(math.Float64bits(f)) }

func (e *encoder) text(s string) {
	e.uint(uint64(len(s)))
	e.b = append(e.b, s...)
}

func (e *encoder) bool(b bool) {
	if b {
		e.byte(1)
	} else {
		e.byte(0)
	}
}

// time keeps nanoseconds and forgets the location; the zero time stays zero.
func (e *encoder) time(t time.Time) {
	e.int(t.Unix())
	e.uint(uint64(t.Nanosecond()))
}

// decoder takes fields off a record. After the first error all fields are zero.
type decoder struct {
	b     []byte
	err   error
	texts *texts // nil: each text is a copy
	lends bool   // texts are the file's memory, for as long as its transaction
}

func (d *decoder) fail(err error) {
	if d.err == nil {
		d.err = err
	}
	d.b = nil
}

func (d *decoder) byte() byte {
	if len(d.b) == 0 {
		d.fail(errShort)
		return 0
	}
	c := d.b[0]
	d.b = d.b[1:]
	return c
}

func (d *decoder) uint() uint64 {
	if len(d.b) > 0 && d.b[0] < 0x80 { // as most are
		n := uint64(d.b[0])
		d.b = d.b[1:]
		return n
	}
	n, size := binary.Uvarint(d.b)
	if size <= 0 {
		d.fail(errShort)
		return 0
	}
	d.b = d.b[size:]
	return n
}

func (d *decoder) int() int64 {
	n, size := binary.Varint(d.b)
	if size <= 0 {
		d.fail(errShort)
		return 0
	}
	d.b = d.b[size:]
	return n
}

func (d *decoder) fixed() uint64 {
	if len(d.b) < 8 {
		d.fail(errShort)
		return 0
	}
	n := binary.BigEndian.Uint64(d.b)
	d.b = d.b[8:]
	return n
}

func (d *decoder) float() float64 { return math.Float64frombits(d.fixed()) }
func (d *decoder) bool() bool     { return d.byte() != 0 }

// text copies, so that nothing refers to the file's memory after a transaction; but see lends.
func (d *decoder) text() string {
	b := d.bytes()
	if d.lends {
		return unsafe.String(unsafe.SliceData(b), len(b))
	}
	return string(b)
}

// known is text for what many records have in common.
func (d *decoder) known() string {
	if d.texts == nil || d.lends {
		return d.text()
	}
	return d.texts.of(d.bytes())
}

// bytes reads a text where it lies.
func (d *decoder) bytes() []byte {
	n := d.uint()
	if n > uint64(len(d.b)) {
		d.fail(errShort)
		return nil
	}
	b := d.b[:n]
	d.b = d.b[n:]
	return b
}

// texts are texts that were read before, and will likely be read again.
type texts struct{ all map[string]string }

const (
	maxTexts = 1 << 10
	maxKnown = 256 // bytes of a text that is remembered
)

// of returns bytes as a text.
func (t *texts) of(b []byte) string {
	if s, ok := t.all[string(b)]; ok {
		return s
	}
	s := string(b)
	if len(t.all) == maxTexts {
		clear(t.all) // the journal has come to other hosts
	}
	if t.all == nil {
		t.all = make(map[string]string)
	}
	if len(s) <= maxKnown {
		t.all[s] = s
	}
	return s
}

func (d *decoder) time() time.Time {
	seconds, nanoseconds := d.int(), d.uint()
	if nanoseconds >= uint64(time.Second) {
		d.fail(fmt.Errorf("%d nanoseconds", nanoseconds))
		return time.Time{}
	}
	return time.Unix(seconds, int64(nanoseconds)).UTC()
}

// count reads the number of elements that follow, of which each takes a byte or more.
func (d *decoder) count() int {
	n := d.uint()
	if n > uint64(len(d.b)) {
		d.fail(errShort)
		return 0
	}
	return int(n)
}

// version reads the first byte of a record, which must be one that this code knows.
func (d *decoder) version(newest byte) byte {
	v := d.byte()
	if d.err == nil && (v == 0 || v > newest) {
		d.fail(fmt.Errorf("record version %d is not known, the newest known is %d", v, newest))
	}
	return v
}

// end returns the first error, or one when something is left over.
func (d *decoder) end() error {
	if d.err == nil && len(d.b) > 0 {
		return fmt.Errorf("%d bytes after the end of the record", len(d.b))
	}
	return d.err
}
