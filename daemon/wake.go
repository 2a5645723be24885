package daemon

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// wakeReason is why a host has its turn before it is due, the values of the label "reason".
type wakeReason string

const (
	wakeDemand  wakeReason = "demand"  // somebody wants it
	wakeGap     wakeReason = "gap"     // indications are lost
	wakeRestart wakeReason = "restart" // the CIM server counts its indications anew
	wakeAlerts  wakeReason = "alerts"  // they tell of more elements than are read one by one
)

func wakeReasons() []wakeReason { return []wakeReason{wakeDemand, wakeGap, wakeRestart, wakeAlerts} }

// wakePause is the least time between two turns of a host that nobody asked for: a server
// that restarts over and over is not read all the time.
const wakePause = 30 * time.Second

// demandPause is the least time from the end of a turn on demand to the next one.
const demandPause = 5 * time.Second

// ErrUnknownHost says that the configuration has no host of that name.
var ErrUnknownHost = errors.New("no such host")

// Resync has the subscriptions of hosts looked at and their inventories read without
// delay, of all hosts when none is named. It does not wait for that. The error is
// [ErrUnknownHost] when there is one that the configuration does not have; the others
// have their turn all the same.
func (d *Daemon) Resync(hosts ...string) error {
	if len(hosts) == 0 {
		for _, h := range d.hosts {
			d.wake(h.config.Name, wakeDemand)
		}
	}
	var errs []error
	for _, name := range hosts {
		if !d.wake(name, wakeDemand) {
			errs = append(errs, fmt.Errorf("%w: %q", ErrUnknownHost, name))
		}
	}
	return errors.Join(errs...)
}

// wake asks for a turn of a host, and reports whether there is one of that name. It never
// waits; several calls before the turn begins are as one.
func (d *Daemon) wake(name string, reason wakeReason) bool {
	h := d.hostNamed[name]
	if h == nil {
		return false
	}
	d.metrics.wakeups.WithLabelValues(string(reason)).Inc()
	if reason == wakeDemand || reason == wakeRestart {
		h.resurvey.Store(true)
	}
	woken := h.stirred
	if reason == wakeDemand {
		woken = h.demanded
	}
	select {
	case woken <- struct{}{}:
		h.log.Debug("turn is asked for", "reason", string(reason))
	default: // one is asked for already
	}
	return true
}

// rest waits until the next turn of the host is due or something calls for it. It returns
// false when ctx ended first.
func (h *host) rest(ctx context.Context) bool {
	now := h.d.now()
	due, classes := h.d.after(h.looks.Sub(now)), h.classesDue(now)
	var soon alarm
	h.showNext(h.looks)
	h.alarm = alarm{}
	h.rearm(ctx)
	for {
		var over bool
		if soon, over = h.soon(soon); over {
			return h.turn(true)
		}
		select {
		case <-ctx.Done():
			return false
		case <-due:
			return h.turn(true)
		case <-soon.rings:
			return h.turn(true)
		case <-classes:
			return h.turn(false)
		case <-h.demanded:
			h.called = true
			h.hasten(h.served.Add(demandPause))
		case <-h.stirred:
			h.hasten(h.whole.Add(wakePause))
		case <-h.rereads.wanted:
			h.rearm(ctx)
		case <-h.alarm.rings:
			h.alarm = alarm{}
			h.rearm(ctx)
		}
	}
}

// hasten has the whole host looked at before it is due, at the time that is given or at
// once. Turns for single classes in between change nothing of that.
func (h *host) hasten(at time.Time) {
	if at = latest(at, h.d.now()); h.early.IsZero() || at.Before(h.early) {
		h.early = at
	}
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// soon returns the alarm for the early turn, set being the one that is set, and reports
// whether its time has come. A host that refuses the account has none: sooner would lock it.
func (h *host) soon(set alarm) (next alarm, over bool) {
	if h.early.IsZero() || h.failure == failedCredentials {
		return alarm{}, false
	}
	now := h.d.now()
	switch {
	case !h.early.After(now):
		return alarm{}, true
	case h.early.Equal(set.at):
		return set, false
	}
	if h.early.Before(h.looks) {
		h.showNext(h.early)
	}
	return alarm{h.d.after(h.early.Sub(now)), h.early}, false
}

// turn says what the turn that begins is for. A look at the whole host that was asked for,
// be it due, too, also reads the classes that have intervals of their own.
func (h *host) turn(everything bool) bool {
	h.everything, h.forced = everything, everything && !h.early.IsZero()
	if everything {
		h.early = time.Time{}
	}
	return true
}

// ended notes the end of a turn.
func (h *host) ended() {
	if !h.everything {
		return
	}
	h.whole = h.d.now()
	if h.called {
		h.called, h.served = false, h.whole
	}
}

// classesDue rings when classes are due before the host is looked at, nil when none are.
func (h *host) classesDue(now time.Time) <-chan time.Time {
	at, ok := h.agenda.due()
	if !ok || !h.readsElements() || !at.Before(h.looks) {
		return nil
	}
	return h.d.after(max(at.Sub(now), 0))
}
