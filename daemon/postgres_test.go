package daemon_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/daemon"
	"github.com/cimwatch/cimwatch/internal/pgtest"
	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/simulator"
	"github.com/cimwatch/cimwatch/store"
	"github.com/cimwatch/cimwatch/store/postgres"
)

// everything returns what an inventory has, without what differs from run to run: times, and the
// order in which a first sync came across things.
func everything(t *testing.T, kept store.Inventory) (components, changes []string) {
	t.Helper()
	var first []string
	for c, err := range kept.Components(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		components = append(components, fmt.Sprint(c.Host, c.ID, c.Class, c.Kind, c.Name, c.Serial, c.Health, c.Reason, len(c.Properties), len(c.Conditions)))
	}
	for c, err := range kept.History(t.Context(), "", "") {
		if err != nil {
			t.Fatal(err)
		}
		text := fmt.Sprint(c.Host, c.ID, c.Kind, c.Property, c.Old, c.New, c.Health, c.Cause)
		if c.Cause.Reason == inventory.FirstSync {
			first = append(first, text)
		} else {
			changes = append(changes, text)
		}
	}
	slices.Sort(first)
	return components, append(first, changes...)
}

// TestPostgres plays steps with the inventory in a database, with a restart in the middle, and
// finds there what a file has after the same.
func TestPostgres(t *testing.T) {
	url := pgtest.New(t, pgtest.Options{}).URL("tester", "postgres")
	components, changes := playSteps(t, url)
	wantComponents, wantChanges := playSteps(t, "")
	if diff := cmp.Diff(wantComponents, components); diff != "" || len(components) < 50 {
		t.Errorf("%d components (-file +database):\n%s", len(components), diff)
	}
	if diff := cmp.Diff(wantChanges, changes); diff != "" || len(changes) < 50 {
		t.Errorf("%d changes (-file +database):\n%s", len(changes), diff)
	}
}

// playSteps runs a daemon with its inventory at a URL, or in its file, and returns what is there
// in the end.
func playSteps(t *testing.T, url string) (components, changes []string) {
	t.Helper()
	h := startHost(t, nil)
	config := configFor(t, h.url)
	config.Store.Postgres.URL = url
	for range 2 {
		d := start(t, config, nil)
		config.Listener.Address = d.ListenerAddr().String()
		d.awaitSubscribed(hostName)
		h.play(t, d, "case-opened", "case-closed", "psu-unplugged", "psu-restored")
		if c := d.component(hostName, "Power Supply 2"); c.Health != "ok" {
			t.Errorf("%s is %s", c.Name, c.Health)
		}
		if err := d.stop(); err != nil {
			t.Fatal(err)
		}
	}
	withStore(t, config.Store.File, func(s *store.Store) {
		kept := s.Inventory()
		if url != "" {
			kept = openPostgres(t, url)
			n := pgtest.Ask[int64](t, url, "SELECT count(*) FROM cimwatch.journal WHERE decoded AND host = $1", hostName)
			if uint64(n) != s.LastNumber() {
				t.Errorf("%d entries in the index, %d in the journal", n, s.LastNumber())
			}
		}
		components, changes = everything(t, kept)
		name := "inventory"
		if url != "" {
			name = "inventory in a database" // the mark
		}
		at, err := s.Cursor(t.Context(), name)
		if err != nil || at != s.LastNumber() || at == 0 {
			t.Errorf("the file says that the inventory is at entry %d of %d, %v", at, s.LastNumber(), err)
		}
	})
	return components, changes
}

// TestPostgresAndBack has the inventory in the file, in a database, in the file and in the database
// again: each goes on from where it was, and takes in each entry once.
func TestPostgresAndBack(t *testing.T) {
	url := pgtest.New(t, pgtest.Options{}).URL("tester", "postgres")
	h := startHost(t, nil)
	config := configFor(t, h.url)
	for _, config.Store.Postgres.URL = range []string{"", url, "", url, ""} {
		d := start(t, config, nil)
		config.Listener.Address = d.ListenerAddr().String()
		d.awaitSubscribed(hostName)
		h.play(t, d, "case-opened", "case-closed")
		if err := d.stop(); err != nil {
			t.Fatal(err)
		}
		withStore(t, config.Store.File, func(s *store.Store) {
			cursors, err := s.Cursors(t.Context())
			if err != nil || len(cursors) != 1 {
				t.Errorf("entries are kept for %v, %v", cursors, err)
			}
		})
	}
	raised := func(kept store.Inventory) (entries []uint64) {
		for c, err := range kept.History(t.Context(), hostName, "") {
			if err != nil {
				t.Fatal(err)
			}
			if c.Kind == inventory.ConditionRaised {
				entries = append(entries, c.Cause.Entry)
			}
		}
		return entries
	}
	withStore(t, config.Store.File, func(s *store.Store) {
		inFile, inDatabase := raised(s.Inventory()), raised(openPostgres(t, url))
		if len(inFile) != 5 || !slices.Equal(inFile[:4], inDatabase) || len(slices.Compact(slices.Clone(inFile))) != 5 {
			t.Errorf("conditions were raised by the entries %v in the file, %v in the database", inFile, inDatabase)
		}
	})
}

