package simulator_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cimwatch/cimwatch/simulator"
)

// The limit is one of the whole server, and of each 5 s.
func TestPace(t *testing.T) {
	for _, test := range []struct {
		name  string
		pace  int
		fired int
		want  []time.Duration // waits
	}{
		{"none", 0, 70, nil},
		{"below", 30, 30, nil},
		{"above", 30, 70, []time.Duration{5 * time.Second, 5 * time.Second}},
		{"one", 1, 3, []time.Duration{5 * time.Second, 5 * time.Second}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var clock instantly
			s, c := startLab(t, &simulator.Options{Now: clock.now, Sleep: clock.sleep, Pace: test.pace})
			a, b := listen(t), listen(t)
			subscribe(t, c, "a", "SELECT * FROM LAB_Alert WHERE Number < 20", a.URL)
			subscribe(t, c, "b", "SELECT * FROM LAB_Alert WHERE Number >= 20", b.URL)
			for n := range uint32(test.fired) {
				fire(t, s, labAlert(n), 1)
				flush(t, s)
			}
			if diff := cmp.Diff(test.want, clock.slept); diff != "" {
				t.Error(diff)
			}
			if got := len(a.arrived) + len(b.arrived); got != test.fired {
				t.Errorf("%d arrived, want %d", got, test.fired)
			}
		})
	}
}

// A server that is closed does not wait for its next place.
func TestCloseEndsPace(t *testing.T) {
	waits := make(doors)
	now := time.Date(2026, 11, 20, 7, 58, 17, 0, time.UTC)
	s, c := startLab(t, &simulator.Options{Now: func() time.Time { return now }, Sleep: waits.sleep, Pace: 1})
	l := listen(t)
	subscribe(t, c, "x", "SELECT * FROM LAB_Alert", l.URL)
	fire(t, s, labAlert(0), 1)
	fire(t, s, labAlert(1), 1)
	<-waits
	closeAtOnce(t, s)
	if diff := cmp.Diff([]string{"0"}, l.numbers()); diff != "" {
		t.Error(diff)
	}
}
