package store

import (
	"cmp"
	"math"
	"slices"
	"time"
)

const (
	windowVersion = 2

	// keptNumbers are remembered of each sequence: sfcb sends 6 indications a second at
	// most, and repeats one after 20 s, three times.
	keptNumbers = 512
	// keptContents are remembered of each sender without sequence numbers.
	keptContents = 1024
	// keptOpen gaps are waited for in each sequence.
	keptOpen = 64
)

// window is what has lately come from one sender, to one path, in one sequence context.
// The slices are only appended to, cut or replaced, never written into, so that a copy of
// the struct is the state at that time.
type window struct {
	touched  time.Time
	entry    uint64 // the last journal entry that is taken in
	host     string
	began    time.Time // when the count, or what is known of it, began
	first    int64     // its first number; those below may still come, late
	next     int64     // the number that is expected
	numbers  []seenNumber
	gaps     []openGap
	contents []seenContent // in order of arrival; without a context

	dirtySince uint64 // the first entry that is not in the file; 0: none is missing
}

// seenNumber is a number that came. Its low half does: another number with the same one is
// 4 billion away, and then taken for a reset, and kept.
type seenNumber struct {
	low  uint32
	hash uint32 // of the content: tells a repeat from another use of the number
}

type seenContent struct {
	hash uint64
	at   time.Time
}

// openGap is a range of numbers that have not come yet.
type openGap struct {
	first, last int64
	entry       uint64
	noticed     time.Time
	final       bool // they will not come: the sender counts anew
}

// A verdict is what is to be done with an entry.
type verdict int

const (
	fresh verdict = iota
	late
	duplicate
)

// note takes note of an entry, or says that it came before.
func (w *window) note(r *request, rules *rules) verdict {
	v := w.judge(r, rules)
	if v != duplicate {
		w.touched, w.entry = r.entry.Received, r.entry.Number
		w.host = cmp.Or(r.entry.Host, w.host)
	}
	return v
}

func (w *window) judge(r *request, rules *rules) verdict {
	at := r.entry.Received
	if r.entry.Sequence == nil {
		return w.unnumbered(r.hash, at, rules.repeat)
	}
	return w.numbered(r.entry.Sequence.Number, r.hash, r.entry, rules.lifetime)
}

// numbered judges by sequence number. Numbers rise by one and wrap around at the top
// (DSP1054). What was not seen is kept, whatever else it is.
func (w *window) numbered(n int64, hash uint64, e *Entry, lifetime time.Duration) verdict {
	seen := seenNumber{uint32(n), uint32(hash >> 32)}
	known := -1
	if n != w.next {
		known = w.find(seen.low)
	}
	switch {
	case known >= 0 && w.numbers[known] == seen:
		return duplicate
	case len(w.numbers) == 0, known >= 0, w.startsAnew(n, e.Received, lifetime):
		w.restart(n, e.Received)
	case n == w.next:
	case n > w.next:
		w.open(openGap{first: w.next, last: n - 1, entry: e.Number, noticed: e.Received})
	default:
		w.fill(n)
		w.remember(seen)
		return late
	}
	w.next = after(n)
	w.remember(seen)
	return fresh
}

func after(n int64) int64 {
	if n == math.MaxInt64 {
		return 0
	}
	return n + 1
}

func (w *window) find(low uint32) int {
	for n, s := range slices.Backward(w.numbers) {
		if s.low == low {
			return n
		}
	}
	return -1
}

// startsAnew says whether a number that is not remembered, below the expected one, begins
// another count. A context may begin at any number, with earlier ones still to come, but
// not for ever.
func (w *window) startsAnew(n int64, at time.Time, lifetime time.Duration) bool {
	switch {
	case n >= w.next, w.waitsFor(n):
		return false
	case n < w.first:
		return at.Sub(w.began) > lifetime
	default:
		return n == 0
	}
}

// restart begins a count. What was missing of the former one will not come.
func (w *window) restart(n int64, at time.Time) {
	w.numbers, w.began, w.first = nil, at, n
	w.gaps = slices.Clone(w.gaps)
	for i := range w.gaps {
		w.gaps[i].final = true
	}
}

