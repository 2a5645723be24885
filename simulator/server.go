package simulator

import (
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

// How long connections may wait; idle ones as on sfcb (observed).
const (
	headerTimeout = 10 * time.Second
	idleTimeout   = 15 * time.Second
)

// Server is a CIM server in memory. It is an [http.Handler], and can listen by itself.
// All methods may be called by several goroutines at once.
type Server struct {
	opts    Options
	logger  *slog.Logger
	model   *mof.Schema // as it was at the start
	schema  *schema
	steps   []Step
	service string // the name of the CIM server, in sequence contexts
	started time.Time
	http    *http.Server

	enumerations   enumerations
	faults         faults
	pace           pace
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
	loaded      bool         // the instances of the model are there
	closed      bool
}

// New returns a server with a model's classes and instances. It does no I/O. A nil opts
// is the same as a zero Options. Filters, handlers and subscriptions among the instances
// of the interop namespace are in force at once. A model with a text that XML cannot carry
// is an error.
func New(model *Model, opts *Options) (*Server, error) {
	if err := checkModel(model.Schema); err != nil {
		return nil, fmt.Errorf("loading the model: %w", err)
	}
	o := withDefaults(opts)
	s := &Server{
		opts: o, logger: o.Logger, model: model.Schema, schema: newSchema(model.Schema), steps: model.Steps, started: o.Now(),
		repository: repository{namespaces: make(map[string]*namespace)},
		indications: indications{
			filters: make(map[string]*filter), destinations: make(map[string]*destination),
		},
		methods: make(map[methodKey]MethodFunc),
	}
	s.http = &http.Server{
		Handler: s, ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout,
		DisableGeneralOptionsHandler: true, ConnContext: countAnswers,
		ErrorLog: slog.NewLogLogger(o.Logger.Handler(), slog.LevelDebug),
	}
	s.repository.addNamespace(defaultNamespace)
	s.repository.addNamespace(o.Interop)
	s.identify(model)
	if err := s.load(model.Schema.Instances()); err != nil {
		return nil, fmt.Errorf("loading the model: %w", err)
	}
	s.showNamespaces()
	if err := s.showRemoval(); err != nil {
		return nil, fmt.Errorf("options of the server: %w", err)
	}
	if err := s.handleControl(); err != nil {
		return nil, fmt.Errorf("class %s of the model: %w", controlClass, err)
	}
	return s, nil
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

// Schema returns the classes of the model, without what clients did to them.
func (s *Server) Schema() *mof.Schema { return s.model }
