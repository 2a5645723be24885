package daemon

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
	"github.com/cimwatch/cimwatch/event"
	"github.com/cimwatch/cimwatch/store"
)

// TestContexts tells a new context of a path from the first one and from those that were
// there before.
func TestContexts(t *testing.T) {
	c := newContexts()
	note := func(host, path, context string) bool {
		return c.note(&store.Entry{Host: host, Path: path, Sequence: &event.Sequence{Context: context}})
	}
	for n, step := range []struct {
		host, path, context string
		want                bool
	}{
		{"a", "/1", "x", false}, // the first
		{"a", "/1", "x", false},
		{"a", "/2", "y", false}, // of another path
		{"b", "/1", "y", false}, // of another host
		{"a", "/1", "y", true},
		{"a", "/1", "x", false}, // late
		{"a", "/1", "y", false},
		{"", "/1", "z", false}, // of nobody
	} {
		if got := note(step.host, step.path, step.context); got != step.want {
			t.Errorf("step %d: %t, want %t", n, got, step.want)
		}
	}
	if c.note(&store.Entry{Host: "a", Path: "/1"}) {
		t.Error("an indication without a sequence is of a new one")
	}
	for n := range 3 * keptContexts {
		if !note("a", "/1", fmt.Sprint(n)) {
			t.Errorf("context %d is not new", n)
		}
	}
	if n := len(c.seen["a"]["/1"]); n != keptContexts {
		t.Errorf("%d contexts are remembered, want %d", n, keptContexts)
	}
	c.forget("a")
	if note("a", "/1", "new") || note("a", "/2", "new") {
		t.Error("the contexts of handlers that were made anew are news")
	}
}

// TestFailureOf tells why a turn failed.
func TestFailureOf(t *testing.T) {
	status := func(code int) error { return &cimxml.OpError{Op: "X", Err: &cimxml.HTTPError{StatusCode: code}} }
	refusal := &cimxml.OpError{Op: "X", Err: cim.Errorf(cim.StatusAccessDenied, "no")}
	network := &cimxml.OpError{Op: "X", Err: errConnect}
	for _, test := range []struct {
		err  error
		want failure
	}{
		{status(401), failedCredentials},
		{status(403), failedCredentials},
		{errors.Join(refusal, network, status(401)), failedCredentials},
		{status(500), failedReply},
		{&cimxml.OpError{Op: "X", Err: &cimxml.DecodeError{}}, failedReply},
		{refusal, failedRefused},
		{network, failedUnreachable},
		{errors.New("disk full"), failedOther},
	} {
		if got := failureOf(fmt.Errorf("subscribe: %w", test.err)); got != test.want {
			t.Errorf("%v: %q, want %q", test.err, got, test.want)
		}
	}
	if got := failureOf(nil); got != "" {
		t.Errorf("no error: %q", got)
	}
}

// TestBackoffTimes doubles pauses up to a bound, however many there were.
func TestBackoffTimes(t *testing.T) {
	for _, test := range []struct {
		f     failure
		times int
		want  time.Duration
	}{
		{failedUnreachable, 1, time.Second},
		{failedUnreachable, 4, 8 * time.Second},
		{failedUnreachable, 1000, 5 * time.Minute},
		{failedRefused, 1, 30 * time.Second},
		{failedRefused, 1000, time.Hour},
		{failedCredentials, 1, 5 * time.Minute},
		{failedCredentials, 1000, time.Hour},
	} {
		if got := test.f.backoff(test.times); got != test.want {
			t.Errorf("%s, %d times: %s, want %s", test.f, test.times, got, test.want)
		}
	}
}
