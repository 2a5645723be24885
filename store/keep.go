package store

import (
	"context"
	"fmt"
)

// Keep keeps an entry and returns when it is on disk, which is several times as soon as
// Append does. It gets its number, and is found to be a duplicate, some milliseconds
// later, when the journal takes it in, which Options.OnKept is told of and Flush waits for.
// After a crash, Open takes in what was kept. The error is ErrFull or ErrClosed at once
// when the entry cannot be queued. When ctx ends first, the entry may be kept or not. The
// store keeps no part of e.
func (s *Store) Keep(ctx context.Context, e Entry) error {
	r, err := s.newRequest(ctx, e)
	if err != nil {
		return fmt.Errorf("keep entry: %w", err)
	}
	r.kept = true
	if err := s.logged(ctx, r); err != nil {
		return fmt.Errorf("keep entry: %w", err)
	}
	return nil
}

// Flush waits until all that was kept is in the journal.
func (s *Store) Flush(ctx context.Context) error {
	if s.options.ReadOnly {
		return nil
	}
	r := &request{result: make(chan result, 1)}
	if err := s.logged(ctx, r); err != nil {
		return fmt.Errorf("flush journal: %w", err)
	}
	return nil
}

// logged has a request written to the intake and waits for its answer. Who finds nobody
// writing there does it on the spot, so that a lone request is handed to no one. What
// arrives meanwhile is the loop's, which goes on for as long as more comes.
func (s *Store) logged(ctx context.Context, r *request) error {
	free, err := s.queue.log(r)
	if err != nil {
		return err
	}
	if free {
		s.logAll(s.queue.takeArriving())
		s.queue.written()
	}
	_, err = r.wait(ctx)
	return err
}

// logLoop writes what has arrived while somebody else was writing.
func (s *Store) logLoop() {
	for s.queue.wait() {
		for batch := s.queue.takeArriving(); len(batch) > 0; batch = s.queue.takeArriving() {
			s.logAll(batch)
		}
	}
}

// wait returns what became of the request. A context that is asked for its end may start a
// timer for it, so it is not where there is nothing to wait for.
func (r *request) wait(ctx context.Context) (result, error) {
	select {
	case done := <-r.result:
		return done, done.err
	default:
	}
	select {
	case done := <-r.result:
		return done, done.err
	case <-ctx.Done():
		return result{}, ctx.Err()
	}
}

// logAll writes what has arrived to the intake.
func (s *Store) logAll(batch []*request) {
	for len(batch) > 0 {
		n, bytes := framed(batch)
		s.log(batch[:n], bytes)
		batch = batch[n:]
	}
}

// framed returns how many requests of a batch go into a frame together, at least one, and
// the size of their records.
func framed(batch []*request) (n, bytes int) {
	for n < len(batch) && !batch[n].tick() && (n == 0 || bytes+len(batch[n].record) <= maxFrame) {
		bytes += len(batch[n].record)
		n++
	}
	return max(n, 1), bytes
}

// log writes a frame, answers, and passes the requests on. Where the intake cannot be
// written they are answered when they are in the journal.
func (s *Store) log(batch []*request, bytes int) {
	if batch[0].tick() || bytes > maxFrame || s.intake.write(batch) != nil {
		s.queue.pass(batch, true)
		return
	}
	for _, r := range batch {
		r.result <- result{}
	}
	s.queue.pass(batch, false)
}
