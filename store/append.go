package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.etcd.io/bbolt"

	"github.com/cimwatch/cimwatch/event"
)

// Append keeps an entry, whose Number is ignored, and returns the number it got. It
// returns when the entry is on disk. A duplicate is not kept again and has no number. The
// error is ErrFull or ErrClosed at once when the entry cannot be queued; any other tells
// that the commit failed, and that the next may succeed. When ctx ends first, the entry may
// be kept or not. The store keeps no part of e.
func (s *Store) Append(ctx context.Context, e Entry) (number uint64, duplicate bool, err error) {
	r, err := s.newRequest(ctx, e)
	if err != nil {
		return 0, false, fmt.Errorf("append to journal: %w", err)
	}
	if err := s.queue.add(r); err != nil {
		return 0, false, fmt.Errorf("append to journal: %w", err)
	}
	done, err := s.wait(ctx, r)
	if err != nil {
		return 0, false, fmt.Errorf("append to journal: %w", err)
	}
	return done.number, done.duplicate, nil
}

// A keptRequest is a request with the entry that it is about, in one allocation.
type keptRequest struct {
	request

	entry    Entry
	sequence event.Sequence
}

// newRequest returns a request for an entry, of which it keeps no part.
func (s *Store) newRequest(ctx context.Context, e Entry) (*request, error) {
	if s.options.ReadOnly {
		return nil, ErrReadOnly
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	e.Late = false
	k := &keptRequest{entry: e}
	k.hash = e.hash()
	k.sender, k.prefix = senderKey(&e)
	k.record = e.encode(s.compressor, k.hash)
	k.entry.Raw, k.entry.ContentHash = nil, nil // the caller's
	if e.Sequence != nil {
		k.sequence = *e.Sequence
		k.entry.Sequence = &k.sequence
	}
	k.request.entry, k.waiter = &k.entry, s.waiter()
	return &k.request, nil
}

// commitLoop commits whatever has queued up, until the queue is closed and empty. What the
// intake holds is tried again for as long as it fails.
func (s *Store) commitLoop() {
	defer close(s.committed)
	for batch := s.queue.take(); batch != nil; batch = s.queue.take() {
		info, gaps := s.commit(batch)
		s.told(info, gaps)
		pause := commitEvery
		if info.Err != nil {
			pause = commitAgain
		}
		if batch[len(batch)-1].last {
			return
		}
		s.queue.rest(pause)
		s.askForRoom()
	}
}

// commitAgain is the time until what the intake holds is tried again.
const commitAgain = 100 * time.Millisecond

// tellKept calls who wants to know what became of entries that were kept, before Flush
// returns.
func (s *Store) tellKept(batch []*request) {
	if s.options.OnKept == nil {
		return
	}
	for _, r := range batch {
		if r.kept {
			s.options.OnKept(r.entry, r.duplicate)
		}
	}
}

// told calls those who want to know of a commit.
func (s *Store) told(info CommitInfo, gaps []Gap) {
	if s.options.OnCommit != nil && (info.Err != nil || info.Entries+info.Duplicates > 0) {
		s.options.OnCommit(info)
	}
	if s.options.OnGap != nil {
		for _, g := range gaps {
			s.options.OnGap(g)
		}
	}
}

// errNothingNew rolls a transaction back that would change nothing: its entries are all on
// disk.
var errNothingNew = errors.New("all entries are duplicates")

// commit commits a batch and tells those who wait for it. What the intake holds of a batch
// that failed is queued again.
func (s *Store) commit(batch []*request) (CommitInfo, []Gap) {
	info, results, gaps := s.commitAll(batch)
	if info.Err == nil {
		s.tellKept(batch)
		s.queue.finish(batch)
	} else {
		s.queue.giveBack(batch)
	}
	for n, r := range batch {
		r.answer(results[n])
	}
	return info, gaps
}

// commitAll puts a batch into the journal, all of it or nothing.
func (s *Store) commitAll(batch []*request) (CommitInfo, []result, []Gap) {
	started := time.Now()
	results := make([]result, len(batch))
	var gaps []Gap
	s.windows.begin()
	err := s.writeBolt(func(tx *bbolt.Tx) (err error) {
		gaps, err = s.put(tx, batch, results)
		return err
	})
	if errors.Is(err, errNothingNew) {
		err = nil
	}
	s.windows.end(err == nil)
	if err != nil {
		gaps = nil
	} else {
		s.intake.take(lastPlace(batch))
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
	return info, results, gaps
}

// lastPlace returns the last place in the intake of a batch's entries, 0 when none is
// there.
func lastPlace(batch []*request) (place uint64) {
	for _, r := range batch {
		place = max(place, r.place)
	}
	return place
}

// put adds the new ones of a batch to the journal. It returns the gaps that are called.
func (s *Store) put(tx *bbolt.Tx, batch []*request, results []result) ([]Gap, error) {
	journal, senders := tx.Bucket(bucketJournal), tx.Bucket(bucketSenders)
	a := appender{journal: journal, last: journal.Sequence()}
	flush := 0 // windows
	for n, r := range batch {
		if r.tick() {
			flush = max(flush, r.flush)
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
		if r.duplicate = v == duplicate; r.duplicate {
			results[n] = result{duplicate: true}
			continue
		}
		r.markLate(v == late)
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
	taken := lastPlace(batch)
	if a.last == journal.Sequence() && !written && len(gaps) == 0 && taken == 0 {
		return nil, errNothingNew
	}
	if taken > 0 {
		if err := tx.Bucket(bucketMeta).Put(keyIntake, s.intake.record(taken)); err != nil {
			return nil, fmt.Errorf("note what is taken in: %w", err)
		}
	}
	if err := a.close(); err != nil {
		return nil, fmt.Errorf("close journal segment: %w", err)
	}
	return gaps, journal.SetSequence(a.last)
}
