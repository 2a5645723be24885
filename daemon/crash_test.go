package daemon_test

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cimwatch/cimwatch/simulator"
)

// TestKill floods cimwatch serve, kills it with SIGKILL again and again, and counts in the
// end: every indication that was answered 200 is in the journal, every one is there once,
// retries included, and the daemon went on with the same subscriptions and inventory.
//
// Both ways to deliver are tried: sfcb lets later indications pass those that it retries,
// OpenPegasus keeps their order, and the daemon puts it right when it is told to. CIMWATCH_KILLS says how often to kill; 200 is the long form.
func TestKill(t *testing.T) {
	t.Run("sfcb", func(t *testing.T) { killUnderLoad(t, simulator.Sfcb, "") })
	t.Run("sfcb in order", func(t *testing.T) { killUnderLoad(t, simulator.Sfcb, ", order_window: 15m") })
	t.Run("Pegasus", func(t *testing.T) { killUnderLoad(t, simulator.Pegasus, "") })
}

func killUnderLoad(t *testing.T, profile simulator.Profile, storeOptions string) {
	kills := 20
	if testing.Short() {
		kills = 5
	}
	if text := os.Getenv("CIMWATCH_KILLS"); text != "" {
		var err error
		if kills, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	behind := &backlog{}
	h := startHost(t, &simulator.Options{Profile: profile, RetryInterval: 20 * time.Millisecond, RetryAttempts: 1 << 20, OnDelivery: behind.delivered})
	c := newCrash(t, h.url, storeOptions)
	c.serve()
	c.awaitLine("host is subscribed")
	subscriptions, destinations := h.subscriptions(t), h.destinations(t)
	before := c.restart() // an orderly one, to look into the store

	load := startLoad(t, h, destinations[0], behind)
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
	load.checkInventory(t, c.store, profile == simulator.Pegasus || storeOptions != "")
}

// crash is a cimwatch serve that is started again and again.
type crash struct {
	t      *testing.T
	config string
	store  string
	cmd    *exec.Cmd
	lines  chan string // of standard error
}

func newCrash(t *testing.T, url, storeOptions string) *crash {
	t.Helper()
	dir := t.TempDir()
	c := &crash{t: t, config: filepath.Join(dir, "cimwatch.yaml"), store: filepath.Join(dir, "cimwatch.db")}
	address := "127.0.0.1:" + freePort(t)
	write(t, c.config, fmt.Sprintf(`
store: {file: cimwatch.db%s}
listener: {address: %q, url: "http://%s"}
hosts:
  - name: esx1
    url: %s
    classes: [OMC_IpmiAlertIndication, CIM_InstModification]
`, storeOptions, address, address, url))
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
