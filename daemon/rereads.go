package daemon

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/inventory"
)

// rereads are the elements of a host that are to be read again: those that alerts tell of,
// at once, and those with open conditions, after a while, since servers do not report
// recovery (observed: VMware). However many alerts come, few elements wait, one that waits
// counts once, and between two passes over them the host has a rest.
type rereads struct {
	wanted chan struct{} // holds one value while the host has not looked at what is asked for

	mu    sync.Mutex // who follows the journal asks, the host takes
	asked []element
	known map[string]bool // IDs of those
	full  bool            // more were asked for than may wait

	// Of the host's goroutine.
	watched map[string]watch
	ended   time.Time // of the last pass
}

// An element is what an alert is about.
type element struct {
	id   string // in the inventory
	path cim.ObjectPath
}

// A watch is an element with open conditions.
type watch struct {
	element
	due   time.Time
	pause time.Duration // before the reading that is due
}

const (
	// mostAsked elements wait to be read one by one. Who tells of more has the whole host read.
	mostAsked = 64
	// mostWatched elements are looked at again before the next reading of the whole host.
	mostWatched = 256
	// rereadPause is the rest between two passes.
	rereadPause = 5 * time.Second
)

func newRereads() *rereads {
	return &rereads{wanted: make(chan struct{}, 1), known: map[string]bool{}, watched: map[string]watch{}}
}

// ask has an element read. It never waits.
func (r *rereads) ask(path cim.ObjectPath) {
	if r.add(element{inventory.ID(path), path.Local()}) {
		select {
		case r.wanted <- struct{}{}:
		default: // the host has not looked yet
		}
	}
}

// add reports whether there is something new for the host.
func (r *rereads) add(e element) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.known[e.id]:
		return false
	case len(r.asked) >= mostAsked:
		before := r.full
		r.full = true
		return !before
	}
	r.known[e.id] = true
	r.asked = append(r.asked, e)
	return true
}

// takeAsked returns what is asked for.
func (r *rereads) takeAsked() []element {
	r.mu.Lock()
	defer r.mu.Unlock()
	asked := r.asked
	r.asked = nil
	clear(r.known)
	return asked
}

// takeAll is takeAsked for who sees to all elements, also those that were too many.
func (r *rereads) takeAll() []element {
	asked := r.takeAsked()
	r.waiting()
	return asked
}

// waiting reports whether elements are asked for, and takes note of more than may be.
func (r *rereads) waiting() (some, more bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	some, more = len(r.asked) > 0, r.full
	r.full = false
	return some, more
}

// take returns the elements of a pass: those asked for and those whose time has come.
func (r *rereads) take(now time.Time) []element {
	elements := r.takeAsked()
	taken := make(map[string]bool, len(elements))
	for _, e := range elements {
		taken[e.id] = true
	}
	var due []watch
	for _, w := range r.watched {
		if !w.due.After(now) && !taken[w.id] {
			due = append(due, w)
		}
	}
	slices.SortFunc(due, func(a, b watch) int { return cmp.Or(a.due.Compare(b.due), cmp.Compare(a.id, b.id)) })
	for _, w := range due[:min(len(due), mostAsked)] {
		elements = append(elements, w.element)
	}
	return elements
}

// next returns when the next pass is to be; ok is false when there is none.
func (r *rereads) next(now time.Time, asked bool) (at time.Time, ok bool) {
	if asked {
		at, ok = now, true
	}
	for _, w := range r.watched {
		if !ok || w.due.Before(at) {
			at, ok = w.due, true
		}
	}
	if rested := r.ended.Add(rereadPause); ok && at.Before(rested) {
		at = rested
	}
	return at, ok
}

// watch has an element looked at again after a pause that doubles, unless the whole host is
// read before that.
func (r *rereads) watch(e element, now time.Time, first, interval time.Duration) {
	w, ok := r.watched[e.id]
	switch {
	case !ok && len(r.watched) >= mostWatched:
		return
	case !ok:
		w = watch{element: e, pause: first}
	case !w.due.After(now):
		w.pause *= 2
	default:
		return // it was read before its time
	}
	if w.pause >= interval {
		delete(r.watched, e.id)
		return
	}
	w.due = now.Add(w.pause)
	r.watched[e.id] = w
}

// forget looks no longer after an element.
func (r *rereads) forget(e element) { delete(r.watched, e.id) }
