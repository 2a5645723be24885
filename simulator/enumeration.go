package simulator

import (
	"strconv"
	"sync"
	"time"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
)

// The bounds of pull operations, those of OpenPegasus (observed) but for the number of
// enumerations.
const (
	maxEnumerations = 100 // open at once
	maxObjectCount  = 10000
	defaultKept     = 30 * time.Second // between two operations
	maxKept         = 90 * time.Second
)

// enumerations are those that clients have opened and not read to their end (DSP0200
// section 5.4.2). Those that are overdue go when the next operation comes by.
type enumerations struct {
	mu   sync.Mutex
	open map[string]*enumeration // by context
	last uint64
}

// enumeration is a place in a result. It holds no more than what it takes to go on.
type enumeration struct {
	context   string
	namespace string
	form      cimxml.Form // of its objects, which also tells the operation that pulls them
	value     func(*cim.Instance) cim.Value
	source    source
	ahead     *cim.Instance // already taken from the source, to know that there is more
	kept      time.Duration // between two operations
	expires   time.Time
	busy      bool // an answer is on its way
}

// take returns the next objects.
func (e *enumeration) take(most int) []*cim.Instance {
	if most == 0 {
		e.look()
		return nil
	}
	var piece []*cim.Instance
	if e.ahead != nil {
		piece = append(piece, e.ahead)
		e.ahead, most = nil, most-1
	}
	piece = append(piece, e.source.next(most)...)
	e.look()
	return piece
}

func (e *enumeration) look() {
	if e.ahead == nil {
		if next := e.source.next(1); len(next) > 0 {
			e.ahead = next[0]
		}
	}
}

func (e *enumeration) ended() bool { return e.ahead == nil }

func (e *enumeration) left() uint64 {
	if e.ended() {
		return 0
	}
	return e.source.left() + 1
}

// add keeps an enumeration that has just been opened, and gives it its context.
func (all *enumerations) add(e *enumeration, now time.Time) error {
	all.mu.Lock()
	defer all.mu.Unlock()
	all.sweep(now)
	if len(all.open) >= maxEnumerations {
		return cim.Errorf(cim.StatusServerLimitsExceeded, "%d enumerations are open", maxEnumerations)
	}
	all.last++
	e.context, e.expires = strconv.FormatUint(all.last, 10), now.Add(e.kept)
	if all.open == nil {
		all.open = make(map[string]*enumeration)
	}
	all.open[e.context] = e
	return nil
}

func (all *enumerations) sweep(now time.Time) {
	for context, e := range all.open {
		if !e.busy && now.After(e.expires) {
			delete(all.open, context)
		}
	}
}

// find returns the enumeration of a request.
func (all *enumerations) find(req *cimxml.Request, now time.Time) (*enumeration, error) {
	all.sweep(now)
	context, _ := req.Param("EnumerationContext").Text()
	e := all.open[context]
	if e == nil || !cim.EqualNames(e.namespace, cim.CleanNamespace(req.Namespace)) {
		return nil, cim.Errorf(cim.StatusInvalidEnumerationContext, "There is no enumeration %q in %s", context, req.Namespace)
	}
	return e, nil
}

// begin returns the enumeration that a request pulls from, and keeps others off it.
// Pulling by the wrong operation ends it (observed: OpenPegasus).
func (all *enumerations) begin(req *cimxml.Request, form cimxml.Form, now time.Time) (*enumeration, error) {
	all.mu.Lock()
	defer all.mu.Unlock()
	e, err := all.find(req, now)
	switch {
	case err != nil:
		return nil, err
	case e.busy:
		return nil, cim.Errorf(cim.StatusInvalidEnumerationContext, "Enumeration %s is being pulled from", e.context)
	case e.form != form:
		delete(all.open, e.context)
		return nil, cim.Errorf(cim.StatusInvalidEnumerationContext, "%s does not go with the operation that opened enumeration %s", req.Method, e.context)
	}
	e.busy = true
	return e, nil
}

// pause lets the next operation have an enumeration; one that has ended goes.
func (all *enumerations) pause(e *enumeration, now time.Time) {
	all.mu.Lock()
	defer all.mu.Unlock()
	e.busy, e.expires = false, now.Add(e.kept)
	if e.ended() {
		delete(all.open, e.context)
	}
}

// end closes the enumeration of a request.
func (all *enumerations) end(req *cimxml.Request, now time.Time) error {
	all.mu.Lock()
	defer all.mu.Unlock()
	e, err := all.find(req, now)
	if err != nil {
		return err
	}
	if e.busy {
		return cim.Errorf(cim.StatusPullCannotBeAbandoned, "Enumeration %s is being pulled from", e.context)
	}
	delete(all.open, e.context)
	return nil
}

// count returns how many objects the enumeration of a request still has.
func (all *enumerations) count(req *cimxml.Request, now time.Time) (uint64, error) {
	all.mu.Lock()
	defer all.mu.Unlock()
	e, err := all.find(req, now)
	if err != nil {
		return 0, err
	}
	if e.busy {
		return 0, cim.Errorf(cim.StatusInvalidEnumerationContext, "Enumeration %s is being pulled from", e.context)
	}
	return e.left(), nil
}
