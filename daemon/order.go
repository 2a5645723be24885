package daemon

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/cimwatch/cimwatch/store"
)

// An order puts the entries of the journal into that of their senders' sequences: one that
// comes behind a gap is held back until the missing ones have come, or for a while. Others
// pass it. A zero window holds nothing back.
//
// What is held back is known to the store, by a cursor for each entry, so that a restart
// forgets none and the journal keeps it.
type order struct {
	window    time.Duration
	sequences map[string]sequence // by path and context
	waiting   map[string]bool     // those that hold something back
	held      int                 // entries, in all of them
}

// A sequence is what came of one. Its slice is never written into.
type sequence struct {
	known bool  // next is
	next  int64 // the number that is expected
	held  []store.Entry
}

const (
	// maxHeld entries are held back in all, and maxOfSequence in one sequence: with more it is
	// no longer waited for what is missing.
	maxHeld       = 10_000
	maxOfSequence = 256
	// maxSequences are remembered that hold nothing back.
	maxSequences = 100_000
)

// A plan is what is to be done with some entries, in one transaction.
type plan struct {
	apply     []store.Entry // in this order
	hold      []store.Entry
	release   []store.Entry // of those held before
	sequences map[string]sequence
}

// plan says what is to be done with the next entries, and with what is held at that time.
func (o *order) plan(entries []store.Entry, now time.Time) *plan {
	p := &plan{sequences: map[string]sequence{}}
	if o.window <= 0 && len(o.waiting) == 0 {
		p.apply = entries
		return p
	}
	for i := range entries {
		p.add(o, &entries[i])
	}
	before := map[uint64]bool{}
	for key := range o.waiting {
		p.giveUp(o, key, now)
		for i := range o.sequences[key].held {
			before[o.sequences[key].held[i].Number] = true
		}
	}
	for i := range p.apply {
		if before[p.apply[i].Number] {
			p.release = append(p.release, p.apply[i])
		}
	}
	for _, s := range p.sequences {
		for i := range s.held {
			if !before[s.held[i].Number] {
				p.hold = append(p.hold, s.held[i])
			}
		}
	}
	return p
}

// get returns a sequence as it is in the plan.
func (p *plan) get(o *order, key string) sequence {
	if s, ok := p.sequences[key]; ok {
		return s
	}
	return o.sequences[key]
}

// add puts an entry where it belongs.
func (p *plan) add(o *order, e *store.Entry) {
	if e.Sequence == nil {
		p.apply = append(p.apply, *e)
		return
	}
	key := sequenceKey(e)
	s := p.get(o, key)
	n := e.Sequence.Number
	switch {
	case o.window > 0 && s.behind(n):
		s.held = append(slices.Clip(s.held), *e)
		slices.SortFunc(s.held, byNumber)
		if len(s.held) > maxOfSequence || o.held >= maxHeld {
			p.giveUpTo(&s, 1)
		}
	case s.known && n < s.next: // late
		p.apply = append(p.apply, *e)
	default:
		p.apply = append(p.apply, *e)
		s.known, s.next = true, following(n)
		p.follow(&s)
	}
	p.sequences[key] = s
}

// behind reports whether a number is behind one that is missing. After a restart what is
// held tells. A new sequence begins at 0 (DSP1054), so that what comes first with a low number
// has been overtaking; one with a high number tells that the handler is older than we are.
func (s *sequence) behind(n int64) bool {
	if s.known {
		return n > s.next
	}
	return 0 < n && n <= maxOfSequence || len(s.held) > 0 && n > s.held[0].Sequence.Number
}

// following returns the next number: the largest is followed by 0 (DSP1054).
func following(n int64) int64 {
	if n == math.MaxInt64 {
		return 0
	}
	return n + 1
}

func byNumber(a, b store.Entry) int { return cmp.Compare(a.Sequence.Number, b.Sequence.Number) }

// follow applies what is held and has its turn now.
func (p *plan) follow(s *sequence) {
	for len(s.held) > 0 && s.held[0].Sequence.Number <= s.next {
		p.apply = append(p.apply, s.held[0])
		s.next = max(s.next, following(s.held[0].Sequence.Number))
		s.held = s.held[1:]
	}
}

// giveUp applies what was held long enough, with what stands before it.
func (p *plan) giveUp(o *order, key string, now time.Time) {
	s := p.get(o, key)
	for {
		last := -1
		for i := range s.held {
			if now.Sub(s.held[i].Received).Abs() >= o.window { // a clock that is set back holds nothing up
				last = i
			}
		}
		if last < 0 {
			return
		}
		p.giveUpTo(&s, last+1)
		p.sequences[key] = s
	}
}

// giveUpTo applies the first of what is held.
func (p *plan) giveUpTo(s *sequence, count int) {
	p.apply = append(p.apply, s.held[:count]...)
	s.known, s.next, s.held = true, following(s.held[count-1].Sequence.Number), s.held[count:]
	p.follow(s)
}

// done notes that a plan was carried out.
func (o *order) done(p *plan) {
	o.make()
	for key, s := range p.sequences {
		o.sequences[key] = s
		if delete(o.waiting, key); len(s.held) > 0 {
			o.waiting[key] = true
		}
	}
	o.held += len(p.hold) - len(p.release)
}

// make makes the maps, anew when too much is remembered.
func (o *order) make() {
	if o.sequences != nil && len(o.sequences) <= maxSequences {
		return
	}
	kept := map[string]sequence{}
	for key := range o.waiting {
		kept[key] = o.sequences[key]
	}
	o.sequences = kept
	if o.waiting == nil {
		o.waiting = map[string]bool{}
	}
}

// due returns how long it is until something held is given up waiting for; ok is false
// when nothing is held.
func (o *order) due(now time.Time) (wait time.Duration, ok bool) {
	for key := range o.waiting {
		for i := range o.sequences[key].held {
			left := min(o.window, o.sequences[key].held[i].Received.Add(o.window).Sub(now))
			if !ok || left < wait {
				wait, ok = left, true
			}
		}
	}
	return wait, ok
}

// restore takes in an entry that was held before a restart.
func (o *order) restore(e *store.Entry) {
	if e.Sequence == nil {
		return // none is held
	}
	key := sequenceKey(e)
	s := o.sequences[key]
	s.held = append(s.held, *e)
	slices.SortFunc(s.held, byNumber)
	o.sequences[key], o.waiting[key] = s, true
	o.held++
}

// learn takes note of an entry that was taken in before a restart.
func (o *order) learn(e *store.Entry) {
	if e.Sequence == nil {
		return
	}
	key := sequenceKey(e)
	s := o.sequences[key]
	s.known, s.next = true, max(s.next, following(e.Sequence.Number))
	o.sequences[key] = s
}

func sequenceKey(e *store.Entry) string { return e.Path + "\x00" + e.Sequence.Context }

// heldPrefix begins the names of the cursors of what is held back.
const heldPrefix = consumer + " holds "

func heldName(number uint64) string { return heldPrefix + strconv.FormatUint(number, 10) }
