package store

import (
	"math"
	"sync"
	"time"
)

// request is an entry on its way to the disk. One without an entry, a tick, has gaps called
// and, if it says so, some of what the committer has in memory written.
type request struct {
	sender string // key of the window of what the sender sent
	prefix string // the part of sender that its contexts share
	entry  *Entry
	hash   uint64
	record []byte
	gapped []string // for a tick: keys of windows with open gaps
	flush  int      // for a tick: how many windows are written
	last   bool     // for a tick: no request comes after it

	kept      bool    // by Keep
	place     uint64  // in the intake, 0 when it is not there
	duplicate bool    // set by the committer
	waiter    *waiter // nil when nobody waits for it
}

func (r *request) tick() bool { return r.entry == nil }

// waits reports whether somebody waits for the entry to be in the journal.
func (r *request) waits() bool { return r.place == 0 }

// answer tells who waits. Who waited for the intake was told then.
func (r *request) answer(with result) {
	if r.waits() && r.waiter != nil {
		r.waiter.result <- with
	}
}

// markLate notes in the record whether a later number came before.
func (r *request) markLate(is bool) {
	r.entry.Late = is
	r.record[flagsAt] &^= flagLate
	if is {
		r.record[flagsAt] |= flagLate
	}
}

type result struct {
	number    uint64
	duplicate bool
	gaps      int // that were called, for a tick
	err       error
}

const (
	// commitEvery is the time between commits of entries that nobody waits for.
	commitEvery = 25 * time.Millisecond
	// commitAt so many of them there is a commit at once.
	commitAt = 2048
)

// queue holds the requests that wait: to be written to the intake, and then, or from the
// beginning, to be committed. Its limits count all of them, and those that are taken and
// not yet finished, too.
type queue struct {
	maxEntries, maxBytes int

	mu       sync.Mutex
	behind   sync.Cond // more or logged changed
	filled   sync.Cond // waiting, urgent, due or logged changed
	arriving []*request
	writing  bool // somebody writes to the intake
	more     bool // the loop is to write what has arrived meanwhile
	waiting  []*request
	urgent   bool // somebody waits for one of waiting
	resting  bool // a commit has just been, until the pause is over
	entries  int
	bytes    int
	closed   bool
	logged   bool // nothing more comes from the intake
}

func newQueue(maxEntries, maxBytes int) *queue {
	q := &queue{maxEntries: maxEntries, maxBytes: maxBytes}
	q.behind.L, q.filled.L = &q.mu, &q.mu
	return q
}

// add queues r to be committed, or fails at once.
func (q *queue) add(r *request) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if err := q.admit(r); err != nil {
		return err
	}
	q.waiting, q.urgent = append(q.waiting, r), true
	q.filled.Signal()
	return nil
}

// log queues r to be written to the intake first, or fails at once. free is true when
// nobody writes there: then who called must, and say when it is written.
func (q *queue) log(r *request) (free bool, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if err := q.admit(r); err != nil {
		return false, err
	}
	q.arriving = append(q.arriving, r)
	free = !q.writing
	q.writing = true
	return free, nil
}

// admit counts r. An entry that is larger than the limit is let in when there is no other,
// or it could never be kept.
func (q *queue) admit(r *request) error {
	switch {
	case q.closed:
		return ErrClosed
	case r.tick():
	case q.entries >= q.maxEntries, q.entries > 0 && q.bytes+len(r.record) > q.maxBytes:
		return ErrFull
	}
	q.entries++
	q.bytes += len(r.record)
	return nil
}

// takeArriving returns the requests for the intake; none when it is free now.
func (q *queue) takeArriving() []*request {
	q.mu.Lock()
	defer q.mu.Unlock()
	batch := q.arriving
	q.arriving = nil
	if q.writing = len(batch) > 0; !q.writing && q.closed {
		q.endLog()
	}
	return batch
}

// written ends the writing of one who is not the loop, which goes on with what has arrived
// meanwhile.
func (q *queue) written() {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case len(q.arriving) > 0:
		q.more = true
		q.behind.Signal()
	case q.closed:
		q.endLog()
	default:
		q.writing = false
	}
}

// wait waits until there is something for the loop to write; it is false when there never
// will be.
func (q *queue) wait() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	for !q.more && !q.logged {
		q.behind.Wait()
	}
	q.more = false
	return !q.logged
}

// pass queues requests of the intake to be committed.
func (q *queue) pass(batch []*request, urgent bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting = append(q.waiting, batch...)
	if q.urgent = q.urgent || urgent; q.due() {
		q.filled.Signal()
	}
}

// endLog tells that nothing more comes from the intake. The last request is a tick. The
// queue is locked.
func (q *queue) endLog() {
	q.waiting = append(q.waiting, &request{last: true, flush: math.MaxInt})
	q.entries++
	q.logged = true
	q.filled.Broadcast()
	q.behind.Broadcast()
}

// take returns all requests that wait to be committed, as soon as there is one that is to
// be at once, or the pause since the last commit is over; nil when there will be none.
func (q *queue) take() []*request {
	q.mu.Lock()
	defer q.mu.Unlock()
	for !q.due() && !q.logged {
		q.filled.Wait()
	}
	batch := q.waiting
	q.waiting, q.urgent = nil, false
	return batch
}

func (q *queue) due() bool {
	return len(q.waiting) > 0 && (q.urgent || !q.resting || len(q.waiting) >= commitAt)
}

// rest begins the pause after a commit.
func (q *queue) rest(pause time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.resting {
		return // one that has been cut short is not over
	}
	q.resting = true
	time.AfterFunc(pause, func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.resting = false
		q.filled.Signal()
	})
}

// finish gives the room of a batch free.
func (q *queue) finish(batch []*request) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, r := range batch {
		q.free(r)
	}
}

// giveBack ends a batch that could not be committed. What the intake holds of it is queued
// again, before all others.
func (q *queue) giveBack(batch []*request) {
	q.mu.Lock()
	defer q.mu.Unlock()
	var again []*request
	for _, r := range batch {
		if r.waits() {
			q.free(r)
		} else {
			again = append(again, r)
		}
	}
	q.waiting = append(again, q.waiting...)
}

func (q *queue) free(r *request) {
	q.entries--
	q.bytes -= len(r.record)
}

func (q *queue) depth() (entries, bytes int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.entries, q.bytes
}

// close lets no more requests in.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed = true; !q.writing {
		q.endLog()
	}
}
