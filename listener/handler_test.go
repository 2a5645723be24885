package listener_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/listener"
)

// TestWrongValuesAreKept exports what a broken provider may send: it is kept, the wrong
// values as text, the others as what they are.
func TestWrongValuesAreKept(t *testing.T) {
	k := &keeper{}
	_, addr := start(t, k, nil)
	const date = `<PROPERTY NAME="EventTime" TYPE="datetime"><VALUE>2026-11-20 07:58</VALUE></PROPERTY>`
	const number = `<PROPERTY NAME="PerceivedSeverity" TYPE="uint16"><VALUE>high</VALUE></PROPERTY>`
	const fine = `<PROPERTY NAME="AlertType" TYPE="uint16"><VALUE>5</VALUE></PROPERTY>`
	if got := ask(t, addr, withBody(export("CIM_AlertIndication", date+number+fine))); got.StatusCode != 200 {
		t.Fatalf("status %d: %s", got.StatusCode, got.raw)
	}
	kept := k.take()
	if len(kept) != 1 {
		t.Fatalf("%d were kept", len(kept))
	}
	i := kept[0].Instance
	if i.Text("EventTime") != "2026-11-20 07:58" || i.Text("PerceivedSeverity") != "high" || !i.Get("AlertType").Equal(cim.Uint16(5)) {
		t.Errorf("kept %s", i)
	}
}

// failing returns a handler that returns err, whatever it gets.
func failing(err error) listener.Handler {
	return listener.HandlerFunc(func(context.Context, *listener.Indication) error { return err })
}

func TestHandlerErrors(t *testing.T) {
	secret := errors.New("disk /dev/secret is full")
	for name, test := range map[string]struct {
		handler    listener.Handler
		status     int
		reason     string
		retryAfter string
	}{
		"error":   {failing(secret), 503, "not-kept", "10"},
		"wrapped": {failing(fmt.Errorf("storing: %w", secret)), 503, "not-kept", "10"},
		"refusal": {failing(&listener.Refusal{Status: 401, Err: secret}), 401, "refused", ""},
		"wrapped refusal": {
			failing(fmt.Errorf("checking: %w", &listener.Refusal{Status: 400})), 400, "refused", ""},
		"refusal for a while":  {failing(&listener.Refusal{RetryAfter: 90 * time.Second}), 503, "refused", "90"},
		"refusal for a moment": {failing(&listener.Refusal{Status: 429, RetryAfter: time.Millisecond}), 429, "refused", "1"},
		"refusal with 200":     {failing(&listener.Refusal{Status: 200, Err: secret}), 503, "refused", "10"},
		"refusal with 302":     {failing(&listener.Refusal{Status: 302}), 503, "refused", "10"},
		"refusal with 1000":    {failing(&listener.Refusal{Status: 1000}), 503, "refused", "10"},
		"panic": {listener.HandlerFunc(func(context.Context, *listener.Indication) error {
			panic(secret)
		}), 503, "panic", "10"},
		"no handler": {nil, 503, "panic", "10"},
	} {
		t.Run(name, func(t *testing.T) {
			server, addr := start(t, test.handler, nil)
			c := dial(t, addr)
			for n := range 2 { // the connection and the server live on
				c.send(t, post())
				got := c.receive(t, "POST")
				if got.StatusCode != test.status || got.Header.Get("Retry-After") != test.retryAfter {
					t.Errorf("status %d, Retry-After %q, want %d, %q",
						got.StatusCode, got.Header.Get("Retry-After"), test.status, test.retryAfter)
				}
				if got.body != test.reason+"\n" || strings.Contains(got.raw, "secret") {
					t.Errorf("the sender is told %q", got.raw)
				}
				if count := server.Stats().Answers[test.reason]; count != uint64(n+1) {
					t.Errorf("%d answers are counted as %s", count, test.reason)
				}
			}
		})
	}
}

func TestRefusalIsAnError(t *testing.T) {
	cause := errors.New("not on the list")
	var err error = &listener.Refusal{Status: 403, Err: cause}
	if !errors.Is(err, cause) || err.Error() != "refused with 403 Forbidden: not on the list" {
		t.Errorf("%v", err)
	}
	if text := (&listener.Refusal{}).Error(); text != "refused with 503 Service Unavailable" {
		t.Errorf("%s", text)
	}
}

