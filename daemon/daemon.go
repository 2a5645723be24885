package daemon

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	exporter "github.com/prometheus/exporter-toolkit/web"

	"github.com/cimwatch/cimwatch/listener"
	"github.com/cimwatch/cimwatch/store"
	"github.com/cimwatch/cimwatch/store/postgres"
)

// Options are what a daemon can be given besides its configuration. The zero Options
// are those of a process.
type Options struct {
	Logger   *slog.Logger         // nil: nothing is logged
	Registry *prometheus.Registry // nil: one of its own
	Version  string               // for the metrics
	Observe  Observer
	Getenv   func(string) string                  // nil: os.Getenv
	Now      func() time.Time                     // nil: time.Now
	After    func(time.Duration) <-chan time.Time // nil: time.After
}

// Daemon is a cimwatch server. Its methods may be called from several goroutines.
type Daemon struct {
	config  *Config
	log     *slog.Logger
	observe Observer
	version string
	getenv  func(string) string
	now     func() time.Time
	after   func(time.Duration) <-chan time.Time

	metrics   *metrics
	registry  *prometheus.Registry
	readers   *prometheus.GaugeVec // of streams of the API
	store     *store.Store
	kept      store.Inventory     // the inventory, which need not be in the store
	updates   *Announced          // the same
	database  *postgres.Inventory // nil: the inventory is in the store
	watched   *watchedInventory   // of the database
	secret    []byte
	inventory *inventoryKeeper
	listener  *listener.Server
	access    access
	hostOf    map[string]string // by the listener's path; not written after New
	contexts  *contexts
	slots     *slots
	unmet     *unmet
	looked    firstLooks
	hosts     []*host
	hostNamed map[string]*host // not written after New
	publicURL string

	listenerSocket net.Listener
	metricsSocket  net.Listener
	closers        []closer // in the order the resources appeared

	gaps        chan struct{}    // holds one value while there are gaps to tell of
	told        uint64           // number of the last gap that was; of New, then of who follows them
	untold      bool             // and the store does not have that number
	ended       chan struct{}    // closed when who follows the journal is to end
	uncommitted atomic.Bool      // the last commit of the journal failed
	trouble     listener.Trouble // of commits, for the log
	stopping    atomic.Bool
}

type closer struct {
	name  string
	close func() error
}

// New opens the store and the sockets of a daemon and makes everything ready to run. It
// contacts no host. After an error nothing is left open; after success Run must be
// called, with a context that has ended if need be.
func New(ctx context.Context, config *Config, opts *Options) (_ *Daemon, err error) {
	d := &Daemon{
		config: config, hostOf: map[string]string{}, hostNamed: map[string]*host{},
		contexts: newContexts(), ended: make(chan struct{}), gaps: make(chan struct{}, 1),
		slots: newSlots(cmp.Or(config.Concurrency, defaultConcurrency)),
		unmet: newUnmet(config.Hosts),
	}
	d.configure(opts)
	defer func() {
		if err != nil {
			err = errors.Join(err, d.close())
		}
	}()
	for _, step := range []func(context.Context) error{
		d.addHosts, d.addSenders, d.openStore, d.listen, d.listenMetrics, d.declareHosts, d.makeListener, d.register,
	} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	return d, nil
}

func (d *Daemon) configure(opts *Options) {
	var o Options
	if opts != nil {
		o = *opts
	}
	d.log, d.observe, d.registry = o.Logger, o.Observe, o.Registry
	d.getenv, d.now, d.after = o.Getenv, o.Now, o.After
	if d.log == nil {
		d.log = slog.New(slog.DiscardHandler)
	}
	if d.registry == nil {
		d.registry = prometheus.NewRegistry()
	}
	if d.getenv == nil {
		d.getenv = os.Getenv
	}
	if d.now == nil {
		d.now = time.Now
	}
	if d.after == nil {
		d.after = time.After
	}
	d.metrics, d.version = newMetrics(), o.Version
	if d.config.Metrics.Components {
		d.metrics.components.most = cmp.Or(d.config.Metrics.MaxSeries, defaultMaxSeries)
	}
}

func (d *Daemon) onClose(name string, closeFunc func() error) {
	d.closers = append(d.closers, closer{name, closeFunc})
}

// close closes what New opened, backwards.
func (d *Daemon) close() error {
	var errs []error
	for _, c := range slices.Backward(d.closers) {
		if err := c.close(); err != nil && !errors.Is(err, net.ErrClosed) {
			errs = append(errs, fmt.Errorf("close %s: %w", c.name, err))
		}
	}
	d.closers = nil
	return errors.Join(errs...)
}

