package listener_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cimwatch/cimwatch/listener"
)

// A said is what came back over a connection: answers without what differs by time, then how
// the rest looks.
type said struct {
	answers []answerSaid
	rest    string
}

type answerSaid struct {
	Status int
	Header http.Header
	Body   string
}

// saidBy reads answers.
func saidBy(got []byte) (s said) {
	for r := bufio.NewReader(bytes.NewReader(got)); ; {
		if _, err := r.Peek(1); err != nil {
			return s
		}
		answer, err := http.ReadResponse(r, nil)
		if err != nil {
			s.rest = err.Error()
			return s
		}
		body, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		answer.Header.Del("Date")
		if answer.Close {
			answer.Header.Set("Connection", "close")
		}
		s.answers = append(s.answers, answerSaid{answer.StatusCode, answer.Header, string(body)})
		if err != nil {
			s.rest = err.Error()
			return s
		}
	}
}

// twice serves on two ports: as it does by itself, and by net/http alone.
func twice(t testing.TB, o *listener.Options) (front, plain string) {
	t.Helper()
	forget := listener.HandlerFunc(func(context.Context, *listener.Indication) error { return nil })
	_, front = start(t, forget, o)
	outer := httptest.NewUnstartedServer(listener.New(forget, o))
	outer.Config.DisableGeneralOptionsHandler = true
	outer.Config.ReadHeaderTimeout, outer.Config.ReadTimeout = o.HeaderTimeout, o.ReadTimeout
	outer.Config.MaxHeaderBytes = 32 << 10
	outer.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)
	outer.Start()
	t.Cleanup(outer.Close)
	return front, outer.Listener.Addr().String()
}

