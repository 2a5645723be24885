package simulator

import (
	"context"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/cimwatch/cimwatch/cim"
)

// Fault is what goes wrong with the answers to some requests, on purpose, for tests of
// clients. Its fields may be combined; the zero Fault changes nothing.
//
//	server.Fault(simulator.Fault{Method: "GetInstance", Delay: time.Second})
//	server.Fault(simulator.Fault{Status: http.StatusServiceUnavailable, Count: 2})
//	server.Fault(simulator.Fault{Method: "Open*", Classic: true})                                   // as sfcb does
//	server.Fault(simulator.Fault{Method: "Open*", Err: cim.Errorf(cim.StatusNotSupported, "no")}) // no pull operations
//	server.Fault(simulator.Fault{CloseAfter: 10})                                                   // as sfcb does
//	server.Fault(simulator.Fault{Header: map[string]string{"WBEMServerResponseTime": "1500"}})
type Fault struct {
	Method string // of the requests; "Open*" is all that begin so, "" is every request
	Skip   int    // how many of them are answered well first
	Count  int    // how many go wrong after that; 0 is all

	Delay  time.Duration     // passes before anything else happens
	Header map[string]string // of the answer, spelt as here, besides its own

	// Instead of the operation, which is not performed.
	Status int        // of HTTP, with an empty body
	Silent bool       // with Status: not even a Content-Length, and the connection stays open for 15 s (observed: OpenPegasus)
	Err    *cim.Error // the refusal

	// Of the operation.
	Classic bool // Open operations answer as the operations they replace do, with everything at once (observed: sfcb)

	// Of the answer.
	MessageID  string        // in place of the request's; "" is the request's
	Malformed  bool          // its second half is missing, and HTTP is in order
	Cut        int           // the connection is closed after so many bytes of the body, or before the answer when negative
	Trickle    time.Duration // between two pieces of 64 bytes
	CloseAfter int           // so many answers on a connection: that one says close. A server that listens itself counts them
}

// Fault makes requests go wrong until end is called. When several faults fit a request
// the first made is the one that befalls it. Close ends all of them, and what waits for
// a Delay or a Trickle, by closing its connection.
func (s *Server) Fault(f Fault) (end func()) {
	return s.faults.add(f)
}

// faults are those of a server that have not ended.
type faults struct {
	mu      sync.Mutex
	active  []*Fault
	waiting map[*context.CancelFunc]bool
	silent  map[net.Conn]bool // connections without an answer
	closed  bool
}

func (all *faults) add(f Fault) (end func()) {
	all.mu.Lock()
	defer all.mu.Unlock()
	all.active = append(all.active, &f)
	return func() {
		all.mu.Lock()
		defer all.mu.Unlock()
		all.remove(&f)
	}
}

func (all *faults) remove(f *Fault) {
	all.active = slices.DeleteFunc(all.active, func(other *Fault) bool { return other == f })
}

// take returns the fault that befalls a request, the zero Fault when there is none.
func (all *faults) take(method string) Fault {
	all.mu.Lock()
	defer all.mu.Unlock()
	for _, f := range all.active {
		if !f.befalls(method) {
			continue
		}
		if f.Skip > 0 {
			f.Skip--
			continue
		}
		taken := *f
		if f.Count == 1 {
			all.remove(f)
		} else if f.Count > 1 {
			f.Count--
		}
		return taken
	}
	return Fault{}
}

func (f *Fault) befalls(method string) bool {
	if start, ok := strings.CutSuffix(f.Method, "*"); ok {
		return len(method) >= len(start) && cim.EqualNames(method[:len(start)], start)
	}
	return f.Method == "" || cim.EqualNames(f.Method, method)
}

// wait registers what ends a wait when the server closes. done is called after the wait.
func (all *faults) wait(cancel context.CancelFunc) (done func()) {
	all.mu.Lock()
	defer all.mu.Unlock()
	if all.closed {
		cancel()
		return func() {}
	}
	if all.waiting == nil {
		all.waiting = make(map[*context.CancelFunc]bool)
	}
	key := &cancel
	all.waiting[key] = true
	return func() {
		all.mu.Lock()
		defer all.mu.Unlock()
		delete(all.waiting, key)
	}
}

// close ends all faults and waits, and closes the silent connections.
func (all *faults) close() {
	all.mu.Lock()
	defer all.mu.Unlock()
	all.closed, all.active = true, nil
	for cancel := range all.waiting {
		(*cancel)()
	}
	for conn := range all.silent {
		_ = conn.Close()
	}
}

// pause waits for a fault. The error is that the client is gone or the server closes.
func (s *Server) pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer s.faults.wait(cancel)()
	return s.opts.Sleep(ctx, d)
}
