package cimxml

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http/httptrace"
	"sync/atomic"
)

// Phase is how far an operation has come.
type Phase uint32

// The phases of an operation.
const (
	PhaseQueue   Phase = iota // waiting for other operations of this client to end
	PhaseConnect              // looking up the name and connecting
	PhaseTLS                  // the TLS handshake
	PhaseSend                 // sending the request
	PhaseWait                 // waiting for the first byte of the answer
	PhaseRead                 // reading the reply
)

// phaseNames is indexed by Phase and never written.
var phaseNames = [...]string{
	"waiting for a turn", "connecting", "the TLS handshake", "sending the request",
	"waiting for the answer", "reading the reply",
}

// String returns the phase in words, such as "waiting for the answer".
func (p Phase) String() string {
	if int64(p) < int64(len(phaseNames)) {
		return phaseNames[p]
	}
	return fmt.Sprintf("Phase(%d)", uint32(p))
}

// TimeoutError says in which phase the time of an operation ran out.
type TimeoutError struct {
	Phase Phase
	Err   error // the context's or the network's
}

// Error returns the phase and the cause.
func (e *TimeoutError) Error() string { return fmt.Sprintf("time-out while %s: %v", e.Phase, e.Err) }

// Unwrap returns the cause.
func (e *TimeoutError) Unwrap() error { return e.Err }

// Timeout makes it a net.Error's kin.
func (e *TimeoutError) Timeout() bool { return true }

// progress follows an operation through its phases.
type progress struct{ phase atomic.Uint32 }

func (p *progress) enter(phase Phase) { p.phase.Store(uint32(phase)) }

func (p *progress) now() Phase { return Phase(p.phase.Load()) }

// trace returns a context whose requests tell p how far they are.
func (p *progress) trace(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn:           func(string) { p.enter(PhaseConnect) },
		TLSHandshakeStart: func() { p.enter(PhaseTLS) },
		TLSHandshakeDone:  func(tls.ConnectionState, error) { p.enter(PhaseSend) },
		GotConn:           func(httptrace.GotConnInfo) { p.enter(PhaseSend) },
		WroteRequest: func(info httptrace.WroteRequestInfo) {
			if info.Err == nil {
				p.enter(PhaseWait)
			}
		},
		GotFirstResponseByte: func() { p.enter(PhaseRead) },
	})
}

// explain makes a time-out say in which phase it was; other errors stay as they are.
func (p *progress) explain(err error) error {
	var timeout net.Error
	if errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout() {
		return &TimeoutError{Phase: p.now(), Err: err}
	}
	return err
}
