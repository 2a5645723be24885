package listener

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"runtime/debug"
	"time"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
)

// An exchange is a request on its way to its answer.
type exchange struct {
	request     *http.Request
	received    time.Time
	remote      netip.AddrPort
	extension   string // "NN-" before the CIM headers of an M-POST
	batched     bool   // the header says so
	export      *cimxml.Export
	batch       *cimxml.ExportBatch // instead of export
	indications []*Indication
}

// ServeHTTP answers one request as the package comment says.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	k := s.worker()
	defer s.release(k)
	x := &k.exchange
	x.request, x.received = r, time.Now()
	if remote, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		x.remote = netip.AddrPortFrom(remote.Addr().Unmap(), remote.Port())
	}
	if err := s.gate.enter(); err != nil {
		s.refuse(w, x, err)
		return
	}
	defer s.gate.leave()
	if err := s.serve(x, k); err != nil {
		s.refuse(w, x, err)
		return
	}
	s.respond(w, x, k)
}

// serve reads the request and has what it holds kept. A message that DSP0200 answers with
// an ERROR is no error here.
func (s *Server) serve(x *exchange, k *worker) error {
	if err := s.checkAccess(x); err != nil {
		return err
	}
	if !s.served(x.request.URL.Path) {
		return reject(unknownPath, "")
	}
	if err := x.checkMethod(); err != nil {
		return err
	}
	if err := x.checkHeader(); err != nil {
		return err
	}
	room := share{of: &s.budget}
	defer room.giveBack()
	body, err := s.body(x, k, &room)
	if err != nil {
		return err
	}
	if x.batched {
		err = s.readBatch(x, body)
	} else {
		err = s.readExport(x, k, body)
	}
	if err != nil {
		return err
	}
	return s.keep(x, k)
}

// readExport reads a message with a single export.
func (s *Server) readExport(x *exchange, k *worker, body []byte) (err error) {
	if x.export, err = s.decode(k, body); err != nil {
		return rejectDocument(err)
	}
	if err := x.checkMethodName(x.export.Method); err != nil {
		return err
	}
	if err := x.checkProtocol(x.export.ProtocolVersion); err != nil {
		return err
	}
	x.indications = k.list[:0]
	x.add(x.export, body, k.arrived())
	return nil
}

// readBatch reads a message with several.
func (s *Server) readBatch(x *exchange, body []byte) (err error) {
	if x.batch, err = s.decodeBatch(body); err != nil {
		return rejectDocument(err)
	}
	if err := x.checkProtocol(x.batch.ProtocolVersion); err != nil {
		return err
	}
	for n := range x.batch.Exports {
		e := &x.batch.Exports[n]
		x.add(&e.Export, e.Document, new(arrival))
	}
	return nil
}

// An arrival is an indication and its sequence, in one allocation.
type arrival struct {
	indication Indication
	sequence   Sequence
}

// add makes an indication of an export, if it is one.
func (x *exchange) add(e *cimxml.Export, raw []byte, a *arrival) {
	if !exportsIndication(e) || e.Indication == nil {
		return
	}
	a.indication = Indication{
		Received:  x.received,
		Remote:    x.remote,
		Path:      x.request.URL.Path,
		MessageID: e.ID,
		Instance:  e.Indication,
		Raw:       raw,
		TLS:       x.request.TLS,
	}
	if x.remote.IsValid() {
		a.indication.Host, _, _ = net.SplitHostPort(x.request.RemoteAddr)
	}
	if sequence, ok := sequenceOf(e.Indication); ok {
		a.sequence = sequence
		a.indication.Sequence = &a.sequence
	}
	x.indications = append(x.indications, &a.indication)
}

// exportsIndication reports whether an export calls the one export method there is.
func exportsIndication(e *cimxml.Export) bool {
	return cim.EqualNames(e.Method, "ExportIndication")
}

// keep calls the handler, in the order of a batch, and returns nil only when everything
// is kept. Of a batch that is not, the sender sends all again.
func (s *Server) keep(x *exchange, k *worker) error {
	if len(x.indications) == 0 {
		return nil
	}
	ctx := x.request.Context()
	if s.opts.HandleTimeout > 0 {
		k.limit(ctx, s.opts.HandleTimeout)
		defer k.unlimit()
		ctx = k.timed
	}
	for _, i := range x.indications {
		if err := s.handle(ctx, i); err != nil {
			return err
		}
	}
	return nil
}

// handle calls the handler for one indication.
func (s *Server) handle(ctx context.Context, i *Indication) (err error) {
	defer func() {
		if p := recover(); p != nil {
			s.opts.Logger.ErrorContext(ctx, "the handler panicked",
				"class", i.Instance.Class, "panic", p, "stack", string(debug.Stack()))
			err = &rejection{outcome: panicked, cause: fmt.Errorf("panic: %v", p)}
		}
	}()
	if s.opts.Resolve != nil {
		if host := s.opts.Resolve(i); host != "" {
			i.Host = host
		}
	}
	err = s.handler.HandleIndication(ctx, i)
	if err == nil {
		s.kept.Add(1)
	} else if r, ok := errors.AsType[*Refusal](err); ok {
		return &rejection{outcome: refused, cause: r}
	}
	s.note(ctx, i, err)
	if err != nil {
		return &rejection{outcome: notKept, cause: err}
	}
	return nil
}

// body returns the body of a request. With Options.Lend it stays where the front has read it,
// or it is the worker's.
func (s *Server) body(x *exchange, k *worker, room *share) ([]byte, error) {
	if !s.opts.Lend {
		return readBody(x.request, nil, s.opts.MaxBody, room)
	}
	if ahead, ok := x.request.Body.(*frontBody); ok {
		if body, ok := ahead.whole(); ok {
			return body, nil
		}
	}
	body, err := readBody(x.request, k.body[:0], s.opts.MaxBody, room)
	if err == nil {
		k.body = body
	}
	return body, err
}

// readBody returns the body, in room where that is enough. What is allocated follows what
// has arrived, not what was announced.
func readBody(r *http.Request, room []byte, most int64, budget *share) ([]byte, error) {
	first, size := int64(64<<10), r.ContentLength
	switch {
	case size == 0:
		return nil, reject(noBody, "the request has no body, or no Content-Length")
	case size > most:
		return nil, reject(tooLarge, fmt.Sprintf("the body has %d bytes, at most %d are taken", size, most))
	case size < 0:
		first, size = 4<<10, most+1 // chunked: one byte more than allowed shows that it is too large
	}
	body := room
	if int64(cap(body)) < min(size, first) {
		body = make([]byte, 0, min(size, first))
	}
	for int64(len(body)) < size {
		if len(body) == cap(body) {
			grown := min(size, 2*int64(len(body)))
			if !budget.take(int64(len(body)) + grown) { // both are there for a while
				return nil, reject(busy, "too many large bodies at once")
			}
			body = append(make([]byte, 0, grown), body...)
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
