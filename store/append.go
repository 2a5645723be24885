package store

import (
	"context"
	"errors"
	"fmt"
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
	r := &request{entry: &e, hash: e.hash(), result: make(chan result, 1)}
	r.sender, r.prefix = senderKey(&e)
	r.record = e.encode(r.hash)
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
		info := s.commit(batch)
		if s.options.OnCommit != nil {
			s.options.OnCommit(info)
		}
	}
}

// errNothingNew rolls a transaction back that would change nothing: its entries are all on
// disk.
var errNothingNew = errors.New("all entries are duplicates")

func (s *Store) commit(batch []*request) CommitInfo {
	started := time.Now()
	results := make([]result, len(batch))
	err := s.db.Update(func(tx *bbolt.Tx) error { return s.put(tx, batch, results) })
	if errors.Is(err, errNothingNew) {
		err = nil
	}
	s.windows.end(err == nil)
	info := CommitInfo{Duration: time.Since(started), Err: err}
	for n := range results {
		switch {
		case err != nil:
			results[n] = result{err: err}
		case results[n].duplicate:
			info.Duplicates++
		default:
			info.Entries++
			info.Bytes += len(batch[n].record)
		}
	}
	s.account(info)
	s.queue.finish(batch)
	for n, r := range batch {
		r.result <- results[n]
	}
	return info
}

// put adds the new ones of a batch to the journal.
func (s *Store) put(tx *bbolt.Tx, batch []*request, results []result) error {
	journal, senders := tx.Bucket(bucketJournal), tx.Bucket(bucketSenders)
	last := journal.Sequence()
	for n, r := range batch {
		duplicate, err := s.windows.duplicate(senders, r)
		if err != nil {
			return fmt.Errorf("look up sender: %w", err)
		}
		if duplicate {
			results[n] = result{duplicate: true}
			continue
		}
		last++
		into, err := segmentFor(journal, last, r.entry.Received)
		if err != nil {
			return err
		}
		if err := into.Put(key64(last), r.record); err != nil {
			return fmt.Errorf("put entry %d: %w", last, err)
		}
		results[n] = result{number: last}
	}
	if last == journal.Sequence() {
		return errNothingNew
	}
	if err := s.windows.flush(senders); err != nil {
		return fmt.Errorf("put senders: %w", err)
	}
	return journal.SetSequence(last)
}
