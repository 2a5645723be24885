package main

import (
	"bytes"
	"context"
	"crypto/tls"
	_ "embed"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// alert is an indication as sfcb sends it, 2.6 kB, with room for a number of ten digits
// and a context that tells senders apart.
//
//go:embed alert.xml
var alert []byte

const (
	firstNumber  = 1_000_000_000
	contextStart = 20261120000000
)

// contexts gives every sender of the process a sequence of its own, so that no two send
// the same indication: a journal keeps that once. Each has a path of its own, as the hosts
// of the daemon have.
type contexts struct{ last atomic.Int64 }

// A sender sends its indications one after the other.
type sender struct {
	request []byte
	digits  []byte // within request
	number  int64
	answer  [4 << 10]byte
}

func (c *contexts) sender() *sender {
	place := []byte(strconv.Itoa(contextStart))
	n := c.last.Add(1)
	body := bytes.Replace(alert, place, strconv.AppendInt(nil, contextStart+n, 10), 1)
	head := "POST /alerts/" + strconv.FormatInt(n, 10) + " HTTP/1.1\r\nHost: 127.0.0.1:5990\r\nAccept: */*\r\n" +
		"Content-type: application/xml; charset=\"utf-8\"\r\nConnection: Keep-Alive, TE\r\nCIMProtocolVersion: 1.0\r\n" +
		"CIMExport: MethodRequest\r\nCIMExportMethod: ExportIndication\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n"
	s := &sender{request: append([]byte(head), body...), number: firstNumber}
	at := bytes.Index(s.request, []byte(strconv.Itoa(firstNumber)))
	s.digits = s.request[at : at : at+len(strconv.Itoa(firstNumber))]
	return s
}

// send sends the next indication and waits for the answer.
func (s *sender) send(c net.Conn) error {
	s.number++
	strconv.AppendInt(s.digits, s.number, 10)
	if _, err := c.Write(s.request); err != nil {
		return err
	}
	return s.receive(c)
}

var (
	okay    = []byte("HTTP/1.1 200 ")
	headEnd = []byte("\r\n\r\n")
	length  = []byte("\r\nContent-Length: ")

	errAnswer = errors.New("not answered 200")
)

// receive reads an answer without what an HTTP client costs: the load generator shares
// the processors with the server.
func (s *sender) receive(c net.Conn) error {
	have := 0
	for {
		n, err := c.Read(s.answer[have:])
		if err != nil {
			return err
		}
		have += n
		got := s.answer[:have]
		end := bytes.Index(got, headEnd)
		if end < 0 {
			continue
		}
		if !bytes.HasPrefix(got, okay) {
			return fmt.Errorf("%w: %.60q", errAnswer, got)
		}
		if _, rest, ok := bytes.Cut(got[:end+2], length); ok {
			digits, _, _ := bytes.Cut(rest, headEnd[:2])
			body, err := strconv.Atoi(string(digits))
			if err == nil && have >= end+len(headEnd)+body {
				return nil
			}
		}
	}
}

// A load is what senders send at once.
type load struct {
	addr    string
	senders int
	connect bool        // a connection for each indication, as sfcb has it
	tls     *tls.Config // nil: none
	rate    int         // indications per second, of all senders; 0: as many as can be

	contexts *contexts
	kept     []*sender // for all runs; nil: each run has its own
}

// keep has each run go on with the senders of the one before.
func (l *load) keep() {
	l.kept = make([]*sender, l.senders)
	for n := range l.kept {
		l.kept[n] = l.contexts.sender()
	}
}

// sender returns the n-th sender.
func (l *load) sender(n int) *sender {
	if l.kept != nil {
		return l.kept[n]
	}
	return l.contexts.sender()
}

// dial connects. With TLS the handshake is done by the first write.
func (l *load) dial(ctx context.Context) (net.Conn, error) {
	c, err := new(net.Dialer).DialContext(ctx, "tcp", l.addr)
	if err != nil || l.tls == nil {
		return c, err
	}
	return tls.Client(c, l.tls), nil
}

// A score is what came of a load.
type score struct {
	rate    float64         // indications answered 200, per second
	latency []time.Duration // sorted; from when it was due, if there was a rate
	mallocs float64         // per indication, of the whole process
	cpu     float64         // seconds per indication, of the whole process
}

func (s *score) quantile(q float64) time.Duration {
	if len(s.latency) == 0 {
		return 0
	}
	return s.latency[min(int(q*float64(len(s.latency))), len(s.latency)-1)]
}

// run sends for so long.
func (l *load) run(ctx context.Context, d time.Duration) (score, error) {
	var (
		wg      sync.WaitGroup
		mu      sync.Mutex
		total   score
		failure error
		start   = time.Now()
	)
	for n := range l.senders {
		wg.Go(func() {
			latency, err := l.runSender(ctx, start, d, n)
			mu.Lock()
			defer mu.Unlock()
			total.latency = append(total.latency, latency...)
			failure = errors.Join(failure, err)
		})
	}
	wg.Wait()
	total.rate = float64(len(total.latency)) / time.Since(start).Seconds()
	slices.Sort(total.latency)
	return total, failure
}

// runSender is what one sender does. With a rate, each indication is due at a time of its
// own, and late ones are not left out.
func (l *load) runSender(ctx context.Context, start time.Time, d time.Duration, n int) ([]time.Duration, error) {
	s, latency := l.sender(n), make([]time.Duration, 0, 1<<12)
	var c net.Conn
	defer func() {
		if c != nil {
			_ = c.Close()
		}
	}()
	for k := 0; ; k++ {
		due := time.Now()
		if l.rate > 0 {
			due = start.Add(time.Duration(k*l.senders+n) * time.Second / time.Duration(l.rate))
			time.Sleep(time.Until(due))
		}
		if due.Sub(start) >= d {
			return latency, nil
		}
		if c == nil {
			var err error
			if c, err = l.dial(ctx); err != nil {
				return latency, err
			}
		}
		if err := s.send(c); err != nil {
			return latency, err
		}
		if l.connect {
			_ = c.Close()
			c = nil
		}
		latency = append(latency, time.Since(due))
	}
}
