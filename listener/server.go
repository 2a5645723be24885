package listener

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Server receives indications. It serves on listeners of its own with Serve, and is an
// http.Handler for use within another server, whose time limits then hold.
type Server struct {
	handler  Handler
	opts     Options
	paths    atomic.Pointer[pathSet] // nil: any
	users    []credential
	guard    *guard
	front    front
	http     http.Server // TLS, and what the front leaves
	workers  sync.Pool   // of *worker
	decoders sync.Pool   // of *cimxml.ExportDecoder
	gate     *gate       // of requests
	budget   budget
	outcomes [outcomeCount]atomic.Uint64
	kept     atomic.Uint64
	trouble  Trouble // of the handler
}

// New returns a Server that gives what arrives to handler. It does no I/O. Nil options
// are the same as zero Options.
func New(handler Handler, options *Options) *Server {
	s := &Server{handler: handler, opts: options.orDefault()}
	s.gate = newGate(s.opts.MaxConcurrent)
	s.budget.left.Store(s.opts.MaxBodies)
	if len(s.opts.Paths) > 0 {
		s.SetPaths(s.opts.Paths)
	}
	s.users = credentials(s.opts.Users)
	s.guard = newGuard(room{
		total: s.opts.MaxConnections, address: s.opts.MaxPerAddress,
		opening: s.opts.MaxOpening, idle: s.opts.MaxIdle,
	}, s.allows)
	s.http = http.Server{
		Handler:                      s,
		DisableGeneralOptionsHandler: true,
		TLSConfig:                    s.opts.tlsConfig(),
		ConnState:                    s.guard.follow,
		Protocols:                    new(http.Protocols),
		ReadHeaderTimeout:            s.opts.HeaderTimeout,
		ReadTimeout:                  s.opts.ReadTimeout,
		WriteTimeout:                 s.opts.WriteTimeout,
		IdleTimeout:                  s.opts.IdleTimeout,
		MaxHeaderBytes:               maxHeader,
		ErrorLog:                     slog.NewLogLogger(s.opts.Logger.Handler(), slog.LevelDebug),
	}
	s.http.Protocols.SetHTTP1(true)                        // CIM operations are mapped to no other version
	s.front.server, s.front.open = s, newGate(math.MaxInt) // the guard bounds them
	return s
}

// Serve answers what comes in through ln until Shutdown, and closes ln. It returns nil
// when Shutdown has begun; wait for Shutdown itself. Serve may be called for several
// listeners.
func (s *Server) Serve(ln net.Listener) error {
	var err error
	ln = guardedListener{Listener: ln, guard: s.guard}
	if s.opts.TLS != nil {
		err = s.http.ServeTLS(ln, "", "")
	} else {
		err = s.serveFront(ln)
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return fmt.Errorf("serving on %s: %w", ln.Addr(), err)
}

// serveFront serves connections without TLS.
func (s *Server) serveFront(ln net.Listener) error {
	over, ended := newHandover(ln.Addr(), s.guard), make(chan struct{})
	go func() {
		defer close(ended)
		_ = s.http.Serve(over) // ends when over is closed, here or by Shutdown
	}()
	err := s.http.Serve(&frontListener{Listener: ln, front: &s.front, over: over})
	_ = over.Close() // never fails
	<-ended
	return err
}

// ListenAndServe listens on a TCP address, such as ":5990", and serves until ctx ends.
// Then it shuts down and gives running requests the time of Options.WriteTimeout.
func (s *Server) ListenAndServe(ctx context.Context, addr string) error {
	ln, err := Listen(ctx, addr)
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
	// From here on answers say that the connection closes, so that no sender goes on to
	// use it. net/http would drop requests unanswered once its own Shutdown has begun.
	s.gate.close()
	var err error
	select {
	case <-s.gate.empty:
		if err = s.settle(ctx); err == nil {
			err = s.closeAll(ctx)
		}
	case <-ctx.Done():
		err = ctx.Err()
	}
	if err != nil {
		s.guard.closeAll()
		return errors.Join(fmt.Errorf("shutting down the listener: %w", err), s.http.Close())
	}
	return nil
}

// closeAll closes the listeners, and the connections as soon as they are silent.
func (s *Server) closeAll(ctx context.Context) error {
	s.guard.closeSilent()
	if err := s.http.Shutdown(ctx); err != nil {
		return err
	}
	s.front.open.close()
	select {
	case <-s.front.open.empty:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// followUp is how soon a sender with more to send goes on after an answer.
const followUp = 50 * time.Millisecond

// settle gives the senders that were answered before the shutdown, and so were not told
// that the connection closes, the time to find out by their next request.
func (s *Server) settle(ctx context.Context) error {
	since, ok := s.guard.lastIdle()
	if !ok {
		return nil
	}
	timer := time.NewTimer(time.Until(since.Add(followUp)))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// draining reports whether Shutdown has begun.
func (s *Server) draining() bool { return s.gate.isClosed() }

// Stats are the counts of a Server since its start, and what it has to do now.
type Stats struct {
	Answers     map[string]uint64 // by reason, those in the package comment; every one is there
	Connections map[string]uint64 // accepted, refused and cut off, by reason, as there
	Indications uint64            // kept; a batch holds several

	Serving int // requests being served
	Open    int // connections
	Opening int // of those, before the first request
	Idle    int // of those, between two requests
}

// Stats returns the counts as they are.
func (s *Server) Stats() Stats {
	stats := Stats{
		Answers:     make(map[string]uint64, outcomeCount),
		Indications: s.kept.Load(),
		Serving:     s.gate.count(),
	}
	s.guard.fill(&stats)
	for o := range outcomeCount {
		stats.Answers[o.ruling().reason] = s.outcomes[o].Load()
	}
	return stats
}
