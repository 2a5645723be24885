package cimxml

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/cimwatch/cimwatch/cim"
)

// Client calls the operations of a CIM server by CIM-XML over HTTP (DSP0200). It is
// safe for concurrent use.
type Client struct {
	endpoint string // the URL requests are posted to, without credentials
	options  Options
	http     *http.Client
	lastID   atomic.Uint64
	pullsNot atomic.Bool // the server was found to have no pull operations
}

// Options are what a Client can be told. The zero Options are those of a server without
// authentication.
type Options struct {
	Namespace string        // default namespace of operations; "" is root/cimv2
	User      string        // HTTP Basic authentication, none when empty
	Password  string        // never logged and in no error
	Timeout   time.Duration // of one operation, its reading included; 0 is 60 s, negative none
	TLS       *tls.Config   // nil: the system's authorities, TLS 1.2 and up
	HTTP      *http.Client  // nil: one of the client's own; else TLS is ignored. Redirects are never followed
	Limits    Limits        // of replies
}

const (
	defaultNamespace = "root/cimv2"
	defaultTimeout   = 60 * time.Second
	defaultPath      = "/cimom" // DSP0200 section 7.1
)

// NewClient returns a client for the CIM server at rawURL, as http://host:5988 or
// https://host:5989; these ports are the defaults and "/cimom" is the default path. It
// does no I/O. A nil opts is the same as a zero Options.
func NewClient(rawURL string, opts *Options) (*Client, error) {
	endpoint, err := parseEndpoint(rawURL)
	if err != nil {
		return nil, err
	}
	c := &Client{endpoint: endpoint}
	if opts != nil {
		c.options = *opts
	}
	c.options.Namespace = cim.CleanNamespace(c.options.Namespace)
	if c.options.Namespace == "" {
		c.options.Namespace = defaultNamespace
	}
	if c.options.Timeout == 0 {
		c.options.Timeout = defaultTimeout
	}
	if c.options.HTTP == nil {
		c.http = newHTTPClient(c.options.TLS)
	} else {
		own := *c.options.HTTP
		own.CheckRedirect = refuseRedirect
		c.http = &own
	}
	return c, nil
}

// refuseRedirect keeps the redirect as the answer. To follow it would carry the
// credentials elsewhere, and no CIM server sends one.
func refuseRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

