package simulator_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
	"github.com/cimwatch/cimwatch/simulator"
)

func classNamesOf(ctx context.Context, c *cimxml.Client) error {
	_, err := c.EnumerateClassNames(ctx, cimv2, "", false)
	return err
}

func TestFaultStatus(t *testing.T) {
	s, c := startLab(t, nil)
	for _, status := range []int{401, 404, 500, 503} {
		end := s.Fault(simulator.Fault{Status: status, Header: map[string]string{"CIMError": "because"}})
		err := classNamesOf(t.Context(), c)
		var refused *cimxml.HTTPError
		if !errors.As(err, &refused) || refused.StatusCode != status || refused.CIMError != "because" {
			t.Errorf("error %v, want HTTP %d", err, status)
		}
		end()
		end() // once more changes nothing
		if err := classNamesOf(t.Context(), c); err != nil {
			t.Errorf("after the fault: %v", err)
		}
	}
}

// A fault befalls the requests it names, after some and so many times.
func TestFaultChoosesRequests(t *testing.T) {
	s, c := startLab(t, nil)
	refused := cim.Errorf(cim.StatusPullHasBeenAbandoned, "on purpose")
	s.Fault(simulator.Fault{Method: "enumerateclass*", Skip: 1, Count: 2, Err: refused})
	s.Fault(simulator.Fault{Method: "GetInstance", Err: cim.Errorf(cim.StatusAccessDenied, "no")})
	s.Fault(simulator.Fault{Method: "Open", Err: cim.Errorf(cim.StatusMethodNotAvailable, "stuck")})
	for n, want := range []cim.Status{0, cim.StatusPullHasBeenAbandoned, cim.StatusPullHasBeenAbandoned, 0, 0} {
		if _, err := c.EnumerateClassNames(t.Context(), cimv2, "", false); want == 0 && err != nil || want != 0 && !errors.Is(err, want) {
			t.Errorf("request %d: %v, want %v", n, err, want)
		}
	}
	_, err := c.GetInstance(t.Context(), thing("LAB_Box", "box"), nil)
	wantStatus(t, err, cim.StatusAccessDenied)
	_, err = collect(c.EnumerateInstances(t.Context(), cimv2, "LAB_Box", nil))
	if err != nil {
		t.Error(err)
	}
	_, _, err = c.InvokeMethod(t.Context(), thing("LAB_Box", "box"), "Open")
	wantStatus(t, err, cim.StatusMethodNotAvailable)
}

func TestFaultDelay(t *testing.T) {
	s := start(t, lab(t), nil)
	c := connect(t, s, &cimxml.Options{Timeout: 50 * time.Millisecond})
	s.Fault(simulator.Fault{Delay: time.Hour, Count: 1})
	if err := classNamesOf(t.Context(), c); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v", err)
	}
	if err := classNamesOf(t.Context(), connect(t, s, nil)); err != nil {
		t.Errorf("the next request: %v", err)
	}
	s.Fault(simulator.Fault{Delay: time.Nanosecond})
	if err := classNamesOf(t.Context(), connect(t, s, nil)); err != nil {
		t.Errorf("a short delay: %v", err)
	}
}

