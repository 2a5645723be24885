package daemon_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"slices"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/cimwatch/cimwatch/daemon"
	"github.com/cimwatch/cimwatch/simulator"
)

// scaleEnv makes TestScale take 1,000 hosts and not 100.
const scaleEnv = "CIMWATCH_TEST_SCALE"

// smallHost is a host with a fan, quick to read, for there are many.
const smallHost = `
#pragma include ("core.mof")
#pragma include ("indications.mof")
#pragma include ("interop.mof")
#pragma include ("hardware.mof")
instance of CIM_Fan {
    SystemCreationClassName = "CIM_ComputerSystem"; SystemName = "h"; CreationClassName = "CIM_Fan"; DeviceID = "fan1";
    ElementName = "Fan 1"; HealthState = 5;
};
`

// startMany returns the URLs of hosts that share a model and one HTTP server.
func startMany(t *testing.T, number int, opts *simulator.Options) []string {
	t.Helper()
	model, err := simulator.LoadModel(fstest.MapFS{"host.mof": {Data: []byte(smallHost)}}, "host.mof")
	if err != nil {
		t.Fatal(err)
	}
	byAddress := map[string]http.Handler{}
	front := &http.Server{ReadHeaderTimeout: patience, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if at, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr); ok {
			byAddress[at.String()].ServeHTTP(w, r)
		}
	})}
	var listeners []net.Listener
	var urls []string
	for range number {
		s, err := simulator.New(model, opts)
		if err != nil {
			t.Fatal(err)
		}
		ln, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := s.Close(t.Context()); err != nil && !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		})
		listeners, urls = append(listeners, ln), append(urls, "http://"+ln.Addr().String())
		byAddress[ln.Addr().String()] = s
	}
	var serving sync.WaitGroup
	for _, ln := range listeners {
		serving.Go(func() { _ = front.Serve(ln) }) // until it is closed
	}
	t.Cleanup(func() {
		_ = front.Close()
		serving.Wait()
	})
	return urls
}

// timeToSubscribe runs a daemon for hosts until the living ones are subscribed and read,
// and returns how long that took.
func timeToSubscribe(t *testing.T, living, dead []string) time.Duration {
	t.Helper()
	config := configFor(t)
	config.Metrics.Address = ""
	config.Concurrency = 4 // fewer than there are dead
	isLiving := map[string]bool{}
	// The dead ones stand first, and have the first turns as far as there is an order.
	for n, url := range slices.Concat(dead, living) {
		h := daemon.HostConfig{Name: fmt.Sprint("h", n), URL: url}
		h.Namespace, h.Timeout, h.Interval = "root/cimv2", patience, time.Hour
		h.Classes = []string{"CIM_AlertIndication"}
		h.User, h.PasswordEnv = "watcher", "PASSWORD"
		config.Hosts = append(config.Hosts, h)
		isLiving[h.Name] = n >= len(dead)
	}
	states := make(chan daemon.HostStatus, 10*len(config.Hosts))
	d, err := daemon.New(t.Context(), config, &daemon.Options{
		Observe: daemon.Observer{Host: func(s daemon.HostStatus) { states <- s }},
		Getenv:  func(string) string { return goodPassword },
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	began := time.Now()
	go func() { ended <- d.Run(ctx) }()
	for left := len(living); left > 0; {
		switch s := <-states; {
		case !isLiving[s.Host]:
		case s.State == daemon.StateSubscribed:
			left--
		default:
			t.Errorf("%s is %s: %s", s.Host, s.State, s.Detail)
			left--
		}
	}
	took := time.Since(began)
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	return took
}

// TestScale has 20 dead hosts among many: silent ones, closed ports and locked accounts. The
// living are subscribed to and read as fast as without them. The bound is a generous one, for
// a machine that has other things to do; what was measured is in the log.
func TestScale(t *testing.T) {
	number := 100
	if os.Getenv(scaleEnv) != "" {
		number = 1000
	}
	const silent, closed, locked = 7, 7, 6
	account := &simulator.Options{User: "watcher", Password: goodPassword}
	living := startMany(t, number-silent-closed-locked, account)
	dead := startMany(t, locked, &simulator.Options{User: "watcher", Password: badPassword})
	for range silent {
		dead = append(dead, tarpit(t))
	}
	for range closed {
		dead = append(dead, closedPort(t))
	}
	timeToSubscribe(t, startMany(t, 10, account), nil) // warms up
	alone := timeToSubscribe(t, living, nil)
	again := startMany(t, len(living), account) // nothing is subscribed to there either
	mixed := timeToSubscribe(t, again, dead)
	ratio := mixed.Seconds() / alone.Seconds()
	t.Logf("%d living hosts: %.2f s alone, %.2f s among %d dead, ratio %.2f",
		len(living), alone.Seconds(), mixed.Seconds(), len(dead), ratio)
	if ratio > 3 && mixed-alone > 2*time.Second {
		t.Errorf("20 dead hosts make the living wait %.1f times as long", ratio)
	}
}
