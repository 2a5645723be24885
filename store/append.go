package store

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"go.etcd.io/bbolt"
)

// Append keeps an entry, whose Number is ignored, and returns the number it got. It
// returns when the entry is on disk. A duplicate is not kept again and has no number. The
// error is ErrFull or ErrClosed at once when the entry cannot be queued; any other tells
// that the commit failed, and that the next may succeed. When ctx ends first, the entry may
// be kept or not. The store keeps no part of e.
func (s *Store) Append(ctx context.Context, e Entry) (number uint64, duplicate bool, err error) {
	if s.options.ReadOnly {
		return 0, false, fmt.Errorf("append to journal: %w", ErrReadOnly)
	}
	if err := ctx.Err(); err != nil {
		return 0, false, fmt.Errorf("append to journal: %w", err)
	}
	e.Late = false
	r := &request{entry: &e, hash: e.hash(), result: make(chan result, 1)}
	r.sender, r.prefix = senderKey(&e)
	r.record = e.encode(s.compressor, r.hash)
	e.Raw, e.ContentHash = nil, nil // the caller's
	if e.Sequence != nil {
		e.Sequence = new(*e.Sequence)
	}
	if err := s.queue.add(r); err != nil {
		return 0, false, fmt.Errorf("append to journal: %w", err)
	}
	select {
	case done := <-r.result:
		if done.err != nil {
			return 0, false, fmt.Errorf("append to journal: %w", done.err)
		}
		return done.number, done.duplicate, nil
	case <-ctx.Done():
		return 0, false, fmt.Errorf("append to journal: %w", ctx.Err())
	}
}

// commitLoop commits whatever has queued up, until the queue is closed and empty.
func (s *Store) commitLoop() {
	defer close(s.committed)
	for batch := s.queue.take(); batch != nil; batch = s.queue.take() {
		info, gaps := s.commit(batch)
		if s.options.OnCommit != nil && (info.Err != nil || info.Entries+info.Duplicates > 0) {
			s.options.OnCommit(info)
		}
		if s.options.OnGap != nil {
			for _, g := range gaps {
				s.options.OnGap(g)
			}
		}
		s.askForRoom()
	}
}

// errNothingNew rolls a transaction back that would change nothing: its entries are all on
// disk.
var errNothingNew = errors.New("all entries are duplicates")

func (s *Store) commit(batch []*request) (CommitInfo, []Gap) {
	started := time.Now()
	results := make([]result, len(batch))
	var gaps []Gap
	s.windows.begin()
	err := s.db.Update(func(tx *bbolt.Tx) (err error) {
		gaps, err = s.put(tx, batch, results)
		return err
	})
	if errors.Is(err, errNothingNew) {
		err = nil
	}
	s.windows.end(err == nil)
	if err != nil {
		gaps = nil
	}
	info := CommitInfo{Duration: time.Since(started), Err: err}
	for n, r := range batch {
		switch {
		case err != nil:
			results[n] = result{err: err}
		case r.tick():
			results[n].gaps = len(gaps)
		case results[n].duplicate:
			info.Duplicates++
		default:
			info.Entries++
			info.Bytes += len(r.record)
		}
	}
	s.account(info, len(gaps))
	s.queue.finish(batch)
	for n, r := range batch {
		r.result <- results[n]
	}
	return info, gaps
}

// put adds the new ones of a batch to the journal. It returns the gaps that are called.
func (s *Store) put(tx *bbolt.Tx, batch []*request, results []result) ([]Gap, error) {
	journal, senders := tx.Bucket(bucketJournal), tx.Bucket(bucketSenders)
	a := appender{journal: journal, last: journal.Sequence()}
	flush := 0 // windows
	for n, r := range batch {
		if r.tick() {
			if flush = max(flush, flushSome); r.last {
				flush = math.MaxInt
			}
			if err := s.windows.wake(senders, r.gapped); err != nil {
				return nil, fmt.Errorf("look up gaps: %w", err)
			}
			continue
		}
		r.entry.Number = a.last + 1
		v, err := s.windows.note(senders, r)
		if err != nil {
			return nil, fmt.Errorf("look up sender: %w", err)
		}
		if v == duplicate {
			results[n] = result{duplicate: true}
			continue
		}
		if v == late {
			r.record[flagsAt] |= flagLate
		}
		if err := a.put(r.record, r.entry.Received); err != nil {
			return nil, err
		}
		results[n] = result{number: a.last}
	}
	gaps := s.windows.call(s.options.Now())
	if err := putGaps(tx, gaps); err != nil {
		return nil, err
	}
	written, err := s.windows.flush(tx, a.last, flush)
	if err != nil {
		return nil, fmt.Errorf("put senders: %w", err)
	}
	if a.last == journal.Sequence() && !written && len(gaps) == 0 {
		return nil, errNothingNew
	}
	if err := a.close(); err != nil {
		return nil, fmt.Errorf("close journal segment: %w", err)
	}
	return gaps, journal.SetSequence(a.last)
}
