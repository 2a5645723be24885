package store

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"net"
	"slices"
	"time"

	"go.etcd.io/bbolt"

	"github.com/cimwatch/cimwatch/event"
)

// Entry is an indication as it was received.
//
// An entry is a duplicate when the same sender address (without the port) sent the same
// content to the same path before: with the same sequence context and number, or, when it
// has none, within Options.RepeatWindow. Another content under a number that was seen
// means that the sender's counter was reset, and is kept. A number below the highest one
// that was not seen is late, and is kept.
type Entry struct {
	Number    uint64    // assigned by Append, from 1
	Received  time.Time // when its request had been read
	Remote    string    // address and port of the sender
	Path      string    // of the request's URL
	Host      string    // the managed system, as far as the listener knew
	Class     string    // of the indication
	MessageID string    // of the CIM-XML message
	Sequence  *event.Sequence

	// ContentHash identifies the content of a delivery across retries. When it is empty,
	// Append takes a hash of Raw without the message's ID, which retries change.
	ContentHash []byte

	Raw []byte // the request's body, byte for byte
}

const (
	entryVersion = 1
	entryPlain   = 0 // encoding of Raw: as it is

	hashSize = 8
)

// encode returns the record of the entry, which is a copy. The number is its key.
func (e *Entry) encode(hash uint64) []byte {
	w := encoder{b: make([]byte, 0, 128+len(e.Remote)+len(e.Path)+len(e.Host)+len(e.Class)+len(e.Raw))}
	w.byte(entryVersion)
	w.byte(entryPlain)
	w.time(e.Received)
	w.text(e.Remote)
	w.text(e.Path)
	w.text(e.Host)
	w.text(e.Class)
	w.text(e.MessageID)
	w.sequence(e.Sequence)
	w.fixed(hash)
	w.b = append(w.b, e.Raw...)
	return w.b
}

func decodeEntry(number uint64, b []byte) (Entry, error) {
	d := decoder{b: b}
	d.version(entryVersion)
	if encoding := d.byte(); d.err == nil && encoding != entryPlain {
		d.fail(fmt.Errorf("encoding %d is not known", encoding))
	}
	e := Entry{
		Number: number, Received: d.time(), Remote: d.text(), Path: d.text(), Host: d.text(),
		Class: d.text(), MessageID: d.text(), Sequence: d.sequence(),
	}
	e.ContentHash = key64(d.fixed())
	e.Raw = slices.Clone(d.b)
	if d.err != nil {
		return Entry{}, fmt.Errorf("entry %d: %w", number, d.err)
	}
	return e, nil
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

// A segment is the bucket of entries that arrived in one hour, so that old ones can be
// dropped as a whole. Its name is the number of its first entry and the hour, in seconds.
type segment struct {
	first uint64
	hour  int64
}

const segmentLength = 3600

func segmentOf(name []byte) segment {
	if len(name) != 16 {
		return segment{}
	}
	return segment{number64(name[:8]), int64(number64(name[8:]))}
}

func (s segment) name() []byte { return append(key64(s.first), key64(uint64(s.hour))...) }

// segmentFor returns the bucket that entry number belongs into, the last one or a new one.
// A clock that was set back does not open a new one.
func segmentFor(journal *bbolt.Bucket, number uint64, received time.Time) (*bbolt.Bucket, error) {
	hour := received.Unix() / segmentLength * segmentLength
	name, _ := journal.Cursor().Last()
	if name == nil || hour > segmentOf(name).hour {
		name = segment{number, max(hour, 0)}.name()
	}
	b, err := journal.CreateBucketIfNotExists(name)
	if err != nil {
		return nil, fmt.Errorf("open journal segment: %w", err)
	}
	b.FillPercent = 0.95 // keys only grow
	return b, nil
}
