package cli_test

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/daemon"
	"github.com/cimwatch/cimwatch/internal/cli"
	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/store"
	"github.com/cimwatch/cimwatch/store/storetest"
	"github.com/cimwatch/cimwatch/web"
)

// fleet is the API over an inventory that a test changes.
type fleet struct {
	t     *testing.T
	store *store.Store
	kept  atomic.Pointer[daemon.Announced]
	url   string
	asked chan url.Values // what was asked for components, when it tells of what is written
	args  []string        // of a command that watches it
	end   chan struct{}   // closed to end those who follow it
}

// newFleet returns one of a version that does not tell of what is written.
func newFleet(t *testing.T) *fleet {
	t.Helper()
	f := &fleet{t: t, args: []string{"--interval", "100ms"}}
	f.open()
	f.serve(web.NewHandler(daemon.NewSource(f.kept.Load()), nil))
	return f
}

// newTellingFleet returns one that tells.
func newTellingFleet(t *testing.T) *fleet {
	t.Helper()
	f := &fleet{t: t, asked: make(chan url.Values, 100)}
	f.open()
	mux := http.NewServeMux()
	mux.Handle("/api/v1/updates", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		web.NewUpdatesHandler(f.kept.Load(), nil).ServeHTTP(w, r)
	}))
	mux.Handle("/api/v1/components", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.asked <- r.URL.Query()
		web.NewHandler(daemon.NewSource(f.kept.Load()), nil).ServeHTTP(w, r)
	}))
	f.serve(mux)
	return f
}

func (f *fleet) open() {
	f.t.Helper()
	f.end = make(chan struct{})
	f.store = storetest.Open(f.t, nil)
	f.kept.Store(daemon.Announce(f.store.Inventory(), f.end))
}

func (f *fleet) serve(handler http.Handler) {
	server := httptest.NewServer(handler)
	f.t.Cleanup(server.Close)
	f.url = server.URL
}

// sync makes fans what a host has, by their OperationalStatus.
func (f *fleet) sync(status ...uint16) {
	f.t.Helper()
	var found []*cim.Instance
	for n, value := range status {
		id := string(rune('1' + n))
		i := cim.NewInstance("CIM_Fan", cim.Prop("ElementName", cim.String("=Fan "+id)), cim.Prop("OperationalStatus", cim.Uint16s(value)))
		i.Path = cim.InstancePath("root/cimv2", "CIM_Fan", cim.Key{Name: "DeviceID", Value: cim.String(id)})
		found = append(found, i)
	}
	f.keep(found)
}

// keep makes instances what a host has.
func (f *fleet) keep(found []*cim.Instance) {
	f.t.Helper()
	err := f.kept.Load().Update(f.t.Context(), func(tx store.InventoryTx) error {
		_, err := tx.Apply("esx1", func(v inventory.View) inventory.Delta {
			return inventory.Sync(v, inventory.Snapshot{Host: "esx1", Instances: found, Started: time.Now(), Reason: inventory.Resync})
		})
		return err
	})
	if err != nil {
		f.t.Fatal(err)
	}
}

// watch runs the command until stop is called, which returns its exit code and what it wrote
// on standard error.
func (f *fleet) watch(env cli.Env, args ...string) (out *bufio.Reader, stop func() (int, string)) {
	f.t.Helper()
	ctx, cancel := context.WithCancel(f.t.Context())
	reader, writer := io.Pipe()
	var stderr strings.Builder
	env.Stdout, env.Stderr = writer, &stderr
	code := make(chan int, 1)
	go func() {
		code <- cli.Run(ctx, slices.Concat([]string{"inventory", "list", "--watch", "--address", f.url}, f.args, args), env)
		_ = writer.Close()
	}()
	stop = func() (int, string) {
		cancel()
		_, _ = io.Copy(io.Discard, reader)
		return <-code, stderr.String()
	}
	f.t.Cleanup(cancel)
	return bufio.NewReader(reader), stop
}

// until reads up to a text.
func until(t *testing.T, out *bufio.Reader, text string) string {
	t.Helper()
	var all strings.Builder
	for !strings.HasSuffix(all.String(), text) {
		c, err := out.ReadByte()
		if err != nil {
			t.Fatalf("%v after %q, waiting for %q", err, all.String(), text)
		}
		all.WriteByte(c)
	}
	return all.String()
}

// A property that nothing has is told of before the first reading.
func TestWatchOfNoProperty(t *testing.T) {
	f := newFleet(t)
	f.sync(2, 6)
	out, stop := f.watch(cli.Env{}, "--where", "OperationalStatus[0] = 6 or Opertional = 1")
	until(t, out, "\n")
	if code, said := stop(); code != cli.ExitDone || said != "warning: --where: no component that was looked at has a value of \"Opertional\"\n" {
		t.Errorf("exit code %d\n%s", code, said)
	}
}

// In a pipe, --watch writes all, then what changed, then what is gone.
func TestWatchInAPipe(t *testing.T) {
	for name, daemon := range map[string]func(*testing.T) *fleet{"of an earlier version": newFleet, "that tells": newTellingFleet} {
		t.Run("a daemon "+name, func(t *testing.T) { watchInAPipe(t, daemon(t)) })
	}
}

