package daemon

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/cimwatch/cimwatch/store"
)

// TestStandstill has several find that the inventory stands still, one after the other: it is so since the
// first of them found it, for the reason of whoever knows it best, until the last one finds it over.
func TestStandstill(t *testing.T) {
	at := func(second int64) time.Time { return time.Unix(second, 0) }
	lost, stalled := errors.New("connection lost"), errStalled
	var s standstill
	for n, step := range []struct {
		by    finder
		err   error
		since time.Time // of all that stands still
		why   error
	}{
		{byFollower, nil, time.Time{}, nil},
		{byFollower, lost, at(1), lost},
		{byDatabase, stalled, at(1), stalled},
		{byFollower, nil, at(1), stalled},
		{byDoubt, lost, at(1), stalled},
		{byDatabase, nil, at(1), lost},
		{byDoubt, nil, time.Time{}, nil},
		{byDoubt, nil, time.Time{}, nil},
		{byDoubt, lost, at(8), lost},
	} {
		s.note(step.by, step.err, at(int64(n)))
		if since, why := s.now(); !since.Equal(step.since) || !errors.Is(why, step.why) || (why == nil) != (step.why == nil) {
			t.Errorf("step %d: since %v for %v, want %v for %v", n, since, why, step.since, step.why)
		}
	}
}

// TestStandReasons tells the reasons apart, and has the words say nothing of what an error names.
func TestStandReasons(t *testing.T) {
	for want, errs := range map[standReason][]error{
		standsSilent:      {errStalled, context.DeadlineExceeded},
		standsLocked:      {store.ErrLocked},
		standsUnreachable: {&pgconn.PgError{Code: "57P01", Message: "shutting down for hunter2"}},
		standsRefused:     {&pgconn.PgError{Code: "53100", Message: "no space left for hunter2"}, &pgconn.PgError{Code: "28P01", Message: "hunter2"}},
		standsOther:       {syscall.ENOSPC, errors.New("hunter2")},
	} {
		for _, err := range errs {
			got := standReasonOf(fmt.Errorf("update database hunter2: %w", err))
			if got != want || got.String() == "" || strings.Contains(got.String(), "hunter2") {
				t.Errorf("%v: %s, %q; want %s", err, got, string(got), want)
			}
		}
	}
	said := map[string]bool{}
	for _, reason := range standReasons() {
		if words := reason.String(); said[words] || !strings.Contains(words, " ") {
			t.Errorf("reason %s is %q", string(reason), words)
		} else {
			said[words] = true
		}
	}
}

// TestStalled tells updates of which none ends from many that end in turn, however long each waits.
func TestStalled(t *testing.T) {
	now := time.Unix(0, 0)
	w := &watchedInventory{now: func() time.Time { return now }}
	forward := func() { now = now.Add(stallTime) }
	check := func(when string, want bool, since time.Time) {
		t.Helper()
		got, yes := w.stalled(now)
		if yes != want || yes && !got.Equal(since) {
			t.Errorf("%s: stalled is %v since %v, want %v since %v", when, yes, got, want, since)
		}
	}
	forward()
	check("before the first update", false, now)
	w.move(1)
	begun := now
	check("at its beginning", false, now)
	now = now.Add(stallTime - 1)
	check("nearly too late", false, now)
	w.move(1) // another one, which waits for the first
	now = now.Add(1)
	check("too late", true, begun)
	w.move(-1)
	check("when one has ended", false, now)
	ended := now
	forward()
	check("while the other one runs on", true, ended)
	w.move(-1)
	forward()
	check("when nothing runs", false, now)
}
