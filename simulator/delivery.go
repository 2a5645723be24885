package simulator

import (
	"context"
	"errors"
	"time"

	"github.com/cimwatch/cimwatch/cim"
)

// Delivery tells how one attempt to deliver an indication ended.
type Delivery struct {
	Handler     cim.ObjectPath
	Destination string        // the URL
	Indication  *cim.Instance // as it was sent; do not change it
	Attempt     int           // 1 for the first
	Status      int           // of HTTP, 0 when there was no answer
	Err         error         // why there was no answer
	Outcome     Outcome
}

// Outcome is what follows from an attempt to deliver an indication.
type Outcome uint8

// The outcomes. sfcb looks at the HTTP status alone (observed): 2xx and 302 mean
// delivered, 400 and 501 refused for good, all else and no answer a retry. OpenPegasus
// wants 200 and a response to the very message, and tries again after all else (observed).
// After the last retry the indication is dropped without a word.
const (
	Delivered Outcome = iota + 1
	Retrying
	Dropped
)

// String returns the outcome as a word.
func (o Outcome) String() string {
	switch o {
	case Delivered:
		return "delivered"
	case Retrying:
		return "retrying"
	case Dropped:
		return "dropped"
	default:
		return "unknown"
	}
}

// deliver tries until an indication is delivered, refused for good or given up.
func (d *destination) deliver(ctx context.Context, l *line, x *shipment) {
	for d.attempt(ctx, l, x) == Retrying {
		if d.server.opts.Sleep(ctx, d.server.opts.RetryInterval) != nil {
			return
		}
	}
}

// attempt tries once to deliver an indication.
func (d *destination) attempt(ctx context.Context, l *line, x *shipment) Outcome {
	s := d.server
	if wait := s.pace.reserve(s.opts.Now(), s.opts.Pace); wait > 0 && s.opts.Sleep(ctx, wait) != nil {
		return Dropped
	}
	x.attempts++
	report := Delivery{Handler: d.path, Destination: d.address(), Indication: x.indication, Attempt: x.attempts}
	a, err := s.export(ctx, l, report.Destination, x.indication)
	if report.Err = err; a != nil {
		report.Status = a.status
	}
	report.Outcome = s.opts.Profile.judge(a)
	if report.Outcome == Retrying && (x.attempts > s.opts.RetryAttempts || ctx.Err() != nil || errors.Is(report.Err, errUndeliverable)) {
		report.Outcome = Dropped
	}
	if ctx.Err() == nil {
		s.judgeSubscription(x.subscription, report.Outcome == Delivered)
	}
	if s.opts.OnDelivery != nil {
		s.opts.OnDelivery(report)
	}
	return report.Outcome
}

// sleep waits for d to pass or ctx to end.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
