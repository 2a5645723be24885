package web

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strconv"
)

// maxLine bounds a line of a stream: a message of 4 MiB in base 64, and what is around it.
const maxLine = 8 << 20

// Indications yields the indications of the daemon's journal from a place on, with their
// messages; with follow also those that come, until ctx ends or the daemon stops, which
// ends the sequence without an error.
func (c *Client) Indications(ctx context.Context, from From, follow bool) iter.Seq2[Indication, error] {
	query := url.Values{"from": {from.String()}, "raw": {"true"}, "follow": {strconv.FormatBool(follow)}}
	return lines[Indication](ctx, c, question{method: http.MethodGet, name: "indications", query: query})
}

// lines yields the lines of an answer as they arrive, however long that takes.
func lines[T any](ctx context.Context, c *Client, q question) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		endless := http.Client{Transport: c.http.Transport} // without a time limit
		resp, err := c.send(ctx, &endless, q)
		if err != nil {
			yield(none, err)
			return
		}
		defer resp.Body.Close()
		if kind := resp.Header.Get("Content-Type"); kind != typeLines {
			yield(none, fmt.Errorf("ask the daemon: the answer is %.80q, not lines: it is of an earlier version", kind))
			return
		}
		scanner := bufio.NewScanner(resp.Body)
		scanner.Buffer(nil, maxLine)
		for scanner.Scan() {
			var v T
			if err := json.Unmarshal(scanner.Bytes(), &v); err != nil {
				yield(none, fmt.Errorf("follow the daemon: read the answer: %w", err))
				return
			}
			if !yield(v, nil) {
				return
			}
		}
		if err := scanner.Err(); err != nil {
			yield(none, fmt.Errorf("follow the daemon: %w", err))
		}
	}
}

// Position returns the number of the entry before a place in the daemon's journal.
func (c *Client) Position(ctx context.Context, from From) (uint64, error) {
	var r positionReply
	err := c.get(ctx, "position", url.Values{"from": {from.String()}}, &r)
	return r.After, err
}

// Cursors returns the cursors of the daemon's journal.
func (c *Client) Cursors(ctx context.Context) ([]Cursor, error) {
	var r cursorsReply
	err := c.get(ctx, "cursors", nil, &r)
	return r.Cursors, err
}

// MakeCursor returns the cursor of that name, and makes it at a place when there is none.
func (c *Client) MakeCursor(ctx context.Context, name string, from From) (Cursor, error) {
	var r Cursor
	q := question{method: http.MethodPost, name: name, query: url.Values{"from": {from.String()}}}
	return r, c.change(ctx, q, &r)
}

// MoveCursor says that its consumer has dealt with the entries up to one.
func (c *Client) MoveCursor(ctx context.Context, cursor Cursor) error {
	text, err := json.Marshal(cursor)
	if err != nil {
		return fmt.Errorf("ask the daemon: %w", err)
	}
	return c.change(ctx, question{method: http.MethodPut, name: cursor.Name, body: bytes.NewReader(text)}, &cursor)
}

// DeleteCursor forgets a cursor, ErrNotFound when there is none.
func (c *Client) DeleteCursor(ctx context.Context, name string) error {
	return c.change(ctx, question{method: http.MethodDelete, name: name}, &struct{}{})
}

// change asks for a change of the cursor that q names, and reads what became of it.
func (c *Client) change(ctx context.Context, q question, v any) error {
	q.name = "cursors/" + url.PathEscape(q.name)
	resp, err := c.send(ctx, &c.http, q)
	if err != nil {
		return err
	}
	return decodeReply(resp, v)
}

// errorOf returns what an answer says went wrong, nil when nothing did.
func (c *Client) errorOf(resp *http.Response) error {
	var r errorReply
	switch {
	case resp.StatusCode == http.StatusOK:
		return nil
	case resp.Header.Get("Content-Type") != "application/json":
	case resp.StatusCode == http.StatusNotFound:
		if json.NewDecoder(io.LimitReader(resp.Body, maxBody)).Decode(&r) == nil && r.Error != "" {
			return refusal{errors.New("ask the daemon: " + r.Error), []error{ErrNotFound}}
		}
		return ErrNotFound
	case resp.StatusCode == http.StatusConflict:
		if json.NewDecoder(io.LimitReader(resp.Body, maxBody)).Decode(&r) == nil && r.Error != "" {
			return refusal{errors.New("ask the daemon: " + r.Error), []error{ErrConfigured}}
		}
	case resp.StatusCode == http.StatusBadRequest, resp.StatusCode == http.StatusServiceUnavailable:
		if json.NewDecoder(io.LimitReader(resp.Body, maxBody)).Decode(&r) == nil && r.Error != "" {
			return errors.New("ask the daemon: " + r.Error)
		}
	}
	if wantsTLS(resp) {
		return fmt.Errorf("ask the daemon: %w: %s is none of http", ErrWantsTLS, c.base.Redacted())
	}
	err := fmt.Errorf("ask the daemon: HTTP status %s: is %s the metrics address of cimwatch serve?", resp.Status, c.base.Redacted())
	switch resp.StatusCode {
	case http.StatusUnauthorized:
		return refusal{err, []error{ErrForbidden, ErrUnauthorized}}
	case http.StatusForbidden:
		return refusal{err, []error{ErrForbidden}}
	}
	return err
}

// wantsTLS reports whether an answer is what net/http's servers say to a request of http where
// they expect TLS.
func wantsTLS(resp *http.Response) bool {
	if resp.StatusCode != http.StatusBadRequest || resp.Header.Get("Content-Type") == "application/json" {
		return false
	}
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	return err == nil && bytes.Contains(text, []byte("HTTP request to an HTTPS server"))
}

// refusal is several errors with a text of its own.
type refusal struct {
	error
	kinds []error
}

// Is makes it each of them.
func (r refusal) Is(target error) bool { return slices.Contains(r.kinds, target) }
