package daemon

import (
	"context"
	"time"
)

// State is how the subscriptions of a host stand.
type State string

// The states of a host.
const (
	StatePending      State = "pending"      // not tried yet
	StateSubscribed   State = "subscribed"   // subscriptions stand and the inventory was read
	StateFailing      State = "failing"      // the last try failed, another follows
	StateUnsubscribed State = "unsubscribed" // taken back at shutdown

	// StateUnconfigured is that of a host in the store that the configuration no longer
	// has. Nobody looks after it.
	StateUnconfigured State = "unconfigured"
)

// states returns those of a host of the configuration.
func states() []State {
	return []State{StatePending, StateSubscribed, StateFailing, StateUnsubscribed}
}

// HostStatus is what the daemon knows of a host besides its inventory.
type HostStatus struct {
	Host   string
	State  State
	Detail string // why it is failing; no secrets
	Since  time.Time

	Interop string // namespace of its filters and subscriptions; "" until the server answered
}

// report shows the outcome of a turn, and logs it when it is another than before.
func (h *host) report(ctx context.Context, err error) {
	next := HostStatus{Host: h.config.Name, State: StateSubscribed}
	if err != nil {
		next.State, next.Detail = StateFailing, err.Error()
	}
	h.change(ctx, next)
}

func (h *host) change(ctx context.Context, next HostStatus) {
	before := h.status
	changed := next.State != before.State
	next.Since, next.Interop = before.Since, h.interop
	if changed {
		next.Since = h.d.now()
	}
	h.status = next
	h.show(next, h.d.now())
	h.d.metrics.setHostState(next.Host, next.State)
	if next != before {
		if err := h.d.inventory.keepHost(ctx, h.client.URL(), next, h.d.now()); err != nil && ctx.Err() == nil {
			h.log.Error("state of the host was not kept", "error", err)
		}
	}
	switch {
	case !changed && !h.news:
	case next.State == StateFailing:
		h.log.Warn("host is failing", "reason", string(h.failure), "error", next.Detail)
	case next.State == StateSubscribed:
		h.log.Info("host is subscribed", "url", h.client.URL())
	default:
		h.log.Info("host is no longer subscribed", "url", h.client.URL())
	}
	h.news = false
	h.d.observe.host(next)
}
