package simulator

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
)

// errUndeliverable marks what no retry can mend.
var errUndeliverable = errors.New("cannot be delivered")

// line is the connection to a listener. sfcb makes one for each indication; OpenPegasus
// uses it again while there is more to send (observed).
type line struct {
	conn    net.Conn // nil when there is none
	reader  *bufio.Reader
	address string // scheme and host that it leads to
}

func (l *line) close() {
	if l.conn != nil {
		_ = l.conn.Close()
		l.conn = nil
	}
}

// connect makes the line lead to a listener.
func (s *Server) connect(ctx context.Context, l *line, u *url.URL) error {
	address := u.Scheme + "://" + u.Host
	if l.conn != nil && l.address == address {
		return nil
	}
	l.close()
	conn, err := s.dial(ctx, u)
	if err != nil {
		return err
	}
	*l = line{conn: conn, reader: bufio.NewReader(conn), address: address}
	return nil
}

// export sends an indication to a listener and returns the answer, nil when there is
// none. The request is written by hand, since listeners get to see the very headers of
// the profile.
func (s *Server) export(ctx context.Context, l *line, destination string, i *cim.Instance) (*answer, error) {
	ctx, cancel := context.WithTimeout(ctx, s.opts.AnswerTimeout)
	defer cancel()
	id := strconv.FormatUint(s.lastExport.Add(1), 10)
	body, err := cimxml.EncodeExport(id, i)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errUndeliverable, err)
	}
	u, err := parseDestination(destination)
	if err != nil {
		return nil, err
	}
	a, err := s.converse(ctx, l, u, s.opts.Profile.head(u, len(body), "")+string(body))
	if err == nil && a.status == http.StatusUnauthorized && s.opts.Profile == Pegasus {
		a, err = s.converse(ctx, l, u, s.opts.Profile.head(u, len(body), anonymous)+string(body))
	}
	if err != nil {
		return nil, fmt.Errorf("export to %s: %w", u.Host, err)
	}
	a.id = id
	return a, nil
}

// converse sends a request on a line and reads the answer. The line is closed unless it
// can be used again.
func (s *Server) converse(ctx context.Context, l *line, u *url.URL, request string) (*answer, error) {
	if err := s.connect(ctx, l, u); err != nil {
		return nil, err
	}
	conn := l.conn
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	a, err := l.exchange(request)
	if !stop() || err != nil || a.last || s.opts.Profile == Sfcb {
		l.close()
	}
	if err != nil && ctx.Err() != nil {
		err = ctx.Err()
	}
	return a, err
}

// parseDestination takes http for a destination without a scheme, as sfcb does
// (observed).
func parseDestination(destination string) (*url.URL, error) {
	if !strings.Contains(destination, "://") {
		destination = "http://" + destination
	}
	u, err := url.Parse(destination)
	if err != nil {
		return nil, fmt.Errorf("%w: destination: %w", errUndeliverable, err)
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return nil, fmt.Errorf("%w: destination %q: expected http://HOST or https://HOST", errUndeliverable, destination)
	}
	return u, nil
}

func (s *Server) dial(ctx context.Context, u *url.URL) (net.Conn, error) {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	address := net.JoinHostPort(u.Hostname(), port)
	if u.Scheme == "https" {
		d := tls.Dialer{Config: s.opts.ExportTLS}
		return d.DialContext(ctx, "tcp", address)
	}
	var d net.Dialer
	return d.DialContext(ctx, "tcp", address)
}

// maxAnswer bounds what is read of an answer.
const maxAnswer = 64 << 10

func (l *line) exchange(request string) (*answer, error) {
	// A listener may answer before it has read everything, and close.
	_, writeErr := io.WriteString(l.conn, request)
	for {
		resp, err := http.ReadResponse(l.reader, &http.Request{Method: http.MethodPost})
		switch {
		case err != nil && writeErr != nil:
			return nil, writeErr
		case err != nil:
			return nil, fmt.Errorf("reading the answer: %w", err)
		case resp.StatusCode < 200:
			continue
		}
		a := &answer{status: resp.StatusCode, header: resp.Header, last: true}
		if resp.ContentLength >= 0 || len(resp.TransferEncoding) > 0 {
			a.body, err = io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
			a.last = resp.Close || err != nil || len(a.body) == maxAnswer
		}
		return a, resp.Body.Close()
	}
}
