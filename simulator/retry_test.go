package simulator_test

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/simulator"
)

// heldBack returns an OnDelivery that holds the first report back until release is
// called, so that what is fired meanwhile queues up.
func heldBack(t *testing.T) (onDelivery func(simulator.Delivery), release func()) {
	t.Helper()
	held := make(chan struct{})
	release = sync.OnceFunc(func() { close(held) })
	t.Cleanup(release)
	return func(simulator.Delivery) { <-held }, release
}

// numbers returns the SequenceNumbers of what has arrived.
func (l *listener) numbers() (numbers []string) {
	for {
		select {
		case r := <-l.arrived:
			numbers = append(numbers, r.export.Indication.Get("SequenceNumber").Lexical())
		default:
			return numbers
		}
	}
}

// The order is what was seen of sfcb when a listener had been away: 16, 17, 13, 14, 15.
func TestRetriesAreOvertaken(t *testing.T) {
	var clock instantly
	hold, release := heldBack(t)
	s, c := startLab(t, &simulator.Options{Now: clock.now, Sleep: clock.sleep, OnDelivery: hold})
	l := listen(t, 503, 503, 503)
	subscribe(t, c, "x", "SELECT * FROM LAB_Alert", l.URL)
	for n := range uint32(5) {
		fire(t, s, labAlert(n), 1)
	}
	release()
	flush(t, s)
	if diff := cmp.Diff([]string{"0", "1", "2", "3", "4", "0", "1", "2"}, l.numbers()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]time.Duration{20 * time.Second}, clock.slept); diff != "" {
		t.Error(diff)
	}
}

func TestPegasusKeepsOrder(t *testing.T) {
	var clock instantly
	hold, release := heldBack(t)
	s, c := startLab(t, &simulator.Options{Profile: simulator.Pegasus, Now: clock.now, Sleep: clock.sleep, OnDelivery: hold})
	l := listenAs(t, func(n int, w http.ResponseWriter, id string) {
		if n <= 2 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		confirm(w, id, nil)
	})
	subscribe(t, c, "x", "SELECT * FROM LAB_Alert", l.URL)
	for n := range uint32(3) {
		fire(t, s, labAlert(n), 1)
	}
	release()
	flush(t, s)
	if diff := cmp.Diff([]string{"0", "0", "0", "1", "2"}, l.numbers); diff != "" {
		t.Error(diff)
	}
}

// Every attempt has a connection and a MESSAGE ID of its own.
func TestRetriesRepeatTheNumber(t *testing.T) {
	var clock instantly
	s, c := startLab(t, &simulator.Options{Now: clock.now, Sleep: clock.sleep})
	l := listen(t, 503, 503)
	subscribe(t, c, "x", "SELECT * FROM LAB_Alert", l.URL)
	fire(t, s, labAlert(1), 1)
	flush(t, s)
	fire(t, s, labAlert(2), 1)
	flush(t, s)
	remotes, ids := make(map[string]bool), make(map[string]bool)
	for n, want := range []int64{0, 0, 0, 1} {
		r := l.next(t)
		if number, ok := r.export.Indication.Get("SequenceNumber").Int64(); !ok || number != want {
			t.Errorf("attempt %d has SequenceNumber %d, want %d", n, number, want)
		}
		remotes[r.remote], ids[r.export.ID] = true, true
	}
	if len(remotes) != 4 || len(ids) != 4 {
		t.Errorf("%d connections and %d message ids, want 4 of each", len(remotes), len(ids))
	}
	l.none(t)
}

// doors are a clock whose waits end when the test opens them, or with their context.
type doors chan chan struct{}

func (d doors) sleep(ctx context.Context, _ time.Duration) error {
	door := make(chan struct{})
	select {
	case d <- door:
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case <-door:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// What is fired while a retry waits does not wait for it, and Flush waits for both.
func TestFireWhileRetryWaits(t *testing.T) {
	waits := make(doors)
	now := time.Date(2026, 11, 20, 7, 58, 17, 0, time.UTC)
	s, c := startLab(t, &simulator.Options{Now: func() time.Time { return now }, Sleep: waits.sleep})
	l := listen(t, 503)
	subscribe(t, c, "x", "SELECT * FROM LAB_Alert", l.URL)
	fire(t, s, labAlert(0), 1)
	<-waits
	fire(t, s, labAlert(1), 1)
	door := <-waits // again, after the one that was fired
	if diff := cmp.Diff([]string{"0", "1"}, l.numbers()); diff != "" {
		t.Error(diff)
	}
	short, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Flush(short); err == nil {
		t.Error("nothing to wait for while a retry waits")
	}
	close(door)
	flush(t, s)
	if diff := cmp.Diff([]string{"0"}, l.numbers()); diff != "" {
		t.Error(diff)
	}
}

// Retries that are due come before what was never tried, so a flood does not starve them.
func TestDueRetryComesFirst(t *testing.T) {
	var passed, fired atomic.Int64
	var s *simulator.Server
	s, c := startLab(t, &simulator.Options{
		Now: func() time.Time { return time.Date(2026, 11, 20, 7, 58, int(passed.Load()), 0, time.UTC) },
		OnDelivery: func(simulator.Delivery) {
			passed.Add(8) // the first fails after 8 s, so its retry is due at 28 s
			if n := fired.Add(1); n <= 5 {
				if _, err := s.Fire(t.Context(), labAlert(uint32(n))); err != nil {
					t.Error(err)
				}
			}
		},
	})
	l := listen(t, 503)
	subscribe(t, c, "x", "SELECT * FROM LAB_Alert", l.URL)
	fire(t, s, labAlert(0), 1)
	flush(t, s)
	if diff := cmp.Diff([]string{"0", "1", "2", "3", "0", "4", "5"}, l.numbers()); diff != "" {
		t.Error(diff)
	}
}

func TestRetriesAreBounded(t *testing.T) {
	var clock instantly
	var told reports
	hold, release := heldBack(t)
	s, c := startLab(t, &simulator.Options{
		Now: clock.now, Sleep: clock.sleep, RetryAttempts: 1,
		OnDelivery: func(d simulator.Delivery) { hold(d); told.add(d) },
	})
	subscribe(t, c, "x", "SELECT Number FROM LAB_Alert", "http://127.0.0.1:1/")
	const kept = 2400
	for n := range uint32(kept + 1) {
		fire(t, s, labAlert(n), 1)
	}
	release()
	flush(t, s)
	if len(told.list) != kept+1+kept {
		t.Fatalf("%d attempts, want the last %d twice", len(told.list), kept)
	}
	for at, want := range map[int]int64{0: 0, kept: kept, kept + 1: 1, kept + kept: kept} {
		if got := told.list[at].Indication.Get("SequenceNumber"); !got.Equal(cim.Sint64(want)) {
			t.Errorf("attempt %d is of %v, want %d", at, got, want)
		}
	}
}