// Closing the server ends what waits.
func TestCloseEndsFaults(t *testing.T) {
	for _, fault := range []simulator.Fault{{Delay: time.Hour}, {Trickle: time.Hour}} {
		waiting := make(chan struct{}, 1)
		s, err := simulator.New(lab(t), &simulator.Options{Sleep: func(ctx context.Context, _ time.Duration) error {
			waiting <- struct{}{}
			<-ctx.Done()
			return ctx.Err()
		}})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Listen("127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
		s.Fault(fault)
		failed := make(chan error, 1)
		c := connect(t, s, nil)
		go func() {
			_, err := c.GetInstance(t.Context(), thing("LAB_Box", "box"), nil)
			failed <- err
		}()
		<-waiting
		if err := s.Close(t.Context()); err != nil {
			t.Errorf("close: %v", err)
		}
		if err := <-failed; err == nil {
			t.Error("the request was answered")
		}
	}
}

func TestFaultCut(t *testing.T) {
	s, c := startLab(t, nil)
	whole := post(t, s, request("POST /cimom HTTP/1.1", goodHeaders, enumerateClassNames))
	for _, cut := range []int{-1, 1, 100, len(whole.body) - 10} {
		end := s.Fault(simulator.Fault{Cut: cut})
		err := classNamesOf(t.Context(), c)
		var refused *cim.Error
		if err == nil || errors.As(err, &refused) {
			t.Errorf("cut after %d of %d bytes: %v", cut, len(whole.body), err)
		}
		end()
	}
	s.Fault(simulator.Fault{Cut: len(whole.body)})
	if err := classNamesOf(t.Context(), c); err != nil {
		t.Errorf("cut behind the end: %v", err)
	}
}

// What comes before the cut of a long answer is read.
func TestFaultCutInLongAnswer(t *testing.T) {
	s, c := startLab(t, nil)
	long := cim.String(strings.Repeat("x", 10<<10))
	for name := range strings.SplitSeq("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", "") {
		if _, err := s.Create(cim.NewInstance("LAB_Thing", cim.Prop("Name", cim.String(name+name)), cim.Prop("Caption", long))); err != nil {
			t.Fatal(err)
		}
	}
	s.Fault(simulator.Fault{Cut: 400 << 10})
	list, err := collect(c.EnumerateInstances(t.Context(), cimv2, "LAB_Thing", nil))
	if len(list) < 30 || len(list) > 42 || err == nil {
		t.Errorf("%d instances, %v", len(list), err)
	}
}

func TestFaultMalformed(t *testing.T) {
	s, c := startLab(t, nil)
	end := s.Fault(simulator.Fault{Malformed: true})
	list, err := collect(c.EnumerateInstances(t.Context(), cimv2, "LAB_Thing", nil))
	var malformed *cimxml.DecodeError
	if !errors.As(err, &malformed) || len(list) == 0 {
		t.Errorf("%d instances, %v", len(list), err)
	}
	end()
	if err := classNamesOf(t.Context(), c); err != nil {
		t.Error(err)
	}
}

func TestFaultMessageID(t *testing.T) {
	s, c := startLab(t, nil)
	s.Fault(simulator.Fault{MessageID: "another", Count: 1})
	if err := classNamesOf(t.Context(), c); !errors.Is(err, cimxml.ErrNotValid) || !strings.Contains(err.Error(), "another") {
		t.Errorf("error %v", err)
	}
	if err := classNamesOf(t.Context(), c); err != nil {
		t.Error(err)
	}
}

// Every Open operation has a classic answer, which is all of the result.
func TestFaultClassic(t *testing.T) {
	s, c := startLab(t, nil)
	s.Fault(simulator.Fault{Method: "Open*", Classic: true})
	for _, op := range pullings() {
		got := op.open(t.Context(), c, &cimxml.OpenOptions{MaxObjects: 1})
		if got.err != nil || !got.place.End || !slices.Equal(got.names, op.want) {
			t.Errorf("%s: %+v, want %v", op.name, got, op.want)
		}
	}
	list, err := collect(c.IterateInstances(t.Context(), cimv2, "LAB_Thing", nil))
	if err != nil || len(list) != 4 {
		t.Errorf("%v, %v", list, err)
	}
	paths, err := collect(c.IterateInstancePaths(t.Context(), cimv2, "LAB_Thing", nil))
	if err != nil || len(paths) != 4 {
		t.Errorf("%v, %v", paths, err)
	}
}

// Without pull operations the client takes the classic ones.
func TestFaultNoPull(t *testing.T) {
	s, c := startLab(t, nil)
	s.Fault(simulator.Fault{Method: "Open*", Err: cim.Errorf(cim.StatusNotSupported, "Operation not supported xx")})
	list, err := collect(c.IterateAssociators(t.Context(), thing("LAB_Box", "box"), nil))
	if err != nil || len(list) != 2 {
		t.Errorf("%v, %v", list, err)
	}
	_, _, err = c.OpenEnumerateInstances(t.Context(), cimv2, "LAB_Thing", nil)
	wantStatus(t, err, cim.StatusNotSupported)
}

func TestFaultTrickle(t *testing.T) {
	var waits atomic.Int64
	s, c := startLab(t, &simulator.Options{Sleep: func(ctx context.Context, d time.Duration) error {
		if d == time.Minute {
			waits.Add(1)
		}
		return ctx.Err()
	}})
	s.Fault(simulator.Fault{Trickle: time.Minute})
	i, err := c.GetInstance(t.Context(), thing("LAB_Box", "box"), nil)
	if err != nil || i.Text("Name") != "box" {
		t.Errorf("%v, %v", i, err)
	}
	if n := waits.Load(); n < 10 || n > 40 {
		t.Errorf("%d waits", n)
	}
}

// The client makes do with the head of an answer that never ends.
func TestFaultSilent(t *testing.T) {
	s, c := startLab(t, nil)
	s.Fault(simulator.Fault{Status: http.StatusBadRequest, Silent: true, Header: map[string]string{
		"CIMError": "request-not-valid", "PGErrorDetail": "not%20this",
	}})
	for range 3 {
		err := classNamesOf(t.Context(), c)
		var refused *cimxml.HTTPError
		if !errors.As(err, &refused) || refused.StatusCode != 400 || refused.CIMError != "request-not-valid" || refused.Detail != "not this" {
			t.Errorf("error %v", err)
		}
	}
	// A connection that the client keeps open ends with the server; goleak sees to that.
	conn, err := net.Dial("tcp", s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if _, err := conn.Write([]byte(request("POST / HTTP/1.1", goodHeaders, enumerateClassNames))); err != nil {
		t.Fatal(err)
	}
	head := make([]byte, len("HTTP/1.1 400"))
	if _, err := conn.Read(head); err != nil || string(head) != "HTTP/1.1 400" {
		t.Errorf("%q, %v", head, err)
	}
}

// countingListener counts the connections that it accepts.
type countingListener struct {
	net.Listener
	accepted atomic.Int64
}

func (l *countingListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err == nil {
		l.accepted.Add(1)
	}
	return conn, err
}

func TestFaultCloseAfter(t *testing.T) {
	s, err := simulator.New(lab(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &countingListener{Listener: inner}
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	c, err := cimxml.NewClient("http://"+inner.Addr().String(), nil)
	if err != nil {
		t.Fatal(err)
	}
	s.Fault(simulator.Fault{CloseAfter: 10})
	for range 25 {
		if err := classNamesOf(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	if n := l.accepted.Load(); n != 3 {
		t.Errorf("%d connections", n)
	}
	c.Close()
	if err := errors.Join(s.Close(t.Context()), <-served); err != nil {
		t.Error(err)
	}
}

func TestFaultHeader(t *testing.T) {
	s, _ := startLab(t, nil)
	s.Fault(simulator.Fault{Header: map[string]string{"WBEMServerResponseTime": "1500"}})
	got := post(t, s, request("POST /cimom HTTP/1.1", goodHeaders, enumerateClassNames))
	if got.status != 200 || got.header.Get("WBEMServerResponseTime") != "1500" || !strings.Contains(got.body, "LAB_Root") {
		t.Errorf("%+v", got)
	}
}
