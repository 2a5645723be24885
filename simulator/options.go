package simulator

import (
	"context"
	"crypto/tls"
	"log/slog"
	"time"

	"github.com/cimwatch/cimwatch/cim"
)

// Options change what a Server does. The zero Options are an sfcb without authentication.
type Options struct {
	Profile   Profile // the server that deliveries follow; the zero Profile is Sfcb
	Interop   string  // where filters, handlers and subscriptions work; "" is root/interop
	HostName  string  // the server's own name; "" is that of the model, else localhost
	User      string  // HTTP Basic authentication, none when empty
	Password  string
	TLS       *tls.Config // of connections that come in; nil: no TLS
	MaxBody   int64       // bytes of a request; 0 is 16 MiB
	Strict    bool        // headers and XML that DSP0200 forbids are answered 400, not as sfcb does
	Lifecycle bool        // instances that clients create, modify and delete fire CIM_InstCreation and so on

	RetryInterval time.Duration  // between two attempts to deliver; 0 is the profile's, 20 s or 30 s
	RetryAttempts int            // after the first; 0 is 3, negative none
	AnswerTimeout time.Duration  // of a listener; 0 is the profile's, 10 s or 20 s
	Pace          int            // attempts to deliver in 5 s, of the whole server; 0 is no limit, sfcb has 30 (observed)
	ExportTLS     *tls.Config    // for https destinations; nil: their certificate is not verified
	OnDelivery    func(Delivery) // called after every attempt, by one goroutine per destination; nil: nobody

	// A subscription whose deliveries have failed for so long, and never succeeded in
	// between, is silently deleted or disabled (SubscriptionRemovalTimeInterval of DSP1054,
	// with SubscriptionRemovalAction 2 and 3; observed: sfcb). 0 is never.
	RemoveAfter  time.Duration
	DisableAfter time.Duration // SubscriptionState becomes 4

	Now    func() time.Time                                 // nil: time.Now
	Sleep  func(ctx context.Context, d time.Duration) error // waits for a retry, a fault or Pace, or until ctx ends; nil: the clock
	Logger *slog.Logger                                     // nil: nothing is logged
}

const (
	defaultNamespace     = "root/cimv2"
	defaultInterop       = "root/interop"
	defaultMaxBody       = 16 << 20
	defaultRetryAttempts = 3
)

// withDefaults returns the options with every field filled in.
func withDefaults(opts *Options) Options {
	var o Options
	if opts != nil {
		o = *opts
	}
	if o.Interop = cim.CleanNamespace(o.Interop); o.Interop == "" {
		o.Interop = defaultInterop
	}
	if o.MaxBody == 0 {
		o.MaxBody = defaultMaxBody
	}
	answer, retry := o.Profile.times()
	if o.RetryInterval == 0 {
		o.RetryInterval = retry
	}
	if o.RetryAttempts == 0 {
		o.RetryAttempts = defaultRetryAttempts
	}
	if o.AnswerTimeout == 0 {
		o.AnswerTimeout = answer
	}
	if o.ExportTLS == nil {
		o.ExportTLS = &tls.Config{InsecureSkipVerify: true} // as sfcb does by default
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Sleep == nil {
		o.Sleep = sleep
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}
