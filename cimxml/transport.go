package cimxml

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/url"
	"time"
)

// newHTTPClient returns the HTTP client that options ask for.
func newHTTPClient(o *Options) (*http.Client, error) {
	if o.HTTP != nil {
		own := *o.HTTP
		own.CheckRedirect = refuseRedirect
		own.Transport = wrapTransport(own.Transport, o.Wrap)
		return &own, nil
	}
	transport, err := newTransport(o)
	if err != nil {
		return nil, err
	}
	return &http.Client{Transport: wrapTransport(transport, o.Wrap), CheckRedirect: refuseRedirect}, nil
}

func wrapTransport(base http.RoundTripper, wrap func(http.RoundTripper) http.RoundTripper) http.RoundTripper {
	if wrap == nil {
		return base
	}
	if base == nil {
		base = http.DefaultTransport
	}
	return wrap(base)
}

// refuseRedirect keeps the redirect as the answer. To follow it would carry the
// credentials elsewhere, and no CIM server sends one.
func refuseRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

func newTransport(o *Options) (*http.Transport, error) {
	config := o.TLS
	if config == nil {
		config = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	t := &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		TLSClientConfig:       config,
		TLSHandshakeTimeout:   15 * time.Second,
		MaxIdleConnsPerHost:   4,
		IdleConnTimeout:       10 * time.Second, // below the 15 s after which sfcb closes
		ExpectContinueTimeout: time.Second,
	}
	if o.Proxy != "" {
		proxy, err := parseProxy(o.Proxy)
		if err != nil {
			return nil, err
		}
		t.Proxy = http.ProxyURL(proxy)
	}
	if o.Socket != "" {
		t.Proxy = nil
		t.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", o.Socket)
		}
	}
	return t, nil
}

// parseProxy reads the URL of a proxy. It may hold a password, which is in no error.
func parseProxy(rawURL string) (*url.URL, error) {
	u, err := url.Parse(rawURL)
	if err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, errProxy
	}
	return u, nil
}

var errProxy = errors.New("proxy URL: expected http://HOST:PORT or https://HOST:PORT")
