package daemon_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/daemon"
)

// take removes a device without an indication.
func (h *host) take(t *testing.T, class, id string) {
	t.Helper()
	if _, err := h.Delete(h.device(t, class, id)); err != nil {
		t.Fatal(err)
	}
}

// changes returns what the last reading of a host found, as words.
func (r *running) changes(host string) (list []string) {
	for _, c := range r.firstSync(host) {
		list = append(list, c.Kind.String()+" "+c.Name)
	}
	return list
}

// TestHalfASync breaks a reading off in the middle. What was read counts; of what was not,
// nothing is taken for gone; and the next turn begins with it.
func TestHalfASync(t *testing.T) {
	h, clock := startHost(t, nil), newTurns()
	config := configFor(t, h.url)
	config.Hosts[0].ReadsAtOnce = 1
	d := start(t, config, &daemon.Options{After: clock.after})
	d.awaitSubscribed(hostName)
	h.take(t, "OMC_Fan", "29.3")
	h.take(t, "VMware_StorageExtent", "0_32_1")
	h.enumerated()
	h.onEnumerate(func(class string) func() {
		if class == "OMC_Memory" {
			panic(http.ErrAbortHandler)
		}
		return func() {}
	})
	clock.next(t)
	if s := d.await(hostName); s.State != daemon.StateFailing {
		t.Errorf("state %s", s.State)
	}
	if got := d.changes(hostName); !slices.Equal(got, []string{"disappeared System Fan 3"}) {
		t.Errorf("half a reading found %v, want the fan alone", got)
	}
	if got := h.enumerated(); slices.Contains(got, "VMware_StorageExtent") {
		t.Errorf("it went on after the host fell silent: %v", got)
	}
	h.onEnumerate(nil)
	clock.next(t)
	d.awaitSubscribed(hostName)
	if got := d.changes(hostName); len(got) != 2 || !strings.HasPrefix(got[0], "disappeared Drive 1") || !strings.HasPrefix(got[1], "member lost") {
		t.Errorf("the next reading found %v, want that the disk is gone and its volume lacks it", got)
	}
	if got := h.enumerated(); got[0] != "OMC_Memory" || got[len(got)-1] >= "OMC_Memory" {
		t.Errorf("read in the order %v, want what was missing first", got)
	}
	for outcome, want := range map[string]string{"complete": "2", "partial": "1"} {
		if got := d.metric(fmt.Sprintf("cimwatch_inventory_sync_duration_seconds_count{outcome=%q}", outcome)); got != want {
			t.Errorf("%s readings are %s, want %s", got, outcome, want)
		}
	}
}

// TestReadsAtOnce reads as many classes at once as the configuration says.
func TestReadsAtOnce(t *testing.T) {
	const most = 3
	h := startHost(t, nil)
	var (
		mu    sync.Mutex
		now   int
		peak  int
		three = make(chan struct{})
	)
	h.onEnumerate(func(string) func() {
		mu.Lock()
		now++
		if now > peak {
			peak = now
			if peak == most {
				close(three)
			}
		}
		mu.Unlock()
		select {
		case <-three: // so that they meet
		case <-time.After(patience):
		}
		return func() {
			mu.Lock()
			defer mu.Unlock()
			now--
		}
	})
	config := configFor(t, h.url)
	config.Hosts[0].ReadsAtOnce = most
	d := start(t, config, nil)
	d.awaitSubscribed(hostName)
	mu.Lock()
	defer mu.Unlock()
	if peak != most {
		t.Errorf("%d classes were read at once, want %d", peak, most)
	}
}

// TestManyInstances reads more instances than are held at a time: all are there, and one
// that goes is found, though the reading is brought in piece by piece.
func TestManyInstances(t *testing.T) {
	h, clock := startModel(t, "acme.mof"), newTurns()
	const many = 10_500
	door := func(n int) *cim.Instance {
		return cim.NewInstance("ACME_Door", cim.Prop("CreationClassName", cim.String("ACME_Door")),
			cim.Prop("Tag", cim.String(fmt.Sprint(n))), cim.Prop("HealthState", cim.Uint16(25)))
	}
	var last cim.ObjectPath
	for n := range many {
		i, err := h.Create(door(n))
		if err != nil {
			t.Fatal(err)
		}
		last = i.Path
	}
	d := start(t, configForModel(t, h.url), &daemon.Options{After: clock.after})
	d.awaitSubscribed(hostName)
	d.awaitMetric(`cimwatch_inventory_components{health="critical"}`, fmt.Sprint(many))
	if _, err := h.Delete(last); err != nil {
		t.Fatal(err)
	}
	clock.next(t)
	d.awaitSubscribed(hostName)
	if got := d.changes(hostName); len(got) != 1 || !strings.HasPrefix(got[0], "disappeared ") {
		t.Errorf("the next reading found %v, want that one door is gone", got)
	}
	d.awaitMetric(`cimwatch_inventory_components{health="critical"}`, fmt.Sprint(many-1))
}