// conversations are what senders say, and what nobody should.
func conversations(t testing.TB) [][]byte {
	t.Helper()
	names, err := filepath.Glob(filepath.Join("testdata", "captures", "*.http"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no captures: %v", err)
	}
	var all [][]byte
	for _, name := range names[:4] {
		text, err := capturedExport(name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, text, slices.Concat(text, text, text))
	}
	chunked := strings.TrimSuffix(post("-Content-Length", "Transfer-Encoding: chunked"), alert)
	for _, text := range []string{
		post() + post(), post("Expect: 100-continue"), post("Connection: close") + post(), batchRequest(),
		post() + withBody(alert+" ") + withBody("no XML") + post(), post() + post("Expect: 100-continue") + post(),
		post("Connection: Keep-Alive, TE"), post("Connection: keep-alive,Close"), post("Connection: upgrade", "Upgrade: x"),
		post("Content-Length: 10"), post("Content-Length: 100000"), post("Content-Length: -1"), post("Content-Length: 0"),
		post("Content-Length: 0" + fmt.Sprint(len(alert))), post("Content-Length: +5"), post("Content-Length: 5 5"),
		post("Content-Length: 1\r\nContent-Length: 2"), post("Transfer-Encoding: chunked"), post("-Content-Length"),
		chunked + "5\r\nhello\r\n0\r\n\r\n", chunked + "ffffffffffffffff\r\n",
		post("-Host"), post("Host: a b"), post("Host: a\r\nHost: b"), post("Host: "), post("CIMExport : x"), post("CIMExport: MethodRequest\r\n x"),
		post("Accept: text/html"), post("X: \x01"), post("X: \xff"), post("X-Y: 1\r\nx-y: 2"), post("Trailer: X"), post("@: x"),
		request("POST /a%20b HTTP/1.1", alert), request("POST /a?b=c HTTP/1.1", alert), request("POST //a/../b HTTP/1.1", alert),
		request("POST * HTTP/1.1", alert), request("POST http://x/y HTTP/1.1", alert), request("POST /  HTTP/1.1", alert),
		request("POST / HTTP/1.0", alert), request("POST / HTTP/2.0", alert), request("post / HTTP/1.1", alert),
		request("POST /alerts HTTP/1.0", alert), request("M-POST * HTTP/1.1", alert), "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
		"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n", "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
		"\x16\x03\x01\x00\xa5\x01\x00", "", "\r\n\r\n", "POST", "POST /", strings.Repeat("A", 40<<10),
		strings.ReplaceAll(post(), "\r\n", "\n"), post("X: " + strings.Repeat("x", 9<<10)), post("X: " + strings.Repeat("x", 64<<10)),
		withBody(strings.Repeat(" ", 7<<10) + alert), withBody(strings.Repeat(" ", 63<<10) + alert), withBody(strings.Repeat(" ", 70<<10)),
	} {
		all = append(all, []byte(text))
	}
	return all
}

var twiceOptions = listener.Options{MaxBody: 66 << 10, HeaderTimeout: patience, ReadTimeout: patience}

// TestFrontSaysTheSame sends everything to a server that begins at the front, and to the same
// behind net/http.
func TestFrontSaysTheSame(t *testing.T) {
	for name, edit := range map[string]func(*listener.Options){
		"open":     func(*listener.Options) {},
		"lent":     func(o *listener.Options) { o.Lend = true },
		"paths":    func(o *listener.Options) { o.Paths = []string{"/other"} },
		"users":    func(o *listener.Options) { o.Users = map[string]string{"u": "p"} },
		"no room":  func(o *listener.Options) { o.MaxConcurrent = -1 },
		"no bodys": func(o *listener.Options) { o.MaxBody = 8 },
	} {
		t.Run(name, func(t *testing.T) {
			o := twiceOptions
			edit(&o)
			front, plain := twice(t, &o)
			for _, sent := range conversations(t) {
				compareConversations(t, front, plain, sent)
			}
		})
	}
}

func compareConversations(t *testing.T, front, plain string, sent []byte) {
	t.Helper()
	if diff := cmp.Diff(saidBy(converse(t, plain, sent)), saidBy(converse(t, front, sent)), cmp.AllowUnexported(said{})); diff != "" {
		t.Errorf("to %.300q: net/http alone -, front +\n%s", sent, diff)
	}
}

// FuzzFront sends raw bytes to both.
func FuzzFront(f *testing.F) {
	for _, sent := range conversations(f) {
		f.Add(sent)
	}
	front, plain := twice(f, &twiceOptions)
	f.Fuzz(func(t *testing.T, sent []byte) { compareConversations(t, front, plain, sent) })
}

// TestFrontByPieces sends requests in two pieces, cut everywhere in the head and around its end.
func TestFrontByPieces(t *testing.T) {
	k := &keeper{}
	_, addr := start(t, k, nil)
	c := dial(t, addr)
	text := post()
	head := len(text) - len(alert)
	for at := 1; at < head+20; at += 7 {
		c.send(t, text[:at])
		c.send(t, text[at:])
		if got := c.receive(t, "POST"); got.StatusCode != 200 {
			t.Fatalf("cut at %d: answered\n%s", at, got.raw)
		}
	}
	for _, i := range k.take() {
		if string(i.Raw) != alert || i.Path != "/alerts" || i.Host != "127.0.0.1" {
			t.Errorf("kept %+v", i)
		}
	}
}

// TestFrontOfTLS serves a listener that does TLS on its own.
func TestFrontOfTLS(t *testing.T) {
	k := &keeper{}
	ln, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	serveOn(t, listener.New(k, nil), tls.NewListener(ln, testTLS(t)))
	c := dialTLS(t, ln.Addr().String(), nil)
	c.send(t, post())
	if got := c.receive(t, "POST"); got.StatusCode != 200 {
		t.Fatalf("answered\n%s", got.raw)
	}
	if kept := k.take(); len(kept) != 1 || kept[0].TLS == nil {
		t.Errorf("kept %+v", kept)
	}
}

// A hangUps is a handler that waits for the sender to hang up, or to be released.
type hangUps struct {
	entered chan struct{}
	release chan struct{}
	ended   chan error
}

func (h *hangUps) HandleIndication(ctx context.Context, _ *listener.Indication) error {
	done := ctx.Done()
	h.entered <- struct{}{}
	select {
	case <-done:
		h.ended <- ctx.Err()
		return ctx.Err()
	case <-h.release:
		return nil
	}
}

// TestHangUp has one sender hang up while its indication is being handled, and another go on.
func TestHangUp(t *testing.T) {
	for _, lend := range []bool{false, true} {
		t.Run(fmt.Sprintf("lend %v", lend), func(t *testing.T) {
			h := &hangUps{make(chan struct{}), make(chan struct{}), make(chan error, 1)}
			_, addr := start(t, h, &listener.Options{Lend: lend, HandleTimeout: time.Minute})
			stays, goes := dial(t, addr), dial(t, addr)
			stays.send(t, post())
			<-h.entered
			goes.send(t, post())
			<-h.entered
			_ = goes.Close()
			if err := <-h.ended; err != context.Canceled { //nolint:errorlint // a handler may compare
				t.Errorf("the context ended with %v", err)
			}
			stays.send(t, post()) // read by who watches for the end
			h.release <- struct{}{}
			if got := stays.receive(t, "POST"); got.StatusCode != 200 {
				t.Errorf("answered\n%s", got.raw)
			}
			<-h.entered
			h.release <- struct{}{}
			if got := stays.receive(t, "POST"); got.StatusCode != 200 || got.Close {
				t.Errorf("answered\n%s", got.raw)
			}
		})
	}
}

// TestPanicOfHook ends the connection, not the server.
func TestPanicOfHook(t *testing.T) {
	_, addr := start(t, &keeper{}, &listener.Options{OnAnswer: func(a listener.Answer) {
		if a.Path == "/bad" {
			panic("bad hook")
		}
	}})
	c := dial(t, addr)
	c.send(t, request("POST /bad HTTP/1.1", alert))
	if !c.atEnd() {
		t.Error("the connection stays open")
	}
	if got := ask(t, addr, post()); got.StatusCode != 200 {
		t.Errorf("status %d", got.StatusCode)
	}
}
