package listener

import "github.com/cimwatch/cimwatch/cimxml"

// A worker is what serving a request needs and the next can use again.
type worker struct {
	exchange exchange
	decoder  *cimxml.ExportDecoder
	answer   []byte
	list     [1]*Indication

	// With Options.Lend:
	lent *arrival
	body []byte
}

// maxKeptBody is how large a buffer for a body may be that waits for the next request.
const maxKeptBody = 64 << 10

func (s *Server) worker() *worker {
	if k, ok := s.workers.Get().(*worker); ok {
		return k
	}
	decoder := cimxml.NewExportDecoder(s.opts.Limits)
	decoder.Mode = cimxml.ModeLenient // an indication that is refused comes never again
	decoder.Lend = s.opts.Lend
	k := &worker{decoder: decoder}
	if s.opts.Lend {
		k.lent = new(arrival)
	}
	return k
}

// arrived returns where the indication is put.
func (k *worker) arrived() *arrival {
	if k.lent != nil {
		return k.lent
	}
	return new(arrival)
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
