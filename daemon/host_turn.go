package daemon

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/subscriber"
	"github.com/cimwatch/cimwatch/web"
)

// run keeps the host subscribed and its inventory read until ctx ends.
func (h *host) run(ctx context.Context) {
	defer h.client.Close() // connections of the last turn
	for {
		err := h.attend(ctx)
		if ctx.Err() != nil {
			return
		}
		h.ended()
		h.silent, h.lone = false, false
		if err != nil {
			h.first.failed(&h.d.looked)
			h.noteDeclared(nil) // others need not wait for it
		}
		if h.everything || err != nil {
			h.count(failureOf(err))
			h.report(ctx, err)
			h.looks = h.d.now().Add(jitter(h.pause()))
		}
		if !h.rest(ctx) {
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

// attend makes the subscriptions what they should be and reads the inventory, or only those
// classes of it that are due, when the host answers at all.
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
	if h.everything {
		err = h.failed(ctx, stepSubscribe, h.subscribe(ctx))
	}
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
		h.showCount(len(report.Kept) + len(report.Created))
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

// unsubscribe takes the subscriptions back, after run has ended.
func (h *host) unsubscribe(ctx context.Context) {
	defer h.client.Close()
	next := HostStatus{Host: h.config.Name, State: StateUnsubscribed}
	leave, err := h.enter(ctx, h.d.slots.first)
	if err == nil {
		_, err = h.subscriber.Remove(ctx, h.declaration.Name)
		leave()
	}
	if err == nil {
		h.d.metrics.setSubscriptions(h.config.Name, 0, 0)
		h.standing.change(func(v *web.HostSubscriptions) { v.Declared, v.Standing = 0, 0 })
	}
	h.failure = failureOf(err)
	if err := h.failed(ctx, stepUnsubscribe, err); err != nil {
		next.State, next.Detail = StateFailing, err.Error()
	}
	h.change(context.WithoutCancel(ctx), next) // also when no time is left
}
