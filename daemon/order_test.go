package daemon_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cimwatch/cimwatch/daemon"
	"github.com/cimwatch/cimwatch/simulator"
	"github.com/cimwatch/cimwatch/store"
)

// order returns the numbers of what the inventory has taken in since the last call.
func (r *running) order() (numbers []int64) {
	for _, a := range r.takeApplied() {
		numbers = append(numbers, a.entry.Sequence.Number)
	}
	return numbers
}

// awaitOrder waits until as many as are wanted were taken in.
func (r *running) awaitOrder(want ...int64) {
	r.t.Helper()
	var got []int64
	for deadline := time.Now().Add(patience); len(got) < len(want) && time.Now().Before(deadline); {
		got = append(got, r.order()...)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		r.t.Errorf("order (-want +got):\n%s", diff)
	}
}

// TestOrder has indications come in another order than they were sent: the inventory takes
// them in as they come, or in order, as configured.
func TestOrder(t *testing.T) {
	sent := []int64{0, 1, 5, 3, 4, 2, 6, 8, 7}
	for name, test := range map[string]struct {
		window time.Duration
		want   []int64
	}{
		"as they come": {0, sent},
		"put right":    {time.Minute, []int64{0, 1, 2, 3, 4, 5, 6, 7, 8}},
	} {
		t.Run(name, func(t *testing.T) {
			h := startHost(t, nil)
			config := configFor(t, h.url)
			config.Store.OrderWindow = test.window
			d := start(t, config, nil)
			d.awaitSubscribed(hostName)
			urls := h.destinations(t)
			for _, n := range sent {
				d.send(urls[0], "c", n)
			}
			if diff := cmp.Diff(test.want, d.order()); diff != "" {
				t.Errorf("order (-want +got):\n%s", diff)
			}
			if err := d.stop(); err != nil {
				t.Fatal(err)
			}
			var kept []int64
			for _, e := range entries(t, config.Store.File) {
				kept = append(kept, e.Sequence.Number)
			}
			if diff := cmp.Diff(sent, kept); diff != "" {
				t.Errorf("the journal (-sent +kept):\n%s", diff)
			}
			checkHolds(t, config.Store.File, 0)
		})
	}
}

// checkHolds counts the entries that the journal keeps as they are held back.
func checkHolds(t *testing.T, file string, want int) {
	t.Helper()
	withStore(t, file, func(s *store.Store) {
		cursors, err := s.Cursors(t.Context())
		if err != nil {
			t.Error(err)
		}
		holds := 0
		for name := range cursors {
			if strings.HasPrefix(name, "inventory holds ") {
				holds++
			}
		}
		if holds != want {
			t.Errorf("%d entries are held back, want %d: %v", holds, want, cursors)
		}
	})
}

// TestOrderOfOthers lets other sequences pass one that waits.
func TestOrderOfOthers(t *testing.T) {
	h := startHost(t, nil)
	config := configFor(t, h.url)
	config.Store.OrderWindow = time.Minute
	d := start(t, config, nil)
	d.awaitSubscribed(hostName)
	urls := h.destinations(t)
	d.send(urls[0], "c", 0)
	d.send(urls[0], "c", 2)
	for n := range int64(3) {
		d.send(urls[1], "c", 1000+n) // of a handler that is older than the daemon
		d.send(urls[0], "d", n)
	}
	body := alert(t, "1", "OMC_IpmiAlertIndication", "without a number")
	if status := post(t, urls[0], body); status != http.StatusOK {
		t.Errorf("status %d", status)
	}
	d.awaitApplied(8)
	d.send(urls[0], "c", 1)
	d.awaitOrder(1, 2)
}

// TestOrderOfNew waits for the beginning of a sequence whose first number does not come first.
func TestOrderOfNew(t *testing.T) {
	h := startHost(t, nil)
	config := configFor(t, h.url)
	config.Store.OrderWindow = time.Minute
	d := start(t, config, nil)
	d.awaitSubscribed(hostName)
	url := h.destinations(t)[0]
	for _, n := range []int64{3, 0, 2, 1} {
		d.send(url, "new", n)
	}
	d.awaitOrder(0, 1, 2, 3)
}

// awaitApplied waits until so many entries were taken in.
func (r *running) awaitApplied(want int) {
	r.t.Helper()
	got := 0
	for deadline := time.Now().Add(patience); got < want && time.Now().Before(deadline); {
		got += len(r.takeApplied())
	}
	if got != want {
		r.t.Errorf("%d entries were taken in, want %d", got, want)
	}
}

// TestOrderGivesUp waits no longer than the window for what does not come.
func TestOrderGivesUp(t *testing.T) {
	h, clock, time0 := startHost(t, nil), newTurns(), &later{}
	config := configFor(t, h.url)
	config.Store.OrderWindow = time.Minute
	d := start(t, config, &daemon.Options{After: clock.after, Now: time0.now})
	d.awaitSubscribed(hostName)
	clock.mostly(t, time.Hour)
	url := h.destinations(t)[0]
	d.send(url, "c", 0)
	d.send(url, "c", 2)
	d.awaitOrder(0)
	if got := clock.pause(t); got > time.Minute || got < 50*time.Second {
		t.Errorf("it waits for %s, want what is left of a minute", got)
	}
	time0.forward(time.Minute)
	d.send(url, "c", 3) // whatever comes shows that the time is over
	d.awaitOrder(2, 3)
	d.send(url, "c", 1)
	d.awaitOrder(1)
	if err := d.stop(); err != nil {
		t.Fatal(err)
	}
	checkHolds(t, config.Store.File, 0)
}

// TestOrderAfterRestart goes on waiting after a restart, takes nothing in twice, and waits
// no more when it is told not to.
func TestOrderAfterRestart(t *testing.T) {
	h := startHost(t, &simulator.Options{})
	config := configFor(t, h.url)
	config.Store.OrderWindow = 10 * time.Minute
	first := start(t, config, nil)
	first.awaitSubscribed(hostName)
	config.Listener.Address = first.ListenerAddr().String()
	url := h.destinations(t)[0]
	for _, n := range []int64{0, 2, 3, 5} {
		first.send(url, "c", n)
	}
	if err := first.stop(); err != nil {
		t.Fatal(err)
	}
	first.awaitOrder(0)
	checkHolds(t, config.Store.File, 3)
	second := start(t, config, nil)
	second.awaitSubscribed(hostName)
	for _, n := range []int64{6, 1} {
		second.send(url, "c", n)
	}
	if err := second.stop(); err != nil {
		t.Fatal(err)
	}
	second.awaitOrder(1, 2, 3)
	checkHolds(t, config.Store.File, 2)
	config.Store.OrderWindow = 0
	third := start(t, config, nil)
	third.awaitSubscribed(hostName)
	third.awaitOrder(5, 6)
	third.send(url, "c", 4)
	third.awaitOrder(4)
	if err := third.stop(); err != nil {
		t.Fatal(err)
	}
	checkHolds(t, config.Store.File, 0)
	if n := fmt.Sprint(len(entries(t, config.Store.File))); n != "7" {
		t.Errorf("the journal has %s entries", n)
	}
}
