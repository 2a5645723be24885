package listener

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"

	"github.com/cimwatch/cimwatch/cimxml"
)

// Server receives indications. It serves on listeners of its own with Serve, and is an
// http.Handler for use within another server, whose time limits then hold.
type Server struct {
	handler  Handler
	opts     Options
	paths    map[[sha256.Size]byte]struct{}
	http     http.Server
	workers  sync.Pool // of *worker
	gate     gate
	outcomes [outcomeCount]atomic.Uint64
	failing  atomic.Bool // the last answer of the handler was an error
}

// A worker is what serving a request needs and the next can use again.
type worker struct {
	decoder *cimxml.ExportDecoder
	answer  []byte
}

// New returns a Server that gives what arrives to handler. It does no I/O. Nil options
// are the same as zero Options.
func New(handler Handler, options *Options) *Server {
	s := &Server{handler: handler, opts: options.orDefault()}
	s.gate.room = s.opts.MaxConcurrent
	s.gate.empty = make(chan struct{})
	s.paths = make(map[[sha256.Size]byte]struct{}, len(s.opts.Paths))
	for _, p := range s.opts.Paths {
		s.paths[sha256.Sum256([]byte(p))] = struct{}{}
	}
	s.http = http.Server{
		Handler:                      s,
		DisableGeneralOptionsHandler: true,
		TLSConfig:                    s.opts.TLS,
		Protocols:                    new(http.Protocols),
		ReadHeaderTimeout:            s.opts.HeaderTimeout,
		ReadTimeout:                  s.opts.ReadTimeout,
		WriteTimeout:                 s.opts.WriteTimeout,
		IdleTimeout:                  s.opts.IdleTimeout,
		MaxHeaderBytes:               maxHeader,
		ErrorLog:                     slog.NewLogLogger(s.opts.Logger.Handler(), slog.LevelDebug),
	}
	s.http.Protocols.SetHTTP1(true) // CIM operations are mapped to no other version
	return s
}

func (s *Server) worker() *worker {
	if k, ok := s.workers.Get().(*worker); ok {
		return k
	}
	decoder := cimxml.NewExportDecoder(s.opts.Limits)
	decoder.Mode = cimxml.ModeLenient // an indication that is refused comes never again
	return &worker{decoder: decoder}
}

// Serve answers what comes in through ln until Shutdown, and closes ln. It returns nil
// when Shutdown has begun; wait for Shutdown itself. Serve may be called for several
// listeners.
func (s *Server) Serve(ln net.Listener) error {
	var err error
	if s.opts.TLS != nil {
		err = s.http.ServeTLS(ln, "", "")
	} else {
		err = s.http.Serve(ln)
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return fmt.Errorf("serving on %s: %w", ln.Addr(), err)
}

// ListenAndServe listens on a TCP address, such as ":5990", and serves until ctx ends.
// Then it shuts down and gives running requests the time of Options.WriteTimeout.
func (s *Server) ListenAndServe(ctx context.Context, addr string) error {
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return fmt.Errorf("listening on %s: %w", addr, err)
	}
	down := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() {
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.opts.WriteTimeout)
		defer cancel()
		down <- s.Shutdown(end)
	})
	err = s.Serve(ln)
	if stop() {
		return err // ctx has not ended: serving failed, or somebody else shut down
	}
	return errors.Join(err, <-down)
}

// Shutdown waits for the requests that are being served, also where another server serves
// them, and answers 503 to all others. Then it closes the listeners and connections. When
// ctx ends first, it closes them at once and returns the error of ctx. A Server does not
// start again.
func (s *Server) Shutdown(ctx context.Context) error {
	s.gate.close()
	// From here on answers say that the connection closes, so that no sender goes on to
	// use it. net/http would drop requests unanswered once its own Shutdown has begun.
	s.http.SetKeepAlivesEnabled(false)
	var err error
	select {
	case <-s.gate.empty:
		err = s.http.Shutdown(ctx)
	case <-ctx.Done():
		err = ctx.Err()
	}
	if err != nil {
		return errors.Join(fmt.Errorf("shutting down the listener: %w", err), s.http.Close())
	}
	return nil
}

// Stats are the counts of a Server since its start.
type Stats struct {
	Answers map[string]uint64 // by reason, those in the package comment; every one is there
	Serving int               // requests being served now
}

// Stats returns the counts as they are.
func (s *Server) Stats() Stats {
	stats := Stats{Answers: make(map[string]uint64, outcomeCount), Serving: s.gate.count()}
	for o := range outcomeCount {
		stats.Answers[o.ruling().reason] = s.outcomes[o].Load()
	}
	return stats
}

// served reports whether a path is among those served. Paths are compared by hash, so
// the time it takes depends on nothing that a sender could use to find one.
func (s *Server) served(path string) bool {
	if len(s.paths) == 0 {
		return true
	}
	_, ok := s.paths[sha256.Sum256([]byte(path))]
	return ok
}