func (d *Daemon) listenMetrics(ctx context.Context) (err error) {
	if d.config.Metrics.Address == "" {
		return nil
	}
	d.metricsSocket, err = (&net.ListenConfig{}).Listen(ctx, "tcp", d.config.Metrics.Address)
	if err != nil {
		return fmt.Errorf("metrics: %w", err)
	}
	d.onClose("the metrics socket", d.metricsSocket.Close)
	if err := exporter.Validate(d.config.Metrics.WebConfig); err != nil {
		return fmt.Errorf("metrics: web_config: %w", err)
	}
	if d.config.Metrics.Backup && !authenticates(d.config.Metrics.WebConfig) {
		return fmt.Errorf("metrics: backup: %s asks nobody for authentication", d.config.Metrics.WebConfig)
	}
	return nil
}

// addHosts makes the clients of all hosts. It comes first: what is wrong with a password or
// a certificate is told before a store is made.
func (d *Daemon) addHosts(context.Context) error {
	for _, config := range d.config.Hosts {
		h, err := newHost(d, config)
		if err != nil {
			return err
		}
		d.hosts = append(d.hosts, h)
		d.hostNamed[config.Name] = h
		d.metrics.startHost(config.Name)
	}
	return nil
}

// declareHosts works out the subscriptions of all hosts.
func (d *Daemon) declareHosts(ctx context.Context) (err error) {
	for _, h := range d.hosts {
		if h.declaration, err = d.declare(&h.config); err != nil {
			return fmt.Errorf("host %s: %w", h.config.Name, err)
		}
		h.showCount(0)
	}
	return d.inventory.keepHosts(ctx, d.hosts)
}

func (d *Daemon) register(context.Context) error {
	for _, c := range append(d.storeMetrics(), d.standMetrics()...) {
		if err := d.registry.Register(c); err != nil {
			return err
		}
	}
	if err := errors.Join(d.registerProgress(), d.registerReaders()); err != nil {
		return err
	}
	return d.metrics.register(d.registry, d.version, d.queueDepth, d.listener.Stats)
}

// ListenerAddr returns the address that indications arrive at.
func (d *Daemon) ListenerAddr() net.Addr { return d.listenerSocket.Addr() }

// MetricsAddr returns the address of metrics and API, nil when they are not served.
func (d *Daemon) MetricsAddr() net.Addr {
	if d.metricsSocket == nil {
		return nil
	}
	return d.metricsSocket.Addr()
}

// Settle waits until the inventory has taken in every indication that was kept when Settle
// is called.
func (d *Daemon) Settle(ctx context.Context) error {
	if err := d.store.Flush(ctx); err != nil {
		return err
	}
	return d.inventory.cursor.wait(ctx, d.store.LastNumber())
}

// Run runs the daemon until ctx ends or a part of it fails, then drains it: hosts first,
// then the listener, which answers what it has taken on, then the journal's reader, then
// the store.
func (d *Daemon) Run(ctx context.Context) error {
	failed := make(chan error, 2) // room for one of each front
	drainListener := d.serveListener(failed)
	stopMetrics := d.serveMetrics(failed)

	if err := d.tellGaps(ctx, false); err != nil { // all hosts have a turn now
		d.gapped(store.Gap{}) // it is tried again
	}
	working, stop := context.WithCancel(ctx)
	defer stop()
	var hosts sync.WaitGroup
	for _, h := range d.hosts {
		hosts.Go(func() { h.run(working) })
	}
	// What the listener still takes on while it drains has to be followed, too.
	following, stopFollowing := context.WithCancel(context.WithoutCancel(ctx))
	defer stopFollowing()
	var follower sync.WaitGroup
	follower.Go(func() { d.inventory.follow(following) })
	follower.Go(func() { d.followGaps(following) })
	follower.Go(func() { d.condenseHistory(following) })
	follower.Go(func() { d.watchDatabase(following) })
	d.log.Info("started", "listener", d.listenerSocket.Addr().String(), "hosts", len(d.hosts))

	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	d.log.Info("stopping")
	d.stopping.Store(true)
	stop()
	hosts.Wait()
	d.takeBack(ctx)
	err = errors.Join(err, within(ctx, drainListener))
	stopFollowing()
	follower.Wait()
	err = errors.Join(err, within(ctx, d.store.Flush))
	close(d.ended)
	err = errors.Join(err, within(ctx, d.inventory.drain), within(ctx, stopMetrics), d.close())
	d.log.Info("stopped")
	return err
}

// drainTime bounds each step of an orderly stop. It is longer than the 10 s that senders
// wait for an answer.
const drainTime = 12 * time.Second

// within gives a step of an orderly stop its time, though ctx has ended.
func within(ctx context.Context, step func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
	defer cancel()
	return step(ctx)
}

// takeBack removes the subscriptions of all hosts when the configuration says so.
func (d *Daemon) takeBack(ctx context.Context) {
	if d.config.OnShutdown != OnShutdownUnsubscribe {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
	defer cancel()
	var all sync.WaitGroup
	for _, h := range d.hosts {
		all.Go(func() { h.unsubscribe(ctx) })
	}
	all.Wait()
}
