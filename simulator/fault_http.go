package simulator

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// trickleSize is how many bytes are sent between two waits.
const trickleSize = 64

var errCut = errors.New("the connection was cut by a fault")

// faultyWriter lets the body of an answer pass in pieces, or up to a place.
type faultyWriter struct {
	http.ResponseWriter

	trickle func() error // called before each piece; nil: all at once
	left    int          // bytes until the cut; negative: none
}

// Write writes p as far as the fault lets it.
func (w *faultyWriter) Write(p []byte) (int, error) {
	written := 0
	for len(p) > 0 {
		piece := p
		if w.trickle != nil {
			piece = p[:min(trickleSize, len(p))]
		}
		if w.left >= 0 {
			piece = piece[:min(w.left, len(piece))]
		}
		n, err := w.piece(piece)
		written += n
		if err != nil {
			return written, err
		}
		p = p[n:]
	}
	return written, nil
}

func (w *faultyWriter) piece(p []byte) (int, error) {
	if w.trickle != nil {
		if err := w.trickle(); err != nil {
			hangUp(w.ResponseWriter)
			return 0, err
		}
	}
	n, err := w.ResponseWriter.Write(p)
	if err != nil || w.trickle == nil && w.left < 0 {
		return n, err
	}
	if err := http.NewResponseController(w.ResponseWriter).Flush(); err != nil {
		return n, err
	}
	if w.left >= 0 {
		if w.left -= n; w.left == 0 {
			hangUp(w.ResponseWriter)
			return n, errCut
		}
	}
	return n, nil
}

// Unwrap returns the writer behind, for [http.ResponseController].
func (w *faultyWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// spoil returns a writer that does to the body of an answer what a fault says.
func (s *Server) spoil(ctx context.Context, w http.ResponseWriter, f *Fault) http.ResponseWriter {
	if f.Cut <= 0 && f.Trickle <= 0 {
		return w
	}
	spoilt := &faultyWriter{ResponseWriter: w, left: -1}
	if f.Cut > 0 {
		spoilt.left = f.Cut
	}
	if f.Trickle > 0 {
		spoilt.trickle = func() error { return s.pause(ctx, f.Trickle) }
	}
	return spoilt
}

// befall does what a fault does before the operation. It reports whether that is the
// whole answer.
func (s *Server) befall(w http.ResponseWriter, r *http.Request, f *Fault) (answered bool) {
	number := answers(r)
	if s.pause(r.Context(), f.Delay) != nil || f.Cut < 0 {
		hangUp(w)
		return true
	}
	for name, value := range f.Header {
		w.Header()[name] = []string{value}
	}
	if f.CloseAfter > 0 && number >= int64(f.CloseAfter) {
		w.Header().Set("Connection", "close")
	}
	switch {
	case f.Status != 0 && f.Silent:
		s.refuseSilently(w, f)
	case f.Status != 0:
		refuse(w, f.Status, "")
	default:
		return false
	}
	return true
}

// refuseSilently answers with a status and headers, and then nothing.
func (s *Server) refuseSilently(w http.ResponseWriter, f *Fault) {
	conn, b, err := http.NewResponseController(w).Hijack()
	if err != nil {
		refuse(w, f.Status, "")
		return
	}
	_, _ = fmt.Fprintf(b, "HTTP/1.1 %d %s\r\n", f.Status, http.StatusText(f.Status)) // Flush reports it
	for name, value := range f.Header {
		_, _ = fmt.Fprintf(b, "%s: %s\r\n", name, value) // Flush reports it
	}
	_, _ = b.WriteString("\r\n") // Flush reports it
	if b.Flush() != nil {
		_ = conn.Close()
		return
	}
	s.faults.keep(conn, &s.workers)
}

// keep keeps a silent connection until the client or the server closes it, or the time
// is over.
func (all *faults) keep(conn net.Conn, workers *sync.WaitGroup) {
	all.mu.Lock()
	defer all.mu.Unlock()
	if all.closed {
		_ = conn.Close()
		return
	}
	if all.silent == nil {
		all.silent = make(map[net.Conn]bool)
	}
	all.silent[conn] = true
	workers.Go(func() { // under the lock, so that the server that closes waits for it
		defer all.drop(conn)
		_ = conn.SetDeadline(time.Now().Add(idleTimeout))
		_, _ = io.Copy(io.Discard, conn)
	})
}

func (all *faults) drop(conn net.Conn) {
	all.mu.Lock()
	defer all.mu.Unlock()
	_ = conn.Close()
	delete(all.silent, conn)
}

// connectionKey is the key of a connection's counter of answers in the contexts of its
// requests.
type connectionKey struct{}

func countAnswers(ctx context.Context, _ net.Conn) context.Context {
	return context.WithValue(ctx, connectionKey{}, new(atomic.Int64))
}

// answers counts this answer and returns how many its connection has had.
func answers(r *http.Request) int64 {
	if n, ok := r.Context().Value(connectionKey{}).(*atomic.Int64); ok {
		return n.Add(1)
	}
	return 0
}
