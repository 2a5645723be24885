package daemon_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/simulator"
	"github.com/cimwatch/cimwatch/store"
)

// load is senders that number what they send, and what became of it.
type load struct {
	cancel  context.CancelFunc
	running sync.WaitGroup
	senders []*sender
	host    *host
	fired   int          // by the simulated host, asserts and deasserts
	behind  *backlog     // of the simulated host
	retries atomic.Int64 // deliveries that were not answered 200
}

// A sender sends one sequence, each number again until it is answered 200 when it is
// stubborn, else once.
type sender struct {
	context  string
	stubborn bool
	answered []int64 // numbers answered 200
	sent     int64   // numbers tried
}

// A backlog counts what a simulated host has fired and not delivered. It is kept small: the
// journal remembers the last 512 numbers of a sequence, more than sfcb sends in the time
// that it repeats one. Here the host repeats for ever, and of many that wait some have
// their turn only when the daemon is dead again, until 512 others have come.
type backlog struct{ atomic.Int64 }

const maxBacklog = 32

// delivered is for OnDelivery of the host.
func (b *backlog) delivered(d simulator.Delivery) {
	if d.Outcome == simulator.Delivered {
		b.Add(-1)
	}
}

func startLoad(t *testing.T, h *host, url string, behind *backlog) *load {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	l := &load{cancel: cancel, host: h, behind: behind}
	t.Cleanup(cancel)
	for n := range 4 {
		s := &sender{context: fmt.Sprint("load ", n), stubborn: n%2 == 0}
		l.senders = append(l.senders, s)
		l.running.Go(func() { s.run(ctx, t, url, &l.retries) })
	}
	l.running.Go(func() { l.fire(ctx, t) })
	return l
}

// run sends until ctx ends.
func (s *sender) run(ctx context.Context, t *testing.T, url string, retries *atomic.Int64) {
	client := http.Client{Transport: &http.Transport{}, Timeout: 5 * time.Second}
	defer client.CloseIdleConnections()
	for ; ctx.Err() == nil; s.sent++ {
		body := alert(t, fmt.Sprint(s.sent), "OMC_IpmiAlertIndication", "nothing of note", numbered(s.context, s.sent)...)
		for {
			if answered(ctx, &client, url, body) {
				s.answered = append(s.answered, s.sent)
				break
			}
			retries.Add(1)
			pause(ctx, 2*time.Millisecond)
			if !s.stubborn || ctx.Err() != nil {
				break
			}
		}
	}
}

