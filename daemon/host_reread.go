package daemon

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/event"
	"github.com/cimwatch/cimwatch/inventory"
)

// What an alert has read again.
const (
	RereadNeighbours = "neighbours" // the element and what is associated with it
	RereadElement    = "element"
	RereadNo         = "no"
)

const (
	mostNeighbours = 16  // of an element are read with it
	mostReread     = 256 // instances in a pass
)

// Outcomes of a reading of an element, the values of the label "outcome".
const (
	rereadRead    = "read"
	rereadGone    = "gone"    // the server has it no longer
	rereadFailed  = "failed"  // it is tried again after a while, or read with the whole host
	rereadSkipped = "skipped" // nothing of hardware, or the host is failing
)

func rereadOutcomes() []string { return []string{rereadRead, rereadGone, rereadFailed, rereadSkipped} }

// applied is told what the inventory took in, by who follows the journal: it never waits.
func (d *Daemon) applied(e *event.Event) {
	h := d.hostNamed[e.Host]
	if h == nil || h.config.Reread == RereadNo || !e.Element.IsInstance() {
		return
	}
	undescribed := (e.Kind == event.KindCreated || e.Kind == event.KindModified) && e.Source == nil
	if e.Kind == event.KindAlert || undescribed {
		h.rereads.ask(e.Element)
	}
}

// readsElements reports whether the host may be asked for single elements. One that did not
// answer is left to its turns, and so is one that refuses the account, which would be locked.
func (h *host) readsElements() bool {
	return !h.silent && (h.failure == "" || h.failure == failedRefused)
}

// rearm carries out what is due at once, and sets the alarm for what is due later.
func (h *host) rearm(ctx context.Context) {
	for ctx.Err() == nil {
		if !h.readsElements() {
			h.dropAsked()
			return
		}
		asked, more := h.rereads.waiting()
		if more {
			h.d.wake(h.config.Name, wakeAlerts)
		}
		now := h.d.now()
		at, ok := h.rereads.next(now, asked)
		switch {
		case !ok || !h.alarm.at.IsZero() && !at.Before(h.alarm.at):
			return
		case at.After(now):
			h.alarm = alarm{h.d.after(at.Sub(now)), at}
			return
		}
		h.reread(ctx)
	}
}

func (h *host) dropAsked() {
	asked := h.rereads.takeAll()
	h.d.metrics.rereads.WithLabelValues(rereadSkipped).Add(float64(len(asked)))
	if h.silent { // until its next turn, which may be for other classes
		h.again(asked...)
	}
}

// again has elements that were not read looked at after a while.
func (h *host) again(elements ...element) {
	for _, e := range elements {
		h.rereads.watch(e, h.d.now(), h.config.RereadAgain, h.config.Interval)
	}
}

// putOff leaves what is asked for to the reading of the whole host that begins, and has it
// looked at again after that: who is read right after an alert may not know yet.
func (h *host) putOff() {
	h.again(h.rereads.takeAll()...)
}

// reread reads the elements that are due. After the first without an answer the rest is left
// until the host had a turn: each further request would wait as long.
func (h *host) reread(ctx context.Context) {
	p := pass{host: h, read: map[string]bool{}}
	elements := h.rereads.take(h.d.now())
	leave, err := h.enter(ctx, h.d.slots.brief)
	if err != nil {
		return // ctx has ended
	}
	defer leave()
	for n, e := range elements {
		outcome, err := p.element(ctx, e)
		if ctx.Err() != nil {
			return
		}
		h.d.metrics.rereads.WithLabelValues(outcome).Inc()
		if err == nil {
			continue
		}
		h.log.Debug("element was not read", "element", e.path.String(), "error", err)
		h.again(e)
		if !isRefusal(err) {
			h.silent = true
			h.d.metrics.rereads.WithLabelValues(rereadFailed).Add(float64(len(elements) - n - 1))
			h.again(elements[n+1:]...)
			break
		}
	}
	h.rereads.ended = h.d.now()
}

// A pass reads elements with their neighbours, each instance once.
type pass struct {
	*host
	read map[string]bool // IDs
}

