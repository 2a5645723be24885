package cimxml

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
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
	pullsNot atomic.Bool            // the server was found to have no pull operations
	interop  atomic.Pointer[string] // the interop namespace, once it was found
	turns    chan struct{}          // one for each operation under way; nil: no limit

	decoders   sync.Pool // of *decoder
	statistics statistics
}

// Options are what a Client can be told. The zero Options are those of a server without
// authentication.
type Options struct {
	Namespace string        // default namespace of operations; "" is root/cimv2
	User      string        // HTTP Basic authentication, none when empty
	Password  string        // never logged and in no error
	Timeout   time.Duration // of one operation, its reading included; 0 is 60 s, negative none
	TLS       *tls.Config   // nil: the system's authorities, TLS 1.2 and up
	Limits    Limits        // of replies
	Mode      Mode          // how loose replies may be

	// MaxConcurrent is how many operations run at once; others wait for a turn. An
	// operation called while the result of another is being iterated needs a turn of its
	// own. 0: no limit.
	MaxConcurrent int

	Socket string       // Unix socket to connect to in place of the URL's host, which is then only a name
	Proxy  string       // URL of an HTTP proxy; "": that of the environment, by which this machine is reached without
	HTTP   *http.Client // nil: one of the client's own; else TLS, Socket and Proxy are ignored. Redirects are never followed

	// Wrap puts something around what sends the requests: a [Recorder], a trace, faults.
	Wrap func(http.RoundTripper) http.RoundTripper
}

const (
	defaultNamespace = "root/cimv2"
	defaultTimeout   = 60 * time.Second
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
	if c.options.MaxConcurrent > 0 {
		c.turns = make(chan struct{}, c.options.MaxConcurrent)
	}
	if c.http, err = newHTTPClient(&c.options); err != nil {
		return nil, err
	}
	return c, nil
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
	began := time.Now()
	x := roundTrip{client: c, req: req, idempotent: idempotent, server: -1}
	err := x.run(ctx, read)
	c.statistics.add(sample{
		operation: req.operation(), failed: err != nil && !errors.Is(err, errStopped), took: time.Since(began),
		server: x.server, sent: x.sent, read: x.read.count,
	})
	if err != nil {
		return c.wrap(req, err)
	}
	return nil
}

// operation names the operation in statistics.
func (r *Request) operation() string {
	if r.Extrinsic() {
		return "InvokeMethod"
	}
	return r.Method
}

func (c *Client) wrap(req *Request, err error) error {
	object := req.Namespace
	switch {
	case req.Extrinsic():
		object = req.Object.String()
	case req.Declaration != nil:
		object += " " + req.Declaration.Name
	default:
		if target := targetOf(req); target != "" {
			object = target
		}
	}
	return &OpError{Op: req.Method, Object: object, Server: c.endpoint, Err: err}
}

// targetOf returns what an intrinsic method is about, as far as its parameters tell.
func targetOf(req *Request) string {
	for _, p := range req.Params {
		if path, ok := p.Value.Reference(); ok {
			return path.In(req.Namespace).String()
		}
		if i, ok := p.Value.Instance(); ok && i.Path.IsInstance() {
			return i.Path.In(req.Namespace).String()
		}
		if name, ok := p.Value.Text(); ok && p.Name == "QualifierName" {
			return req.Namespace + " " + name
		}
	}
	return ""
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
