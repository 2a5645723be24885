package subscriber_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/subscriber"
)

// clock is a time that a test sets.
type clock struct{ now time.Time }

func newClock() *clock {
	return &clock{now: time.Date(2026, 11, 20, 7, 58, 23, 0, time.UTC)}
}

func (c *clock) time() time.Time { return c.now }

func lasting(d time.Duration) subscriber.Declaration {
	declaration := declare("ops", filter(alerts, listener))
	declaration.Duration = d
	return declaration
}

// again reconciles with a Subscriber that did so before.
func again(t *testing.T, s *server, sub *subscriber.Subscriber, d subscriber.Declaration) (subscriber.Report, []string) {
	t.Helper()
	s.calls = nil
	report, err := sub.Reconcile(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	return report, s.changes()
}

// A subscription is renewed when half of its life is over, whatever the server tells of it.
func TestRenew(t *testing.T) {
	renewed := []string{"delete subscription", "create subscription"}
	now := newClock()
	tests := []struct {
		name    string
		whole   any // SubscriptionDuration as the server has it, in seconds
		left    any // SubscriptionTimeRemaining
		started time.Duration
		want    []string
		renew   time.Duration
	}{
		{"new", 600, 600, 0, nil, 300 * time.Second},
		{"young", 600, 400, 0, nil, 100 * time.Second},
		{"half over", 600, 300, 0, renewed, 300 * time.Second},
		{"expired", 600, 0, -601 * time.Second, renewed, 300 * time.Second},
		{"nobody tells when it began", 600, nil, 0, renewed, 300 * time.Second},
		{"young by its beginning", 600, nil, -100 * time.Second, nil, 200 * time.Second},
		{"old by its beginning", 600, nil, -400 * time.Second, renewed, 300 * time.Second},
		{"for ever, on a server without durations", nil, nil, 0, nil, 0},
		{"for ever, by a large number", uint64(1) << 63, uint64(1) << 62, 0, nil, 0},
		{"for ever, by zero", 0, 0, 0, nil, 0},
		{"cut short by the server", 60, 50, 0, nil, 20 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newServer()
			reconcile(t, s, lasting(600*time.Second))
			sub := s.one("CIM_IndicationSubscription")
			sub.Set("SubscriptionDuration", number(tt.whole))
			sub.Set("SubscriptionTimeRemaining", number(tt.left))
			if tt.started != 0 {
				sub.Set("SubscriptionStartTime", cim.Timestamp(now.now.Add(tt.started)).Value())
			}
			report, made := again(t, s, subscriber.New(s, &subscriber.Options{Now: now.time}), lasting(600*time.Second))
			wantEqual(t, "changes", made, tt.want)
			if report.Renew != tt.renew {
				t.Errorf("to be renewed in %s, want %s", report.Renew, tt.renew)
			}
		})
	}
}

func number(n any) cim.Value {
	switch n := n.(type) {
	case int:
		return cim.Uint64(uint64(n))
	case uint64:
		return cim.Uint64(n)
	default:
		return cim.Null(cim.TypeUint64)
	}
}

// A Subscriber knows itself how old a subscription is that it made, on a server that tells
// only how long it lives, or counts what is left and stands at 0.
func TestRenewByMemory(t *testing.T) {
	for _, left := range []any{nil, 0} {
		t.Run(fmt.Sprint(left), func(t *testing.T) {
			s, now := newServer(), newClock()
			sub := subscriber.New(s, &subscriber.Options{Now: now.time})
			d := lasting(10 * time.Minute)
			again(t, s, sub, d)
			if got := s.one("CIM_IndicationSubscription").Get("SubscriptionDuration"); !got.Equal(cim.Uint64(600)) {
				t.Fatalf("SubscriptionDuration = %s, want 600", got)
			}
			for turn := range 6 { // at 2, 4 and 6 minutes: the third renews, and so on
				s.one("CIM_IndicationSubscription").Set("SubscriptionTimeRemaining", number(left))
				now.now = now.now.Add(2 * time.Minute)
				report, made := again(t, s, sub, d)
				if renewed := len(made) > 0; renewed != (turn%2 == 1) {
					t.Errorf("turn %d: changes %q", turn, made)
				}
				if report.Renew <= 0 || report.Renew > 5*time.Minute {
					t.Errorf("turn %d: to be renewed in %s", turn, report.Renew)
				}
			}
		})
	}
}

// A subscription that was made with a duration goes on when none is declared any more.
func TestRenewUndeclared(t *testing.T) {
	s, now := newServer(), newClock()
	reconcile(t, s, lasting(time.Minute))
	s.one("CIM_IndicationSubscription").Set("SubscriptionTimeRemaining", cim.Uint64(5))
	sub := subscriber.New(s, &subscriber.Options{Now: now.time})
	report, made := again(t, s, sub, lasting(0))
	wantEqual(t, "changes", made, []string{"delete subscription", "create subscription"})
	if !s.one("CIM_IndicationSubscription").Get("SubscriptionDuration").IsNull() || report.Renew != 0 {
		t.Errorf("the subscription still ends, in %s", report.Renew)
	}
}

func TestDurationValidates(t *testing.T) {
	for _, d := range []time.Duration{-time.Second, 1500 * time.Millisecond} {
		if err := lasting(d).Validate(); err == nil {
			t.Errorf("a duration of %s is taken", d)
		}
	}
}
