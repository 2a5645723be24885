package daemon_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/simulator"
	"github.com/cimwatch/cimwatch/store"
)

// TestKill floods cimwatch serve, kills it with SIGKILL again and again, and counts in the
// end: every indication that was answered 200 is in the journal, every one is there once,
// retries included, and the daemon went on with the same subscriptions and inventory.
func TestKill(t *testing.T) {
	kills := 20
	if testing.Short() {
		kills = 5
	}
	h := startHost(t, &simulator.Options{RetryInterval: 20 * time.Millisecond, RetryAttempts: 1 << 20})
	c := newCrash(t, h.url)
	c.serve()
	c.awaitLine("host is subscribed")
	subscriptions, destinations := h.subscriptions(t), h.destinations(t)
	before := c.restart() // an orderly one, to look into the store

	load := startLoad(t, h, destinations[0])
	random := rand.New(rand.NewPCG(4711, uint64(os.Getpid())))
	for range kills {
		if random.IntN(5) > 0 {
			c.awaitLine("Listener started") // else it dies while it starts
		}
		time.Sleep(time.Duration(random.IntN(300)) * time.Millisecond) // under load; any moment will do
		c.kill()
		c.serve()
	}
	c.awaitLine("host is subscribed")
	load.stop(t)
	c.terminate()

	if diff := cmp.Diff(subscriptions, h.subscriptions(t)); diff != "" {
		t.Errorf("subscriptions (-before +after):\n%s", diff)
	}
	if diff := cmp.Diff(destinations, h.destinations(t)); diff != "" {
		t.Errorf("destinations (-before +after):\n%s", diff)
	}
	if after := contents(t, c.store); !slices.Equal(before, after) {
		t.Errorf("%d components before, %d after", len(before), len(after))
	}
	load.check(t, c.store, kills)
}

// crash is a cimwatch serve that is started again and again.
type crash struct {
	t      *testing.T
	config string
	store  string
	cmd    *exec.Cmd
	lines  chan string // of standard error
}

func newCrash(t *testing.T, url string) *crash {
	t.Helper()
	dir := t.TempDir()
	c := &crash{t: t, config: filepath.Join(dir, "cimwatch.yaml"), store: filepath.Join(dir, "cimwatch.db")}
	address := "127.0.0.1:" + freePort(t)
	write(t, c.config, fmt.Sprintf(`
store: {file: cimwatch.db}
listener: {address: %q, url: "http://%s"}
hosts:
  - name: esx1
    url: %s
    classes: [OMC_IpmiAlertIndication, CIM_InstModification]
`, address, address, url))
	t.Cleanup(func() {
		if c.cmd != nil {
			c.kill()
		}
	})
	return c
}

// freePort returns a port below those that connections are made from, lest one of them
// has it when the daemon comes back.
func freePort(t *testing.T) string {
	t.Helper()
	for range 100 {
		port := fmt.Sprint(20000 + rand.IntN(10000))
		ln, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:"+port)
		if err == nil {
			_ = ln.Close()
			return port
		}
	}
	t.Fatal("no free port")
	return ""
}

// serve starts the daemon.
func (c *crash) serve() {
	c.t.Helper()
	self, err := os.Executable()
	if err != nil {
		c.t.Fatal(err)
	}
	c.cmd = exec.Command(self)
	c.cmd.Env = append(os.Environ(), serveEnv+"="+c.config, "GORACE=atexit_sleep_ms=0")
	output, err := c.cmd.StderrPipe()
	if err != nil {
		c.t.Fatal(err)
	}
	if err := c.cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	c.lines = make(chan string, 10000)
	go func(lines chan<- string) {
		defer close(lines)
		for scanner := bufio.NewScanner(output); scanner.Scan(); {
			select {
			case lines <- scanner.Text():
			default: // nobody reads so many
			}
		}
	}(c.lines)
}

// awaitLine waits until the daemon says something.
func (c *crash) awaitLine(text string) {
	c.t.Helper()
	var said []string
	deadline := time.After(patience)
	for {
		select {
		case line, ok := <-c.lines:
			if !ok {
				c.t.Fatalf("the daemon ended before it said %q:\n%s", text, strings.Join(said, "\n"))
			}
			if strings.Contains(line, text) {
				return
			}
			said = append(said, line)
		case <-deadline:
			c.t.Fatalf("the daemon does not say %q:\n%s", text, strings.Join(said, "\n"))
		}
	}
}

func (c *crash) kill() {
	c.t.Helper()
	if err := c.cmd.Process.Kill(); err != nil {
		c.t.Errorf("kill: %v", err)
	}
	_, _ = c.wait() // killed is how it ended
}

// terminate ends the daemon in order.
func (c *crash) terminate() {
	c.t.Helper()
	if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		c.t.Errorf("terminate: %v", err)
	}
	if said, err := c.wait(); err != nil {
		c.t.Errorf("the daemon ended with %v:\n%s", err, strings.Join(said, "\n"))
	}
}

// wait waits for the end of the process and returns what it still said.
func (c *crash) wait() (said []string, err error) {
	for line := range c.lines {
		said = append(said, line)
	}
	err = c.cmd.Wait()
	c.cmd = nil
	return said, err
}

// restart starts the daemon again in order and returns the components it had.
func (c *crash) restart() []string {
	c.t.Helper()
	c.terminate()
	ids := contents(c.t, c.store)
	c.serve()
	return ids
}

// load is senders that number what they send, and what became of it.
type load struct {
	cancel  context.CancelFunc
	running sync.WaitGroup
	senders []*sender
	host    *host
	fired   int          // by the simulated host, asserts and deasserts
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

func startLoad(t *testing.T, h *host, url string) *load {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	l := &load{cancel: cancel, host: h}
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
	for ; ctx.Err() == nil; l.fired++ {
		state := "Assert"
		if l.fired%2 == 1 {
			state = "Deassert"
		}
		i := cim.NewInstance("OMC_IpmiAlertIndication",
			cim.Prop("Description", cim.String(state+" + Chassis intrusion")),
			cim.Prop("AlertingManagedElement", cim.String(sensors[0].Path.String())),
			cim.Prop("AlertType", cim.Uint16(5)), cim.Prop("PerceivedSeverity", cim.Uint16(0)))
		if _, err := l.host.Fire(context.WithoutCancel(ctx), i); err != nil {
			t.Errorf("fire: %v", err)
			return
		}
		pause(ctx, 10*time.Millisecond)
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
	l.checkInventory(t, file)
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
	if len(s.answered) < 20 {
		t.Errorf("%s: only %d were answered 200", s.context, len(s.answered))
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

// checkInventory checks that the inventory took every entry in once: each assert and each
// deassert of the host's sensor made one change.
func (l *load) checkInventory(t *testing.T, file string) {
	t.Helper()
	kinds := map[string]int{}
	withStore(t, file, func(s *store.Store) {
		at, err := s.Cursor(t.Context(), "inventory")
		if err != nil || at != s.LastNumber() {
			t.Errorf("the inventory is at entry %d of %d, %v", at, s.LastNumber(), err)
		}
		for c, err := range s.History(t.Context(), "", "") {
			if err != nil {
				t.Fatal(err)
			}
			kinds[c.Kind.String()]++
		}
	})
	if raised, cleared := (l.fired+1)/2, l.fired/2; kinds["raised"] != raised || kinds["cleared"] != cleared {
		t.Errorf("conditions were raised %d and cleared %d times, want %d and %d", kinds["raised"], kinds["cleared"], raised, cleared)
	}
}
