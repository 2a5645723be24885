package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/cimwatch/cimwatch/inventory"
)

// formatLines is the form of an answer that has a component a line.
const formatLines = "ndjson"

// componentsAPI answers for components.
type componentsAPI struct {
	api
	local Local
}

func (a componentsAPI) get(w http.ResponseWriter, r *http.Request) {
	values := r.URL.Query()
	q, err := ParseQuery(values)
	if err != nil {
		a.reply(w, r, nil, badRequest{err})
		return
	}
	if err := a.local.checkHosts(r.Context(), &q); err != nil {
		a.reply(w, r, nil, err)
		return
	}
	format := values.Get("format")
	switch {
	case values.Get("at") != "":
		past, err := a.past(r.Context(), q, values)
		a.reply(w, r, past, err)
	case format == formatLines:
		a.stream(w, r, lineAnswer{}, a.local.Find(r.Context(), q))
	case format == "" || format == "json":
		a.stream(w, r, &arrayAnswer{query: q}, a.local.Find(r.Context(), oneMore(q)))
	default:
		a.reply(w, r, nil, badRequest{fmt.Errorf("format: no format %.80q: choose from json, %s", format, formatLines)})
	}
}

// oneMore returns a query for one component more, which tells whether a page is the last.
func oneMore(q inventory.Query) inventory.Query {
	if q.Limit > 0 {
		q.Limit++
	}
	return q
}

// past answers for components as they were.
func (a componentsAPI) past(ctx context.Context, q inventory.Query, values url.Values) (Past, error) {
	at, err := time.Parse(time.RFC3339, values.Get("at"))
	if err != nil {
		return Past{}, badRequest{fmt.Errorf("at: %.80q is not a time in RFC 3339", values.Get("at"))}
	}
	if values.Get("format") == formatLines {
		return Past{}, badRequest{errors.New("format: with at there is json only")}
	}
	return a.local.Past(ctx, q, at)
}

// stream writes an answer. An error before anything is sent is one of the request; a later one
// breaks the answer off.
func (a componentsAPI) stream(w http.ResponseWriter, r *http.Request, answer answer, all iter.Seq2[Component, error]) {
	held := &heldWriter{w: w, kind: answer.kind()}
	var err error
	for c, failed := range all {
		if err = failed; err == nil {
			err = answer.write(held, &c)
		}
		if err != nil {
			break
		}
	}
	if err == nil {
		err = errors.Join(answer.end(held), held.flush())
	}
	switch {
	case err == nil:
	case held.lines == nil:
		a.reply(w, r, nil, err)
	default:
		if !errors.Is(err, errReader) && r.Context().Err() == nil {
			a.log.Error("inventory cannot be read", "path", r.URL.Path, "error", err)
		}
		panic(http.ErrAbortHandler) //nolint:forbidigo // net/http breaks the answer off, so that its end is taken for none
	}
}

// mostHeld is how much of an answer is held back, so that one that is no longer has an
// error or is whole.
const mostHeld = 1 << 20

// A heldWriter writes an answer in pieces.
type heldWriter struct {
	w     http.ResponseWriter
	kind  string // Content-Type
	held  bytes.Buffer
	lines *lineWriter // nil before the first piece
}

// Write implements io.Writer.
func (h *heldWriter) Write(text []byte) (int, error) {
	h.held.Write(text)
	if h.held.Len() < mostHeld {
		return len(text), nil
	}
	return len(text), h.flush()
}

func (h *heldWriter) flush() error {
	if h.lines == nil {
		h.lines = newLineWriter(h.w)
		h.w.Header().Set("Content-Type", h.kind)
	}
	err := h.lines.text(h.held.String())
	h.held.Reset()
	return errors.Join(err, h.lines.flush())
}

// An answer is a form in which components are written.
type answer interface {
	kind() string
	write(w io.Writer, c *Component) error
	end(w io.Writer) error
}

// lineAnswer is one component a line.
type lineAnswer struct{}

func (lineAnswer) kind() string        { return typeLines }
func (lineAnswer) end(io.Writer) error { return nil }

func (lineAnswer) write(w io.Writer, c *Component) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(c)
}

// arrayAnswer is the object {"components": [...]}, with "next" where there are more.
type arrayAnswer struct {
	query inventory.Query
	count int
	last  Component
	next  string
}

func (*arrayAnswer) kind() string { return "application/json" }

func (a *arrayAnswer) write(w io.Writer, c *Component) error {
	if a.query.Limit > 0 && a.count == a.query.Limit {
		a.next = Next(&a.query, &a.last)
		return nil
	}
	before := ","
	if a.count == 0 {
		before = componentsOpen
	}
	text, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("write component %s of %s: %w", c.ID, c.Host, err)
	}
	a.count, a.last = a.count+1, *c
	_, err = io.WriteString(w, before+string(text))
	return err
}

const componentsOpen = `{"components":[`

func (a *arrayAnswer) end(w io.Writer) error {
	text := "]"
	if a.count == 0 {
		text = componentsOpen + text
	}
	if a.next != "" {
		text += `,"next":` + strconv.Quote(a.next)
	}
	_, err := io.WriteString(w, text+"}\n")
	return err
}
