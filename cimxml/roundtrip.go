package cimxml

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/cimwatch/cimwatch/cim"
)

// A roundTrip is one request and its response.
type roundTrip struct {
	client     *Client
	req        *Request
	idempotent bool

	progress progress
	sent     int           // bytes of the request's body
	read     countingBody  // of the response
	server   time.Duration // as the server measured it; negative: it did not
}

// run sends the request and hands a decoder of the reply to read.
func (x *roundTrip) run(ctx context.Context, read func(*decoder)) error {
	c := x.client
	x.req.ID = strconv.FormatUint(c.lastID.Add(1), 10)
	body, err := x.req.encode()
	if err != nil {
		return err
	}
	x.sent = len(body)
	if c.options.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.options.Timeout)
		defer cancel()
	}
	if err := c.takeTurn(ctx); err != nil {
		return x.progress.explain(err)
	}
	defer c.giveTurn()
	resp, err := x.post(ctx, body)
	if err != nil {
		return x.progress.explain(err)
	}
	defer resp.Body.Close()
	x.server = serverTime(resp.Header.Get("WBEMServerResponseTime"))
	if err := checkResponse(resp); err != nil {
		return err
	}
	x.read.r = resp.Body
	if err := c.decode(&x.read, read); err != nil {
		return x.progress.explain(readError(ctx, err))
	}
	_, _ = io.CopyN(io.Discard, resp.Body, 1) // reach the end, so that the connection is used again
	return nil
}

// decode hands a decoder of a reply to read. Decoders are used again: what they remember
// of one reply makes the next one quick to read.
func (c *Client) decode(r io.Reader, read func(*decoder)) error {
	d, ok := c.decoders.Get().(*decoder)
	if !ok {
		d = &decoder{}
	}
	d.err = nil
	d.tolerate(c.options.Mode.tolerances())
	d.resetReader(r, c.options.Limits)
	read(d)
	err := d.err
	d.release()
	c.decoders.Put(d)
	return err
}

// takeTurn waits until the operation may run.
func (c *Client) takeTurn(ctx context.Context) error {
	if c.turns == nil {
		return nil
	}
	select {
	case c.turns <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (c *Client) giveTurn() {
	if c.turns != nil {
		<-c.turns
	}
}

// countingBody counts what is read of a body.
type countingBody struct {
	r     io.Reader
	count int
}

func (b *countingBody) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	b.count += n
	return n, err
}

// readError tells a time-out or a broken connection from a document that is wrong.
func readError(ctx context.Context, err error) error {
	if refusal, ok := errors.AsType[*cim.Error](err); ok {
		return refusal
	}
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return ctx.Err() // the phase says the rest
	case ctx.Err() != nil:
		return fmt.Errorf("reading the reply: %w", ctx.Err())
	}
	return fmt.Errorf("decode reply: %w", err)
}

func (x *roundTrip) post(ctx context.Context, body []byte) (*http.Response, error) {
	c := x.client
	r, err := http.NewRequestWithContext(x.progress.trace(ctx), http.MethodPost, c.endpoint, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	x.setHeader(r.Header)
	if c.options.User != "" {
		r.SetBasicAuth(c.options.User, c.options.Password)
	}
	resp, err := c.http.Do(r)
	if cause, ok := errors.AsType[*url.Error](err); ok {
		err = cause.Err // the method and URL are told by OpError
	}
	return resp, err
}

func (x *roundTrip) setHeader(h http.Header) {
	h.Set("Content-Type", `application/xml; charset="utf-8"`)
	h.Set("Accept", "text/xml, application/xml")
	h.Set("User-Agent", "cimwatch")
	h["CIMProtocolVersion"] = []string{"1.0"}
	if x.req.indication != nil {
		h["CIMExport"] = []string{"MethodRequest"}
		h["CIMExportMethod"] = []string{exportMethod}
		return
	}
	h["CIMOperation"] = []string{"MethodCall"}
	h["CIMMethod"] = []string{encodeHeader(x.req.Method)}
	h["CIMObject"] = []string{encodeHeader(headerObject(x.req))}
	if x.idempotent {
		h["X-Idempotency-Key"] = nil // not sent; lets the transport repeat a request whose connection broke
	}
	if cim.EqualNames(x.req.Method, updateExpiredPassword) && cim.EqualNames(x.req.Object.Class, "SFCB_Account") {
		h.Set("Pragma", updateExpiredPassword)
	}
}
