package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
	exporter "github.com/prometheus/exporter-toolkit/web"

	"github.com/cimwatch/cimwatch/event"
	"github.com/cimwatch/cimwatch/listener"
	"github.com/cimwatch/cimwatch/store"
	"github.com/cimwatch/cimwatch/web"
)

// keep is the listener's handler: it returns when the indication is on disk, and not
// before. What became of it in the journal is told to took.
func (d *Daemon) keep(ctx context.Context, i *listener.Indication) error {
	err := d.store.Keep(ctx, NewEntry(i))
	if err != nil {
		d.metrics.received(i.Instance.Class, outcomeFailed)
	}
	return err
}

// took counts an indication that the journal has taken in.
func (d *Daemon) took(e *store.Entry, duplicate bool) {
	outcome := outcomeKept
	if duplicate {
		outcome = outcomeDuplicate
	}
	d.metrics.received(e.Class, outcome)
}

// NewEntry returns the journal entry of an indication.
func NewEntry(i *listener.Indication) store.Entry {
	e := store.Entry{
		Received: i.Received, Remote: i.Remote.String(), Path: i.Path, Host: i.Host,
		Class: i.Instance.Class, MessageID: i.MessageID, Raw: i.Raw,
	}
	if i.Sequence != nil {
		e.Sequence = &event.Sequence{Context: i.Sequence.Context, Number: i.Sequence.Number}
	}
	return e
}

// answered counts what the handler was not asked about: what was refused for what it was,
// and what failed for our own state, such as being busy or about to stop.
func (d *Daemon) answered(a listener.Answer) {
	status := fmt.Sprintf("%dxx", a.Status/100)
	d.metrics.duration.WithLabelValues(status).Observe(a.Duration.Seconds())
	switch {
	case a.Indication != nil: // counted by keep
	case a.Status >= http.StatusInternalServerError && a.Status != http.StatusNotImplemented:
		d.metrics.received("", outcomeFailed)
	default:
		d.metrics.received("", outcomeRefused)
	}
	if d.observe.Answered != nil {
		d.observe.Answered(a)
	}
}

// serveMetrics serves metrics, health and the API and returns what stops it.
func (d *Daemon) serveMetrics(failed chan<- error) func(context.Context) error {
	if d.metricsSocket == nil {
		return func(context.Context) error { return nil }
	}
	server := &http.Server{
		Handler:           d.metricsHandler(),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      2 * time.Minute, // a whole history, to somebody slow
		IdleTimeout:       2 * time.Minute,
		ErrorLog:          slog.NewLogLogger(d.log.Handler(), slog.LevelDebug),
	}
	webConfig := d.config.Metrics.WebConfig
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		quiet := slog.New(slog.DiscardHandler)
		err := exporter.Serve(d.metricsSocket, server, &exporter.FlagConfig{WebConfigFile: &webConfig}, quiet)
		if err != nil && !errors.Is(err, http.ErrServerClosed) {
			failed <- fmt.Errorf("metrics: %w", err)
		}
	}()
	return func(ctx context.Context) error {
		err := server.Shutdown(ctx)
		if errors.Is(err, context.DeadlineExceeded) {
			err = server.Close() // somebody reads too slowly
		}
		<-ended
		return err
	}
}

func (d *Daemon) metricsHandler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(d.registry, promhttp.HandlerOpts{Registry: d.registry}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprintln(w, "ok") // the peer is gone; there is nobody to tell
	})
	mux.HandleFunc("GET /readyz", d.ready)
	mux.Handle("/api/v1/subscriptions", web.NewSubscriptionsHandler(d.subscriptions, d.log.With("component", "api")))
	mux.Handle("/api/v1/sync", web.NewSyncHandler(d.syncHosts, d.log.With("component", "api")))
	mux.Handle("/api/v1/forget", web.NewForgetHandler(d.Forget, d.mayForget, d.log.With("component", "api")))
	indications := web.NewJournalHandler(NewJournal(d.store, d.ended), d.log.With("component", "api"))
	mux.Handle("/api/v1/indications", d.counted(streamIndications, indications))
	mux.Handle("/api/v1/updates", d.counted(streamUpdates, web.NewUpdatesHandler(d.updates, d.log.With("component", "api"))))
	for _, path := range []string{"/api/v1/position", "/api/v1/cursors", "/api/v1/cursors/"} {
		mux.Handle(path, indications)
	}
	if d.config.Metrics.Backup {
		mux.Handle("/api/v1/backup", web.NewBackupHandler(d.store.Backup, d.mayBackUp, d.log.With("component", "api")))
	}
	mux.Handle("/api/v1/", web.NewHandler(NewSource(d.kept), d.log.With("component", "api")))
	return mux
}

// syncHosts is Resync for the API.
func (d *Daemon) syncHosts(hosts ...string) error {
	err := d.Resync(hosts...)
	if errors.Is(err, ErrUnknownHost) {
		return fmt.Errorf("%w: %w", web.ErrNotFound, err)
	}
	return err
}

// ready says whether indications are kept and taken in: it fails while the store cannot
// write, and when the daemon stops.
func (d *Daemon) ready(w http.ResponseWriter, _ *http.Request) {
	since, failure := d.inventory.stands.now()
	switch {
	case d.stopping.Load():
		http.Error(w, "stopping", http.StatusServiceUnavailable)
	case d.uncommitted.Load():
		http.Error(w, "indications cannot be kept", http.StatusServiceUnavailable)
	case failure != nil:
		text := fmt.Sprintf("the inventory does not follow the journal since %s: %s", since.UTC().Format(time.RFC3339), standReasonOf(failure))
		http.Error(w, text, http.StatusServiceUnavailable)
	default:
		_, _ = fmt.Fprintln(w, "ready") // the peer is gone; there is nobody to tell
	}
}
