package daemon_test

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
	"github.com/cimwatch/cimwatch/daemon"
	"github.com/cimwatch/cimwatch/listener"
	"github.com/cimwatch/cimwatch/store"
)

// alert returns an export message with an alert that says text.
func alert(t testing.TB, id, class, text string, others ...cim.Property) []byte {
	t.Helper()
	i := cim.NewInstance(class, cim.Prop("Description", cim.String(text)))
	i.Properties = append(i.Properties, others...)
	body, err := cimxml.EncodeExport(id, i)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// numbered returns the properties of a place in a sequence.
func numbered(context string, number int64) []cim.Property {
	return []cim.Property{
		cim.Prop("SequenceContext", cim.String(context)), cim.Prop("SequenceNumber", cim.Sint64(number)),
	}
}

// TestDuplicate delivers one indication three times, as a server does that did not hear the
// answer: it is kept once and counts once.
func TestDuplicate(t *testing.T) {
	h := startHost(t, nil)
	config := configFor(t, h.url)
	d := start(t, config, nil)
	d.awaitSubscribed(hostName)
	url := h.destinations(t)[0]
	for n := range 3 {
		body := alert(t, fmt.Sprint(100+n), "OMC_IpmiAlertIndication", "Assert + Case", numbered("sfcb#1", 7)...)
		if status := post(t, url, body); status != http.StatusOK {
			t.Errorf("delivery %d: %d", n+1, status)
		}
	}
	if err := d.Settle(within(t)); err != nil {
		t.Fatal(err)
	}
	for outcome, want := range map[string]string{"kept": "1", "duplicate": "2"} {
		series := fmt.Sprintf(`cimwatch_indications_total{class="OMC_IpmiAlertIndication",outcome=%q}`, outcome)
		if got := d.metric(series); got != want {
			t.Errorf("%s is %q, want %s", series, got, want)
		}
	}
	c, err := d.client.Component(within(t), hostName, "host")
	if err != nil || len(c.Conditions) != 1 || c.Conditions[0].Count != 1 {
		t.Errorf("the host has %+v, %v; want one condition, raised once", c.Conditions, err)
	}
	if err := d.stop(); err != nil {
		t.Fatal(err)
	}
	if kept := entries(t, config.Store.File); len(kept) != 1 || kept[0].Host != hostName || kept[0].MessageID != "100" {
		t.Errorf("journal: %+v", kept)
	}
}

// TestSecretPaths refuses what does not come to the path of a subscription.
func TestSecretPaths(t *testing.T) {
	h := startHost(t, nil)
	d := start(t, configFor(t, h.url), nil)
	d.awaitSubscribed(hostName)
	base := "http://" + d.ListenerAddr().String()
	body := alert(t, "1", "OMC_IpmiAlertIndication", "Assert + Case")
	for _, path := range []string{"/", "/esx1", "/" + strings.Repeat("0", 32)} {
		if status := post(t, base+path, body); status != http.StatusNotFound {
			t.Errorf("%s: %d, want 404", path, status)
		}
	}
	if got := d.metric(`cimwatch_indications_total{class="",outcome="refused"}`); got != "3" {
		t.Errorf("refused: %q, want 3", got)
	}
	if logs := d.logs.String(); strings.Contains(logs, strings.TrimPrefix(h.destinations(t)[0], base+"/")) {
		t.Error("a path is in the log")
	}
}

// TestUndecodable starts on a journal with entries that say nothing: they are counted and
// hold up nobody.
func TestUndecodable(t *testing.T) {
	h := startHost(t, nil)
	config := configFor(t, h.url)
	good := alert(t, "1", "OMC_IpmiAlertIndication", "Assert + Case")
	withStore(t, config.Store.File, func(s *store.Store) {
		for n, e := range []store.Entry{
			{Host: hostName, Raw: []byte("no XML")},
			{Host: hostName, Raw: good[:len(good)/2]},
			{Host: "", Raw: good},
			{Host: hostName, Raw: good},
		} {
			e.Received, e.Remote = time.Now(), fmt.Sprintf("192.0.2.%d:1", n)
			if _, _, err := s.Append(t.Context(), e); err != nil {
				t.Fatal(err)
			}
		}
	})
	d := start(t, config, nil)
	if err := d.Settle(within(t)); err != nil {
		t.Fatal(err)
	}
	if got := d.metric("cimwatch_journal_undecodable_total"); got != "3" {
		t.Errorf("undecodable: %q, want 3", got)
	}
	if list := d.takeApplied(); len(list) != 1 || list[0].entry.Number != 4 || len(list[0].changes) == 0 {
		t.Errorf("taken in: %+v; want the last entry", list)
	}
	if status, _ := d.get("/readyz"); status != http.StatusOK {
		t.Errorf("readyz: %d", status)
	}
	d.awaitSubscribed(hostName)
	h.play(t, d, "case-opened")
	if got := d.metric("cimwatch_inventory_journal_entry"); got != "5" {
		t.Errorf("the inventory is at entry %s, want 5", got)
	}
}

// TestDrain stops a daemon under load: what was answered 200 is in the journal and in the
// inventory, and the rest was told to come again.
func TestDrain(t *testing.T) {
	h := startHost(t, nil)
	config := configFor(t, h.url)
	var answers atomic.Int64
	enough := make(chan struct{})
	d := start(t, config, &daemon.Options{Observe: daemon.Observer{Answered: func(listener.Answer) {
		if answers.Add(1) == 200 {
			close(enough)
		}
	}}})
	d.awaitSubscribed(hostName)
	url := h.destinations(t)[0]

	kept := make([]int64, 4) // how many of each sender were answered 200
	var senders sync.WaitGroup
	for sender := range kept {
		senders.Go(func() { kept[sender] = flood(t, url, fmt.Sprint("sender ", sender)) })
	}
	<-enough
	if err := d.stop(); err != nil {
		t.Error(err)
	}
	senders.Wait()

	found := map[string]int64{}
	journal := entries(t, config.Store.File)
	for i := range journal {
		found[journal[i].Sequence.Context]++
	}
	for sender, n := range kept {
		// The last of each may have been kept without an answer.
		if got := found[fmt.Sprint("sender ", sender)]; got != n && got != n+1 {
			t.Errorf("sender %d: %d answered 200, %d in the journal", sender, n, got)
		}
	}
	withStore(t, config.Store.File, func(s *store.Store) {
		if at, err := s.Cursor(t.Context(), "inventory"); err != nil || at != s.LastNumber() {
			t.Errorf("the inventory is at entry %d of %d, %v", at, s.LastNumber(), err)
		}
	})
}

// flood sends alerts one after the other until one is not answered 200 and returns how many
// were. Any other answer must be 503, or none at all.
func flood(t *testing.T, url, context string) int64 {
	client := http.Client{Transport: &http.Transport{}, Timeout: patience}
	defer client.CloseIdleConnections()
	for n := int64(0); ; n++ {
		body := alert(t, "1", "OMC_IpmiAlertIndication", "Assert + Case", numbered(context, n)...)
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, bytes.NewReader(body))
		if err != nil {
			t.Error(err)
			return n
		}
		setExportHeader(req)
		resp, err := client.Do(req)
		if err != nil {
			return n
		}
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			if resp.StatusCode != http.StatusServiceUnavailable {
				t.Errorf("%s: status %d", context, resp.StatusCode)
			}
			return n
		}
	}
}