func watchInAPipe(t *testing.T, f *fleet) {
	t.Helper()
	f.sync(2, 2)
	out, stop := f.watch(cli.Env{}, "--kind", "fan", "--health", "ok")
	line := func() string {
		t.Helper()
		text, err := out.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	if first, second := line(), line(); !strings.Contains(first, `"name":"=Fan 1"`) || !strings.Contains(second, `"name":"=Fan 2"`) {
		t.Errorf("at first\n%s%s", first, second)
	}
	f.sync(2, 6)
	if text := line(); text != `{"host":"esx1","id":"cim_fan.deviceid=\"2\"","gone":true}`+"\n" {
		t.Errorf("after a failure, which --health leaves out: %s", text)
	}
	f.sync(18, 6)
	if text := line(); !strings.Contains(text, `"name":"=Fan 1"`) || !strings.Contains(text, `"OperationalStatus":[18]`) {
		t.Errorf("after a change: %s", text)
	}
	f.sync(18, 2)
	if text := line(); !strings.Contains(text, `"name":"=Fan 2"`) {
		t.Errorf("after a repair: %s", text)
	}
	if code, stderr := stop(); code != cli.ExitDone || stderr != "" {
		t.Errorf("exit code %d, %q", code, stderr)
	}
}

// On a terminal, --watch shows the table anew when it changed, as far as there is room.
func TestWatchOnATerminal(t *testing.T) {
	const cleared = "\x1b[H\x1b[J"
	f := newFleet(t)
	f.sync(2, 2, 2, 2)
	env := cli.Env{StdoutIsTerminal: true, StdoutRows: func() int { return 5 }, Getenv: func(name string) string {
		return map[string]string{"NO_COLOR": "1"}[name]
	}}
	out, stop := f.watch(env, "--columns", "name,health", "--sort", "name")
	if got, want := until(t, out, "more\n"), cleared+"NAME    HEALTH\n=Fan 1  ok\n=Fan 2  ok\n... and 2 more\n"; got != want {
		t.Error(cmp.Diff(want, got))
	}
	f.sync(2, 6)
	if got, want := until(t, out, "critical\n"), cleared+"NAME    HEALTH\n=Fan 1  ok\n=Fan 2  critical\n"; got != want {
		t.Error(cmp.Diff(want, got))
	}
	if code, stderr := stop(); code != cli.ExitDone || stderr != "" {
		t.Errorf("exit code %d, %q", code, stderr)
	}
}

// What a daemon tells of is read of the host that it is about, and nothing else is.
func TestWatchReadsWhatIsWritten(t *testing.T) {
	f := newTellingFleet(t)
	f.sync(2, 2)
	out, stop := f.watch(cli.Env{})
	until(t, out, "\n")
	until(t, out, "\n")
	for _, status := range []uint16{6, 2, 6} {
		f.sync(2, status)
		if text := until(t, out, "\n"); !strings.Contains(text, `"name":"=Fan 2"`) {
			t.Errorf("after a change: %s", text)
		}
	}
	if code, stderr := stop(); code != cli.ExitDone || stderr != "" {
		t.Errorf("exit code %d, %q", code, stderr)
	}
	if first := <-f.asked; first.Has("host") {
		t.Errorf("at first %v is read, want all", first)
	}
	if len(f.asked) < 3 {
		t.Errorf("read %d times", len(f.asked))
	}
	for len(f.asked) > 0 {
		if next := <-f.asked; next.Get("host") != "esx1" {
			t.Errorf("%v is read, want esx1", next)
		}
	}
}

// A list that is limited is read whole, for another host's components may be among the first then.
func TestWatchOfTheFirstOnes(t *testing.T) {
	f := newTellingFleet(t)
	f.sync(2, 3)
	out, stop := f.watch(cli.Env{}, "--limit", "1", "--sort", "-health")
	if text := until(t, out, "\n"); !strings.Contains(text, `"name":"=Fan 2"`) {
		t.Error(text)
	}
	f.sync(6, 3)
	if text := until(t, out, "\n"); !strings.Contains(text, `"name":"=Fan 1"`) {
		t.Error(text)
	}
	if text := until(t, out, "\n"); !strings.Contains(text, `"gone":true`) {
		t.Error(text)
	}
	if code, stderr := stop(); code != cli.ExitDone || stderr != "" {
		t.Errorf("exit code %d, %q", code, stderr)
	}
}

// When a daemon stops and comes again, all is read, since nobody told of what it wrote meanwhile.
func TestWatchOutlivesADaemon(t *testing.T) {
	f := newTellingFleet(t)
	f.sync(2, 2)
	out, stop := f.watch(cli.Env{})
	until(t, out, "\n")
	until(t, out, "\n")
	before := f.end
	again := make(chan struct{})
	f.kept.Store(daemon.Announce(f.store.Inventory(), again))
	f.sync(2, 6)
	close(before)
	if text := until(t, out, "\n"); !strings.Contains(text, `"OperationalStatus":[6]`) {
		t.Errorf("what was written meanwhile: %s", text)
	}
	f.sync(6, 6)
	if text := until(t, out, "\n"); !strings.Contains(text, `"name":"=Fan 1"`) {
		t.Errorf("what is written now: %s", text)
	}
	if code, stderr := stop(); code != cli.ExitDone || stderr != "note: follow the daemon: it has stopped; trying again\n" {
		t.Errorf("exit code %d, %q", code, stderr)
	}
}

// A list from a daemon is what a list from its file is, and CSV holds no formula.
func TestListFromADaemon(t *testing.T) {
	f := newFleet(t)
	f.sync(2, 6, 3)
	got := run(t, "inventory", "list", "--address", f.url, "--worse-than", "ok", "--sort", "-health", "-o", "csv", "--columns", "name,health", "--where", "OperationalStatus[0] > 2")
	if want := "name,health\n'=Fan 2,critical\n'=Fan 3,warning\n"; got != want {
		t.Error(cmp.Diff(want, got))
	}
	if got := run(t, "inventory", "list", "--address", f.url, "--limit", "1", "--columns", "name"); got != "NAME\n=Fan 1\n" {
		t.Error(got)
	}
	if lines := strings.Count(run(t, "inventory", "export", "--address", f.url), "\n"); lines != 3 {
		t.Errorf("exported %d lines", lines)
	}
}
