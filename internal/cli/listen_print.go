package cli

import (
	"fmt"
	"io"
	"net/url"
	"sync/atomic"

	"github.com/cimwatch/cimwatch/listener"
	"github.com/cimwatch/cimwatch/mof"
)

// printer writes what listen shows from a goroutine of its own, so that a slow output holds
// up nobody. What waits for it is bounded by slots: who has none cannot hand anything over.
type printer struct {
	env    *Env
	output *outputFlag
	values *mof.ValueTable

	slots   chan struct{}
	queue   chan requestView // never blocks those who hold a slot
	skipped atomic.Uint64    // since the last note of it
	failed  chan struct{}    // closed when the output cannot be written
	stop    chan struct{}    // closed when nothing more is to come
	stopped chan struct{}    // closed when everything is written
	err     error            // why the output cannot be written; read after failed or stopped
}

// maxWaiting is how many requests wait to be printed. Each is a few kilobytes.
const maxWaiting = 1024

func newPrinter(env *Env, output *outputFlag) *printer {
	return &printer{
		env: env, output: output, values: mof.BuiltinValues(),
		slots: make(chan struct{}, maxWaiting), queue: make(chan requestView, maxWaiting),
		failed: make(chan struct{}), stop: make(chan struct{}), stopped: make(chan struct{}),
	}
}

// reserve gets a slot for one of the print methods; false means that there is none.
func (p *printer) reserve() bool {
	select {
	case <-p.failed:
		return false
	default:
	}
	select {
	case p.slots <- struct{}{}:
		return true
	default:
		return false
	}
}

// printIndication prints a request with its indication. The caller has reserved a slot.
func (p *printer) printIndication(a *listener.Answer) {
	view := newIndicationView(a.Indication, p.values)
	if p.output.format != formatXML {
		view.raw = nil // it would be held for nothing
	}
	p.queue <- requestView{line: accessLine(a, ""), indication: &view}
}

// printRequest prints a request without indication, if there is a slot.
func (p *printer) printRequest(a *listener.Answer, reason string) {
	if !p.reserve() {
		p.skip()
		return
	}
	p.queue <- requestView{line: accessLine(a, reason)}
}

// skip counts what is not printed for want of a slot.
func (p *printer) skip() { p.skipped.Add(1) }

// run writes until close is called or the output fails.
func (p *printer) run() {
	defer close(p.stopped)
	for {
		select {
		case v := <-p.queue:
			if !p.write(v) {
				return
			}
		case <-p.stop:
			p.drain()
			return
		}
	}
}

// drain writes what still waits.
func (p *printer) drain() {
	for {
		select {
		case v := <-p.queue:
			if !p.write(v) {
				return
			}
		default:
			return
		}
	}
}

// write writes one request and gives its slot back; false means that it failed.
func (p *printer) write(v requestView) bool {
	switch {
	case v.indication == nil && p.output.format != formatText:
		note(p.env.Stderr, v.line)
	case p.output.format == formatText:
		p.err = p.env.print(p.output, v)
	default:
		p.err = p.env.print(p.output, v.indication)
	}
	if p.err != nil {
		close(p.failed)
		return false
	}
	<-p.slots
	if n := p.skipped.Swap(0); n > 0 {
		note(p.env.Stderr, count(int(n), "request")+" not printed: the output is too slow")
	}
	return true
}

// close writes what still waits and returns why that, or writing before, failed. Nothing may
// be printed any more.
func (p *printer) close() error {
	close(p.stop)
	<-p.stopped
	return p.err
}

// requestView is a request as text shows it.
type requestView struct {
	line       string
	indication *indicationView // nil when there is none to show
}

// WriteText writes the access line, and the indication below it.
func (v requestView) WriteText(w io.Writer, color bool) error {
	if _, err := fmt.Fprintln(w, v.line); err != nil || v.indication == nil {
		return err
	}
	return v.indication.WriteText(w, color)
}

// accessLine is a request in the common form of access logs, such as
//
//	192.0.2.7 - - [09/Jul/2026 14:07:47] "POST /test HTTP/1.1" 200 -
//
// followed by the reason where there is something to say.
func accessLine(a *listener.Answer, reason string) string {
	host := a.Remote.Addr().String()
	if a.Indication != nil {
		host = a.Indication.Host
	}
	path := (&url.URL{Path: a.Path}).EscapedPath() // neither spaces nor quotes
	line := fmt.Sprintf("%s - - [%s] \"%s %s %s\" %d -", host, a.Received.Format("02/Jan/2006 15:04:05"),
		a.Method, path, a.Proto, a.Status)
	if reason != "" {
		line += " " + reason
	}
	return printable(line)
}
