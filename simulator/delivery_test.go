package simulator_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/simulator"
)

// instantly replaces the clock: time passes only as somebody waits, at once, and how long
// each wait was is kept.
type instantly struct {
	mu    sync.Mutex
	slept []time.Duration
	past  time.Duration // since the beginning
}

func (c *instantly) sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.slept = append(c.slept, d)
	c.past += d
	return ctx.Err()
}

func (c *instantly) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Date(2026, 11, 20, 7, 58, 17, 0, time.UTC).Add(c.past)
}

// reports collects what OnDelivery is told.
type reports struct {
	mu   sync.Mutex
	list []simulator.Delivery
}

func (r *reports) add(d simulator.Delivery) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = append(r.list, d)
}

// lines returns attempt, status and outcome of each report.
func (r *reports) lines() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var lines []string
	for _, d := range r.list {
		lines = append(lines, fmt.Sprintf("%d %d %v", d.Attempt, d.Status, d.Outcome))
	}
	return lines
}

func TestDeliveryLooksLikeSfcb(t *testing.T) {
	now := time.Date(2026, 11, 20, 7, 58, 17, 5000, time.UTC)
	s, c := startLab(t, &simulator.Options{Now: func() time.Time { return now }})
	var raw strings.Builder
	address := rawListener(t, &raw)
	subscribe(t, c, "f17", "SELECT * FROM LAB_Alert", "http://"+address+"/lab?x=1")
	fire(t, s, labAlert(1), 1)
	flush(t, s)

	head, body, ok := strings.Cut(raw.String(), "\r\n\r\n")
	if !ok {
		t.Fatalf("received %q", raw.String())
	}
	want := "POST /lab?x=1 HTTP/1.1\r\n" +
		"Host: " + address + "\r\n" +
		"Accept: */*\r\n" +
		"Content-type: application/xml; charset=\"utf-8\"\r\n" +
		"Connection: Keep-Alive, TE\r\n" +
		"CIMProtocolVersion: 1.0\r\n" +
		"CIMExport: MethodRequest\r\n" +
		"CIMExportMethod: ExportIndication\r\n" +
		fmt.Sprintf("Content-Length: %d", len(body))
	if diff := cmp.Diff(want, head); diff != "" {
		t.Error(diff)
	}
	for _, part := range []string{
		`<MESSAGE ID="1" PROTOCOLVERSION="1.0">`,
		`<PROPERTY NAME="IndicationTime" TYPE="datetime"><VALUE>20261120075817.000005+000</VALUE></PROPERTY>`,
		`<PROPERTY NAME="IndicationFilterName" TYPE="string"><VALUE>f17</VALUE></PROPERTY>`,
		`<VALUE>cimwatch:localhost#20261120075817#20261120075817.000005</VALUE>`,
		`<PROPERTY NAME="SequenceNumber" TYPE="sint64"><VALUE>0</VALUE></PROPERTY>`,
		`<PROPERTY NAME="ProviderName" TYPE="string"></PROPERTY>`, // NULL
	} {
		if !strings.Contains(body, part) {
			t.Errorf("no %s in %s", part, body)
		}
	}
}

// rawListener keeps the bytes of the one request it answers.
func rawListener(t *testing.T, raw *strings.Builder) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		buf := make([]byte, 1<<16)
		for !strings.Contains(raw.String(), "</CIM>") {
			n, err := conn.Read(buf)
			if err != nil {
				return
			}
			raw.Write(buf[:n])
		}
		_, _ = conn.Write([]byte("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))
	}()
	t.Cleanup(func() {
		_ = l.Close()
		<-done
	})
	return l.Addr().String()
}

