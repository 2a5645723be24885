package store

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// bucketSalvaged holds the entries of the journal, by number, while it is salvaged: they
// come in any order.
var bucketSalvaged = []byte("salvaged")

// salvageTx is how many records one transaction of a salvage writes.
const salvageTx = 20_000

// A salvager puts records into a new file of the oldest format, which Open brings to the
// present one, indexes included.
type salvager struct {
	out        *Salvaged
	db         *bbolt.DB
	tx         *bbolt.Tx
	compressor *compressor
	stopped    func() error
	records    int // in the transaction
	err        error

	last     uint64 // number of an entry that there was
	ended    bool   // it is that of the last one
	straying bool   // records come from pages that nothing leads to
	strays   map[string]bool
	found    int // records
}

// begin lays the file out.
func (s *salvager) begin() (err error) {
	if s.tx, err = s.db.Begin(true); err != nil {
		return err
	}
	for _, name := range append([][]byte{bucketSalvaged}, buckets...) {
		if _, err := s.tx.CreateBucket(name); err != nil {
			return err
		}
	}
	return s.tx.Bucket(bucketMeta).Put(keyFormat, key64(oldestVersion))
}

func (s *salvager) rollback() error {
	if err := s.tx.Rollback(); !errors.Is(err, bolterrors.ErrTxClosed) {
		return err
	}
	return nil // it was committed, or failed to be
}

// end ends the last transaction.
func (s *salvager) end() error {
	if err := s.tx.DeleteBucket(bucketSalvaged); err != nil {
		return err
	}
	return s.tx.Commit()
}

// next counts a record, and begins another transaction after some.
func (s *salvager) next() error {
	if s.records++; s.records < salvageTx {
		return s.stopped()
	}
	s.records = 0
	if err := s.tx.Commit(); err != nil {
		return err
	}
	var err error
	s.tx, err = s.db.Begin(true)
	return err
}

// read goes through the pages of a file: those that its meta leads to, and all others when
// any of those cannot be read.
func (s *salvager) read(f *os.File) error {
	p, root, err := pagesOf(f)
	if err != nil {
		return err
	}
	lost := root == 0
	t := &tree{
		pages: p, record: s.record, bucket: s.bucket, stop: func() bool { return s.err != nil },
		damaged: func(names [][]byte, err error) {
			lost = true
			s.out.lose(partPages, fmt.Errorf("%s%w", inBucket(names), err))
		},
	}
	if root == 0 {
		s.out.lose(partPages, errors.New("neither of the first two pages says where the others are"))
	} else {
		t.walk(root)
	}
	if lost && s.err == nil {
		s.straying = true
		s.lookAbout(t)
	}
	if s.err == nil && s.found == 0 {
		return fmt.Errorf("%w: there is nothing in it that can be read", ErrDamaged)
	}
	return s.err
}

// lookAbout looks for records in pages that nothing leads to. Those of a page that is a part
// of another, with a value of many pages, may pass for pages.
func (s *salvager) lookAbout(t *tree) {
	for id := uint64(2); id < t.count && s.err == nil; id++ {
		if t.seen[id] {
			continue
		}
		p, err := t.read(id)
		if err != nil || p.flags != pageLeaf {
			continue
		}
		elements, _ := p.elements() // what is damaged there was never promised
		for _, e := range elements {
			s.stray(e)
		}
	}
}

// stray takes a record of which nothing tells in which bucket it was.
func (s *salvager) stray(e element) {
	if e.bucket {
		if len(e.value) > bucketHeader+boltHeader {
			inner := &tree{record: func(_ [][]byte, k, v []byte) { s.stray(element{key: k, value: v}) }}
			_ = inner.inline(nil, e.value[bucketHeader:]) // it need not be one
		}
		return
	}
	for _, bucket := range [][]byte{bucketGaps, bucketJournal, bucketComponents, bucketHistory, bucketChanges, bucketHosts} {
		if s.valid(bucket, e.key, e.value) == nil {
			s.put(bucket, e.key, e.value)
			return
		}
	}
}

// bucket takes the sequence of a bucket.
func (s *salvager) bucket(names [][]byte, sequence uint64) {
	switch name := string(names[0]); {
	case len(names) > 1:
	case name == string(bucketJournal):
		s.last, s.ended = max(s.last, sequence), true
	case name == string(bucketGaps):
		s.note(s.tx.Bucket(bucketGaps).SetSequence(sequence))
	case name == string(bucketHistory), name == string(bucketChanges):
		history := s.tx.Bucket(bucketHistory)
		s.note(history.SetSequence(max(history.Sequence(), sequence)))
	}
}

func (s *salvager) note(err error) {
	if s.err == nil {
		s.err = err
	}
}

// record takes a record that the file leads to.
func (s *salvager) record(names [][]byte, key, value []byte) {
	if s.err != nil || len(names) == 0 || isDerived(names[0], key) {
		return
	}
	if err := s.valid(names[0], key, value); err != nil {
		s.out.lose(string(names[0]), fmt.Errorf("%q: %w", key, err))
		return
	}
	s.put(names[0], key, value)
}

// isDerived says whether a record is made again of others, or is of the format.
func isDerived(bucket, key []byte) bool {
	if string(bucket) == string(bucketMeta) {
		return slices.ContainsFunc([][]byte{keyFormat, keyRuns, keyUnindexed}, func(k []byte) bool { return string(k) == string(key) })
	}
	return slices.ContainsFunc(append([][]byte{bucketHistoryOf}, bucketsSince3...), func(derived []byte) bool {
		return string(bucket) == string(derived)
	})
}

// put keeps a valid record. What the file leads to comes first, and of strays the newest.
func (s *salvager) put(bucket, key, value []byte) {
	if s.err != nil {
		return
	}
	to := s.tx.Bucket(bucket)
	switch string(bucket) {
	case string(bucketJournal):
		to = s.tx.Bucket(bucketSalvaged)
	case string(bucketChanges):
		c, err := decodeChange(value)
		s.note(err)
		bucket, key, to = bucketHistory, formerKey([]byte(c.Host), number64(key)), s.tx.Bucket(bucketHistory)
	}
	if s.straying {
		id := string(bucket) + "\x00" + string(key)
		if old := to.Get(key); old != nil && (!s.strays[id] || !newer(bucket, value, old)) {
			return
		}
		if !s.strays[id] {
			s.out.Strays++
		}
		s.strays[id] = true
	}
	s.found++
	s.note(to.Put(key, value))
	s.note(s.next())
}

// newer says whether a record was written after another of the same key. All but
// components and hosts stay what they are.
func newer(bucket, value, old []byte) bool {
	switch string(bucket) {
	case string(bucketComponents):
		a, errA := decodeComponent(value)
		b, errB := decodeComponent(old)
		return errA == nil && errB == nil && latest(a.LastSeen, a.Read).After(latest(b.LastSeen, b.Read))
	case string(bucketHosts):
		a, errA := decodeHost(value)
		b, errB := decodeHost(old)
		return errA == nil && errB == nil && latest(a.LastSync, a.LastIndication).After(latest(b.LastSync, b.LastIndication))
	default:
		return false
	}
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
