package store

import (
	"fmt"
	"iter"
	"time"

	"go.etcd.io/bbolt"
)

// A segment is a bucket of entries that arrived one after the other, so that old ones can
// be dropped as a whole. Its name is the number of its first entry and when that arrived,
// in seconds; the bucket's sequence is the size of its records.
type segment struct {
	first uint64
	begin int64
}

const (
	segmentSeconds = 3600 // about what retention by age is exact to

	// segmentBytes limits what one transaction drops: its pages all go to the list of free
	// pages, which is written with every commit.
	segmentBytes = 4 << 20
)

func segmentOf(name []byte) segment {
	if len(name) != 16 {
		return segment{}
	}
	return segment{number64(name[:8]), int64(number64(name[8:]))}
}

func (s segment) name() []byte { return append(key64(s.first), key64(uint64(s.begin))...) }

// holds says whether an entry that arrives at a time goes on with the segment. A clock that
// was set back begins another one.
func (s segment) holds(at int64) bool {
	return at < s.begin+segmentSeconds && at > s.begin-segmentSeconds
}

// appender puts entries into the last segment, and begins new ones.
type appender struct {
	journal *bbolt.Bucket
	last    uint64
	segment segment
	bucket  *bbolt.Bucket // nil before the first entry
	bytes   uint64
}

func (a *appender) put(record []byte, received time.Time) error {
	if err := a.open(received.Unix()); err != nil {
		return fmt.Errorf("open journal segment: %w", err)
	}
	if err := a.bucket.Put(key64(a.last+1), record); err != nil {
		return fmt.Errorf("put entry %d: %w", a.last+1, err)
	}
	a.last++
	a.bytes += uint64(len(record))
	return nil
}

// open sees to it that bucket is the segment for an entry that arrives at a time.
func (a *appender) open(at int64) error {
	if a.bucket == nil {
		if name, _ := a.journal.Cursor().Last(); name != nil {
			a.segment, a.bucket = segmentOf(name), a.journal.Bucket(name)
			a.bucket.FillPercent = 0.95 // keys only grow
			a.bytes = a.bucket.Sequence()
		}
	}
	if a.bucket != nil && a.bytes < segmentBytes && a.segment.holds(at) {
		return nil
	}
	if err := a.close(); err != nil {
		return err
	}
	var err error
	a.segment, a.bytes = segment{a.last + 1, at}, 0
	if a.bucket, err = a.journal.CreateBucket(a.segment.name()); err != nil {
		return err
	}
	a.bucket.FillPercent = 0.95
	return nil
}

// close notes the size of the segment.
func (a *appender) close() error {
	if a.bucket == nil {
		return nil
	}
	return a.bucket.SetSequence(a.bytes)
}

// entriesAfter goes through the records of the journal, segment by segment.
func entriesAfter(tx *bbolt.Tx, after uint64) iter.Seq2[uint64, []byte] {
	return func(yield func(uint64, []byte) bool) {
		journal := tx.Bucket(bucketJournal)
		if after >= journal.Sequence() {
			return
		}
		after = max(after, firstNumber(tx)-1)
		segments := journal.Cursor()
		for name := seekSegment(segments, after+1); name != nil; name, _ = segments.Next() {
			records := journal.Bucket(name).Cursor()
			for k, v := records.Seek(key64(after + 1)); k != nil; k, v = records.Next() {
				if !yield(number64(k), v) {
					return
				}
			}
		}
	}
}

// firstNumber returns the number of the first entry that has not been dropped.
func firstNumber(tx *bbolt.Tx) uint64 { return max(number64(tx.Bucket(bucketMeta).Get(keyFirst)), 1) }

// seekSegment moves to the segment that would hold entry number, or to the first.
func seekSegment(c *bbolt.Cursor, number uint64) []byte {
	name, _ := c.Seek(key64(number + 1))
	if name == nil {
		name, _ = c.Last()
	} else {
		name, _ = c.Prev()
	}
	if name == nil {
		name, _ = c.First()
	}
	return name
}
