package cli

import (
	"strings"
	"testing"
	"time"

	"github.com/cimwatch/cimwatch/daemon"
)

// TestStatusLine keeps the line below what is written meanwhile.
func TestStatusLine(t *testing.T) {
	var b strings.Builder
	s := &statusLine{w: &b}
	for _, step := range []func(){
		func() { _, _ = s.Write([]byte("first\n")) },
		func() { s.show("1 of 2") },
		func() { s.show("1 of 2") },
		func() { _, _ = s.Write([]byte("second\n")) },
		func() { s.end("2 of 2") },
		func() { _, _ = s.Write([]byte("third\n")) },
	} {
		step()
	}
	want := "first\n" + clearLine + "1 of 2" + clearLine + "second\n1 of 2" + clearLine + "2 of 2\nthird\n"
	if got := b.String(); got != want {
		t.Errorf("written %q, want %q", got, want)
	}
}

// TestProgressText tells hosts, components, rate and failures.
func TestProgressText(t *testing.T) {
	for _, test := range []struct {
		p    daemon.SyncProgress
		took time.Duration
		want string
	}{
		{daemon.SyncProgress{Hosts: 60}, 0, "Read 0 of 60 hosts, 0 components in 0.0 s"},
		{daemon.SyncProgress{Hosts: 60, Done: 12, Failing: 2, Instances: 3480}, 4 * time.Second, "Read 12 of 60 hosts, 3480 components in 4.0 s, 870/s; 2 failing"},
		{daemon.SyncProgress{Hosts: 60, Done: 1, Instances: 60, Expected: 900}, time.Second, "Read 1 of 60 hosts, 60 of 900 components or more in 1.0 s, 60/s"},
	} {
		if got := progressText(test.p, test.took); got != test.want {
			t.Errorf("text %q, want %q", got, test.want)
		}
	}
}

// TestShowProgress ends when each host was looked at.
func TestShowProgress(t *testing.T) {
	var b strings.Builder
	asked := 0
	showProgress(t.Context(), &statusLine{w: &b}, func() daemon.SyncProgress {
		asked++
		return daemon.SyncProgress{Hosts: 2, Done: min(asked-1, 1), Failing: min(max(asked-2, 0), 1), Instances: 7}
	})
	text := b.String()
	for _, want := range []string{"Read 0 of 2 hosts", "Read 1 of 2 hosts", "; 1 failing\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("written %q, want %q in it", text, want)
		}
	}
}
