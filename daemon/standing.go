package daemon

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/cimwatch/cimwatch/web"
)

// standing is how the subscriptions of a host stand, for others than its own goroutine.
type standing struct {
	mu   sync.Mutex // the host writes, the API reads
	view web.HostSubscriptions
}

func (s *standing) change(do func(*web.HostSubscriptions)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	do(&s.view)
}

func (s *standing) get() web.HostSubscriptions {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.view
}

// show makes a status known.
func (h *host) show(status HostStatus, at time.Time) {
	h.standing.change(func(v *web.HostSubscriptions) {
		v.State, v.Detail, v.Since, v.Interop = string(status.State), status.Detail, status.Since, status.Interop
		v.Reason, v.Looked = string(h.failure), at
	})
}

// showCount makes known how many subscriptions stand.
func (h *host) showCount(standing int) {
	declared := len(h.declaration.Filters)
	h.d.metrics.setSubscriptions(h.config.Name, standing, max(0, declared-standing))
	h.standing.change(func(v *web.HostSubscriptions) { v.Declared, v.Standing = declared, standing })
}

// showNext makes known when the host has its next turn.
func (h *host) showNext(at time.Time) {
	h.standing.change(func(v *web.HostSubscriptions) { v.Next = at })
}

// subscriptions returns how those of all hosts stand, by name.
func (d *Daemon) subscriptions(ctx context.Context) ([]web.HostSubscriptions, error) {
	kept, err := d.kept.Hosts(ctx)
	if err != nil {
		return nil, err
	}
	last := map[string]time.Time{}
	for i := range kept {
		last[kept[i].Name] = kept[i].LastIndication
	}
	all := make([]web.HostSubscriptions, 0, len(d.hosts))
	for _, h := range d.hosts {
		view := h.standing.get()
		view.LastIndication, view.Notes = last[view.Host], d.unmet.of(view.Host)
		all = append(all, view)
	}
	slices.SortFunc(all, func(a, b web.HostSubscriptions) int { return cmp.Compare(a.Host, b.Host) })
	return all, nil
}