func newHTTPClient(config *tls.Config) *http.Client {
	if config == nil {
		config = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	return &http.Client{
		Transport: &http.Transport{
			Proxy:                 http.ProxyFromEnvironment,
			TLSClientConfig:       config,
			TLSHandshakeTimeout:   15 * time.Second,
			MaxIdleConnsPerHost:   4,
			IdleConnTimeout:       10 * time.Second, // below the 15 s after which sfcb closes
			ExpectContinueTimeout: time.Second,
			DisableCompression:    true,
		},
		CheckRedirect: refuseRedirect,
	}
}

// parseEndpoint fills in the default port and path and refuses what is no server's URL.
// What may hold a password is in no error: neither anything before an "@" nor a query.
func parseEndpoint(rawURL string) (string, error) {
	if rest, _, _ := strings.Cut(rawURL, "?"); strings.Contains(rest, "@") {
		return "", errors.New("server URL: user and password do not belong into the URL")
	}
	u, err := url.Parse(escapeZone(rawURL))
	if err != nil {
		var cause *url.Error
		if errors.As(err, &cause) {
			err = cause.Err
		}
		return "", fmt.Errorf("server URL: %w", err)
	}
	if u.RawQuery != "" || u.Fragment != "" {
		return "", errors.New("server URL: a query or fragment does not belong into the URL")
	}
	port := "5988"
	switch u.Scheme {
	case "http":
	case "https":
		port = "5989"
	default:
		return "", fmt.Errorf("server URL %q: expected http://HOST or https://HOST", rawURL)
	}
	if u.Hostname() == "" {
		return "", fmt.Errorf("server URL %q: the host is missing", rawURL)
	}
	if u.Port() == "" {
		u.Host = strings.TrimSuffix(u.Host, ":") + ":" + port
	}
	if n, err := strconv.ParseUint(u.Port(), 10, 16); err != nil || n == 0 {
		return "", fmt.Errorf("server URL %q: port %q is not one of 1 to 65535", rawURL, u.Port())
	}
	if u.Path == "" || u.Path == "/" {
		u.Path = defaultPath
	}
	return u.String(), nil
}

// escapeZone escapes the "%" before the zone of an IPv6 address, as RFC 6874 wants it in
// a URL and few people write it.
func escapeZone(rawURL string) string {
	host, rest, ok := strings.Cut(rawURL, "]")
	address, zone, zoned := strings.Cut(host, "%")
	if !ok || !zoned || !strings.Contains(address, "[") || strings.HasPrefix(zone, "25") {
		return rawURL
	}
	return address + "%25" + zone + "]" + rest
}

// Close closes the connections that are idle. Operations under way go on.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// URL returns the URL that requests are posted to.
func (c *Client) URL() string { return c.endpoint }

func (c *Client) namespace(name string) string {
	if name = cim.CleanNamespace(name); name != "" {
		return name
	}
	return c.options.Namespace
}

// call sends a request and hands a decoder of the reply to read. idempotent requests
// may be sent again when the connection broke before an answer.
func (c *Client) call(ctx context.Context, req *Request, idempotent bool, read func(*decoder)) error {
	req.ID = strconv.FormatUint(c.lastID.Add(1), 10)
	body, err := req.encode()
	if err != nil {
		return c.wrap(req, err)
	}
	if c.options.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.options.Timeout)
		defer cancel()
	}
	resp, err := c.post(ctx, req, body, idempotent)
	if err != nil {
		return c.wrap(req, err)
	}
	defer resp.Body.Close()
	if err := checkResponse(resp); err != nil {
		return c.wrap(req, err)
	}
	d := newStreamDecoder(resp.Body, c.options.Limits)
	read(d)
	if d.err != nil {
		return c.wrap(req, readError(ctx, d.err))
	}
	_, _ = io.CopyN(io.Discard, resp.Body, 1) // reach the end, so that the connection is used again
	return nil
}

// readError tells a time-out or a broken connection from a document that is wrong.
func readError(ctx context.Context, err error) error {
	var refusal *cim.Error
	if errors.As(err, &refusal) {
		return refusal
	}
	if ctx.Err() != nil {
		return fmt.Errorf("reading the reply: %w", ctx.Err())
	}
	return fmt.Errorf("decode reply: %w", err)
}

func (c *Client) wrap(req *Request, err error) error {
	object := req.Namespace
	switch {
	case req.Extrinsic():
		object = req.Object.String()
	default:
		for _, p := range req.Params {
			if path, ok := p.Value.Reference(); ok {
				object = path.In(req.Namespace).String()
				break
			}
		}
	}
	return &OpError{Op: req.Method, Object: object, Server: c.endpoint, Err: err}
}

func (c *Client) post(ctx context.Context, req *Request, body []byte, idempotent bool) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.endpoint, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	h := r.Header
	h.Set("Content-Type", `application/xml; charset="utf-8"`)
	h.Set("Accept", "text/xml, application/xml")
	h.Set("User-Agent", "cimwatch")
	h["CIMProtocolVersion"] = []string{"1.0"}
	h["CIMOperation"] = []string{"MethodCall"}
	h["CIMMethod"] = []string{encodeHeader(req.Method)}
	h["CIMObject"] = []string{encodeHeader(headerObject(req))}
	if c.options.User != "" {
		r.SetBasicAuth(c.options.User, c.options.Password)
	}
	if idempotent {
		h["X-Idempotency-Key"] = nil // not sent; lets the transport repeat a request whose connection broke
	}
	resp, err := c.http.Do(r)
	var cause *url.Error
	if errors.As(err, &cause) {
		err = cause.Err // the method and URL are told by OpError
	}
	return resp, err
}

func headerObject(req *Request) string {
	if !req.Extrinsic() {
		return req.Namespace
	}
	return req.Object.Local().String()
}

// encodeHeader writes a name as DSP0200 section 6.3.2 wants it in a header: UTF-8,
// percent-encoded where HTTP or a URL could not carry it.
func encodeHeader(text string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~/:=,\""
	var b strings.Builder
	for i := range len(text) {
		if c := text[i]; strings.IndexByte(plain, c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
