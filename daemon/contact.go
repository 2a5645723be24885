package daemon

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"os"
	"time"

	"github.com/cimwatch/cimwatch/cim"
)

// connectTime bounds a connection with its TLS handshake. A SYN that is lost is sent again
// after one and three seconds.
const connectTime = 8 * time.Second

var errConnect = fmt.Errorf("no connection: %w", os.ErrDeadlineExceeded)

// A line is what the requests to a host go through: it bounds the time to connect, and
// tells the slot that the host holds when the host is heard.
type line struct {
	next   http.RoundTripper
	within time.Duration // of a new connection
	heard  func()        // called before and after each request
}

// RoundTrip makes a line an [http.RoundTripper].
func (l line) RoundTrip(r *http.Request) (*http.Response, error) {
	// The context ends with that of r, which the client's time-out bounds: to end it here
	// would cut off the body.
	ctx, cancel := context.WithCancelCause(r.Context())
	timer := time.AfterFunc(l.within, func() { cancel(errConnect) })
	defer timer.Stop()
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { timer.Stop() },
	})
	l.heard()
	resp, err := l.next.RoundTrip(r.WithContext(ctx))
	switch {
	case err == nil:
		l.heard()
	case errors.Is(context.Cause(ctx), errConnect):
		err = errConnect
	}
	if err != nil {
		cancel(err)
	}
	return resp, err
}

// CloseIdleConnections lets the client close what is behind a line.
func (l line) CloseIdleConnections() {
	if c, ok := l.next.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

// wrap puts a line around what sends the requests to the host.
func (h *host) wrap(next http.RoundTripper) http.RoundTripper {
	return line{next: next, within: connectTime, heard: h.heard}
}

// heard tells the host's slot, where it has one.
func (h *host) heard() {
	if p := h.slot.Load(); p != nil {
		p.heard()
	}
}

// enter takes a slot; what is returned gives it up.
func (h *host) enter(ctx context.Context, kind chan struct{}) (leave func(), err error) {
	p, err := h.d.slots.take(ctx, kind)
	if err != nil {
		return nil, err
	}
	h.slot.Store(p)
	return func() {
		h.slot.Store(nil)
		p.done()
	}, nil
}

// contact asks the host something small. Any answer of a CIM server will do; that an
// account is refused is none.
func (h *host) contact(ctx context.Context) error {
	kind := h.d.slots.first
	if h.status.State == StateFailing {
		kind = h.d.slots.again
	}
	leave, err := h.enter(ctx, kind)
	if err != nil {
		return err
	}
	defer leave()
	if err := h.d.access.senders.learn(ctx, &h.config); err != nil {
		h.log.Debug("the addresses that may send stay as they are", "error", err)
	}
	_, err = h.client.GetClass(ctx, contactNamespace, contactClass, &cim.ReadOptions{LocalOnly: true, Properties: []string{}})
	if isRefusal(err) {
		return nil
	}
	return err
}

// What is asked for at first. It need not be there.
const (
	contactNamespace = "root/interop"
	contactClass     = "CIM_IndicationSubscription"
)
