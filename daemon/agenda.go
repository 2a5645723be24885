package daemon

import (
	"context"
	"slices"
	"time"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/discovery"
)

// An agenda is what is to be read of a host, and when. It is used by the host's goroutine,
// and by the readers of its classes one at a time.
type agenda struct {
	plan    []discovery.Reading
	skipped []string  // classes that are not read, folded, sorted
	next    time.Time // when the host is surveyed again
	known   bool      // it was surveyed

	intervals map[readingKey]time.Duration // of classes that have their own
	read      map[readingKey]time.Time     // when a class was last read whole
	unread    map[readingKey]bool          // that the last turn could not read
}

type readingKey struct{ namespace, class string }

func keyOf(r *discovery.Reading) readingKey {
	return readingKey{cim.FoldName(r.Namespace), cim.FoldName(r.Class)}
}

func newAgenda() *agenda {
	return &agenda{read: map[readingKey]time.Time{}, unread: map[readingKey]bool{}}
}

// set makes a plan of what was found.
func (a *agenda) set(config *HostConfig, surveys []*discovery.Survey) {
	wishes := discovery.Wishes{Skip: config.SkipClasses}
	for i := range config.Components {
		if config.Components[i].Interval > 0 {
			wishes.Apart = append(wishes.Apart, config.Components[i].Class)
		}
	}
	a.plan = discovery.Plan(wishes, surveys...)
	a.skipped = discovery.Skipped(config.SkipClasses, surveys...)
	a.known, a.intervals = true, map[readingKey]time.Duration{}
	for _, s := range surveys {
		for i := range a.plan {
			r := &a.plan[i]
			if nearest := s.Nearest(r.Class, wishes.Apart); nearest != "" && r.Namespace == s.Namespace {
				a.intervals[keyOf(r)] = config.component(nearest).Interval
			}
		}
	}
}

func (a *agenda) done(r *discovery.Reading, at time.Time) {
	a.read[keyOf(r)] = at
	delete(a.unread, keyOf(r))
}

func (a *agenda) missed(r *discovery.Reading) { a.unread[keyOf(r)] = true }

// readings returns what a turn is to read, first what the last one could not; all is
// whether that is all there is.
func (a *agenda) readings(ctx context.Context, h *host, now time.Time) (readings []discovery.Reading, all bool, err error) {
	plan := a.plan
	if h.everything {
		strays, err := a.strays(ctx, h)
		if err != nil {
			return nil, false, err
		}
		plan = slices.Concat(plan, strays)
	}
	all = true
	var first []discovery.Reading
	for i := range plan {
		r := &plan[i]
		switch {
		case a.unread[keyOf(r)]:
			first = append(first, *r)
		case a.isDue(h, r, now):
			readings = append(readings, *r)
		default:
			all = false
		}
	}
	return slices.Concat(first, readings), all, nil
}

// isDue reports whether a class is read in a turn. Those that have no interval of their own
// are read whenever the host is looked at.
func (a *agenda) isDue(h *host, r *discovery.Reading, now time.Time) bool {
	interval := a.intervals[keyOf(r)]
	if h.forced || interval == 0 {
		return h.everything
	}
	return !a.read[keyOf(r)].Add(interval).After(now)
}

// due returns when the next class is due that has an interval of its own; ok is false when
// none has. One that could not be read waits until the whole host is looked at.
func (a *agenda) due() (at time.Time, ok bool) {
	for i := range a.plan {
		r := &a.plan[i]
		interval := a.intervals[keyOf(r)]
		if interval == 0 || a.unread[keyOf(r)] {
			continue
		}
		if due := a.read[keyOf(r)].Add(interval); !ok || due.Before(at) {
			at, ok = due, true
		}
	}
	return at, ok
}

// strays returns readings for classes that the inventory has components of and that the plan
// does not cover: their instances came after the survey, told by an indication.
func (a *agenda) strays(ctx context.Context, h *host) ([]discovery.Reading, error) {
	covered := map[string]bool{}
	for i := range a.plan {
		for _, class := range a.plan[i].Covers {
			covered[class] = true
		}
	}
	var strays []discovery.Reading
	for c, err := range h.d.kept.Components(ctx, h.config.Name) {
		if err != nil {
			return nil, err
		}
		class := cim.FoldName(c.Class)
		if c.Read.IsZero() || covered[class] || a.skips(class) {
			continue
		}
		covered[class] = true
		strays = append(strays, discovery.Reading{Namespace: c.Path.Namespace, Class: c.Class, Covers: []string{class}})
	}
	return strays, nil
}

// covers reports whether the instances of a class are read.
func (a *agenda) covers(class string) bool {
	class = cim.FoldName(class)
	return slices.ContainsFunc(a.plan, func(r discovery.Reading) bool {
		_, found := slices.BinarySearch(r.Covers, class)
		return found
	})
}

func (a *agenda) skips(class string) bool {
	_, found := slices.BinarySearch(a.skipped, class)
	return found
}
