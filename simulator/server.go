package simulator

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/mof"
)

// Options change what a Server does. The zero Options are an sfcb without authentication.
type Options struct {
	Interop   string      // the interop namespace; "" is root/interop
	HostName  string      // the server's own name; "" is that of the model, else localhost
	User      string      // HTTP Basic authentication, none when empty
	Password  string      //
	TLS       *tls.Config // of connections that come in; nil: no TLS
	MaxBody   int64       // bytes of a request; 0 is 16 MiB
	Strict    bool        // headers and XML that DSP0200 forbids are answered 400, not as sfcb does
	Lifecycle bool        // instances that clients create, modify and delete fire CIM_InstCreation and so on

	RetryInterval time.Duration // between two attempts to deliver; 0 is 20 s
	RetryAttempts int           // after the first; 0 is 3, negative none
	AnswerTimeout time.Duration // of a listener; 0 is 10 s
	ExportTLS     *tls.Config   // for https destinations; nil: their certificate is not verified
	OnDelivery    func(Delivery) // called after every attempt, by one goroutine per destination; nil: nobody

	Now    func() time.Time                                 // nil: time.Now
	Sleep  func(ctx context.Context, d time.Duration) error // waits for a retry, or until ctx ends; nil: the clock
	Logger *slog.Logger                                     // nil: nothing is logged
}

const (
	defaultNamespace     = "root/cimv2"
	defaultInterop       = "root/interop"
	defaultMaxBody       = 16 << 20
	defaultRetryInterval = 20 * time.Second
	defaultRetryAttempts = 3
	defaultAnswerTimeout = 10 * time.Second
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
	if o.RetryInterval == 0 {
		o.RetryInterval = defaultRetryInterval
	}
	if o.RetryAttempts == 0 {
		o.RetryAttempts = defaultRetryAttempts
	}
	if o.AnswerTimeout == 0 {
		o.AnswerTimeout = defaultAnswerTimeout
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

// Server is a CIM server in memory. It is an [http.Handler], and can listen by itself.
// All methods may be called by several goroutines at once.
type Server struct {
	opts    Options
	logger  *slog.Logger
	schema  *mof.Schema
	steps   []Step
	service string // the name of the CIM server, in sequence contexts
	started time.Time
	http    *http.Server

	lastExport     atomic.Uint64 // the MESSAGE ID of exports
	lastIdentifier atomic.Uint64
	workers        sync.WaitGroup // every goroutine of the server

	// mu protects what follows. It is held for reading while an indication is queued, so
	// that no subscription changes between the match and the number.
	mu          sync.RWMutex
	repository  repository
	indications indications
	methods     map[methodKey]MethodFunc
	listener    net.Listener // nil before Listen
	closed      bool
}

// New returns a server with a model's classes and instances. It does no I/O. A nil opts
// is the same as a zero Options. Filters, handlers and subscriptions among the instances
// of the interop namespace are in force at once.
func New(model *Model, opts *Options) (*Server, error) {
	o := withDefaults(opts)
	s := &Server{
		opts: o, logger: o.Logger, schema: model.Schema, steps: model.Steps, started: o.Now(),
		repository: repository{namespaces: make(map[string]*namespace)},
		indications: indications{
			filters: make(map[string]*filter), destinations: make(map[string]*destination),
		},
		methods: make(map[methodKey]MethodFunc),
	}
	s.http = &http.Server{
		Handler: s, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 15 * time.Second,
		DisableGeneralOptionsHandler: true,
		ErrorLog:                     slog.NewLogLogger(o.Logger.Handler(), slog.LevelDebug),
	}
	s.repository.addNamespace(defaultNamespace)
	s.repository.addNamespace(o.Interop)
	s.identify(model)
	if err := s.load(model.Schema.Instances()); err != nil {
		return nil, fmt.Errorf("loading the model: %w", err)
	}
	return s, s.handleControl()
}

// identify takes the server's name from the CIM_ObjectManager of the model.
func (s *Server) identify(model *Model) {
	host := "localhost"
	for _, i := range model.Schema.Instances() {
		if s.schema.IsA(i.Class, "CIM_ObjectManager") {
			host, s.service = i.Text("SystemName"), i.Text("Name")
		}
	}
	if s.opts.HostName == "" {
		s.opts.HostName = host
	}
	if s.service == "" {
		s.service = "cimwatch:" + s.opts.HostName
	}
}

// load creates the model's instances, subscriptions last, since they need what they
// refer to.
func (s *Server) load(instances []*cim.Instance) error {
	var subscriptions []*cim.Instance
	for _, i := range instances {
		s.repository.addNamespace(i.Path.Namespace)
		if _, ok := s.rulesFor(i.Path.Namespace, i.Class).(subscriptionRules); ok {
			subscriptions = append(subscriptions, i)
			continue
		}
		if _, err := s.Create(i); err != nil {
			return fmt.Errorf("instance %s: %w", i.Path, err)
		}
	}
	for _, i := range subscriptions {
		if _, err := s.Create(i); err != nil {
			return fmt.Errorf("instance %s: %w", i.Path, err)
		}
	}
	return nil
}

// Schema returns the classes of the model.
func (s *Server) Schema() *mof.Schema { return s.schema }

// Listen starts to serve on a TCP address such as "127.0.0.1:0" in the background, until
// Close.
func (s *Server) Listen(addr string) error {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	s.setListener(l)
	s.workers.Go(func() {
		if err := s.Serve(l); err != nil {
			s.logger.Error("server ended", "error", err)
		}
	})
	return nil
}

func (s *Server) setListener(l net.Listener) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.listener = l
}

// Serve serves on a listener, with TLS when the options have it, and returns nil after
// Close. It closes the listener.
func (s *Server) Serve(l net.Listener) error {
	s.setListener(l)
	if s.opts.TLS != nil {
		l = tls.NewListener(l, s.opts.TLS)
	}
	if err := s.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serving on %s: %w", l.Addr(), err)
	}
	return nil
}

// Addr returns the address that the server listens on, nil before Listen.
func (s *Server) Addr() net.Addr {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.listener == nil {
		return nil
	}
	return s.listener.Addr()
}

// URL returns the URL of the server after Listen, such as http://127.0.0.1:5988, with
// a loopback address when it listens on all.
func (s *Server) URL() string {
	address, ok := s.Addr().(*net.TCPAddr)
	if !ok {
		return ""
	}
	scheme, host := "http", address.IP
	if s.opts.TLS != nil {
		scheme = "https"
	}
	if host.IsUnspecified() {
		host = net.IPv4(127, 0, 0, 1)
	}
	return fmt.Sprintf("%s://%s", scheme, (&net.TCPAddr{IP: host, Port: address.Port}).String())
}

// Flush waits until every indication that was fired is delivered or given up.
func (s *Server) Flush(ctx context.Context) error {
	for _, d := range s.destinations() {
		if err := d.idle(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) destinations() []*destination {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var list []*destination
	for _, d := range s.indications.destinations {
		list = append(list, d)
	}
	return list
}

// Close stops to listen, waits until what was fired is delivered or ctx ends, and
// abandons the rest. When it returns nothing of the server runs any more. The error is
// that of ctx when something was abandoned.
func (s *Server) Close(ctx context.Context) error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	err := s.http.Shutdown(ctx)
	if err != nil {
		_ = s.http.Close()
	}
	err = errors.Join(err, s.Flush(ctx))
	for _, d := range s.destinations() {
		d.abandon()
	}
	s.workers.Wait()
	return err
}
