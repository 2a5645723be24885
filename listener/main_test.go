package listener_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/cimwatch/cimwatch/listener"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

// patience is how long a test waits for what should happen at once.
const patience = 10 * time.Second

// A keeper is a handler that keeps what it is given.
type keeper struct {
	mu   sync.Mutex
	kept []*listener.Indication
}

func (k *keeper) HandleIndication(_ context.Context, i *listener.Indication) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.kept = append(k.kept, i)
	return nil
}

// take returns what was kept since the last time.
func (k *keeper) take() []*listener.Indication {
	k.mu.Lock()
	defer k.mu.Unlock()
	kept := k.kept
	k.kept = nil
	return kept
}

// start serves on a free port until the test ends and returns the server and its address.
func start(t testing.TB, h listener.Handler, o *listener.Options) (*listener.Server, string) {
	t.Helper()
	ln, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := listener.New(h, o)
	serveOn(t, server, ln)
	return server, ln.Addr().String()
}

// serveOn serves until the test ends.
func serveOn(t testing.TB, server *listener.Server, ln net.Listener) {
	t.Helper()
	served := make(chan error, 1)
	go func() { served <- server.Serve(ln) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), patience)
		defer cancel()
		if err := server.Shutdown(ctx); err != nil {
			t.Errorf("shutdown: %v", err)
		}
		if err := <-served; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
}

// A client is one connection to a server.
type client struct {
	net.Conn
	r   *bufio.Reader
	raw bytes.Buffer // what came in, to the letter
}

func dial(t testing.TB, addr string) *client {
	t.Helper()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return newClient(t, conn)
}

func newClient(t testing.TB, conn net.Conn) *client {
	t.Helper()
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	c := &client{Conn: conn}
	c.r = bufio.NewReader(io.TeeReader(conn, &c.raw))
	return c
}

// A wire is what requests go over.
type wire struct {
	name string
	tls  *tls.Config // of the server; nil: none
	dial func(t testing.TB, addr string) *client
}

// wires returns TCP and TLS.
func wires(t *testing.T) []wire {
	t.Helper()
	secure := func(t testing.TB, addr string) *client {
		t.Helper()
		return dialTLS(t, addr, nil)
	}
	return []wire{{name: "TCP", dial: dial}, {name: "TLS", tls: testTLS(t), dial: secure}}
}

// A reply is an answer with its body read.
type reply struct {
	*http.Response
	body string
	raw  string // from the first byte, where it was the connection's first answer
}

// send writes request as it is; the server may close before it has read everything.
func (c *client) send(t testing.TB, request string) {
	t.Helper()
	if _, err := io.WriteString(c, request); err != nil {
		t.Logf("sending: %v", err)
	}
}

// receive reads the next answer.
func (c *client) receive(t testing.TB, method string) reply {
	t.Helper()
	resp, err := http.ReadResponse(c.r, &http.Request{Method: method})
	if err != nil {
		t.Fatalf("reading the answer: %v", err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatalf("reading the answer: %v", err)
	}
	return reply{Response: resp, body: string(body), raw: c.raw.String()}
}

// atEnd reports whether the server has closed the connection.
func (c *client) atEnd() bool {
	_, err := c.r.ReadByte()
	return err != nil
}

// ask sends one request over a connection of its own.
func ask(t testing.TB, addr, request string) reply {
	t.Helper()
	c := dial(t, addr)
	c.send(t, request)
	method, _, _ := strings.Cut(request, " ")
	return c.receive(t, method)
}

// export returns an export message with the given properties.
func export(class, properties string) string {
	return message(`<SIMPLEEXPREQ><EXPMETHODCALL NAME="ExportIndication"><EXPPARAMVALUE NAME="NewIndication">` +
		`<INSTANCE CLASSNAME="` + class + `">` + properties + `</INSTANCE>` +
		`</EXPPARAMVALUE></EXPMETHODCALL></SIMPLEEXPREQ>`)
}

// message returns a message with MESSAGE ID "a&b" around text.
func message(text string) string {
	return `<?xml version="1.0" encoding="utf-8" ?>` + "\n" +
		`<CIM CIMVERSION="2.0" DTDVERSION="2.0"><MESSAGE ID="a&amp;b" PROTOCOLVERSION="1.0">` +
		text + `</MESSAGE></CIM>`
}

// alert is the body of most tests.
var alert = export("CIM_AlertIndication",
	`<PROPERTY NAME="Description" TYPE="string"><VALUE>fan failed</VALUE></PROPERTY>`)

// request returns a request as text. Each edit is "Name: value", which replaces a header
// or adds one, or "-Name", which removes it.
func request(line, body string, edits ...string) string {
	header := []string{
		"Host: listener.example",
		"Accept: */*",
		`Content-Type: application/xml; charset="utf-8"`,
		"CIMProtocolVersion: 1.0",
		"CIMExport: MethodRequest",
		"CIMExportMethod: ExportIndication",
		fmt.Sprintf("Content-Length: %d", len(body)),
	}
	for _, edit := range edits {
		name, _, replace := strings.Cut(edit, ":")
		header = without(header, strings.TrimPrefix(name, "-"))
		if replace {
			header = append(header, edit)
		}
	}
	return line + "\r\n" + strings.Join(header, "\r\n") + "\r\n\r\n" + body
}

func without(header []string, name string) []string {
	var rest []string
	for _, h := range header {
		if got, _, _ := strings.Cut(h, ":"); !strings.EqualFold(got, name) {
			rest = append(rest, h)
		}
	}
	return rest
}

// post returns a good request, but for edits.
func post(edits ...string) string {
	return request("POST /alerts HTTP/1.1", alert, edits...)
}
