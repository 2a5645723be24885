package daemon_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cimwatch/cimwatch/daemon"
	"github.com/cimwatch/cimwatch/event"
	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/simulator"
	"github.com/cimwatch/cimwatch/store"
	"github.com/cimwatch/cimwatch/subscriber"
	"github.com/cimwatch/cimwatch/web"
)

// patience is how long a test waits for what comes at once unless something is wrong.
const patience = 30 * time.Second

const (
	hostName = "esx1"
	interop  = "root/interop"
)

// esxi is the built-in model, compiled once: servers change nothing in it.
var esxi = sync.OnceValues(simulator.ESXi)

// A host is a simulated host and a count of what it was asked.
type host struct {
	*simulator.Server
	url string

	mu    sync.Mutex
	calls map[string]int // by operation
	down  bool           // connections are broken off
	read  []string       // classes outside the interop namespace whose instances were enumerated
	hold  func(string)   // called with each operation before it is done; nil: nothing is

	enumerates func(class string) (done func()) // called before such a class is read; nil: nothing is
}

// startHost returns a simulated ESXi host that runs until the test ends.
func startHost(t testing.TB, opts *simulator.Options) *host {
	t.Helper()
	model, err := esxi()
	if err != nil {
		t.Fatal(err)
	}
	return serveModel(t, model, opts)
}

// serveModel returns a simulated host that runs until the test ends.
func serveModel(t testing.TB, model *simulator.Model, opts *simulator.Options) *host {
	t.Helper()
	s, err := simulator.New(model, opts)
	if err != nil {
		t.Fatal(err)
	}
	h := &host{Server: s, calls: map[string]int{}}
	front := httptest.NewServer(h)
	h.url = front.URL
	t.Cleanup(func() {
		front.Close()
		// The test's context has ended, so what is still to be delivered is abandoned.
		if err := s.Close(t.Context()); err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("close the simulated host: %v", err)
		}
	})
	return h
}

// ServeHTTP counts an operation and has it done.
func (h *host) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	h.calls[r.Header.Get("CIMMethod")]++
	down, hold := h.down, h.hold
	enumerates := h.enumerates
	class := h.classOf(r)
	if class != "" {
		h.read = append(h.read, class)
	}
	h.mu.Unlock()
	if class != "" && enumerates != nil {
		defer enumerates(class)()
	}
	if hold != nil {
		hold(r.Header.Get("CIMMethod"))
	}
	if down {
		panic(http.ErrAbortHandler) // the way to break a connection off
	}
	h.Server.ServeHTTP(w, r)
}

// classOf returns the class that a request wants the instances of, "" for other requests.
func (h *host) classOf(r *http.Request) string {
	if r.Header.Get("CIMMethod") != "EnumerateInstances" || strings.Contains(r.Header.Get("CIMObject"), "interop") {
		return ""
	}
	body, err := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	_, rest, _ := strings.Cut(string(body), `<CLASSNAME NAME="`)
	class, _, ok := strings.Cut(rest, `"`)
	if err != nil || !ok {
		return "?"
	}
	return class
}

// enumerated returns the classes whose instances were asked for since the last call, in that
// order.
func (h *host) enumerated() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	list := h.read
	h.read = nil
	return list
}

// onEnumerate sets what is called before a class is read.
func (h *host) onEnumerate(do func(class string) (done func())) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.enumerates = do
}

func (h *host) setDown(down bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.down = down
}

func (h *host) called(operation string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.calls[operation]
}

// destinations returns the URLs that the host delivers to.
func (h *host) destinations(t testing.TB) []string {
	t.Helper()
	handlers, err := h.Instances(interop, "CIM_IndicationHandlerCIMXML")
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, i := range handlers {
		list = append(list, i.Text("Destination"))
	}
	return list
}

// subscriptions returns the paths of the host's subscriptions.
func (h *host) subscriptions(t testing.TB) []string {
	t.Helper()
	instances, err := h.Instances(interop, "CIM_IndicationSubscription")
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, i := range instances {
		list = append(list, i.Path.Canonical())
	}
	return list
}

// play plays a step of the scenario and waits until the daemon has taken it in.
func (h *host) play(t testing.TB, d *running, steps ...string) {
	t.Helper()
	ctx := within(t)
	for _, step := range steps {
		if err := errors.Join(h.Play(ctx, step), h.Flush(ctx), d.Settle(ctx)); err != nil {
			t.Fatalf("step %s: %v", step, err)
		}
	}
}

