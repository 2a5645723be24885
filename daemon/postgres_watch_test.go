package daemon_test

import (
	"errors"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/cimwatch/cimwatch/daemon"
	"github.com/cimwatch/cimwatch/internal/pgtest"
)

// watch puts the time forward by one look of the watch of the database, and waits for its end.
func (c *timers) watch(t *testing.T) {
	t.Helper()
	c.await(t, 10*time.Second)
	c.forward(10 * time.Second)
	c.await(t, 10*time.Second)
}

// forwardUntil puts the time forward, one look of the watch of the database after the other, until
// /readyz has a status, and returns what it says.
func (c *timers) forwardUntil(t *testing.T, d *running, want int) string {
	t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		c.watch(t)
		if status, body := d.get("/readyz"); status == want {
			return body
		}
	}
	t.Fatalf("readyz is never %d", want)
	return ""
}

// forwardOver puts the time forward until it has worked for so long that the log says so, n times in all.
func (c *timers) forwardOver(t *testing.T, d *running, n int) {
	t.Helper()
	c.forwardUntil(t, d, http.StatusOK)
	for deadline := time.Now().Add(patience); strings.Count(d.logs.String(), "inventory follows the journal again") < n; {
		if time.Now().After(deadline) {
			t.Fatal("the log does not say that it works again")
		}
		c.watch(t)
	}
}

// standsFor checks that /readyz, the metrics and the log tell of a standstill for a reason, and none
// of them the user of the database.
func (r *running) standsFor(ready, reason, words string) {
	r.t.Helper()
	said := regexp.MustCompile(`^the inventory does not follow the journal since \S+Z: ` + words + "\n$")
	if !said.MatchString(ready) {
		r.t.Errorf("readyz says %q, want %s", ready, said)
	}
	for _, other := range []string{"unreachable", "silent", "locked", "refused", "other"} {
		if got := r.metric(`cimwatch_inventory_failing_since_seconds{reason="` + other + `"}`); (got != "0") != (other == reason) {
			r.t.Errorf("it fails since %s for the reason %s", got, other)
		}
	}
	if _, text := r.get("/metrics"); strings.Contains(text, "tester") {
		r.t.Error("the metrics name the user")
	}
}

// TestPostgresWatched has the database work on an update without an end, and then ends it while nothing
// is to be written. The daemon says so, once in the log, and goes on keeping indications.
func TestPostgresWatched(t *testing.T) {
	server := pgtest.New(t, pgtest.Options{Durable: true})
	url := server.URL("tester", "postgres")
	h, clock := startHost(t, nil), newTimers()
	config := configFor(t, h.url)
	config.Store.Postgres.URL = url
	d := start(t, config, &daemon.Options{After: clock.after, Now: clock.now})
	d.awaitSubscribed(hostName)
	d.awaitReady(http.StatusOK)

	conn := pgtest.Connect(t, url)
	_, err := conn.Exec(t.Context(), "BEGIN; LOCK TABLE cimwatch_data.components IN EXCLUSIVE MODE")
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(h.Play(within(t), "case-opened"), h.Flush(within(t))); err != nil {
		t.Errorf("the listener did not answer: %v", err)
	}
	waiting := within(t)
	for pgtest.Ask[int](t, url, "SELECT count(*) FROM pg_locks WHERE NOT granted") == 0 {
		if waiting.Err() != nil {
			t.Fatal("nobody waits for the table")
		}
	}
	d.standsFor(clock.forwardUntil(t, d, http.StatusServiceUnavailable), "silent", "the database does not answer")
	if err := conn.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := d.Settle(within(t)); err != nil {
		t.Fatal(err)
	}
	clock.forwardOver(t, d, 1)

	if err := server.Down(); err != nil {
		t.Fatal(err)
	}
	d.standsFor(clock.forwardUntil(t, d, http.StatusServiceUnavailable), "unreachable", "the database cannot be reached")
	if err := server.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	clock.forwardOver(t, d, 2)
	if err := d.stop(); err != nil {
		t.Fatal(err)
	}
	for _, said := range []string{"inventory does not follow the journal", "inventory follows the journal again"} {
		if n := strings.Count(d.logs.String(), said); n != 2 {
			t.Errorf("%q was logged %d times, want 2", said, n)
		}
	}
}
