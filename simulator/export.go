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

// export sends an indication to a listener on a connection of its own, and returns the
// status of the answer. The request is written by hand, since listeners get to see the
// very headers of sfcb, in its order and spelling (observed).
func (s *Server) export(ctx context.Context, destination string, i *cim.Instance) (status int, err error) {
	ctx, cancel := context.WithTimeout(ctx, s.opts.AnswerTimeout)
	defer cancel()
	id := strconv.FormatUint(s.lastExport.Add(1), 10)
	body, err := cimxml.EncodeExport(id, i)
	if err != nil {
		return 0, fmt.Errorf("%w: %w", errUndeliverable, err)
	}
	u, err := parseDestination(destination)
	if err != nil {
		return 0, err
	}
	conn, err := s.dial(ctx, u)
	if err != nil {
		return 0, err
	}
	defer func() { _ = conn.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	status, err = exchange(conn, u, body)
	if err != nil && ctx.Err() != nil {
		err = ctx.Err()
	}
	if err != nil {
		return 0, fmt.Errorf("export to %s: %w", u.Host, err)
	}
	return status, nil
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

func exchange(conn net.Conn, u *url.URL, body []byte) (status int, err error) {
	head := "POST " + u.RequestURI() + " HTTP/1.1\r\n" +
		"Host: " + u.Host + "\r\n" +
		"Accept: */*\r\n" +
		"Content-type: application/xml; charset=\"utf-8\"\r\n" +
		"Connection: Keep-Alive, TE\r\n" +
		"CIMProtocolVersion: 1.0\r\n" +
		"CIMExport: MethodRequest\r\n" +
		"CIMExportMethod: ExportIndication\r\n" +
		"Content-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n"
	// A listener may answer before it has read everything, and close.
	_, writeErr := conn.Write(append([]byte(head), body...))
	r := bufio.NewReader(conn)
	for {
		resp, err := http.ReadResponse(r, &http.Request{Method: http.MethodPost})
		switch {
		case err != nil && writeErr != nil:
			return 0, writeErr
		case err != nil:
			return 0, fmt.Errorf("reading the answer: %w", err)
		case resp.StatusCode < 200:
			continue
		}
		if resp.ContentLength >= 0 || len(resp.TransferEncoding) > 0 {
			const most = 64 << 10 // of an answer that nobody looks at
			_, _ = io.CopyN(io.Discard, resp.Body, most)
		}
		return resp.StatusCode, resp.Body.Close()
	}
}
