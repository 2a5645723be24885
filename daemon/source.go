package daemon

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/store"
	"github.com/cimwatch/cimwatch/web"
)

// NewSource returns an inventory as what the API shows.
func NewSource(kept store.Inventory) web.Source { return source{kept} }

type source struct{ kept store.Inventory }

// Hosts returns the hosts with their components counted by health.
func (s source) Hosts(ctx context.Context) ([]web.Host, error) {
	hosts, err := s.kept.Hosts(ctx)
	if err != nil {
		return nil, err
	}
	views := make([]web.Host, 0, len(hosts))
	for i := range hosts {
		view, err := s.host(ctx, &hosts[i])
		if err != nil {
			return nil, fmt.Errorf("host %s: %w", hosts[i].Name, err)
		}
		views = append(views, view)
	}
	return views, nil
}

func (s source) host(ctx context.Context, h *inventory.Host) (web.Host, error) {
	view := web.Host{
		Name: h.Name, URL: h.URL, State: h.Subscription, Detail: h.Error,
		LastSync: h.LastSync, LastIndication: h.LastIndication, Components: map[string]int{},
	}
	summary, err := s.kept.Summary(ctx, h.Name)
	for health, count := range summary.ByHealth() {
		view.Components[health.String()] = count
	}
	view.Health = summary.Worst().String()
	return view, err
}

// Components yields the components that are there.
func (s source) Components(ctx context.Context, host string) iter.Seq2[inventory.Component, error] {
	return s.kept.Components(ctx, host)
}

// Find yields the components that a query selects.
func (s source) Find(ctx context.Context, q inventory.Query) iter.Seq2[inventory.Component, error] {
	return s.kept.Find(ctx, q)
}

// Component returns one component, removed or not.
func (s source) Component(ctx context.Context, host, id string) (inventory.Component, error) {
	c, err := s.kept.Component(ctx, host, id)
	if errors.Is(err, store.ErrNotFound) {
		return c, web.ErrNotFound
	}
	return c, err
}

// History yields changes, oldest first.
func (s source) History(ctx context.Context, host, id string) iter.Seq2[inventory.Change, error] {
	return s.kept.History(ctx, host, id)
}

// Source returns what the daemon knows, as the API shows it.
func (d *Daemon) Source() web.Source { return NewSource(d.kept) }
