package store

import (
	"crypto/sha256"
	"slices"
	"time"

	"go.etcd.io/bbolt"
)

const (
	windowVersion = 1

	// keptNumbers are remembered of each sequence: sfcb sends 6 indications a second at
	// most, and repeats one after 20 s.
	keptNumbers = 256
	// keptContents are remembered of each sender without sequence numbers.
	keptContents = 1024
	// keptContexts are remembered of each sender and path. A restarted server begins a new one.
	keptContexts = 8
	// cachedWindows are kept decoded between commits.
	cachedWindows = 4096
)

// window is what has lately come from one sender, to one path, in one sequence context.
type window struct {
	touched  time.Time
	numbers  []seenNumber  // in order of arrival; with a context
	contents []seenContent // in order of arrival; without one
}

type seenNumber struct {
	number int64
	hash   uint32 // of the content: tells a repeat from another use of the number
}

type seenContent struct {
	hash uint64
	at   time.Time
}

// numbered takes note of an indication with a sequence number and reports whether it came
// before.
func (w *window) numbered(number int64, hash uint64) (duplicate bool) {
	n := seenNumber{number, uint32(hash >> 32)}
	at := slices.IndexFunc(w.numbers, func(s seenNumber) bool { return s.number == number })
	switch {
	case at >= 0 && w.numbers[at] == n:
		return true
	case at >= 0:
		w.numbers = nil // the sender counts anew; all that was seen is of the former count
	}
	w.numbers = append(w.numbers, n)
	w.numbers = w.numbers[max(0, len(w.numbers)-keptNumbers):]
	return false
}

// unnumbered does the same by content. A repeat does not prolong the time in which the
// content is taken for one: an alert that keeps coming is kept again after a while.
func (w *window) unnumbered(hash uint64, at time.Time, within time.Duration) (duplicate bool) {
	w.contents = slices.DeleteFunc(w.contents, func(s seenContent) bool { return at.Sub(s.at).Abs() > within })
	if slices.ContainsFunc(w.contents, func(s seenContent) bool { return s.hash == hash }) {
		return true
	}
	w.contents = append(w.contents, seenContent{hash, at})
	w.contents = w.contents[max(0, len(w.contents)-keptContents):]
	return false
}

func (w *window) encode() []byte {
	e := encoder{b: make([]byte, 0, 32+6*len(w.numbers)+14*len(w.contents))}
	e.byte(windowVersion)
	e.time(w.touched)
	e.uint(uint64(len(w.numbers)))
	last := int64(0)
	for _, n := range w.numbers {
		e.int(n.number - last) // wraps around and back again
		e.uint(uint64(n.hash))
		last = n.number
	}
	e.uint(uint64(len(w.contents)))
	for _, c := range w.contents {
		e.fixed(c.hash)
		e.time(c.at)
	}
	return e.b
}

func decodeWindow(b []byte) (*window, error) {
	d := decoder{b: b}
	d.version(windowVersion)
	w := &window{touched: d.time()}
	last := int64(0)
	w.numbers = list(&d, func() seenNumber {
		last += d.int()
		return seenNumber{last, uint32(d.below(1<<32 - 1))}
	})
	w.contents = list(&d, func() seenContent { return seenContent{d.fixed(), d.time()} })
	return w, d.end()
}

// windows are the windows of all senders: those in the file, and in memory the ones that
// are in use.
type windows struct {
	repeat time.Duration
	cache  map[string]*window
	dirty  map[string]bool // changed since the transaction began
}

func newWindows(repeat time.Duration) *windows {
	return &windows{repeat: repeat, cache: map[string]*window{}, dirty: map[string]bool{}}
}

// duplicate takes note of an entry and reports whether it is a repeated delivery.
func (ws *windows) duplicate(senders *bbolt.Bucket, r *request) (bool, error) {
	w, err := ws.get(senders, r)
	if err != nil {
		return false, err
	}
	var known bool
	if s := r.entry.Sequence; s != nil {
		known = w.numbered(s.Number, r.hash)
	} else {
		known = w.unnumbered(r.hash, r.entry.Received, ws.repeat)
	}
	if !known {
		w.touched = r.entry.Received
		ws.dirty[r.sender] = true
	}
	return known, nil
}

func (ws *windows) get(senders *bbolt.Bucket, r *request) (*window, error) {
	if w := ws.cache[r.sender]; w != nil {
		return w, nil
	}
	b := senders.Get([]byte(r.sender))
	w := &window{}
	if b != nil {
		var err error
		if w, err = decodeWindow(b); err != nil {
			return nil, err
		}
	} else if err := ws.makeRoom(senders, r.prefix); err != nil {
		return nil, err
	}
	ws.cache[r.sender] = w
	return w, nil
}

// makeRoom forgets the oldest context of a sender that has as many as are kept.
func (ws *windows) makeRoom(senders *bbolt.Bucket, prefix string) error {
	var oldest []byte
	var touched time.Time
	count := 0
	for key, b := range within(senders, []byte(prefix)) {
		w, err := decodeWindow(b)
		if err != nil {
			return err
		}
		if count++; oldest == nil || w.touched.Before(touched) {
			oldest, touched = slices.Clone(key), w.touched
		}
	}
	if count < keptContexts {
		return nil
	}
	delete(ws.cache, string(oldest))
	delete(ws.dirty, string(oldest))
	return senders.Delete(oldest)
}

// flush writes what changed.
func (ws *windows) flush(senders *bbolt.Bucket) error {
	for key := range ws.dirty {
		if err := senders.Put([]byte(key), ws.cache[key].encode()); err != nil {
			return err
		}
	}
	return nil
}

// end is called after each transaction. What a failed one noted has not happened.
func (ws *windows) end(committed bool) {
	clear(ws.dirty)
	if !committed || len(ws.cache) > cachedWindows {
		clear(ws.cache)
	}
}

// senderKey returns the key of an entry's window and the prefix that all contexts of the
// sender and path have. What would not make a key is condensed.
func senderKey(e *Entry) (key, prefix string) {
	prefix = short(e.sender()) + "\x00" + short(e.Path) + "\x00"
	if e.Sequence == nil {
		return prefix, prefix
	}
	return prefix + "\x01" + short(e.Sequence.Context), prefix
}

func short(s string) string {
	if len(s) <= 256 {
		return s
	}
	sum := sha256.Sum256([]byte(s))
	return s[:64] + "\x01" + string(sum[:])
}
