package store

import (
	"context"
	"errors"
	"fmt"
	"math"

	"go.etcd.io/bbolt"
)

// Dropping has two steps. First the number of the first entry moves on, in one small
// transaction: what is before it is not read any more, a tombstone. Then the pages of these
// segments are given free, but only as many as are needed soon: the list of free pages is
// written with every commit, and a long one would slow all of them. The file does not grow
// as long as there are such segments.

const (
	enoughFree = 1536 // pages: no segment is given free when there are as many
	fewFree    = 512  // pages: the next is
)

// Maintained is what Maintain has done.
type Maintained struct {
	Gaps    int    // called
	Dropped uint64 // entries
	Bytes   uint64 // of their records
	Changes uint64 // of the history that were dropped
}

// Maintain calls the gaps that are due and drops the entries that Options.MaxAge and
// MaxBytes say are too old or too many, and some of the changes that HistoryAge and HistoryChanges say
// are. The store does it on its own every half minute;
// call it to have it done now.
func (s *Store) Maintain(ctx context.Context) (Maintained, error) {
	if s.options.ReadOnly {
		return Maintained{}, fmt.Errorf("maintain store: %w", ErrReadOnly)
	}
	done, err := s.maintain(ctx.Err)
	if err != nil {
		return done, fmt.Errorf("maintain store: %w", err)
	}
	return done, nil
}

// maintainLoop maintains the store until it is closed.
func (s *Store) maintainLoop() {
	defer close(s.maintained)
	for {
		var err error
		select {
		case <-s.done:
			return
		case <-s.options.After(s.options.MaintainEvery):
			_, err = s.maintain(s.closed)
		case <-s.room:
			err = s.reclaim(s.closed)
		}
		s.noteMaintained(err)
	}
}

// maintain stops early with the error of ended.
func (s *Store) maintain(ended func() error) (Maintained, error) {
	s.maintaining.Lock()
	defer s.maintaining.Unlock()
	if err := ended(); err != nil {
		return Maintained{}, err
	}
	var done Maintained
	ticked, err := s.tick()
	if err != nil {
		return done, fmt.Errorf("call gaps: %w", err)
	}
	done.Gaps = ticked.gaps
	cut, err := s.findCut()
	if err != nil {
		return done, fmt.Errorf("find old entries: %w", err)
	}
	if cut.before > 0 {
		err := s.writeBolt(func(tx *bbolt.Tx) error {
			return tx.Bucket(bucketMeta).Put(keyFirst, key64(cut.before))
		})
		if err != nil {
			return done, fmt.Errorf("drop old entries: %w", asClosed(err))
		}
		done.Dropped, done.Bytes = cut.entries, cut.bytes
		s.noteDropped(cut)
	}
	done.Changes, err = s.condense(ended)
	return done, errors.Join(err, s.freeSegments(ended))
}

// tick has the committer call gaps. The first time it is told of those that were open when
// the file was opened, which takes a look at all senders.
func (s *Store) tick() (result, error) {
	tick := &request{flush: flushSome, waiter: s.waiter()}
	if !s.gapsKnown {
		err := s.view(func(tx *bbolt.Tx) (err error) {
			tick.gapped, err = findGapped(tx.Bucket(bucketSenders))
			return err
		})
		if err != nil {
			return result{}, err
		}
	}
	if err := s.queue.add(tick); err != nil {
		return result{}, err
	}
	done := <-tick.waiter.result
	s.waiters.Put(tick.waiter)
	s.gapsKnown = s.gapsKnown || done.err == nil
	return done, done.err
}

// cut is what is to be dropped: the entries before a number, none when it is 0.
type cut struct {
	before, entries, bytes uint64
}

// sized is a segment with the size of its records.
type sized struct {
	segment
	bytes uint64
}