// within returns a context that ends when the test or its patience does.
func within(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

// configFor returns the configuration of a daemon on loopback for the hosts at urls, named
// esx1, esx2 and so on.
func configFor(t testing.TB, urls ...string) *daemon.Config {
	t.Helper()
	c := &daemon.Config{
		Name: "test", OnShutdown: daemon.OnShutdownKeep,
		Store:    daemon.StoreConfig{File: filepath.Join(t.TempDir(), "cimwatch.db")},
		Listener: daemon.ListenerConfig{Address: "127.0.0.1:0"},
		Metrics:  daemon.MetricsConfig{Address: "127.0.0.1:0"},
	}
	for i, url := range urls {
		h := daemon.HostConfig{Name: "esx" + string(rune('1'+i)), URL: url}
		h.Namespace, h.Timeout, h.Interval = "root/cimv2", 20*time.Second, time.Hour
		h.Reread = daemon.RereadNo // tests that state what is in the history have nothing else come in between
		h.Classes = []string{
			"OMC_IpmiAlertIndication", "VMware_HHRCAlertIndication",
			"CIM_InstCreation", "CIM_InstDeletion", "CIM_InstModification",
		}
		c.Hosts = append(c.Hosts, h)
	}
	return c
}

// An applied entry is what Observer.Applied was told.
type applied struct {
	entry   store.Entry
	event   event.Event
	changes []inventory.Change
}

// running is a daemon that runs, and what it has told.
type running struct {
	*daemon.Daemon
	t        testing.TB
	client   *web.Client
	stop     func() error  // stops it and returns what Run returned; may be called again
	ended    chan struct{} // closed when Run has returned
	logs     *syncBuffer
	statuses chan daemon.HostStatus

	mu      sync.Mutex
	reports map[string]subscriber.Report // by host, the last
	synced  map[string][]inventory.Change
	applied []applied
}

// start runs a daemon until the test ends or stop is called.
func start(t testing.TB, config *daemon.Config, opts *daemon.Options) *running {
	t.Helper()
	r := &running{
		t: t, logs: &syncBuffer{}, statuses: make(chan daemon.HostStatus, 1000), ended: make(chan struct{}),
		reports: map[string]subscriber.Report{}, synced: map[string][]inventory.Change{},
	}
	var o daemon.Options
	if opts != nil {
		o = *opts
	}
	o.Version = "v1.2.3"
	o.Logger = slog.New(slog.NewTextHandler(r.logs, &slog.HandlerOptions{Level: slog.LevelDebug}))
	answered, reread := o.Observe.Answered, o.Observe.Reread
	o.Observe = daemon.Observer{
		Answered: answered, Reread: reread, Host: func(s daemon.HostStatus) { r.statuses <- s },
		Reconciled: r.noteReport, Synced: r.noteSync, Applied: r.noteApplied,
	}
	d, err := daemon.New(t.Context(), config, &o)
	if err != nil {
		t.Fatal(err)
	}
	r.Daemon = d
	if address := d.MetricsAddr(); address != nil {
		if r.client, err = web.NewClient("http://" + address.String()); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	var result error
	go func() {
		defer close(r.ended)
		result = d.Run(ctx)
	}()
	r.stop = func() error {
		cancel()
		<-r.ended
		return result
	}
	t.Cleanup(func() {
		if err := r.stop(); err != nil {
			t.Errorf("run: %v", err)
		}
		if t.Failed() {
			t.Logf("log of the daemon:\n%s", r.logs)
		}
	})
	return r
}

func (r *running) noteReport(host string, report subscriber.Report) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.reports[host] = report
}

func (r *running) noteSync(host string, changes []inventory.Change) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.synced[host] = changes
}

func (r *running) noteApplied(e store.Entry, ev event.Event, changes []inventory.Change) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.applied = append(r.applied, applied{e, ev, changes})
}

func (r *running) report(host string) subscriber.Report {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.reports[host]
}

func (r *running) firstSync(host string) []inventory.Change {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.synced[host]
}

// takeApplied returns what was applied since the last call.
func (r *running) takeApplied() []applied {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := r.applied
	r.applied = nil
	return list
}

// await waits for the next status of a host and returns it; those of others are lost.
func (r *running) await(host string) daemon.HostStatus {
	r.t.Helper()
	deadline := time.After(patience)
	for {
		select {
		case s := <-r.statuses:
			if s.Host == host {
				return s
			}
		case <-r.ended:
			r.t.Fatalf("the daemon ended while a status of %s was awaited: %v", host, r.stop())
		case <-deadline:
			r.t.Fatalf("no status of %s", host)
		}
	}
}

// awaitSubscribed waits until a host is subscribed and fails when the next status says
// another thing.
func (r *running) awaitSubscribed(host string) {
	r.t.Helper()
	if s := r.await(host); s.State != daemon.StateSubscribed {
		r.t.Fatalf("%s is %s: %s", host, s.State, s.Detail)
	}
}

// component returns the component of that name as the API has it.
func (r *running) component(host, name string) web.Component {
	r.t.Helper()
	components, err := r.client.Components(within(r.t), host)
	if err != nil {
		r.t.Fatal(err)
	}
	for _, c := range components {
		if c.Name == name {
			return c
		}
	}
	r.t.Fatalf("host %s has no component %q", host, name)
	return web.Component{}
}

// entries returns the journal of a store that nobody has open.
func entries(t testing.TB, file string) []store.Entry {
	t.Helper()
	var list []store.Entry
	withStore(t, file, func(s *store.Store) {
		for e, err := range s.Read(t.Context(), 0) {
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, e)
		}
	})
	return list
}

// withStore opens a store that nobody has open and checks it.
func withStore(t testing.TB, file string, do func(*store.Store)) {
	t.Helper()
	s, err := store.Open(file, nil)
	if err != nil {
		t.Fatal(err)
	}
	do(s)
	if err := errors.Join(s.Check(context.WithoutCancel(t.Context())), s.Close()); err != nil {
		t.Error(err)
	}
}

// syncBuffer is a buffer that several goroutines write to.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// ended returns a context that has ended.
func ended(t testing.TB) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}

// awaitReady waits until /readyz has a status. What is kept in pages that were free already
// may make a full disk look well for a moment.
func (r *running) awaitReady(want int) {
	r.t.Helper()
	deadline := time.Now().Add(patience)
	for got, body := r.get("/readyz"); got != want; got, body = r.get("/readyz") {
		if time.Now().After(deadline) {
			r.t.Fatalf("readyz is %d %s, want %d", got, body, want)
		}
	}
}

// queryOf returns the query for all components of a host.
func queryOf(host string) inventory.Query {
	return inventory.Query{Hosts: []inventory.Pattern{inventory.Pattern(host)}}
}
