package main

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"time"

	"github.com/cimwatch/cimwatch/cimxml"
	"github.com/cimwatch/cimwatch/daemon"
	"github.com/cimwatch/cimwatch/listener"
	"github.com/cimwatch/cimwatch/store"
)

// A service is something to send to.
type service struct {
	addr string
	stop func() error
}

// nullService is the measure of all others: a server of net/http that drains the body and
// answers what the listener would.
func nullService(ctx context.Context, config *tls.Config) (*service, error) {
	answer := cimxml.AppendExportResponse(nil, "2", "ExportIndication", nil)
	server := &http.Server{
		TLSConfig:         config,
		ReadHeaderTimeout: time.Minute,
		ErrorLog:          slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug),
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if _, err := io.Copy(io.Discard, r.Body); err != nil {
				return
			}
			w.Header().Set("Content-Type", `application/xml; charset="utf-8"`)
			w.Header().Set("CIMExport", "MethodResponse")
			_, _ = w.Write(answer) // the load generator finds out
		}),
	}
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	ended := make(chan error, 1)
	go func() {
		if config != nil {
			ended <- server.ServeTLS(ln, "", "")
		} else {
			ended <- server.Serve(ln)
		}
	}()
	return &service{addr: ln.Addr().String(), stop: func() error {
		err := server.Close()
		if served := <-ended; !errors.Is(served, http.ErrServerClosed) {
			err = errors.Join(err, served)
		}
		return err
	}}, nil
}

// listenerService serves a listener with handler.
func listenerService(ctx context.Context, handler listener.Handler, config *tls.Config) (*service, error) {
	server := listener.New(handler, &listener.Options{
		TLS: config, Lend: true, MaxConcurrent: 1 << 14, MaxPerAddress: 1 << 14, MaxOpening: 1 << 14,
	})
	ln, err := listener.Listen(ctx, "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(ln) }()
	return &service{addr: ln.Addr().String(), stop: func() error {
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		return errors.Join(server.Shutdown(end), <-ended)
	}}, nil
}

// forgetful keeps nothing.
func forgetful(context.Context, *listener.Indication) error { return nil }

// durableService answers when the indication is on disk, as the daemon does.
func durableService(ctx context.Context, dir string) (*service, error) {
	s, err := store.Open(filepath.Join(dir, "bench.db"), nil)
	if err != nil {
		return nil, err
	}
	keep := func(ctx context.Context, i *listener.Indication) error { return s.Keep(ctx, daemon.NewEntry(i)) }
	v, err := listenerService(ctx, listener.HandlerFunc(keep), nil)
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	stop := v.stop
	v.stop = func() error {
		err := errors.Join(stop(), s.Close())
		if s.Stats().Duplicates > 0 {
			err = errors.Join(err, errors.New("the load repeats itself"))
		}
		return err
	}
	return v, nil
}
