package subscriber_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
	"github.com/cimwatch/cimwatch/simulator"
	"github.com/cimwatch/cimwatch/subscriber"
)

const (
	plainMOF = `
#pragma include ("core.mof")
#pragma include ("indications.mof")
#pragma include ("interop.mof")
`
	serviceMOF = plainMOF + `
class LAB_IndicationService : CIM_IndicationService { uint32 SendTestIndication(); };
class LAB_QuietService : CIM_IndicationService {};
#pragma namespace ("root/interop")
instance of LAB_QuietService {
    SystemCreationClassName = "s"; SystemName = "s"; CreationClassName = "LAB_QuietService"; Name = "quiet";
};
instance of LAB_IndicationService {
    SystemCreationClassName = "s"; SystemName = "s"; CreationClassName = "LAB_IndicationService"; Name = "loud";
};
`
	handlerMOF = plainMOF + `
class LAB_Handler : CIM_IndicationHandlerCIMXML { uint32 SendTestIndication(); };
`
)

// startServer returns a simulated server of a model and a client for it.
func startServer(t *testing.T, model string) (*simulator.Server, *cimxml.Client) {
	t.Helper()
	m, err := simulator.LoadModel(fstest.MapFS{"model.mof": {Data: []byte(model)}}, "model.mof")
	if err != nil {
		t.Fatal(err)
	}
	s, err := simulator.New(m, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Listen("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	client, err := cimxml.NewClient(s.URL(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		client.Close()
		if err := s.Close(t.Context()); err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	return s, client
}

// A server that offers a test indication sends one to who asks, through what was
// subscribed to.
func TestTestIndication(t *testing.T) {
	server, client := startServer(t, serviceMOF)
	err := server.HandleMethod("LAB_IndicationService", "SendTestIndication",
		func(ctx context.Context, call *simulator.Call) (cim.Value, []cim.Parameter, error) {
			if name := call.Object.KeyText("Name"); name != "loud" {
				t.Errorf("called on %q", name)
			}
			_, err := call.Server.Fire(ctx, cim.NewInstance("CIM_AlertIndication", cim.Prop("Description", cim.String("a test"))))
			return cim.Uint32(0), nil, err
		})
	if err != nil {
		t.Fatal(err)
	}
	arrived := make(chan string, 1)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { arrived <- r.URL.Path }))
	defer receiver.Close()
	s := subscriber.New(client, nil)
	if _, err := s.Reconcile(t.Context(), declare("ops", filter(alerts, receiver.URL+"/a1"))); err != nil {
		t.Fatal(err)
	}
	if sent, err := s.Test(t.Context(), "ops"); sent != 1 || err != nil {
		t.Fatalf("Test: %d, %v; want one", sent, err)
	}
	if path := <-arrived; path != "/a1" {
		t.Errorf("the test indication came to %s", path)
	}
}

// A server without the method offers none, and is not asked for it.
func TestTestIndicationNotOffered(t *testing.T) {
	_, client := startServer(t, plainMOF)
	s := subscriber.New(client, nil)
	if sent, err := s.Test(t.Context(), "ops"); sent != 0 || err != nil {
		t.Errorf("Test: %d, %v; want none", sent, err)
	}
	for _, o := range client.Statistics() {
		if o.Operation == "InvokeMethod" {
			t.Error("a method was called")
		}
	}
	if sent, err := subscriber.New(newServer(), nil).Test(t.Context(), "ops"); sent != 0 || err != nil {
		t.Errorf("a client without methods: %d, %v; want none", sent, err)
	}
	if _, err := s.Test(t.Context(), "no name"); err == nil {
		t.Error("a name that is none is taken")
	}
}

// Where handlers offer it, only ours are asked; refusals are told.
func TestTestIndicationOfHandlers(t *testing.T) {
	server, client := startServer(t, handlerMOF)
	for _, name := range []string{"cimwatch:ops:1", "cimwatch:ops:2", "cimwatch:ops:3", "cimwatch:ops2:1", "theirs"} {
		h := cim.NewInstance("LAB_Handler", cim.Prop("SystemCreationClassName", cim.String("s")), cim.Prop("SystemName", cim.String("s")),
			cim.Prop("CreationClassName", cim.String("LAB_Handler")), cim.Prop("Name", cim.String(name)),
			cim.Prop("Destination", cim.String("http://127.0.0.1:1/")))
		h.Path.Namespace = "root/interop"
		if _, err := server.Create(h); err != nil {
			t.Fatal(err)
		}
	}
	var asked []string
	err := server.HandleMethod("LAB_Handler", "SendTestIndication",
		func(_ context.Context, call *simulator.Call) (cim.Value, []cim.Parameter, error) {
			name := call.Object.KeyText("Name")
			asked = append(asked, name)
			switch name {
			case "cimwatch:ops:2":
				return cim.Uint32(4), nil, nil
			case "cimwatch:ops:3":
				return cim.Value{}, nil, cim.Errorf(cim.StatusAccessDenied, "no")
			default:
				return cim.Uint32(0), nil, nil
			}
		})
	if err != nil {
		t.Fatal(err)
	}
	sent, err := subscriber.New(client, nil).Test(t.Context(), "ops")
	if sent != 1 || !errors.Is(err, cim.StatusAccessDenied) || !strings.Contains(err.Error(), "returned 4") {
		t.Errorf("Test: %d, %v; want one, a refusal and a code", sent, err)
	}
	wantEqual(t, "asked", asked, []string{"cimwatch:ops:1", "cimwatch:ops:2", "cimwatch:ops:3"})
}

// Repeated runs against the simulator, with a duration it keeps but does not count down.
func TestReconcileSimulator(t *testing.T) {
	_, client := startServer(t, plainMOF)
	now := newClock()
	s := subscriber.New(client, &subscriber.Options{Now: now.time})
	d := lasting(time.Minute)
	for turn, want := range [][3]int{{1, 0, 0}, {0, 1, 0}, {1, 0, 1}} {
		report, err := s.Reconcile(t.Context(), d)
		if err != nil {
			t.Fatal(err)
		}
		if got := [3]int{len(report.Created), len(report.Kept), len(report.Removed)}; got != want {
			t.Errorf("turn %d: created, kept, removed %v; want %v", turn, got, want)
		}
		now.now = now.now.Add(15 * time.Second)
	}
}
