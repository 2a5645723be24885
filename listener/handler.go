package listener

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"net/netip"
	"time"

	"github.com/cimwatch/cimwatch/cim"
)

// A Handler keeps indications. It is called from many goroutines at once.
//
// Nil means that the indication is kept, and only then the sender is told 200. With any
// error the sender is told 503 and asked to send again; a [Refusal] chooses another
// status. The context ends when the sender hangs up or [Options].HandleTimeout has passed.
type Handler interface {
	HandleIndication(ctx context.Context, indication *Indication) error
}

// HandlerFunc is a function as a Handler.
type HandlerFunc func(ctx context.Context, indication *Indication) error

// HandleIndication calls f.
func (f HandlerFunc) HandleIndication(ctx context.Context, indication *Indication) error {
	return f(ctx, indication)
}

// Indication is an indication as it arrived. It belongs to the handler, which may keep
// it and all it refers to.
type Indication struct {
	Received  time.Time // when its request began to be served
	Remote    netip.AddrPort
	Host      string               // the sender: its address, or what Options.Resolve made of it
	Path      string               // of the URL it was sent to, unescaped
	MessageID string               // of the MESSAGE; not unique (observed: sfcb restarts at 1)
	Sequence  *Sequence            // nil when the sender gives none (observed: sfcb 1.3.11)
	Instance  *cim.Instance        // never nil
	Raw       []byte               // the body as received
	TLS       *tls.ConnectionState // nil without TLS
}

// Sequence is the place of an indication among those of one listener destination. A
// sender repeats it when it sends the indication again (DSP1054). Its key is the sender,
// the path and the context: two destinations made in the same second share a context
// and count on their own (observed: sfcb).
type Sequence struct {
	Context string
	Number  int64 // from 0, step 1
}

// sequenceOf returns the sequence values of an indication; ok is false unless both are
// there.
func sequenceOf(instance *cim.Instance) (s Sequence, ok bool) {
	number, numbered := instance.Get("SequenceNumber").Int64()
	within, ok := instance.Get("SequenceContext").Text()
	return Sequence{Context: within, Number: number}, ok && numbered
}

// Refusal is an error of a handler that chooses what the sender is told. sfcb gives up on
// 400 and 501 and sends again after any other (observed), so those are for indications
// that nobody will ever want.
type Refusal struct {
	Status     int           // 400 to 599; anything else counts as 503
	RetryAfter time.Duration // for 429 and 503, in whole seconds; 0: 10 s
	Err        error         // the cause, for the log; the sender does not see it
}

// Error returns the status and the cause.
func (r *Refusal) Error() string {
	text := fmt.Sprintf("refused with %d %s", r.status(), http.StatusText(r.status()))
	if r.Err != nil {
		text += ": " + r.Err.Error()
	}
	return text
}

// Unwrap returns the cause.
func (r *Refusal) Unwrap() error { return r.Err }

func (r *Refusal) status() int {
	if r.Status < 400 || r.Status > 599 {
		return http.StatusServiceUnavailable
	}
	return r.Status
}