func (w *window) remember(s seenNumber) {
	if len(w.numbers) == cap(w.numbers) {
		w.numbers = append(make([]seenNumber, 0, min(2*len(w.numbers)+4, keptNumbers*5/4)), w.numbers...)
	}
	w.numbers = append(w.numbers, s)
	w.numbers = w.numbers[max(0, len(w.numbers)-keptNumbers):]
}

// open notes a gap. When there are too many, the oldest is given up.
func (w *window) open(g openGap) {
	w.gaps = append(slices.Clip(w.gaps), g)
	if n := len(w.gaps) - 1 - keptOpen; n >= 0 {
		w.gaps[n].final = true
	}
}

func (w *window) waitsFor(n int64) bool {
	return slices.ContainsFunc(w.gaps, func(g openGap) bool { return g.holds(n) })
}

func (g openGap) holds(n int64) bool { return !g.final && g.first <= n && n <= g.last }

// fill takes a number that came late out of its gap.
func (w *window) fill(n int64) {
	var left []openGap
	for _, g := range w.gaps {
		if !g.holds(n) {
			left = append(left, g)
			continue
		}
		below, above := g, g
		below.last, above.first = n-1, n+1
		if g.first < n {
			left = append(left, below)
		}
		if n < g.last {
			left = append(left, above)
		}
	}
	w.gaps = left
}

// call takes out the gaps that will not be filled any more.
func (w *window) call(now time.Time, lifetime time.Duration) []openGap {
	var called, left []openGap
	for _, g := range w.gaps {
		if g.noticed.After(now) {
			g.noticed = now // the clock was set back: it has its time from now on
		}
		if g.final || now.Sub(g.noticed) >= lifetime {
			called = append(called, g)
		} else {
			left = append(left, g)
		}
	}
	w.gaps = left
	return called
}

// unnumbered judges by content. A repeat does not prolong the time in which the content is
// taken for one: an alert that keeps coming is kept again after a while.
func (w *window) unnumbered(hash uint64, at time.Time, within time.Duration) verdict {
	near := func(s seenContent) bool { return at.Sub(s.at).Abs() <= within }
	for len(w.contents) > 0 && !near(w.contents[0]) {
		w.contents = w.contents[1:]
	}
	if slices.ContainsFunc(w.contents, func(s seenContent) bool { return s.hash == hash && near(s) }) {
		return duplicate
	}
	w.contents = append(w.contents, seenContent{hash, at})
	w.contents = w.contents[max(0, len(w.contents)-keptContents):]
	return fresh
}

func (w *window) encode() []byte {
	e := encoder{b: make([]byte, 0, 96+len(w.host)+6*len(w.numbers)+32*len(w.gaps)+14*len(w.contents))}
	e.byte(windowVersion)
	e.time(w.touched)
	e.uint(w.entry)
	e.text(w.host)
	e.time(w.began)
	e.int(w.first)
	e.int(w.next)
	e.uint(uint64(len(w.numbers)))
	last := uint32(0)
	for _, n := range w.numbers {
		e.int(int64(int32(n.low - last))) // wraps around and back again
		e.uint(uint64(n.hash))
		last = n.low
	}
	e.uint(uint64(len(w.gaps)))
	for _, g := range w.gaps {
		e.int(g.first)
		e.int(g.last)
		e.uint(g.entry)
		e.time(g.noticed)
		e.bool(g.final)
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
	w := &window{
		touched: d.time(), entry: d.uint(), host: d.text(), began: d.time(), first: d.int(), next: d.int(),
	}
	last := uint32(0)
	w.numbers = list(&d, func() seenNumber {
		last += uint32(d.int())
		return seenNumber{last, uint32(d.below(math.MaxUint32))}
	})
	w.gaps = list(&d, func() openGap {
		return openGap{first: d.int(), last: d.int(), entry: d.uint(), noticed: d.time(), final: d.bool()}
	})
	w.contents = list(&d, func() seenContent { return seenContent{d.fixed(), d.time()} })
	return w, d.end()
}
