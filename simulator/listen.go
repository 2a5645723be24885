package simulator

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
)

// Listen starts to serve on a TCP address such as "127.0.0.1:0" in the background, until
// Close.
func (s *Server) Listen(addr string) error {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	s.setListener(l)
	s.workers.Go(func() {
		if err := s.Serve(l); err != nil {
			s.logger.Error("server ended", "error", err)
		}
	})
	return nil
}

func (s *Server) setListener(l net.Listener) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.listener = l
}

// Serve serves on a listener, with TLS when the options have it, and returns nil after
// Close. It closes the listener.
func (s *Server) Serve(l net.Listener) error {
	s.setListener(l)
	if s.opts.TLS != nil {
		l = tls.NewListener(l, s.opts.TLS)
	}
	if err := s.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serving on %s: %w", l.Addr(), err)
	}
	return nil
}

// Addr returns the address that the server listens on, nil before Listen.
func (s *Server) Addr() net.Addr {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.listener == nil {
		return nil
	}
	return s.listener.Addr()
}

// URL returns the URL of the server after Listen, such as http://127.0.0.1:5988, with
// a loopback address when it listens on all.
func (s *Server) URL() string {
	address, ok := s.Addr().(*net.TCPAddr)
	if !ok {
		return ""
	}
	scheme, host := "http", address.IP
	if s.opts.TLS != nil {
		scheme = "https"
	}
	if host.IsUnspecified() {
		host = net.IPv4(127, 0, 0, 1)
	}
	return fmt.Sprintf("%s://%s", scheme, (&net.TCPAddr{IP: host, Port: address.Port}).String())
}

// Flush waits until every indication that was fired is delivered or given up.
func (s *Server) Flush(ctx context.Context) error {
	for _, d := range s.destinations() {
		if err := d.idle(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) destinations() []*destination {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var list []*destination
	for _, d := range s.indications.destinations {
		list = append(list, d)
	}
	return list
}

// Close stops to listen, waits until what was fired is delivered or ctx ends, and
// abandons the rest. When it returns nothing of the server runs any more. The error is
// that of ctx when something was abandoned.
func (s *Server) Close(ctx context.Context) error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.faults.close()
	err := s.http.Shutdown(ctx)
	if err != nil {
		_ = s.http.Close()
	}
	err = errors.Join(err, s.Flush(ctx))
	for _, d := range s.destinations() {
		d.abandon()
	}
	s.workers.Wait()
	return err
}