// TestClassLabels bounds what senders can make of the metrics.
func TestClassLabels(t *testing.T) {
	h := startHost(t, nil)
	d := start(t, configFor(t, h.url), nil)
	d.awaitSubscribed(hostName)
	url := h.destinations(t)[0]
	const classes = 230
	for n := range classes {
		if status := post(t, url, alert(t, "1", fmt.Sprintf("EVIL_Class%d", n), "x")); status != http.StatusOK {
			t.Fatalf("class %d: %d", n, status)
		}
	}
	if err := d.Settle(within(t)); err != nil {
		t.Fatal(err)
	}
	_, text := d.get("/metrics")
	if n := strings.Count(text, `outcome="kept"`); n > 202 {
		t.Errorf("%d series of indications that were kept", n)
	}
	if got := d.metric(`cimwatch_indications_total{class="other",outcome="kept"}`); got != "30" {
		t.Errorf("other classes: %q, want 30", got)
	}
}

// TestSharedContext has two handlers with one sequence context, as those that sfcb creates
// in one second: what one of them sends is not late because the other has sent more.
func TestSharedContext(t *testing.T) {
	h := startHost(t, nil)
	d := start(t, configFor(t, h.url), nil)
	d.awaitSubscribed(hostName)
	urls := h.destinations(t)
	send := func(url, text string, number int64) {
		t.Helper()
		body := alert(t, "1", "OMC_IpmiAlertIndication", text, numbered("sfcb#1", number)...)
		if status := post(t, url, body); status != http.StatusOK {
			t.Fatalf("status %d", status)
		}
		if err := d.Settle(within(t)); err != nil {
			t.Fatal(err)
		}
	}
	send(urls[0], "Assert + Case open", 7)
	if c := d.component(hostName, hostName); c.Health != "warning" {
		t.Errorf("the host is %s", c.Health)
	}
	send(urls[1], "Deassert + Case open", 0)
	if c := d.component(hostName, hostName); c.Health == "warning" || len(c.Conditions) != 0 {
		t.Errorf("the host is %s, with %v", c.Health, c.Conditions)
	}
}