func TestDeliveryOutcomes(t *testing.T) {
	for _, test := range []struct {
		name     string
		statuses []int
		want     []string // attempt, status, outcome
	}{
		{"at once", nil, []string{"1 200 delivered"}},
		{"no content", []int{204}, []string{"1 204 delivered"}},
		{"redirect", []int{302}, []string{"1 302 delivered"}},
		{"other redirect", []int{301}, []string{"1 301 retrying", "2 200 delivered"}},
		{"bad request", []int{400}, []string{"1 400 dropped"}},
		{"not implemented", []int{501}, []string{"1 501 dropped"}},
		{"busy once", []int{503}, []string{"1 503 retrying", "2 200 delivered"}},
		{"one of each", []int{401, 404, 500}, []string{"1 401 retrying", "2 404 retrying", "3 500 retrying", "4 200 delivered"}},
		{"always busy", []int{503, 503, 503, 503}, []string{"1 503 retrying", "2 503 retrying", "3 503 retrying", "4 503 dropped"}},
		{"bad at last", []int{503, 400}, []string{"1 503 retrying", "2 400 dropped"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var clock instantly
			var told reports
			s, c := startLab(t, &simulator.Options{Now: clock.now, Sleep: clock.sleep, OnDelivery: told.add})
			l := listen(t, test.statuses...)
			_, handler, _ := subscribe(t, c, "x", "SELECT * FROM LAB_Alert", l.URL)
			fire(t, s, labAlert(1), 1)
			flush(t, s)
			if diff := cmp.Diff(test.want, told.lines()); diff != "" {
				t.Error(diff)
			}
			if d := told.list[0]; !d.Handler.Equal(handler) || d.Destination != l.URL || d.Indication.Class != "LAB_Alert" {
				t.Errorf("report %+v", d)
			}
			for _, slept := range clock.slept {
				if slept != 20*time.Second {
					t.Errorf("waited %v for a retry", slept)
				}
			}
		})
	}
}

func TestOrderAndNumbersPerHandler(t *testing.T) {
	s, c := startLab(t, nil)
	a, b := listen(t), listen(t)
	subscribe(t, c, "a", "SELECT * FROM LAB_Alert", a.URL)
	subscribe(t, c, "b", "SELECT Number FROM LAB_Alert WHERE Number >= 40", b.URL)
	const fired = 50
	for n := range uint32(fired) {
		want := 1
		if n >= 40 {
			want = 2
		}
		fire(t, s, labAlert(n), want)
	}
	flush(t, s)
	for n := range int64(fired) {
		i := a.next(t).export.Indication
		if number, _ := i.Get("SequenceNumber").Int64(); number != n {
			t.Fatalf("a: number %d at %d", number, n)
		}
		if i.Text("IndicationFilterName") != "a" || !i.Get("Number").Equal(cim.Uint32(uint32(n))) {
			t.Errorf("a: %v", i)
		}
	}
	for n := range int64(10) {
		i := b.next(t).export.Indication
		if number, _ := i.Get("SequenceNumber").Int64(); number != n || !i.Get("Number").Equal(cim.Uint32(uint32(40+n))) {
			t.Errorf("b: %v at %d", i, n)
		}
		if want := []string{"Number", "IndicationFilterName", "SequenceContext", "SequenceNumber"}; !cmp.Equal(names(i), want) {
			t.Errorf("b: properties %v, want %v", names(i), want)
		}
	}
	a.none(t)
	b.none(t)
}

// Two subscriptions of one handler give two exports with numbers of one count.
func TestTwoSubscriptionsOfOneHandler(t *testing.T) {
	s, c := startLab(t, nil)
	l := listen(t)
	_, handler, _ := subscribe(t, c, "a", "SELECT * FROM LAB_Alert", l.URL)
	create(t, c, newSubscription(create(t, c, newFilter("b", "SELECT * FROM CIM_AlertIndication")), handler))
	fire(t, s, labAlert(1), 2)
	flush(t, s)
	for n, filter := range []string{"a", "b"} {
		i := l.next(t).export.Indication
		if number, _ := i.Get("SequenceNumber").Int64(); number != int64(n) || i.Text("IndicationFilterName") != filter {
			t.Errorf("%v at %d", i, n)
		}
	}
}

func TestMatching(t *testing.T) {
	s, c := startLab(t, nil)
	l := listen(t)
	subscribe(t, c, "superclass", "SELECT * FROM CIM_Indication", l.URL)
	subscribe(t, c, "where", "SELECT * FROM LAB_Alert WHERE Description = 'it hurts'", l.URL)
	both := newFilter("namespaces", "SELECT * FROM LAB_Alert")
	both = set(set(both, "SourceNamespace", cim.Value{}), "SourceNamespaces", cim.Strings(cimv2, "/root/lab/"))
	create(t, c, newSubscription(create(t, c, both), create(t, c, newHandler("namespaces", l.URL))))

	fire(t, s, labAlert(1), 3)
	fire(t, s, set(labAlert(1), "Description", cim.String("all is well")), 2)
	fire(t, s, cim.NewInstance("CIM_AlertIndication"), 1)
	elsewhere := labAlert(1)
	elsewhere.Path.Namespace = "root/lab"
	fire(t, s, elsewhere, 1)
}