// element reads an element and its neighbours and brings what is kept of them up to date.
func (p *pass) element(ctx context.Context, e element) (outcome string, err error) {
	if !p.tracks(ctx, e.path) {
		p.rereads.forget(e)
		return rereadSkipped, nil
	}
	snapshot := inventory.Snapshot{
		Host: p.config.Name, Started: p.d.now(), Partial: true, Grace: p.config.RereadAgain,
	}
	err = p.instance(ctx, &snapshot, e.path)
	if err == nil && len(snapshot.Instances) > 0 && p.config.Reread == RereadNeighbours {
		p.neighbours(ctx, &snapshot, e.path)
	}
	if ctx.Err() != nil {
		return rereadFailed, ctx.Err()
	}
	if p := p.slot.Load(); p != nil {
		p.own()
	}
	changes, kept := p.d.inventory.keep(ctx, snapshot, false)
	if err = errors.Join(err, kept); err != nil {
		return rereadFailed, err
	}
	p.log.Debug("element was read again", "element", e.path.String(),
		"instances", len(snapshot.Instances), "gone", len(snapshot.Gone), "changes", len(changes))
	p.look(ctx, e)
	p.d.observe.reread(p.config.Name, e.path, changes)
	if len(snapshot.Gone) > 0 {
		return rereadGone, nil
	}
	return rereadRead, nil
}

// look has an element with open conditions looked at again.
func (p *pass) look(ctx context.Context, e element) {
	c, err := p.d.kept.Component(ctx, p.config.Name, e.id)
	if err != nil || !c.Removed.IsZero() || len(c.Conditions) == 0 {
		p.rereads.forget(e)
		return
	}
	p.rereads.watch(e, p.d.now(), p.config.RereadAgain, p.config.Interval)
}

// tracks reports whether an instance belongs into the inventory.
func (p *pass) tracks(ctx context.Context, path cim.ObjectPath) bool {
	if inventory.KindOf(path.Class) != inventory.KindOther || p.agenda.covers(path.Class) {
		return true
	}
	c, err := p.d.kept.Component(ctx, p.config.Name, inventory.ID(path))
	return err == nil && c.Removed.IsZero()
}

// instance adds the instance at a path to a snapshot, or that it is gone.
func (p *pass) instance(ctx context.Context, s *inventory.Snapshot, path cim.ObjectPath) error {
	path, known := p.locate(ctx, path)
	p.read[inventory.ID(path)] = true
	i, err := p.client.GetInstance(ctx, path, nil)
	switch {
	case err == nil:
		i.Path.Class = i.Class // of an alert about an instance by the name of a superclass
		s.Instances = append(s.Instances, i)
	case !errors.Is(err, cim.StatusNotFound):
		return err
	case known && p.isGone(ctx, path):
		s.Gone = append(s.Gone, path)
	}
	return nil
}

// locate returns a path with the namespace that a reading found its instance in, or else the
// one that it names. Alerts may name none, or a wrong one, which IDs do not tell: then known
// is false, and that nothing is found says nothing.
func (p *pass) locate(ctx context.Context, path cim.ObjectPath) (in cim.ObjectPath, known bool) {
	c, err := p.d.kept.Component(ctx, p.config.Name, inventory.ID(path))
	if err == nil && c.Removed.IsZero() && !c.Read.IsZero() && c.Path.Namespace != "" {
		path.Namespace = c.Path.Namespace
		return path, true
	}
	known = path.Namespace != ""
	path.Namespace = cmp.Or(path.Namespace, p.config.Namespace)
	return path, known
}

// isGone reports whether an instance that the server did not find is not listed either:
// some providers answer for lists alone.
func (p *pass) isGone(ctx context.Context, path cim.ObjectPath) bool {
	id := inventory.ID(path)
	for listed, err := range p.client.EnumerateInstanceNames(ctx, path.Namespace, path.Class) {
		if err != nil || inventory.ID(listed) == id {
			return false
		}
	}
	return true
}

// neighbours adds what is associated with an element to a snapshot, as far as it belongs
// into the inventory. A server that fails at that is not asked again before its next turn.
func (p *pass) neighbours(ctx context.Context, s *inventory.Snapshot, path cim.ObjectPath) {
	if p.lone {
		return
	}
	paths, err := p.associated(ctx, path)
	for _, path := range paths {
		if err == nil && !p.read[inventory.ID(path)] && len(p.read) < mostReread {
			err = p.instance(ctx, s, path)
		}
		if isRefusal(err) {
			err = nil // of this one
		}
	}
	if err != nil && ctx.Err() == nil {
		p.lone = !isRefusal(err)
		p.log.Debug("neighbours were not read", "element", path.String(), "error", err)
	}
}

func (p *pass) associated(ctx context.Context, path cim.ObjectPath) ([]cim.ObjectPath, error) {
	path, _ = p.locate(ctx, path)
	var paths []cim.ObjectPath
	for neighbour, err := range p.client.AssociatorNames(ctx, path, nil) {
		if err != nil {
			return nil, err
		}
		if neighbour.IsInstance() && p.tracks(ctx, neighbour) {
			paths = append(paths, neighbour.Local())
		}
		if len(paths) == mostNeighbours {
			break
		}
	}
	return paths, nil
}

// An alarm is when the next elements are due.
type alarm struct {
	rings <-chan time.Time // nil: none are
	at    time.Time
}
