package daemon_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cimwatch/cimwatch/daemon"
	"github.com/cimwatch/cimwatch/event"
	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/store"
)

// crashAtGap returns the file of a daemon that crashed at the worst moment: a gap of the
// host was called and kept, and nobody was told.
func crashAtGap(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	path, crashed := filepath.Join(dir, "cimwatch.db"), filepath.Join(dir, "crashed.db")
	clock := &later{}
	s, err := store.Open(path, &store.Options{Now: clock.now, OnGap: func(store.Gap) {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Error(err)
		}
		write(t, crashed, string(content))
	}})
	if err != nil {
		t.Fatal(err)
	}
	keep := func(number int64) {
		e := store.Entry{
			Received: clock.now(), Remote: "192.0.2.1:1", Path: "/in", Host: hostName, Class: "OMC_IpmiAlertIndication",
			Sequence: &event.Sequence{Context: "c", Number: number},
			Raw:      alert(t, "1", "OMC_IpmiAlertIndication", "nothing of note", numbered("c", number)...),
		}
		if _, _, err := s.Append(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	err = s.Update(t.Context(), func(tx *store.Tx) error {
		return tx.PutHost(inventory.Host{Name: hostName, LastSync: clock.now()}) // it was read before
	})
	if err != nil {
		t.Fatal(err)
	}
	keep(0)
	keep(4)
	clock.forward(time.Hour)
	if done, err := s.Maintain(t.Context()); err != nil || done.Gaps != 1 {
		t.Fatalf("%+v, %v", done, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return crashed
}

// TestGapBeforeCrash tells of a gap that a crash kept the daemon from telling of, and reads
// the host again; the next start does not tell of it again.
func TestGapBeforeCrash(t *testing.T) {
	h := startHost(t, nil)
	config := configFor(t, h.url)
	config.Store.File = crashAtGap(t)
	for _, want := range []string{"1", "0"} {
		d := start(t, config, &daemon.Options{After: newTurns().after})
		d.awaitSubscribed(hostName)
		if n := len(d.firstSync(hostName)); want == "1" && n < 50 {
			t.Errorf("reading the host again found %d changes", n)
		}
		if got := d.metric("cimwatch_journal_gaps_total"); got != want {
			t.Errorf("%s gaps are counted, want %s", got, want)
		}
		if got := d.metric("cimwatch_journal_missing_total"); (got == "3") != (want == "1") {
			t.Errorf("%s are counted as missing", got)
		}
		if err := d.stop(); err != nil {
			t.Fatal(err)
		}
		told := strings.Count(d.logs.String(), `msg="indications are lost" component=journal host=esx1 sender=192.0.2.1 first=1 last=3 missing=3`)
		if (told == 1) != (want == "1") || told > 1 {
			t.Errorf("the gap is told %d times", told)
		}
	}
}

// TestGapAtTheEnd has a gap called by the last commit of a daemon, when nobody listens any
// more: the next one tells of it.
func TestGapAtTheEnd(t *testing.T) {
	h, time0 := startHost(t, nil), &later{}
	config := configFor(t, h.url)
	first := start(t, config, &daemon.Options{After: newTurns().after, Now: time0.now})
	first.awaitSubscribed(hostName)
	config.Listener.Address = first.ListenerAddr().String()
	url := h.destinations(t)[0]
	first.send(url, "sfcb#1#100", 0)
	first.send(url, "sfcb#1#100", 2)
	time0.forward(time.Hour)
	if err := first.stop(); err != nil {
		t.Fatal(err)
	}
	second := start(t, config, &daemon.Options{After: newTurns().after, Now: time0.now})
	second.awaitSubscribed(hostName)
	if err := second.stop(); err != nil {
		t.Fatal(err)
	}
	const told = `msg="indications are lost"`
	if n := strings.Count(first.logs.String()+second.logs.String(), told); n != 1 {
		t.Errorf("the gap is told %d times\n%s\n%s", n, first.logs, second.logs)
	}
}