// answered reports whether an export is answered 200. One that is on its way is not given
// up when ctx ends.
func answered(ctx context.Context, client *http.Client, url string, body []byte) bool {
	req, err := http.NewRequestWithContext(context.WithoutCancel(ctx), http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return false
	}
	setExportHeader(req)
	resp, err := client.Do(req)
	if err != nil {
		return false
	}
	_ = resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

// pause is between two attempts to reach a daemon that is dead.
func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// fire has the simulated host tell, again and again, that its case is opened and closed;
// it repeats each until it is delivered.
func (l *load) fire(ctx context.Context, t *testing.T) {
	sensors, err := l.host.Instances("root/cimv2", "OMC_DiscreteSensor")
	if err != nil || len(sensors) == 0 {
		t.Errorf("%d sensors, %v", len(sensors), err)
		return
	}
	for ctx.Err() == nil {
		pause(ctx, 10*time.Millisecond)
		if l.behind.Load() >= maxBacklog {
			continue
		}
		state := "Assert"
		if l.fired%2 == 1 {
			state = "Deassert"
		}
		i := cim.NewInstance("OMC_IpmiAlertIndication",
			cim.Prop("Description", cim.String(state+" + Chassis intrusion")),
			cim.Prop("AlertingManagedElement", cim.String(sensors[0].Path.String())),
			cim.Prop("AlertType", cim.Uint16(5)), cim.Prop("PerceivedSeverity", cim.Uint16(0)))
		l.behind.Add(1)
		if _, err := l.host.Fire(context.WithoutCancel(ctx), i); err != nil {
			t.Errorf("fire: %v", err)
			return
		}
		l.fired++
	}
}

// stop ends the load while the daemon is up, and waits until all is delivered.
func (l *load) stop(t *testing.T) {
	t.Helper()
	l.cancel()
	l.running.Wait()
	if err := l.host.Flush(within(t)); err != nil {
		t.Fatalf("the simulated host has not delivered all: %v", err)
	}
}

// check counts what the journal has of each sender.
func (l *load) check(t *testing.T, file string, kills int) {
	t.Helper()
	found := map[string]map[int64]int{}
	journal := entries(t, file)
	for i := range journal {
		s := journal[i].Sequence
		if found[s.Context] == nil {
			found[s.Context] = map[int64]int{}
		}
		found[s.Context][s.Number]++
	}
	total := 0
	for _, s := range l.senders {
		total += len(s.answered)
		checkSender(t, s, found[s.context])
		delete(found, s.context)
	}
	// What is left is of the simulated host, whose handlers share a context.
	host := 0
	for _, numbers := range found {
		for number, times := range numbers {
			if host++; times != 1 {
				t.Errorf("indication %d of the host is there %d times", number, times)
			}
		}
	}
	if host != l.fired {
		t.Errorf("%d indications of the host are in the journal, %d were fired", host, l.fired)
	}
	t.Logf("%d kills; %d answered 200 of %d sent, %d retries; %d of the host; %d in the journal; none lost, none twice: %t",
		kills, total, l.sent(), l.retries.Load(), l.fired, len(journal), !t.Failed())
}

func (l *load) sent() (sum int64) {
	for _, s := range l.senders {
		sum += s.sent
	}
	return sum
}

func checkSender(t *testing.T, s *sender, found map[int64]int) {
	t.Helper()
	if len(s.answered) == 0 {
		t.Errorf("%s: nothing was answered 200", s.context)
	}
	for _, number := range s.answered {
		if found[number] == 0 {
			t.Errorf("%s: indication %d was answered 200 and is lost", s.context, number)
		}
	}
	for number, times := range found {
		if times != 1 || number >= s.sent {
			t.Errorf("%s: indication %d is there %d times", s.context, number, times)
		}
	}
}

// checkInventory checks that the inventory took every entry in once. Of a host that keeps
// the order, each assert and each deassert of the sensor made one change. Else an assert
// that comes behind its deassert may add nothing, but there are never more changes than
// events, and in the end the sensor stands as the last event left it.
func (l *load) checkInventory(t *testing.T, file string, ordered bool) {
	t.Helper()
	withStore(t, file, func(s *store.Store) { l.checkKept(t, s.Inventory(), s.LastNumber(), ordered) })
}

// checkKept does that with an inventory that may be elsewhere than the journal, which has
// entries up to last.
func (l *load) checkKept(t *testing.T, kept store.Inventory, last uint64, ordered bool) {
	t.Helper()
	kinds := map[string]int{}
	at, err := kept.Cursor(t.Context(), "inventory")
	if err != nil || at != last {
		t.Errorf("the inventory is at entry %d of %d, %v", at, last, err)
	}
	for c, err := range kept.History(t.Context(), "", "") {
		if err != nil {
			t.Fatal(err)
		}
		kinds[c.Kind.String()]++
	}
	raised, cleared := (l.fired+1)/2, l.fired/2
	switch {
	case ordered && (kinds["raised"] != raised || kinds["cleared"] != cleared):
		t.Errorf("conditions were raised %d and cleared %d times, want %d and %d", kinds["raised"], kinds["cleared"], raised, cleared)
	case kinds["raised"] > raised || kinds["raised"]-kinds["cleared"] != raised-cleared:
		t.Errorf("conditions were raised %d and cleared %d times, of %d and %d events", kinds["raised"], kinds["cleared"], raised, cleared)
	}
}
