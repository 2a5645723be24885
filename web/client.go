package web

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// Client reads the inventory of a daemon. It is safe for concurrent use.
type Client struct {
	base           url.URL
	http           http.Client
	user, password string
}

// ClientOptions say how a client reaches a daemon whose metrics address is guarded.
type ClientOptions struct {
	User, Password string      // account for Basic authentication (RFC 7617); User "": none
	TLS            *tls.Config // whom to trust, and who the client is; nil: the authorities of the system
}

// ErrUnauthorized says that the daemon asks for an account, or does not take the one given.
var ErrUnauthorized = errors.New("the daemon asks for an account")

// ErrWantsTLS says that an address of http is one of https.
var ErrWantsTLS = errors.New("the daemon's address has TLS")

// maxReply bounds a reply: about 1,000,000 components.
const maxReply = 2 << 30

// NewClient returns a client for the daemon whose metrics address is rawURL, as
// http://HOST:PORT. It does no I/O.
func NewClient(rawURL string) (*Client, error) { return new(ClientOptions).NewClient(rawURL) }

// NewClient returns a client like the function of that name, which reaches the daemon as the
// options say.
func (o *ClientOptions) NewClient(rawURL string) (*Client, error) {
	u, err := url.Parse(rawURL)
	if err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, errors.New("daemon address: expected http://HOST:PORT")
	}
	c := &Client{base: *u, http: http.Client{Timeout: time.Minute}, user: o.User, password: o.Password}
	if o.TLS != nil {
		c.http.Transport = &http.Transport{
			Proxy: http.ProxyFromEnvironment, TLSClientConfig: o.TLS.Clone(), ForceAttemptHTTP2: true,
			IdleConnTimeout: time.Minute, TLSHandshakeTimeout: 30 * time.Second,
		}
	}
	return c, nil
}

// Hosts returns all hosts.
func (c *Client) Hosts(ctx context.Context) ([]Host, error) {
	var r hostsReply
	err := c.get(ctx, "hosts", nil, &r)
	return r.Hosts, err
}

// Components returns the components of a host, or of all hosts when host is "". The error is
// ErrNotFound when the daemon does not know the host, here and in all that names one.
func (c *Client) Components(ctx context.Context, host string) ([]Component, error) {
	var r Past
	err := c.get(ctx, "components", url.Values{"host": {host}}, &r)
	return r.Components, err
}

// Component returns one component, ErrNotFound when there is none.
func (c *Client) Component(ctx context.Context, host, id string) (Component, error) {
	var r Component
	err := c.get(ctx, "component", url.Values{"host": {host}, "id": {id}}, &r)
	return r, err
}

// History returns changes of a component, of a host when id is "", or of all when host
// is "" too, oldest first.
func (c *Client) History(ctx context.Context, host, id string) ([]Change, error) {
	return c.Changes(ctx, ChangeFilter{Host: host, ID: id})
}

func (c *Client) get(ctx context.Context, name string, query url.Values, v any) error {
	resp, err := c.send(ctx, &c.http, question{method: http.MethodGet, name: name, query: query})
	if err != nil {
		return err
	}
	return decodeReply(resp, v)
}

// A question is a request below the API's path.
type question struct {
	method, name string
	query        url.Values
	body         io.Reader // nil: none
}

// send asks, and returns an answer that tells of success.
func (c *Client) send(ctx context.Context, client *http.Client, q question) (*http.Response, error) {
	u := c.base.JoinPath("api", "v1", q.name)
	u.RawQuery = q.query.Encode()
	req, err := http.NewRequestWithContext(ctx, q.method, u.String(), q.body)
	if err != nil {
		return nil, fmt.Errorf("ask the daemon: %w", err)
	}
	if c.user != "" {
		req.SetBasicAuth(c.user, c.password)
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("ask the daemon: %w", err)
	}
	if err := c.errorOf(resp); err != nil {
		_ = resp.Body.Close() // what it says is known
		return nil, err
	}
	return resp, nil
}

// decodeReply reads an answer and closes it.
func decodeReply(resp *http.Response, v any) error {
	defer resp.Body.Close()
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxReply)).Decode(v); err != nil {
		return fmt.Errorf("ask the daemon: read the answer: %w", err)
	}
	return nil
}