// A logBuffer is a log that may be read while it is written.
type logBuffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// TestFailureIsLoggedOnce expects a line when keeping begins to fail and one when it has been well
// again for a while, however many indications come, and are kept between those that are not.
func TestFailureIsLoggedOnce(t *testing.T) {
	var mu sync.Mutex
	var failure error
	set := func(err error) { mu.Lock(); failure = err; mu.Unlock() }
	var log logBuffer
	at := time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)
	now := func() time.Time { mu.Lock(); defer mu.Unlock(); return at }
	_, addr := start(t, listener.HandlerFunc(func(context.Context, *listener.Indication) error {
		mu.Lock()
		defer mu.Unlock()
		return failure
	}), &listener.Options{Logger: slog.New(slog.NewTextHandler(&log, nil)), Now: now})
	c := dial(t, addr)
	full := errors.New("disk full")
	for _, err := range []error{nil, full, full, nil, full, nil, nil, nil} {
		set(err)
		c.send(t, post())
		c.receive(t, "POST")
		mu.Lock()
		at = at.Add(listener.TroubleLasts / 2)
		mu.Unlock()
	}
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	if len(lines) != 2 || !strings.Contains(lines[0], `level=WARN msg="indications are not kept" host=127.0.0.1 class=CIM_AlertIndication error="disk full"`) ||
		!strings.Contains(lines[1], `level=INFO msg="indications are kept again"`) {
		t.Errorf("log:\n%s", log.String())
	}
}

func TestPanicIsLogged(t *testing.T) {
	var log logBuffer
	_, addr := start(t, listener.HandlerFunc(func(context.Context, *listener.Indication) error {
		panic("oops")
	}), &listener.Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	ask(t, addr, post())
	for _, want := range []string{"level=ERROR", "panic=oops", "TestPanicIsLogged"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("%s is not in the log:\n%s", want, log.String())
		}
	}
}

// TestHandleTimeout shows that a handler that waits is told to give up in time.
func TestHandleTimeout(t *testing.T) {
	waits := listener.HandlerFunc(func(ctx context.Context, _ *listener.Indication) error {
		<-ctx.Done()
		return ctx.Err()
	})
	_, addr := start(t, waits, &listener.Options{HandleTimeout: 20 * time.Millisecond})
	if got := ask(t, addr, post()); got.StatusCode != 503 {
		t.Errorf("status %d, want 503", got.StatusCode)
	}
}

// TestSenderHangsUp shows that a handler need not go on for a sender that has gone.
func TestSenderHangsUp(t *testing.T) {
	entered, left := make(chan struct{}), make(chan error, 1)
	_, addr := start(t, listener.HandlerFunc(func(ctx context.Context, _ *listener.Indication) error {
		close(entered)
		<-ctx.Done()
		left <- ctx.Err()
		return ctx.Err()
	}), &listener.Options{HandleTimeout: -1})
	c := dial(t, addr)
	c.send(t, post())
	<-entered
	_ = c.Close()
	if err := <-left; !errors.Is(err, context.Canceled) {
		t.Errorf("the context ended with %v", err)
	}
}

func TestBusy(t *testing.T) {
	entered, release := make(chan struct{}), make(chan struct{})
	server, addr := start(t, listener.HandlerFunc(func(context.Context, *listener.Indication) error {
		entered <- struct{}{}
		<-release
		return nil
	}), &listener.Options{MaxConcurrent: 2})
	first, second := dial(t, addr), dial(t, addr)
	first.send(t, post())
	second.send(t, post())
	<-entered
	<-entered
	if n := server.Stats().Serving; n != 2 {
		t.Errorf("%d are being served, want 2", n)
	}
	got := ask(t, addr, post())
	if got.StatusCode != 503 || got.body != "busy\n" || got.Header.Get("Retry-After") == "" {
		t.Errorf("answered\n%s", got.raw)
	}
	close(release)
	for _, c := range []*client{first, second} {
		if got := c.receive(t, "POST"); got.StatusCode != 200 {
			t.Errorf("status %d", got.StatusCode)
		}
	}
	go func() { <-entered }()
	if got := ask(t, addr, post()); got.StatusCode != 200 {
		t.Errorf("status %d when there is room again", got.StatusCode)
	}
}

func property(name, typ, value string) string {
	return `<PROPERTY NAME="` + name + `" TYPE="` + typ + `"><VALUE>` + value + `</VALUE></PROPERTY>`
}

func TestSequence(t *testing.T) {
	const null = `<PROPERTY NAME="SequenceNumber" TYPE="sint64"></PROPERTY>`
	inContext := property("SequenceContext", "string", "PG:1-2")
	for name, test := range map[string]struct {
		properties string
		want       *listener.Sequence
	}{
		"both":              {inContext + property("SequenceNumber", "sint64", "0"), &listener.Sequence{Context: "PG:1-2"}},
		"names in capitals": {strings.ToUpper(inContext + property("SequenceNumber", "sint64", "7")), &listener.Sequence{Context: "PG:1-2", Number: 7}},
		"largest":           {inContext + property("SequenceNumber", "sint64", "9223372036854775807"), &listener.Sequence{Context: "PG:1-2", Number: 1<<63 - 1}},
		"unsigned":          {inContext + property("SequenceNumber", "uint64", "5"), &listener.Sequence{Context: "PG:1-2", Number: 5}},
		"too large":         {inContext + property("SequenceNumber", "uint64", "18446744073709551615"), nil},
		"no number":         {inContext, nil},
		"NULL number":       {inContext + null, nil},
		"no context":        {property("SequenceNumber", "sint64", "3"), nil},
		"number as text":    {inContext + property("SequenceNumber", "string", "3"), nil},
	} {
		t.Run(name, func(t *testing.T) {
			k := &keeper{}
			_, addr := start(t, k, nil)
			if got := ask(t, addr, withBody(export("CIM_A", test.properties))); got.StatusCode != 200 {
				t.Fatalf("status %d: %s", got.StatusCode, got.body)
			}
			got := k.take()[0].Sequence
			if (got == nil) != (test.want == nil) || got != nil && *got != *test.want {
				t.Errorf("sequence %v, want %v", got, test.want)
			}
		})
	}
}

