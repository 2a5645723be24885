package simulator_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"iter"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
	"github.com/cimwatch/cimwatch/simulator"
)

const (
	cimv2   = "root/cimv2"
	interop = "root/interop"
	patient = 10 * time.Second // for what comes at once unless something is wrong
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start returns a server that listens until the test ends.
func start(t *testing.T, model *simulator.Model, opts *simulator.Options) *simulator.Server {
	t.Helper()
	s, err := simulator.New(model, opts)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Listen("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		// The test's context has ended, so what is still to be delivered is abandoned.
		if err := s.Close(t.Context()); err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

func labFiles() fs.FS { return os.DirFS("testdata") }

func lab(t *testing.T) *simulator.Model {
	t.Helper()
	m, err := simulator.LoadModel(labFiles(), "lab.mof")
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func esxi(t *testing.T) *simulator.Model {
	t.Helper()
	m, err := simulator.ESXi()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// connect returns a client of a server.
func connect(t *testing.T, s *simulator.Server, opts *cimxml.Options) *cimxml.Client {
	t.Helper()
	c, err := cimxml.NewClient(s.URL(), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// startLab returns a server of the lab model and a client of it.
func startLab(t *testing.T, opts *simulator.Options) (*simulator.Server, *cimxml.Client) {
	t.Helper()
	s := start(t, lab(t), opts)
	return s, connect(t, s, nil)
}

// collect returns what a client yields until its first error.
func collect[T any](seq iter.Seq2[T, error]) ([]T, error) {
	var list []T
	for v, err := range seq {
		if err != nil {
			return list, err
		}
		list = append(list, v)
	}
	return list, nil
}

func thing(class, name string) cim.ObjectPath {
	return cim.InstancePath(cimv2, class, cim.Key{Name: "Name", Value: cim.String(name)})
}

func wantStatus(t *testing.T, err error, want cim.Status) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("error %v, want status %d (%v)", err, uint32(want), want)
	}
}

// received is what arrived at a listener.
type received struct {
	export *cimxml.Export
	header http.Header
	remote string
	path   string
}

// listener is an HTTP server that answers exports with the statuses it is given, in
// order, then with 200.
type listener struct {
	*httptest.Server
	arrived  chan received
	statuses chan int
}

func listen(t *testing.T, statuses ...int) *listener {
	t.Helper()
	l := &listener{arrived: make(chan received, 1000), statuses: make(chan int, len(statuses))}
	for _, s := range statuses {
		l.statuses <- s
	}
	l.Server = httptest.NewServer(l)
	t.Cleanup(l.Close)
	return l
}

func (l *listener) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body := make([]byte, r.ContentLength)
	if _, err := io.ReadFull(r.Body, body); err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	x, err := cimxml.DecodeExport(body)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	status := http.StatusOK
	select {
	case status = <-l.statuses:
	default:
	}
	w.WriteHeader(status)
	l.arrived <- received{export: x, header: r.Header, remote: r.RemoteAddr, path: r.URL.Path}
}

// next returns what arrives next.
func (l *listener) next(t *testing.T) received {
	t.Helper()
	select {
	case r := <-l.arrived:
		return r
	case <-time.After(patient):
		t.Fatal("nothing arrived at the listener")
		return received{}
	}
}

// none checks that nothing has arrived. Whoever calls it has made sure that all is over.
func (l *listener) none(t *testing.T) {
	t.Helper()
	select {
	case r := <-l.arrived:
		t.Errorf("unexpected at the listener: %v", r.export.Indication)
	default:
	}
}

// subscribe creates a filter, a handler and a subscription, and returns their paths.
func subscribe(t *testing.T, c *cimxml.Client, name, query, destination string) (filter, handler, subscription cim.ObjectPath) {
	t.Helper()
	filter = create(t, c, newFilter(name, query))
	handler = create(t, c, newHandler(name, destination))
	subscription = create(t, c, newSubscription(filter, handler))
	return filter, handler, subscription
}

func newFilter(name, query string) *cim.Instance {
	return cim.NewInstance("CIM_IndicationFilter",
		cim.Prop("Name", cim.String(name)), cim.Prop("Query", cim.String(query)),
		cim.Prop("QueryLanguage", cim.String("WQL")), cim.Prop("SourceNamespace", cim.String(cimv2)))
}

func newHandler(name, destination string) *cim.Instance {
	return cim.NewInstance("CIM_IndicationHandlerCIMXML",
		cim.Prop("Name", cim.String(name)), cim.Prop("Destination", cim.String(destination)))
}

func newSubscription(filter, handler cim.ObjectPath) *cim.Instance {
	return cim.NewInstance("CIM_IndicationSubscription",
		cim.Prop("Filter", cim.Reference(filter)), cim.Prop("Handler", cim.Reference(handler)))
}

func create(t *testing.T, c *cimxml.Client, i *cim.Instance) cim.ObjectPath {
	t.Helper()
	p, err := c.CreateInstance(t.Context(), interop, i)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func labAlert(n uint32) *cim.Instance {
	return cim.NewInstance("LAB_Alert", cim.Prop("Number", cim.Uint32(n)), cim.Prop("Description", cim.String("it hurts")))
}

// fire sends an indication and checks how many subscriptions hear it.
func fire(t *testing.T, s *simulator.Server, i *cim.Instance, want int) {
	t.Helper()
	n, err := s.Fire(t.Context(), i)
	if err != nil {
		t.Fatal(err)
	}
	if n != want {
		t.Fatalf("%v went to %d subscriptions, want %d", i, n, want)
	}
}

// flush waits until all is delivered or given up.
func flush(t *testing.T, s *simulator.Server) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patient)
	defer cancel()
	if err := s.Flush(ctx); err != nil {
		t.Fatal(err)
	}
}

// closeAtOnce closes a server without waiting for its deliveries.
func closeAtOnce(t *testing.T, s *simulator.Server) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Close(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("close: %v", err)
	}
}