func TestFireErrors(t *testing.T) {
	s, _ := startLab(t, nil)
	for _, test := range []struct {
		name string
		i    *cim.Instance
		want cim.Status
	}{
		{"class", cim.NewInstance("LAB_Nope"), cim.StatusInvalidClass},
		{"no indication", cim.NewInstance("LAB_Thing"), cim.StatusInvalidParameter},
		{"property", cim.NewInstance("LAB_Alert", cim.Prop("Nope", cim.String(""))), cim.StatusNoSuchProperty},
		{"type", cim.NewInstance("LAB_Alert", cim.Prop("Number", cim.String("1"))), cim.StatusTypeMismatch},
	} {
		_, err := s.Fire(t.Context(), test.i)
		wantStatus(t, err, test.want)
	}
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, err := s.Fire(t.Context(), labAlert(1))
	wantStatus(t, err, cim.StatusServerIsShuttingDown)
}

func TestUnreachableDestinations(t *testing.T) {
	closed := httptest.NewServer(nil)
	closed.Close()
	for _, test := range []struct {
		name, destination string
		attempts          int
	}{
		{"refused", closed.URL, 4},
		{"no answer", "hang", 4},
		{"no scheme", strings.TrimPrefix(closed.URL, "http://"), 4},
		{"other scheme", "ftp://127.0.0.1/", 1},
		{"no host", "http:///lab", 1},
		{"nonsense", "http://[::1", 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			var clock instantly
			var told reports
			s, c := startLab(t, &simulator.Options{Sleep: clock.sleep, OnDelivery: told.add, AnswerTimeout: 50 * time.Millisecond})
			destination := test.destination
			if destination == "hang" {
				destination = silent(t)
			}
			subscribe(t, c, "x", "SELECT * FROM LAB_Alert", destination)
			fire(t, s, labAlert(1), 1)
			flush(t, s)
			if len(told.list) != test.attempts || told.list[len(told.list)-1].Outcome != simulator.Dropped {
				t.Errorf("%d attempts, want %d: %v", len(told.list), test.attempts, told.lines())
			}
			if told.list[0].Err == nil || told.list[0].Status != 0 {
				t.Errorf("report %+v", told.list[0])
			}
			if test.destination == "hang" && !errors.Is(told.list[0].Err, context.DeadlineExceeded) {
				t.Errorf("error %v", told.list[0].Err)
			}
		})
	}
}

// silent returns the address of a listener that accepts and says nothing.
func silent(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return "http://" + l.Addr().String()
}

func TestNoRetries(t *testing.T) {
	var told reports
	s, c := startLab(t, &simulator.Options{RetryAttempts: -1, OnDelivery: told.add})
	l := listen(t, 503)
	subscribe(t, c, "x", "SELECT * FROM LAB_Alert", l.URL)
	fire(t, s, labAlert(1), 1)
	flush(t, s)
	if diff := cmp.Diff([]string{"1 503 dropped"}, told.lines()); diff != "" {
		t.Error(diff)
	}
}

func TestCloseDelivers(t *testing.T) {
	s, c := startLab(t, nil)
	l := listen(t)
	subscribe(t, c, "x", "SELECT * FROM LAB_Alert", l.URL)
	for n := range uint32(20) {
		fire(t, s, labAlert(n), 1)
	}
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 20 {
		l.next(t)
	}
	if _, err := collect(c.EnumerateInstanceNames(t.Context(), cimv2, "LAB_Thing")); err == nil {
		t.Error("a closed server answers")
	}
}

func TestCloseAbandons(t *testing.T) {
	retrying := make(chan struct{}, 1)
	s, c := startLab(t, &simulator.Options{RetryInterval: time.Hour, OnDelivery: func(simulator.Delivery) { retrying <- struct{}{} }})
	l := listen(t, 503)
	subscribe(t, c, "x", "SELECT * FROM LAB_Alert", l.URL)
	fire(t, s, labAlert(1), 1)
	<-retrying
	closeAtOnce(t, s)
}

