package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/subscriber"
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

// A host looks after one managed system, on a goroutine of its own, so that a host that
// does not answer delays no other.
type host struct {
	d           *Daemon
	config      HostConfig
	client      *cimxml.Client
	subscriber  *subscriber.Subscriber
	declaration subscriber.Declaration
	log         *slog.Logger
	slot        atomic.Pointer[slot] // which it holds at the moment; nil: none

	demanded, stirred chan struct{} // hold one value while a turn is asked for, see wake

	// Of the goroutine in run.
	status   HostStatus
	interop  string        // namespace of its subscriptions; "": not known yet
	failure  failure       // of the last turn
	failures int           // in a row for that reason
	news     bool          // that reason was not told yet
	renew    time.Duration // when the subscriptions have to be renewed; 0: they do not end
}

func newHost(d *Daemon, config HostConfig) (*host, error) {
	password, err := d.password(&config)
	if err != nil {
		return nil, fmt.Errorf("host %s: %w", config.Name, err)
	}
	trust := cimxml.Trust{Authorities: config.CA, Fingerprint: config.Fingerprint, Insecure: config.Insecure}
	tlsConfig, err := trust.TLSConfig()
	if err != nil {
		return nil, fmt.Errorf("host %s: %w", config.Name, err)
	}
	h := &host{
		d: d, config: config,
		log:      d.log.With("component", "host", "host", config.Name),
		demanded: make(chan struct{}, 1), stirred: make(chan struct{}, 1),
		status: HostStatus{Host: config.Name, State: StatePending},
	}
	h.client, err = cimxml.NewClient(config.URL, &cimxml.Options{
		Namespace: config.Namespace, User: config.User, Password: password,
		Timeout: config.Timeout, TLS: tlsConfig,
		Wrap: h.wrap,
	})
	if err != nil {
		return nil, fmt.Errorf("host %s: %w", config.Name, err)
	}
	h.subscriber = subscriber.New(h.client, &subscriber.Options{Progress: h.step, Now: d.now})
	h.declaration, err = d.declare(&config)
	if err != nil {
		return nil, fmt.Errorf("host %s: %w", config.Name, err)
	}
	return h, nil
}

// run keeps the host subscribed and its inventory read until ctx ends.
func (h *host) run(ctx context.Context) {
	defer h.client.Close() // connections of the last turn
	for {
		err := h.attend(ctx)
		if ctx.Err() != nil {
			return
		}
		h.count(failureOf(err))
		h.report(ctx, err)
		if !h.rest(ctx, h.pause()) {
			return
		}
	}
}

// count counts the turns in a row that failed for the same reason.
func (h *host) count(f failure) {
	if h.failure != f {
		h.failure, h.failures = f, 0
		h.news = true
	}
	if f != "" {
		h.failures++
		h.d.metrics.failures.WithLabelValues(string(f)).Inc()
	}
}

// pause returns the time to the next turn.
func (h *host) pause() time.Duration {
	pause := h.config.Interval
	if h.renew > 0 {
		pause = min(pause, h.renew)
	}
	switch h.failure {
	case "":
		return pause
	case failedCredentials:
		return h.failure.backoff(h.failures)
	default:
		return min(pause, h.failure.backoff(h.failures))
	}
}

// attend makes the subscriptions what they should be and reads the inventory, when the
// host answers at all.
// Subscriptions come first: what happens while the inventory is read is then told. A host
// that refuses a subscription, for it lacks the class, has its inventory read all the same.
func (h *host) attend(ctx context.Context) error {
	if err := h.contact(ctx); err != nil {
		return h.failed(ctx, stepSubscribe, err)
	}
	leave, err := h.enter(ctx, h.d.slots.work)
	if err != nil {
		return err
	}
	defer leave()
	err = h.failed(ctx, stepSubscribe, h.subscribe(ctx))
	if err != nil && !isRefusal(err) {
		return err
	}
	return errors.Join(err, h.failed(ctx, stepSync, h.sync(ctx)))
}

// The steps of a turn, the values of the label "step".
const (
	stepSubscribe   = "subscribe"
	stepSync        = "sync"
	stepUnsubscribe = "unsubscribe"
)