// TestPostgresAway ends the database under a daemon: the listener goes on answering, the inventory
// is behind and catches up when the database is back, and nothing is taken in twice.
func TestPostgresAway(t *testing.T) {
	server := pgtest.New(t, pgtest.Options{Durable: true})
	url := server.URL("tester", "postgres")
	h := startHost(t, nil)
	config := configFor(t, h.url)
	config.Store.Postgres.URL = url
	d := start(t, config, nil)
	d.awaitSubscribed(hostName)
	h.play(t, d, "case-opened")
	for range 3 {
		if err := server.Down(); err != nil {
			t.Fatal(err)
		}
		for _, step := range []string{"case-closed", "case-opened"} {
			if err := errors.Join(h.Play(within(t), step), h.Flush(within(t))); err != nil {
				t.Fatalf("the listener did not answer: %v", err)
			}
		}
		d.awaitReady(http.StatusServiceUnavailable)
		if err := server.Up(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := d.Settle(within(t)); err != nil {
			t.Fatal(err)
		}
		d.awaitReady(http.StatusOK)
	}
	if err := d.stop(); err != nil {
		t.Fatal(err)
	}
	var kinds []inventory.ChangeKind
	for c, err := range openPostgres(t, url).History(t.Context(), hostName, "") {
		if err != nil {
			t.Fatal(err)
		}
		if c.Kind == inventory.ConditionRaised || c.Kind == inventory.ConditionCleared {
			kinds = append(kinds, c.Kind)
		}
	}
	r, c := inventory.ConditionRaised, inventory.ConditionCleared
	if diff := cmp.Diff([]inventory.ChangeKind{r, c, r, c, r, c, r}, kinds); diff != "" {
		t.Errorf("conditions (-want +got):\n%s", diff)
	}
	if strings.Contains(d.logs.String(), "goes on from another place") {
		t.Error("the inventory was not where the daemon thought it was")
	}
}

// TestPostgresRefusesReading has the database take nothing in while properties are read at an
// interval of their own: they are read again with the next look at the host, not an interval
// later.
func TestPostgresRefusesReading(t *testing.T) {
	url := pgtest.New(t, pgtest.Options{}).URL("tester", "postgres")
	h, clock := startHost(t, nil), newTimers()
	config := configFor(t, h.url)
	config.Store.Postgres.URL = url
	config.Hosts[0].Interval = 24 * time.Hour
	config.Hosts[0].Components = []daemon.ComponentConfig{{
		Class: "CIM_NumericSensor", Interval: 48 * time.Hour,
		Groups: []daemon.GroupConfig{{Properties: []string{"CurrentReading"}, Interval: time.Hour}},
	}}
	d := start(t, config, &daemon.Options{After: clock.after, Now: clock.now})
	d.awaitSubscribed(hostName)
	h.heal(t, "OMC_NumericSensor", fanSensor, cim.Prop("CurrentReading", cim.Sint32(4711)))
	clock.await(t, time.Hour)
	pgtest.Execute(t, url, `ALTER TABLE cimwatch_data.components ADD CONSTRAINT nothing CHECK (false) NOT VALID`)
	made := clock.count()
	clock.forward(time.Hour)
	if s := d.await(hostName); s.State != daemon.StateFailing || !strings.Contains(s.Detail, "keep the inventory") {
		t.Errorf("state %s: %s", s.State, s.Detail)
	}
	pgtest.Execute(t, url, `ALTER TABLE cimwatch_data.components DROP CONSTRAINT nothing`)
	clock.awaitNext(t, made+1) // that of the watch of the database is one
	clock.forward(time.Minute)
	d.awaitSubscribed(hostName)
	if got := property(d.component(hostName, sensorName(t, h)), "CurrentReading"); got != "4711" {
		t.Errorf("the sensor reads %s, want 4711", got)
	}
}

// TestPostgresPutBack has the database forget the last batches under a daemon, as a backup that is
// put back does: the daemon takes them in again from the journal.
func TestPostgresPutBack(t *testing.T) {
	server := pgtest.New(t, pgtest.Options{Durable: true})
	url := server.URL("tester", "postgres")
	h := startHost(t, nil)
	config := configFor(t, h.url)
	config.Store.Postgres.URL = url
	d := start(t, config, nil)
	d.awaitSubscribed(hostName)
	h.play(t, d, "case-opened", "case-closed")
	pgtest.Ask[int64](t, url, `WITH back AS (UPDATE cimwatch_data.cursors SET number = 0 RETURNING 1),
		index AS (DELETE FROM cimwatch_data.journal_index) SELECT count(*) FROM back`)
	if err := errors.Join(server.Down(), server.Up(t.Context())); err != nil { // what the writer remembers is gone
		t.Fatal(err)
	}
	h.play(t, d, "case-opened")
	if err := d.stop(); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(d.logs.String(), "inventory goes on from another place in the journal") {
		t.Error("the daemon does not say that the inventory is at another place")
	}
	if n := pgtest.Ask[int64](t, url, "SELECT count(*) FROM cimwatch.journal"); n != 3 {
		t.Errorf("%d entries were taken in after that, want all 3", n)
	}
	if c := pgtest.Ask[string](t, url, "SELECT health FROM cimwatch.components WHERE name LIKE '%Chassis intrusion'"); c != "warning" {
		t.Errorf("the case is %s", c)
	}
}

// TestMetricsWithoutDatabase reads the metrics while the database is away: they have the last counts,
// say that these are old, and tell nothing of the database.
func TestMetricsWithoutDatabase(t *testing.T) {
	server := pgtest.New(t, pgtest.Options{Durable: true})
	h := startHost(t, nil)
	config := configFor(t, h.url)
	config.Store.Postgres.URL = server.URL("tester", "postgres")
	d := start(t, config, nil)
	d.awaitSubscribed(hostName)
	const fine, old = `cimwatch_inventory_components{health="ok"}`, "cimwatch_inventory_uncounted_hosts"
	d.awaitMetric(old, "0")
	before := d.metric(fine)
	h.play(t, d, "case-opened") // nobody has counted since
	if err := server.Down(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		status, text := d.get("/metrics")
		if status != http.StatusOK || strings.Contains(text, "tester") {
			t.Errorf("status %d: %.300s", status, text)
		}
		if got, n := d.metric(fine), d.metric(old); got != before || before == "0" || n != "1" {
			t.Errorf("%s components are fine, were %s; %s hosts are uncounted, want 1", got, before, n)
		}
	}
	if n := strings.Count(d.logs.String(), "cannot be counted"); n != 1 {
		t.Errorf("it was logged %d times", n)
	}
	if err := server.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	d.awaitMetric(old, "0")
}

// TestPostgresKill floods a daemon, and kills it, and the process of the database that writes for
// it, again and again in any moment. In the end the journal has everything that was answered, the
// inventory has taken in each entry once, and its cursor is at the end.
func TestPostgresKill(t *testing.T) {
	url := pgtest.New(t, pgtest.Options{Durable: true}).URL("tester", "postgres")
	kills := 12
	if testing.Short() {
		kills = 4
	}
	behind := &backlog{}
	h := startHost(t, &simulator.Options{
		Profile: simulator.Pegasus, RetryInterval: 20 * time.Millisecond, RetryAttempts: 1 << 20, OnDelivery: behind.delivered,
	})
	c := newCrash(t, h.url, fmt.Sprintf(", postgres: {url: %q}", url))
	c.serve()
	c.awaitLine("host is subscribed")
	load := startLoad(t, h, h.destinations(t)[0], behind)
	random := rand.New(rand.NewPCG(4711, uint64(os.Getpid())))
	for n := range kills {
		time.Sleep(time.Duration(random.IntN(300)) * time.Millisecond) // under load; any moment will do
		if n%2 == 0 {
			killBackend(t, url)
			continue
		}
		c.kill()
		c.serve()
		c.awaitLine("Listener started")
	}
	load.stop(t)
	c.terminate()
	load.check(t, c.store, kills)
	withStore(t, c.store, func(s *store.Store) {
		kept := openPostgres(t, url)
		load.checkKept(t, kept, s.LastNumber(), true)
		if n := pgtest.Ask[int64](t, url, "SELECT count(*) FROM cimwatch.journal"); uint64(n) != s.LastNumber() {
			t.Errorf("the index has %d entries, the journal %d", n, s.LastNumber())
		}
	})
}

// killBackend kills the process that the writer of an inventory talks to, if there is one now.
func killBackend(t *testing.T, url string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		return // it recovers from the last time
	}
	defer conn.Close(context.Background())
	var pid int
	err = conn.QueryRow(t.Context(), `SELECT l.pid FROM pg_locks l WHERE l.locktype = 'advisory' AND l.granted`).Scan(&pid)
	if err != nil {
		return
	}
	backend, err := os.FindProcess(pid)
	if err == nil {
		err = backend.Kill()
	}
	if err != nil {
		t.Errorf("kill %d: %v", pid, err)
	}
}

// openPostgres opens the inventory of a database to read it.
func openPostgres(t *testing.T, url string) *postgres.Inventory {
	t.Helper()
	kept, err := postgres.Open(t.Context(), url, &postgres.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := kept.Close(); err != nil {
			t.Error(err)
		}
	})
	return kept
}
