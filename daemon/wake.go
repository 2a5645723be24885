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
	ended := h.d.now()
	due, classes := h.d.after(h.looks.Sub(ended)), h.classesDue(ended)
	var soon <-chan time.Time
	h.showNext(h.looks)
	h.alarm = alarm{}
	h.rearm(ctx)
	for {
		select {
		case <-ctx.Done():
			return false
		case <-due:
			return h.turn(true, false)
		case <-classes:
			return h.turn(false, false)
		case <-soon:
			return h.turn(true, true)
		case <-h.demanded:
			return h.turn(true, true)
		case <-h.rereads.wanted:
			h.rearm(ctx)
		case <-h.alarm.rings:
			h.alarm = alarm{}
			h.rearm(ctx)
		case <-h.stirred:
			early := wakePause - h.d.now().Sub(ended)
			switch {
			case h.failure == failedCredentials: // sooner would lock the account
			case early <= 0:
				return h.turn(true, true)
			case soon == nil:
				soon = h.d.after(early)
				h.showNext(ended.Add(wakePause))
			}
		}
	}
}

// turn says what the turn that begins is for.
func (h *host) turn(everything, forced bool) bool {
	h.everything, h.forced = everything, forced
	return true
}

// classesDue rings when classes are due before the host is looked at, nil when none are.
func (h *host) classesDue(now time.Time) <-chan time.Time {
	at, ok := h.agenda.due()
	if !ok || !h.readsElements() || !at.Before(h.looks) {
		return nil
	}
	return h.d.after(max(at.Sub(now), 0))
}
