package cli_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
	"github.com/cimwatch/cimwatch/internal/cli"
	"github.com/cimwatch/cimwatch/simulator"
)

// A watched host has a daemon that is started again and again.
type watched struct {
	t       *testing.T
	config  string
	address string // of the daemon's metrics
	host    *simulator.Server
	stop    func()
}

// watch runs the daemon for a simulated host.
func watch(t *testing.T) *watched {
	t.Helper()
	model, err := simulator.ESXi()
	if err != nil {
		t.Fatal(err)
	}
	host, err := simulator.New(model, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := host.Listen("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = host.Close(t.Context()) }) // it may have something to deliver still
	listen, metrics := freeAddress(t), freeAddress(t)
	w := &watched{t: t, config: filepath.Join(t.TempDir(), "c.yaml"), address: "http://" + metrics, host: host}
	text := fmt.Sprintf(`store: {file: cimwatch.db}
listener: {address: %q, url: "http://%s"}
metrics: {address: %q}
hosts:
  - {name: esx1, url: %q, classes: [OMC_IpmiAlertIndication]}
`, listen, listen, metrics, host.URL())
	if err := os.WriteFile(w.config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	w.start()
	t.Cleanup(func() { w.stop() })
	return w
}

func freeAddress(t *testing.T) string {
	t.Helper()
	ln, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ln.Close() }() // nothing was accepted
	return ln.Addr().String()
}

// start starts the daemon and waits until the host is subscribed.
func (w *watched) start() {
	w.t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(w.t.Context()))
	stderr := &lines{}
	p := &process{ended: make(chan struct{})}
	go func() {
		defer close(p.ended)
		cli.Run(ctx, []string{"serve", "-c", w.config}, cli.Env{Stdout: io.Discard, Stderr: stderr})
	}()
	w.stop = func() {
		cancel()
		<-p.ended
	}
	awaitLine(w.t, p, stderr, `msg="host is subscribed"`)
}

// tell has the host tell of its case, n times.
func (w *watched) tell(n int) {
	w.t.Helper()
	for range n {
		i := cim.NewInstance("OMC_IpmiAlertIndication", cim.Prop("Description", cim.String("Assert + Chassis")))
		if _, err := w.host.Fire(w.t.Context(), i); err != nil {
			w.t.Fatal(err)
		}
	}
	if err := w.host.Flush(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

// A following is a run of cimwatch listen that reads the daemon's journal.
type following struct {
	*process
	t      *testing.T
	cancel context.CancelFunc
	code   int
}

func (w *watched) follow(args ...string) *following {
	w.t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(w.t.Context()))
	f := &following{process: &process{ended: make(chan struct{})}, t: w.t, cancel: cancel}
	go func() {
		defer close(f.ended)
		all := append([]string{"listen", "-o", "json", "--address", w.address}, args...)
		f.code = cli.Run(ctx, all, cli.Env{Stdout: &f.stdout, Stderr: &f.stderr})
	}()
	w.t.Cleanup(func() {
		cancel()
		<-f.ended
	})
	return f
}

// interrupt ends it and returns the numbers of the entries that it printed.
func (f *following) interrupt() []uint64 {
	f.t.Helper()
	f.cancel()
	return f.finish()
}

func (f *following) finish() (entries []uint64) {
	f.t.Helper()
	<-f.ended
	stdout, _ := f.stdout.read()
	stderr, _ := f.stderr.read()
	if f.code != cli.ExitDone {
		f.t.Errorf("exit code %d, stderr %q", f.code, stderr)
	}
	for line := range strings.Lines(stdout) {
		var i struct {
			Entry      uint64
			Host       string
			Properties map[string]any
		}
		if err := json.Unmarshal([]byte(line), &i); err != nil {
			f.t.Fatalf("%s: %v", line, err)
		}
		if i.Host != "esx1" || i.Properties["Description"] != "Assert + Chassis" {
			f.t.Errorf("printed %s", line)
		}
		entries = append(entries, i.Entry)
	}
	return entries
}

func wantEntries(t *testing.T, got []uint64, from, to uint64) {
	t.Helper()
	next := from
	for _, entry := range got {
		if entry != next {
			t.Errorf("entry %d, want %d", entry, next)
		}
		next = entry + 1
	}
	if next != to+1 {
		t.Errorf("printed %v, want %d to %d", got, from, to)
	}
}

// TestListenFollow follows a daemon: from the start, from now on, and through a restart.
func TestListenFollow(t *testing.T) {
	w := watch(t)
	w.tell(3)
	all := w.follow("--follow", "--from", "start")
	awaitLine(t, all.process, &all.stdout, `"entry":3`)
	later := w.follow("--follow", "--from", "4", "--count", "2")
	w.tell(1)
	awaitLine(t, all.process, &all.stdout, `"entry":4`)
	awaitLine(t, later.process, &later.stdout, `"entry":4`)
	w.stop()
	awaitLine(t, all.process, &all.stderr, "the daemon is away; waiting for it\n")
	awaitLine(t, later.process, &later.stderr, "the daemon is away; waiting for it\n")
	w.start()
	w.tell(1)
	awaitLine(t, all.process, &all.stdout, `"entry":5`)
	wantEntries(t, all.interrupt(), 1, 5)
	wantEntries(t, later.finish(), 4, 5)
	if said, _ := all.stderr.read(); said != "the daemon is away; waiting for it\nthe daemon is there again\n" {
		t.Errorf("stderr %q", said)
	}
	wantEntries(t, w.follow("--from", "2").finish(), 2, 5)
	wantEntries(t, w.follow("--from", "1h").finish(), 1, 5)
	wantEntries(t, w.follow("--from", "now").finish(), 6, 5)
}

// TestListenCursor goes on where it was, prints nothing twice when it ended in order, and
// has nothing dropped that it has not seen.
func TestListenCursor(t *testing.T) {
	w := watch(t)
	w.tell(3)
	wantEntries(t, w.follow("--cursor", "archive", "--count", "2").finish(), 1, 2)
	wantEntries(t, w.follow("--cursor", "archive").finish(), 3, 3)
	wantEntries(t, w.follow("--cursor", "archive", "--from", "start").finish(), 4, 3)
	f := w.follow("--cursor", "archive", "--follow")
	w.tell(2)
	awaitLine(t, f.process, &f.stdout, `"entry":5`)
	wantEntries(t, f.interrupt(), 4, 5)
	w.stop()
	w.start()
	w.tell(1)
	wantEntries(t, w.follow("--cursor", "archive").finish(), 6, 6)
	if status, body := getURL(t, w.address+"/api/v1/cursors"); status != http.StatusOK || body != `{"cursors":[{"name":"archive","entry":6}]}`+"\n" {
		t.Errorf("cursors: %d %s", status, body)
	}
	w.follow("--cursor", "archive", "--forget").finish()
	if _, body := getURL(t, w.address+"/api/v1/cursors"); body != `{"cursors":[]}`+"\n" {
		t.Errorf("cursors after it is forgotten: %s", body)
	}
}

func getURL(t *testing.T, url string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

// TestListenReadXML prints what a daemon keeps as it came.
func TestListenReadXML(t *testing.T) {
	w := watch(t)
	w.tell(1)
	message := run(t, "listen", "--address", w.address, "--from", "start", "-o", "xml")
	x, err := cimxml.DecodeExport([]byte(message))
	if err != nil || x.Indication.Text("Description") != "Assert + Chassis" {
		t.Errorf("%s: %v", message, err)
	}
	if text := run(t, "listen", "--address", w.address, "--from", "start"); !strings.HasPrefix(text, "esx1 - - [") || !strings.Contains(text, "] entry 1\nOMC_IpmiAlertIndication\n") {
		t.Errorf("text:\n%s", text)
	}
}

// TestListenFollowFile follows a file that others write to: they have it whenever they want
// it, and what they kept is printed when they have ended.
func TestListenFollowFile(t *testing.T) {
	db := filepath.Join(t.TempDir(), "kept.db")
	first := startListen(t, io.Discard, "--db", db)
	first.send(0)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	f := &following{process: &process{ended: make(chan struct{})}, t: t, cancel: cancel}
	go func() {
		defer close(f.ended)
		args := []string{"listen", "-o", "json", "--follow", "--from", "start", "--db", db}
		f.code = cli.Run(ctx, args, cli.Env{Stdout: &f.stdout, Stderr: &f.stderr})
	}()
	awaitLine(t, f.process, &f.stderr, "another cimwatch has this file open; ")
	first.interrupt()
	awaitLine(t, f.process, &f.stdout, `"entry":1,.*"number":0`)
	second := startListen(t, io.Discard, "--db", db)
	second.send(1)
	second.interrupt()
	awaitLine(t, f.process, &f.stdout, `"entry":2,.*"number":1`)
	cancel()
	<-f.ended
	if f.code != cli.ExitDone {
		t.Errorf("exit code %d", f.code)
	}
}
