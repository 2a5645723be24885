package daemon

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/discovery"
)

// An agenda is what is to be read of a host, and when. It is used by the host's goroutine,
// and by the readers of its classes one at a time.
type agenda struct {
	plan    []reading // the classes, then the groups of properties that are read besides
	skipped []string  // classes that are not read, folded, sorted
	next    time.Time // when the host is surveyed again
	known   bool      // it was surveyed

	read   map[readingKey]time.Time // when last
	unread map[readingKey]bool      // that the last turn could not read
}

// A reading is a class that is read, or some properties of its instances.
type reading struct {
	discovery.Reading
	properties []string      // nil: all
	interval   time.Duration // 0: whenever the host is looked at
}

type readingKey struct{ namespace, class, properties string }

func (r *reading) key() readingKey {
	return readingKey{cim.FoldName(r.Namespace), cim.FoldName(r.Class), strings.Join(r.properties, " ")}
}

// whole returns the key of the reading of all properties.
func (r *reading) whole() readingKey {
	key := r.key()
	key.properties = ""
	return key
}

func newAgenda() *agenda {
	return &agenda{read: map[readingKey]time.Time{}, unread: map[readingKey]bool{}}
}

// set makes a plan of what was found.
func (a *agenda) set(config *HostConfig, surveys []*discovery.Survey) {
	wishes := discovery.Wishes{Skip: config.SkipClasses}
	for i := range config.Components {
		if c := &config.Components[i]; c.Interval > 0 || len(c.Groups) > 0 {
			wishes.Apart = append(wishes.Apart, c.Class)
		}
	}
	a.skipped = discovery.Skipped(config.SkipClasses, surveys...)
	a.known = true
	var plan, groups []reading
	for _, s := range surveys {
		for _, r := range discovery.Plan(wishes, s) {
			c := config.component(s.Nearest(r.Class, wishes.Apart))
			plan = append(plan, reading{Reading: r, interval: c.Interval})
			for _, g := range c.Groups {
				groups = append(groups, reading{Reading: r, interval: g.Interval, properties: g.Properties})
			}
		}
	}
	a.plan = slices.Concat(plan, groups)
}

func (a *agenda) done(r *reading, at time.Time) {
	a.read[r.key()] = at
	delete(a.unread, r.key())
}

func (a *agenda) missed(r *reading) { a.unread[r.key()] = true }

// readings returns what a turn is to read, first what the last one could not; all is
// whether that is all there is.
func (a *agenda) readings(ctx context.Context, h *host, now time.Time) (readings []reading, all bool, err error) {
	plan := a.plan
	if h.everything {
		strays, err := a.strays(ctx, h)
		if err != nil {
			return nil, false, err
		}
		plan = slices.Concat(strays, plan)
	}
	all = true
	var first []reading
	whole := map[readingKey]bool{}
	for i := range plan {
		r := &plan[i]
		switch {
		case r.properties != nil && whole[r.whole()]:
			delete(a.unread, r.key()) // it is read with the rest
			continue
		case r.properties != nil && !a.isDue(h, r, now):
			continue
		case a.unread[r.key()]:
			first = append(first, *r)
		case a.isDue(h, r, now):
			readings = append(readings, *r)
		default:
			all = false
			continue
		}
		whole[r.key()] = true
	}
	return slices.Concat(first, readings), all, nil
}

// isDue reports whether a class is read in a turn. Those that have no interval of their own
// are read whenever the host is looked at.
func (a *agenda) isDue(h *host, r *reading, now time.Time) bool {
	if h.forced || r.interval == 0 {
		return h.everything
	}
	return !a.at(r).After(now)
}

// at returns when a reading that has an interval of its own is due.
func (a *agenda) at(r *reading) time.Time {
	last := a.read[r.key()]
	if whole := a.read[r.whole()]; whole.After(last) {
		last = whole
	}
	return last.Add(r.interval)
}

// due returns when the next reading is due that has an interval of its own; ok is false
// when none has. One that failed waits until the whole host is looked at.
func (a *agenda) due() (at time.Time, ok bool) {
	for i := range a.plan {
		r := &a.plan[i]
		if r.interval == 0 || a.unread[r.key()] {
			continue
		}
		if due := a.at(r); !ok || due.Before(at) {
			at, ok = due, true
		}
	}
	return at, ok
}

// strays returns readings for classes that the inventory has components of and that the plan
// does not cover: their instances came after the survey, told by an indication.
func (a *agenda) strays(ctx context.Context, h *host) ([]reading, error) {
	covered := map[string]bool{}
	for i := range a.plan {
		for _, class := range a.plan[i].Covers {
			covered[class] = true
		}
	}
	var strays []reading
	for c, err := range h.d.kept.Components(ctx, h.config.Name) {
		if err != nil {
			return nil, err
		}
		class := cim.FoldName(c.Class)
		if c.Read.IsZero() || covered[class] || a.skips(class) {
			continue
		}
		covered[class] = true
		strays = append(strays, reading{
			Reading: discovery.Reading{Namespace: c.Path.Namespace, Class: c.Class, Covers: []string{class}},
		})
	}
	return strays, nil
}

// namespaces returns those that are read; the configured one where nothing is.
func (a *agenda) namespaces(configured string) []string {
	found := []string{configured}
	for i := range a.plan {
		if name := a.plan[i].Namespace; !slices.Contains(found, name) {
			found = append(found, name)
		}
	}
	return found
}

// covers reports whether the instances of a class are read.
func (a *agenda) covers(class string) bool {
	class = cim.FoldName(class)
	return slices.ContainsFunc(a.plan, func(r reading) bool {
		_, found := slices.BinarySearch(r.Covers, class)
		return found
	})
}

func (a *agenda) skips(class string) bool {
	_, found := slices.BinarySearch(a.skipped, class)
	return found
}
