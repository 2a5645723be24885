package daemon_test

import (
	"net/http"
	"testing"

	"github.com/cimwatch/cimwatch/web"
)

// Who follows a daemon's updates is told what an indication changes when it is taken in, and counted; the
// answer ends with the daemon.
func TestUpdatesOfADaemon(t *testing.T) {
	h := startHost(t, nil)
	d := start(t, configFor(t, h.url), nil)
	d.awaitSubscribed(hostName)
	var began, told bool
	stopped := make(chan error, 1)
	for u, err := range d.client.Updates(within(t), "", true, web.UpdateFilter{Hosts: []string{hostName}}) {
		if err != nil {
			t.Fatal(err)
		}
		if !began {
			began = true
			if got := d.metric(`cimwatch_stream_readers{stream="updates"}`); got != "1" {
				t.Errorf("%q readers of updates, want 1", got)
			}
			body := alert(t, "1", "OMC_IpmiAlertIndication", "Assert + Case")
			if status := post(t, h.destinations(t)[0], body); status != http.StatusOK {
				t.Fatalf("answered %d", status)
			}
		}
		if u.Change != nil && u.Change.Kind == "raised" {
			told = true
			go func() { stopped <- d.stop() }()
		}
	}
	if !told {
		t.Fatal("the answer ended before it told of the alert")
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
}
