package daemon_test

import (
	"context"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/cimwatch/cimwatch/daemon"
)

// tarpit returns the URL of a server that accepts connections and never says a word.
func tarpit(t *testing.T) string {
	t.Helper()
	ln, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var conns sync.WaitGroup
	var mu sync.Mutex
	var open []net.Conn
	conns.Go(func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			open = append(open, conn)
			mu.Unlock()
		}
	})
	t.Cleanup(func() {
		_ = ln.Close()
		conns.Wait()
		for _, c := range open {
			_ = c.Close()
		}
	})
	return "http://" + ln.Addr().String()
}

// closedPort returns the URL of a port that nobody listens on.
func closedPort(t *testing.T) string {
	t.Helper()
	ln, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return "http://" + ln.Addr().String()
}

// TestDeadHosts has one host that never answers and one whose port is closed: the third is
// subscribed to, read and heard as if it were alone, and nobody waits at the end either.
func TestDeadHosts(t *testing.T) {
	h := startHost(t, nil)
	config := configFor(t, tarpit(t), closedPort(t), h.url)
	config.Hosts[0].Timeout = time.Hour
	d := start(t, config, nil)
	d.awaitSubscribed("esx3")
	h.play(t, d, "case-opened", "case-closed")
	if c := d.component("esx3", "Physical Security General Chassis intrusion"); c.Health != "ok" {
		t.Errorf("the closed case is %s", c.Health)
	}
	if got := d.metric(`cimwatch_host_subscription_state{host="esx1",state="pending"}`); got != "1" {
		t.Errorf("pending state of the host that does not answer: %q, want 1", got)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	stopped := make(chan error, 1)
	go func() { stopped <- d.stop() }()
	select {
	case err := <-stopped:
		if err != nil {
			t.Error(err)
		}
	case <-ctx.Done():
		t.Fatal("the host that does not answer holds up the end")
	}
}

// TestUnsubscribeDeadHost ends in time when a host no longer answers.
func TestUnsubscribeDeadHost(t *testing.T) {
	h := startHost(t, nil)
	config := configFor(t, tarpit(t), h.url)
	config.OnShutdown = daemon.OnShutdownUnsubscribe
	config.Hosts[0].Timeout = 200 * time.Millisecond
	d := start(t, config, nil)
	d.awaitSubscribed("esx2")
	if err := d.stop(); err != nil {
		t.Error(err)
	}
	if n := len(h.subscriptions(t)); n != 0 {
		t.Errorf("%d subscriptions are left on the host that is well", n)
	}
}

// TestBackoff tries a dead host less and less often, within its interval.
func TestBackoff(t *testing.T) {
	clock := newTurns()
	config := configFor(t, closedPort(t))
	config.Hosts[0].Interval = 10 * time.Second
	d := start(t, config, &daemon.Options{After: clock.after})
	for _, seconds := range []float64{1, 2, 4, 8, 10, 10} {
		want := time.Duration(seconds * float64(time.Second))
		if got := clock.pause(t); got > want || got < want*9/10 {
			t.Errorf("pause of %s, want %s less up to a tenth", got, want)
		}
		if s := d.await(hostName); s.State != daemon.StateFailing || s.Detail == "" {
			t.Errorf("state %s: %q", s.State, s.Detail)
		}
		clock.next(t)
	}
	if got := d.metric(`cimwatch_host_subscription_state{host="esx1",state="failing"}`); got != "1" {
		t.Errorf("failing state of the dead host: %q, want 1", got)
	}
}

// TestHostComesBack subscribes to a host that was dead at the start.
func TestHostComesBack(t *testing.T) {
	clock := newTurns()
	h := startHost(t, nil)
	config := configFor(t, h.url)
	h.setDown(true)
	d := start(t, config, &daemon.Options{After: clock.after})
	if s := d.await(hostName); s.State != daemon.StateFailing {
		t.Errorf("a host that is down is %s", s.State)
	}
	h.setDown(false)
	clock.next(t)
	d.awaitSubscribed(hostName)
	clock.pause(t)
	if got, most := clock.pause(t), config.Hosts[0].Interval; got > most || got < most*9/10 {
		t.Errorf("pause of %s after success, want %s", got, most)
	}
}
