package daemon_test

import (
	"strings"
	"testing"
	"time"

	"github.com/cimwatch/cimwatch/daemon"
	"github.com/cimwatch/cimwatch/internal/pgtest"
	"github.com/cimwatch/cimwatch/web"
)

// TestHistoryIsCondensedInDatabase has the daemon look through the history in a database.
func TestHistoryIsCondensedInDatabase(t *testing.T) {
	h := startHost(t, nil)
	config := configFor(t, h.url)
	config.Store.Postgres.URL = pgtest.New(t, pgtest.Options{}).URL("tester", "postgres")
	config.Store.HistoryChanges = 2
	sweeps, turns := make(chan time.Time), newTurns()
	d := start(t, config, &daemon.Options{After: func(pause time.Duration) <-chan time.Time {
		switch pause {
		case 45 * time.Second:
			return sweeps
		case 10 * time.Second:
			return nil // the database is not watched
		}
		return turns.after(pause)
	}})
	d.awaitSubscribed(hostName)
	h.play(t, d, "psu-unplugged", "psu-restored", "psu-unplugged", "psu-restored")
	supply := d.component(hostName, "Power Supply 2")
	history := func() []web.Change {
		t.Helper()
		changes, err := d.client.History(within(t), hostName, supply.ID)
		if err != nil {
			t.Fatal(err)
		}
		return changes
	}
	before := history()
	for range 2 { // the second is taken when the first is done with
		select {
		case sweeps <- time.Now():
		case <-time.After(patience):
			t.Fatal("nobody looks at the history")
		}
	}
	after := history()
	var kinds []string
	for _, c := range after {
		kinds = append(kinds, c.Kind)
	}
	if got := strings.Join(kinds, " "); len(before) < 6 || got != "appeared raised condensed cleared health" {
		t.Errorf("of %d changes are left: %s", len(before), got)
	}
	if !strings.Contains(d.logs.String(), "history was condensed") {
		t.Error("it is not in the log")
	}
	past, err := d.client.Past(within(t), queryOf(hostName), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range past.Components {
		if c.ID == supply.ID && (c.Health != "ok" || len(c.Conditions) != 0 || c.Reason != supply.Reason) {
			t.Errorf("it leads to %+v", c)
		}
	}
}