// Deleting a handler abandons what waits for it.
func TestDeleteHandlerAbandons(t *testing.T) {
	retrying := make(chan struct{}, 1)
	s, c := startLab(t, &simulator.Options{RetryInterval: time.Hour, OnDelivery: func(simulator.Delivery) { retrying <- struct{}{} }})
	l := listen(t, 503)
	_, handler, subscription := subscribe(t, c, "x", "SELECT * FROM LAB_Alert", l.URL)
	fire(t, s, labAlert(1), 1)
	<-retrying
	for _, path := range []cim.ObjectPath{subscription, handler} {
		if err := c.DeleteInstance(t.Context(), path); err != nil {
			t.Fatal(err)
		}
	}
	flush(t, s)
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestDestinationIsModified(t *testing.T) {
	s, c := startLab(t, nil)
	a, b := listen(t), listen(t)
	_, handler, _ := subscribe(t, c, "x", "SELECT * FROM LAB_Alert", a.URL)
	fire(t, s, labAlert(1), 1)
	flush(t, s)
	i := newHandler("x", b.URL)
	i.Path = handler
	if err := c.ModifyInstance(t.Context(), i, nil); err != nil {
		t.Fatal(err)
	}
	fire(t, s, labAlert(2), 1)
	flush(t, s)
	first, second := a.next(t).export.Indication, b.next(t).export.Indication
	if !first.Get("SequenceContext").Equal(second.Get("SequenceContext")) || !second.Get("SequenceNumber").Equal(cim.Sint64(1)) {
		t.Errorf("%v, then %v", first, second)
	}
}

func TestHTTPSDestination(t *testing.T) {
	l := &listener{arrived: make(chan received, 1), statuses: make(chan int)}
	l.Server = httptest.NewTLSServer(l)
	t.Cleanup(l.Close)
	s, c := startLab(t, nil)
	subscribe(t, c, "x", "SELECT * FROM LAB_Alert", l.URL)
	fire(t, s, labAlert(1), 1)
	flush(t, s)
	if i := l.next(t).export.Indication; i.Class != "LAB_Alert" {
		t.Errorf("received %v", i)
	}
}

func TestHTTPSDestinationVerified(t *testing.T) {
	var clock instantly
	var told reports
	l := httptest.NewUnstartedServer(http.NotFoundHandler())
	l.Config.ErrorLog = log.New(io.Discard, "", 0) // of handshakes that fail as they should
	l.StartTLS()
	t.Cleanup(l.Close)
	s, c := startLab(t, &simulator.Options{
		Sleep: clock.sleep, OnDelivery: told.add, ExportTLS: &tls.Config{MinVersion: tls.VersionTLS12},
	})
	subscribe(t, c, "x", "SELECT * FROM LAB_Alert", l.URL)
	fire(t, s, labAlert(1), 1)
	flush(t, s)
	if _, ok := errors.AsType[*tls.CertificateVerificationError](told.list[0].Err); !ok {
		t.Errorf("error %v", told.list[0].Err)
	}
}

func TestQueueIsBounded(t *testing.T) {
	release := make(chan struct{})
	var once sync.Once
	s, c := startLab(t, &simulator.Options{OnDelivery: func(simulator.Delivery) { <-release }})
	t.Cleanup(func() { once.Do(func() { close(release) }) })
	l := &listener{arrived: make(chan received, 4000), statuses: make(chan int)}
	l.Server = httptest.NewServer(l)
	t.Cleanup(l.Close)
	subscribe(t, c, "x", "SELECT Number FROM LAB_Alert", l.URL)
	fire(t, s, labAlert(0), 1)
	l.next(t) // the first is on its way, so all others queue up
	for n := range uint32(2500) {
		fire(t, s, labAlert(n+1), 1)
	}
	once.Do(func() { close(release) })
	flush(t, s)
	if got := len(l.arrived); got != 2400 {
		t.Errorf("%d arrived, want the last 2400", got)
	}
	if i := l.next(t).export.Indication; !i.Get("SequenceNumber").Equal(cim.Sint64(101)) {
		t.Errorf("the oldest that arrived is %v", i)
	}
}