func TestIndication(t *testing.T) {
	k := &keeper{}
	_, addr := start(t, k, nil)
	before := time.Now()
	c := dial(t, addr)
	c.send(t, request("POST /a%20b?x=1 HTTP/1.1", alert))
	c.receive(t, "POST")
	i := k.take()[0]
	local, err := netip.ParseAddrPort(c.LocalAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	if i.Remote != local || i.Host != "127.0.0.1" || i.Path != "/a b" || i.MessageID != "a&b" || i.TLS != nil {
		t.Errorf("got %+v", i)
	}
	if i.Received.Before(before) || i.Received.After(time.Now()) {
		t.Errorf("received at %v", i.Received)
	}
	if string(i.Raw) != alert || i.Instance.Text("description") != "fan failed" {
		t.Errorf("got %s %v", i.Raw, i.Instance)
	}
}

// TestIndicationIsTheHandlers shows that what a handler keeps does not change when later
// requests reuse the server's buffers.
func TestIndicationIsTheHandlers(t *testing.T) {
	k := &keeper{}
	_, addr := start(t, k, nil)
	c := dial(t, addr)
	c.send(t, post())
	c.receive(t, "POST")
	first := k.take()[0]
	for range 10 {
		c.send(t, withBody(strings.ReplaceAll(strings.ReplaceAll(alert, "fan", "FAN"), "CIM_Al", "XXX_XX")))
		c.receive(t, "POST")
	}
	if string(first.Raw) != alert || first.Instance.Class != "CIM_AlertIndication" || first.Instance.Text("Description") != "fan failed" {
		t.Errorf("the first indication has become %s %v", first.Raw, first.Instance)
	}
}

func TestResolve(t *testing.T) {
	k := &keeper{}
	_, addr := start(t, k, &listener.Options{Resolve: func(i *listener.Indication) string {
		switch {
		case i.Host != "127.0.0.1":
			t.Errorf("Host is %q when Resolve is called", i.Host)
		case i.Path == "/esx1":
			return "esx1.example"
		case i.Path == "/panic":
			panic("resolve")
		}
		return ""
	}})
	for path, want := range map[string]string{"/esx1": "esx1.example", "/other": "127.0.0.1"} {
		ask(t, addr, request("POST "+path+" HTTP/1.1", alert))
		if i := k.take()[0]; i.Host != want {
			t.Errorf("%s: host %q, want %q", path, i.Host, want)
		}
	}
	if got := ask(t, addr, request("POST /panic HTTP/1.1", alert)); got.StatusCode != 503 {
		t.Errorf("status %d when Resolve panics, want 503", got.StatusCode)
	}
}

func TestOnAnswer(t *testing.T) {
	answers := make(chan listener.Answer, 1)
	_, addr := start(t, &keeper{}, &listener.Options{OnAnswer: func(a listener.Answer) { answers <- a }})
	got := ask(t, addr, post())
	a := <-answers
	if a.Class() != "CIM_AlertIndication" || a.Proto != "HTTP/1.1" || a.Path != "/alerts" || a.Bytes != len(got.body) ||
		a.Duration <= 0 || a.Indication.Received != a.Received {
		t.Errorf("told %+v", a)
	}
	got = ask(t, addr, request("GET / HTTP/1.0", ""))
	a = <-answers
	if a.Class() != "" || a.Proto != "HTTP/1.0" || a.Method != "GET" || a.Indication != nil || a.Bytes != len(got.body) {
		t.Errorf("told %+v", a)
	}
}

// TestStatsNamesEveryReason keeps the package comment and the counts together.
func TestStatsNamesEveryReason(t *testing.T) {
	server := listener.New(&keeper{}, nil)
	stats := server.Stats()
	if len(stats.Answers) != 27 || stats.Serving != 0 {
		t.Errorf("%d reasons: %v", len(stats.Answers), stats)
	}
	comment := packageComment(t)
	for reason, n := range stats.Connections {
		if n != 0 || !strings.Contains(comment, reason) {
			t.Errorf("%s: count %d, or not in the package comment", reason, n)
		}
	}
	for reason, n := range stats.Answers {
		if n != 0 || !strings.Contains(comment, reason) {
			t.Errorf("%s: count %d, or not in the package comment", reason, n)
		}
	}
}
