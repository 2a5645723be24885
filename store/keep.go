package store

import (
	"context"
	"fmt"
	"time"
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
	r := &request{waiter: s.waiter()}
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
	_, err = s.wait(ctx, r)
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

// A waiter is what waiting for a request needs and the next can use again.
type waiter struct {
	result chan result // has room for the one answer
	timer  *time.Timer
}

// waiter returns one for a new request.
func (s *Store) waiter() *waiter { return s.waiters.Get().(*waiter) }

// patience is how long a request is waited for before its context is asked for a channel. Most
// are answered long before, and such a channel may cost timers and more.
const patience = 50 * time.Millisecond

func newWaiter() any {
	timer := time.NewTimer(time.Hour)
	timer.Stop()
	return &waiter{result: make(chan result, 1), timer: timer}
}

// wait returns what became of the request.
func (s *Store) wait(ctx context.Context, r *request) (result, error) {
	w := r.waiter
	w.timer.Reset(patience)
	select {
	case done := <-w.result:
		w.timer.Stop()
		s.waiters.Put(w)
		return done, done.err
	case <-w.timer.C:
	}
	select {
	case done := <-w.result:
		s.waiters.Put(w)
		return done, done.err
	case <-ctx.Done(): // the answer may still come
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
		r.waiter.result <- result{}
	}
	s.queue.pass(batch, false)
}
