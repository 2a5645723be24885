package listener

import (
	"context"
	"time"

	"github.com/cimwatch/cimwatch/cimxml"
)

// A worker is what serving a request needs and the next can use again.
type worker struct {
	exchange exchange
	answer   []byte
	list     [1]*Indication

	timed *limited // of the handler

	// With Options.Lend:
	export cimxml.Export
	lent   *arrival
	body   []byte
}

// maxKeptBody is how large a buffer for a body may be that waits for the next request.
const maxKeptBody = 64 << 10

func (s *Server) worker() *worker {
	if k, ok := s.workers.Get().(*worker); ok {
		return k
	}
	k := new(worker)
	if s.opts.Lend {
		k.lent = new(arrival)
	}
	return k
}

// decoder returns a decoder. It goes back before the handler is called, so that while many
// requests wait for the disk a few decoders, whose memory stays near the processors, are
// enough.
func (s *Server) decoder() *cimxml.ExportDecoder {
	if d, ok := s.decoders.Get().(*cimxml.ExportDecoder); ok {
		return d
	}
	d := cimxml.NewExportDecoder(s.opts.Limits)
	d.Mode = cimxml.ModeLenient // an indication that is refused comes never again
	return d
}

// decode reads a message with a single export.
func (s *Server) decode(k *worker, body []byte) (*cimxml.Export, error) {
	d := s.decoder()
	defer s.decoders.Put(d)
	if k.lent == nil {
		return d.Decode(body)
	}
	return &k.export, d.DecodeInto(&k.export, body)
}

// decodeBatch reads a message with several.
func (s *Server) decodeBatch(body []byte) (*cimxml.ExportBatch, error) {
	d := s.decoder()
	defer s.decoders.Put(d)
	return d.DecodeBatch(body)
}

// arrived returns where the indication is put.
func (k *worker) arrived() *arrival {
	if k.lent != nil {
		return k.lent
	}
	return new(arrival)
}

// limit makes the context of the handler, for which there may be a used one.
func (k *worker) limit(ctx context.Context, d time.Duration) {
	if k.timed == nil {
		k.timed = new(limited)
	}
	k.timed.Context, k.timed.deadline = ctx, time.Now().Add(d)
}

// unlimit ends the context of the handler. It is used again if it was lent and nobody can
// have noticed.
func (k *worker) unlimit() {
	if unused := k.timed.end(); !unused || k.lent == nil {
		k.timed = nil
	}
}

// release lets go of what belongs to the request that was served.
func (s *Server) release(k *worker) {
	k.exchange, k.list = exchange{}, [1]*Indication{}
	if k.lent != nil {
		*k.lent = arrival{}
	}
	if cap(k.body) > maxKeptBody {
		k.body = nil
	}
	s.workers.Put(k)
}