func (s *Store) findCut() (cut, error) {
	var found cut
	if s.options.MaxAge <= 0 && s.options.MaxBytes <= 0 {
		return found, nil
	}
	err := s.view(func(tx *bbolt.Tx) error {
		first := firstNumber(tx)
		segments, total := liveSegments(tx, first)
		limit := s.keepFrom(tx)
		for n := 0; n+1 < len(segments); n++ { // the last one is being written
			next := segments[n+1].first
			tooMuch := s.options.MaxBytes > 0 && total > uint64(s.options.MaxBytes)
			if next > limit || !tooMuch && !s.tooOld(segments[n:]) {
				break
			}
			total -= segments[n].bytes
			found = cut{next, next - first, found.bytes + segments[n].bytes}
		}
		return nil
	})
	return found, err
}

// liveSegments returns the segments that are not dropped, and the size of their records.
func liveSegments(tx *bbolt.Tx, first uint64) ([]sized, uint64) {
	var all []sized
	total := uint64(0)
	journal := tx.Bucket(bucketJournal)
	for name := range within(journal, nil) {
		if seg := segmentOf(name); seg.first >= first {
			size := journal.Bucket(name).Sequence()
			all = append(all, sized{seg, size})
			total += size
		}
	}
	return all, total
}

// keepFrom returns the first number that must not be dropped: that no sender's window
// knows of, or that a consumer has not taken.
func (s *Store) keepFrom(tx *bbolt.Tx) uint64 {
	limit := number64(tx.Bucket(bucketMeta).Get(keyWindows))
	if !s.options.DropUnread {
		for _, v := range within(tx.Bucket(bucketCursors), nil) {
			limit = min(limit, number64(v))
		}
	}
	return limit + 1
}

// tooOld says whether the first of some segments is. A segment ended before the next began;
// times that lie ahead were told by a wrong clock, and a later segment's is taken.
func (s *Store) tooOld(segments []sized) bool {
	if s.options.MaxAge <= 0 {
		return false
	}
	now := s.options.Now()
	ended := int64(math.MinInt64)
	for n, seg := range segments {
		if n >= 2 && ended != math.MinInt64 {
			break
		}
		if seg.begin <= now.Unix() {
			ended = max(ended, seg.begin)
		}
	}
	return ended != math.MinInt64 && ended < now.Add(-s.options.MaxAge).Unix()
}

// reclaim gives segments free because pages are needed.
func (s *Store) reclaim(ended func() error) error {
	s.maintaining.Lock()
	defer s.maintaining.Unlock()
	return s.freeSegments(ended)
}

// freeSegments gives dropped segments free until there are enough free pages.
func (s *Store) freeSegments(ended func() error) error {
	for {
		if err := ended(); err != nil {
			return err
		}
		name, err := s.droppedSegment()
		s.dropped.Store(name != nil)
		if err != nil || name == nil || s.freePages() >= enoughFree {
			return err
		}
		if err := s.freeSegment(name); err != nil {
			return fmt.Errorf("free journal segment: %w", err)
		}
	}
}

func (s *Store) freePages() int {
	stats := s.db.Stats()
	return stats.FreePageN + stats.PendingPageN
}

// droppedSegment returns the oldest segment that is dropped, nil when there is none.
func (s *Store) droppedSegment() ([]byte, error) {
	var found []byte
	err := s.view(func(tx *bbolt.Tx) error {
		name, _ := tx.Bucket(bucketJournal).Cursor().First()
		if name != nil && segmentOf(name).first < firstNumber(tx) {
			found = append(found, name...)
		}
		return nil
	})
	return found, err
}

// freeSegment reads the pages first, so that no commit waits for them to come from disk.
func (s *Store) freeSegment(name []byte) error {
	err := s.view(func(tx *bbolt.Tx) error {
		for range within(tx.Bucket(bucketJournal).Bucket(name), nil) {
		}
		return nil
	})
	if err != nil {
		return err
	}
	return asClosed(s.writeBolt(func(tx *bbolt.Tx) error { return tx.Bucket(bucketJournal).DeleteBucket(name) }))
}

// askForRoom has a segment given free when there are dropped ones and few free pages.
func (s *Store) askForRoom() {
	if s.dropped.Load() && s.freePages() < fewFree {
		select {
		case s.room <- struct{}{}:
		default: // it has been asked for
		}
	}
}