func steps() []string { return []string{stepSubscribe, stepSync, stepUnsubscribe} }

// failed counts the failure of a step and says in its error which it was. That a step was
// interrupted is no failure of the host.
func (h *host) failed(ctx context.Context, step string, err error) error {
	if err == nil {
		return nil
	}
	if !errors.Is(ctx.Err(), context.Canceled) {
		h.d.metrics.hostFailures.WithLabelValues(h.config.Name, step).Inc()
	}
	return fmt.Errorf("%s: %w", step, err)
}

// isRefusal reports whether an error is an answer of the CIM server, which thus can be
// asked other things.
func isRefusal(err error) bool {
	_, ok := errors.AsType[*cim.Error](err)
	return ok
}

func (h *host) step(step subscriber.Step) {
	h.log.Debug("subscribing", "step", step.Action, "object", step.Object)
	h.d.observe.step(h.config.Name, step)
}

func (h *host) subscribe(ctx context.Context) error {
	report, err := h.subscriber.Reconcile(ctx, h.declaration)
	h.renew = report.Renew
	if report.Interop != "" {
		h.interop = report.Interop
	}
	h.d.observe.reconciled(h.config.Name, report)
	if len(report.Created) > 0 || len(report.Removed) > 0 {
		h.d.contexts.forget(h.config.Name)
		h.d.metrics.repairs.WithLabelValues(changeCreated).Add(float64(len(report.Created)))
		h.d.metrics.repairs.WithLabelValues(changeRemoved).Add(float64(len(report.Removed)))
		h.log.Info("subscriptions changed", "created", len(report.Created),
			"removed", len(report.Removed), "kept", len(report.Kept))
	}
	return err
}

// sync reads the inventory of the host and brings what is kept of it up to date, also
// with a part of it.
func (h *host) sync(ctx context.Context) error {
	started := h.d.now()
	snapshot, err := h.snapshot(ctx, started)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	outcome := syncComplete
	if snapshot.Partial {
		outcome = syncPartial
	}
	if p := h.slot.Load(); p != nil {
		p.own()
	}
	h.d.metrics.syncTime.WithLabelValues(outcome).Observe(h.d.now().Sub(started).Seconds())
	return errors.Join(err, h.d.inventory.sync(ctx, snapshot))
}

// snapshot reads the instances of all component classes. What a server does not have is
// normal; what cannot be read makes the snapshot partial, so that nothing is taken for gone.
// The first failure that is no answer of the server ends it: each further request would
// wait as long.
func (h *host) snapshot(ctx context.Context, started time.Time) (inventory.Snapshot, error) {
	snapshot := inventory.Snapshot{Host: h.config.Name, Started: started}
	var failures []error
	for _, class := range inventory.Classes() {
		instances, err := h.read(ctx, class)
		switch {
		case err == nil:
			snapshot.Instances = append(snapshot.Instances, instances...)
		case isAbsent(err):
		default:
			snapshot.Partial = true
			failures = append(failures, err)
			if !isRefusal(err) {
				return snapshot, errors.Join(failures...)
			}
		}
	}
	return snapshot, errors.Join(failures...)
}

func (h *host) read(ctx context.Context, class string) ([]*cim.Instance, error) {
	var instances []*cim.Instance
	for i, err := range h.client.EnumerateInstances(ctx, h.config.Namespace, class, nil) {
		if err != nil {
			return nil, err
		}
		instances = append(instances, i)
	}
	return instances, nil
}

// isAbsent reports whether a server says that it has no such class or no provider for it.
func isAbsent(err error) bool {
	return errors.Is(err, cim.StatusInvalidClass) || errors.Is(err, cim.StatusNotFound) ||
		errors.Is(err, cim.StatusNotSupported)
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

// unsubscribe takes the subscriptions back, after run has ended.
func (h *host) unsubscribe(ctx context.Context) {
	defer h.client.Close()
	next := HostStatus{Host: h.config.Name, State: StateUnsubscribed}
	_, err := h.subscriber.Remove(ctx, h.declaration.Name)
	if err := h.failed(ctx, stepUnsubscribe, err); err != nil {
		next.State, next.Detail = StateFailing, err.Error()
	}
	h.change(context.WithoutCancel(ctx), next) // also when no time is left
}
