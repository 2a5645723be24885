package store

import "sync"

// request is an entry on its way to the disk. One without an entry, a tick, has gaps called
// and some of what the committer has in memory written.
type request struct {
	sender string // key of the window of what the sender sent
	prefix string // the part of sender that its contexts share
	entry  *Entry
	hash   uint64
	record []byte
	gapped []string // for a tick: keys of windows with open gaps
	last   bool     // for a tick: write all
	result chan result
}

func (r *request) tick() bool { return r.entry == nil }

type result struct {
	number    uint64
	duplicate bool
	gaps      int // that were called, for a tick
	err       error
}

// queue holds the requests that wait for the committer. Its limits count those that the
// committer has taken and not yet finished, too.
type queue struct {
	maxEntries, maxBytes int

	mu      sync.Mutex
	filled  sync.Cond // waiting or closed changed
	waiting []*request
	entries int
	bytes   int
	closed  bool
}

func newQueue(maxEntries, maxBytes int) *queue {
	q := &queue{maxEntries: maxEntries, maxBytes: maxBytes}
	q.filled.L = &q.mu
	return q
}

// add queues r, or fails at once. An entry that is larger than the limit is let in when
// there is no other, or it could never be kept.
func (q *queue) add(r *request) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case q.closed:
		return ErrClosed
	case r.tick():
	case q.entries >= q.maxEntries, q.entries > 0 && q.bytes+len(r.record) > q.maxBytes:
		return ErrFull
	}
	q.waiting = append(q.waiting, r)
	q.entries++
	q.bytes += len(r.record)
	q.filled.Signal()
	return nil
}

// take returns all requests that wait, as soon as there is one; nil when the queue is
// closed and empty.
func (q *queue) take() []*request {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.waiting) == 0 && !q.closed {
		q.filled.Wait()
	}
	batch := q.waiting
	q.waiting = nil
	return batch
}

// finish gives the room of a batch free.
func (q *queue) finish(batch []*request) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.entries -= len(batch)
	for _, r := range batch {
		q.bytes -= len(r.record)
	}
}

func (q *queue) depth() (entries, bytes int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.entries, q.bytes
}

// close lets no more requests in. The last is a tick.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.waiting = append(q.waiting, &request{last: true, result: make(chan result, 1)})
	q.entries++
	q.filled.Broadcast()
}
