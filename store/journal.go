package store

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"net"
	"slices"
	"time"

	"github.com/cimwatch/cimwatch/event"
)

// Entry is an indication as it was received.
//
// An entry is a duplicate when the same sender address (without the port) sent the same
// content to the same path before: with the same sequence context and number, or, when it
// has none, within Options.RepeatWindow. Another content under a number that was seen
// means that the sender's counter was reset, and is kept. A number below the highest one
// that was not seen is late, and is kept; so is one that was seen so long ago that it is
// not remembered.
type Entry struct {
	Number    uint64    // assigned by Append, from 1
	Received  time.Time // when its request had been read
	Remote    string    // address and port of the sender
	Path      string    // of the request's URL
	Host      string    // the managed system, as far as the listener knew
	Class     string    // of the indication
	MessageID string    // of the CIM-XML message
	Sequence  *event.Sequence

	// Late is set by Append: a later number of the sequence came before this one.
	Late bool

	// ContentHash identifies the content of a delivery across retries. When it is empty,
	// Append takes a hash of Raw without the message's ID, which retries change.
	ContentHash []byte

	Raw []byte // the request's body, byte for byte
}

const (
	entryVersion = 2

	// The encodings of Raw. A file may hold all of them.
	entryPlain    = 0 // as it is
	entryDeflate1 = 1 // its length, then DEFLATE data over dictionary1

	flagsAt   = 2 // position in the record: the committer sets them
	flagLate  = 1
	flagGiven = 2 // the hash is one that Append was given
	hashSize  = 8
	plainSize = 64 // what is shorter is not worth compressing
)

// encode returns the record of the entry, which is a copy. The number is its key.
func (e *Entry) encode(c *compressor, hash uint64) []byte {
	head := 64 + len(e.Remote) + len(e.Path) + len(e.Host) + len(e.Class) + len(e.MessageID)
	w := encoder{b: make([]byte, 0, head+64+len(e.Raw)/4)}
	w.byte(entryVersion)
	w.byte(entryDeflate1)
	w.byte(flag(e.Late, flagLate) | flag(len(e.ContentHash) > 0, flagGiven))
	w.fixed(hash)
	w.time(e.Received)
	w.text(e.Remote)
	w.text(e.Path)
	w.text(e.Host)
	w.text(e.Class)
	w.text(e.MessageID)
	w.sequence(e.Sequence)
	head = len(w.b)
	if len(e.Raw) >= plainSize {
		w.uint(uint64(len(e.Raw)))
		w.b = c.compress(w.b, w.b[:head], e.Raw)
		if len(w.b) < head+len(e.Raw) {
			return w.b
		}
	}
	w.b[1] = entryPlain
	w.b = append(w.b[:head], e.Raw...)
	return w.b
}

// checkedEntry reads a record and compares its content with its hash.
func checkedEntry(number uint64, b []byte, c *compressor) error {
	e, err := decodeEntry(number, b, c)
	if err != nil || b[flagsAt]&flagGiven != 0 {
		return err
	}
	hash := number64(e.ContentHash)
	if e.ContentHash = nil; e.hash() != hash {
		return fmt.Errorf("entry %d: its content is not what was received", number)
	}
	return nil
}

// decodeEntry reads a record, without Raw when there is no compressor.
func decodeEntry(number uint64, b []byte, c *compressor) (Entry, error) {
	return (&entryDecoder{compressor: c}).decode(number, b)
}

// An entryDecoder reads records, one after the other.
type entryDecoder struct {
	compressor *compressor // nil: Raw is left out
	texts      texts       // that records share
}

// extra is what an entry refers to, in one allocation.
type extra struct {
	sequence event.Sequence
	hash     [hashSize]byte
}

func (x *entryDecoder) decode(number uint64, b []byte) (Entry, error) {
	d, more := decoder{b: b, texts: &x.texts}, new(extra)
	d.version(entryVersion)
	encoding, flags := d.byte(), d.byte()
	binary.BigEndian.PutUint64(more.hash[:], d.fixed())
	e := Entry{
		Number: number, Late: flags&flagLate != 0, ContentHash: more.hash[:],
		Received: d.time(), Remote: d.text(), Path: d.known(), Host: d.known(),
		Class: d.known(), MessageID: d.text(),
	}
	if d.bool() {
		e.Sequence = &more.sequence
		more.sequence = event.Sequence{Context: d.known(), Number: d.int()}
	}
	if d.err == nil && x.compressor != nil {
		var err error
		if e.Raw, err = decodeRaw(&d, encoding, b[:len(b)-len(d.b)], x.compressor); err != nil {
			d.fail(err)
		}
	}
	if d.err != nil {
		return Entry{}, fmt.Errorf("entry %d: %w", number, d.err)
	}
	return e, nil
}

// decodeRaw takes what is left of a record, which begins with head.
func decodeRaw(d *decoder, encoding byte, head []byte, c *compressor) ([]byte, error) {
	switch encoding {
	case entryPlain:
		return slices.Clone(d.b), nil
	case entryDeflate1:
		size := d.uint()
		if d.err != nil {
			return nil, d.err
		}
		return c.expand(d.b, head, size)
	default:
		return nil, fmt.Errorf("encoding %d is not known", encoding)
	}
}

// hash condenses the content. It is kept in the file: a change of it makes duplicates of
// what was received before pass for new.
func (e *Entry) hash() uint64 {
	if len(e.ContentHash) == hashSize {
		return binary.BigEndian.Uint64(e.ContentHash)
	}
	h := sha256.New()
	if len(e.ContentHash) > 0 {
		h.Write(e.ContentHash)
	} else {
		before, after := cutMessageID(e.Raw)
		h.Write(before)
		h.Write(after)
	}
	return binary.BigEndian.Uint64(h.Sum(nil))
}

// sender returns the address of an entry's sender without the port, which differs for
// every connection.
func (e *Entry) sender() string {
	if host, _, err := net.SplitHostPort(e.Remote); err == nil {
		return host
	}
	return e.Remote
}
