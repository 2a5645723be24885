package listener

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"os"
	"runtime/debug"
	"slices"
	"time"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
)

// An exchange is a request on its way to its answer.
type exchange struct {
	request    *http.Request
	received   time.Time
	remote     netip.AddrPort
	extension  string // "NN-" before the CIM headers of an M-POST
	export     *cimxml.Export
	indication *Indication
}

// ServeHTTP answers one request as the package comment says.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := &exchange{request: r, received: time.Now()}
	if remote, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		x.remote = netip.AddrPortFrom(remote.Addr().Unmap(), remote.Port())
	}
	if err := s.gate.enter(); err != nil {
		s.refuse(w, x, err)
		return
	}
	defer s.gate.leave()
	k := s.worker()
	defer s.workers.Put(k)
	if err := s.serve(x, k); err != nil {
		s.refuse(w, x, err)
		return
	}
	s.respond(w, x, k)
}

// serve reads the request and has the indication kept. A message that DSP0200 answers
// with an ERROR is no error here: x.indication stays nil.
func (s *Server) serve(x *exchange, k *worker) error {
	if !s.served(x.request.URL.Path) {
		return reject(unknownPath, "")
	}
	if err := x.checkMethod(); err != nil {
		return err
	}
	if err := x.checkHeader(); err != nil {
		return err
	}
	body, err := readBody(x.request, s.opts.MaxBody)
	if err != nil {
		return err
	}
	if x.export, err = k.decoder.Decode(body); err != nil {
		return rejectDocument(err)
	}
	if err := x.checkExport(); err != nil {
		return err
	}
	if !x.exportsIndication() || x.export.Indication == nil {
		return nil
	}
	x.indication = &Indication{
		Received:  x.received,
		Remote:    x.remote,
		Path:      x.request.URL.Path,
		MessageID: x.export.ID,
		Sequence:  sequenceOf(x.export.Indication),
		Instance:  x.export.Indication,
		Raw:       body,
		TLS:       x.request.TLS,
	}
	return s.handle(x.request.Context(), x.indication)
}

// exportsIndication reports whether the message calls the one export method there is.
func (x *exchange) exportsIndication() bool {
	return cim.EqualNames(x.export.Method, "ExportIndication")
}

// handle calls the handler and returns nil only when the indication is kept.
func (s *Server) handle(ctx context.Context, i *Indication) (err error) {
	defer func() {
		if p := recover(); p != nil {
			s.opts.Logger.ErrorContext(ctx, "the handler panicked",
				"class", i.Instance.Class, "panic", p, "stack", string(debug.Stack()))
			err = &rejection{outcome: panicked, cause: fmt.Errorf("panic: %v", p)}
		}
	}()
	if i.Remote.IsValid() {
		i.Host = i.Remote.Addr().String()
	}
	if s.opts.Resolve != nil {
		if host := s.opts.Resolve(i); host != "" {
			i.Host = host
		}
	}
	if s.opts.HandleTimeout > 0 {
		limited, cancel := context.WithTimeout(ctx, s.opts.HandleTimeout)
		defer cancel()
		ctx = limited
	}
	err = s.handler.HandleIndication(ctx, i)
	if r, ok := errors.AsType[*Refusal](err); ok {
		return &rejection{outcome: refused, cause: r}
	}
	s.note(ctx, i, err)
	if err != nil {
		return &rejection{outcome: notKept, cause: err}
	}
	return nil
}

// readBody returns the body, in memory of its own. What is allocated follows what has
// arrived, not what was announced.
func readBody(r *http.Request, most int64) ([]byte, error) {
	first, size := int64(64<<10), r.ContentLength
	switch {
	case size == 0:
		return nil, reject(noBody, "the request has no body, or no Content-Length")
	case size > most:
		return nil, reject(tooLarge, fmt.Sprintf("the body has %d bytes, at most %d are taken", size, most))
	case size < 0:
		first, size = 4<<10, most+1 // chunked: one byte more than allowed shows that it is too large
	}
	body := make([]byte, 0, min(size, first))
	for int64(len(body)) < size {
		if len(body) == cap(body) {
			body = slices.Grow(body, int(min(size-int64(len(body)), int64(len(body)))))
		}
		n, err := r.Body.Read(body[len(body):min(int64(cap(body)), size)])
		body = body[:len(body)+n]
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, rejectRead(err)
		}
	}
	if int64(len(body)) > most {
		return nil, reject(tooLarge, fmt.Sprintf("at most %d bytes are taken", most))
	}
	return body, nil
}

// rejectRead returns the rejection of a body that cannot be read to its end.
func rejectRead(err error) error {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return &rejection{outcome: tooLarge, cause: err}
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return &rejection{outcome: tooSlow, cause: err}
	}
	return &rejection{outcome: cutShort, cause: err}
}
