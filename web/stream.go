package web

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"time"
)

const (
	maxStreams   = 64 // at once
	maxBody      = 4096
	streamPeriod = 30 * time.Second // in which a reader must take something
)

// NewJournalHandler returns the handler of /api/v1/indications, /api/v1/position,
// /api/v1/cursors and what is below. Why a journal cannot be read goes to the logger; nil: nothing is logged.
func NewJournalHandler(journal Journal, logger *slog.Logger) http.Handler {
	a := journalAPI{newAPI(logger), journal}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/v1/indications", a.only(a.streamed(a.indications), "from", "raw", "follow"))
	mux.HandleFunc("GET /api/v1/position", a.only(a.position, "from"))
	mux.HandleFunc("GET /api/v1/cursors", a.only(a.cursors))
	mux.HandleFunc("POST /api/v1/cursors/{name}", a.only(a.makeCursor, "from"))
	mux.HandleFunc("PUT /api/v1/cursors/{name}", a.only(a.moveCursor))
	mux.HandleFunc("DELETE /api/v1/cursors/{name}", a.only(a.deleteCursor))
	return mux
}

type journalAPI struct {
	api
	journal Journal
}

// streamed returns a handler that answers [maxStreams] requests at once.
func (a api) streamed(do http.HandlerFunc) http.HandlerFunc {
	streams := make(slots, maxStreams)
	return func(w http.ResponseWriter, r *http.Request) {
		leave, ok := streams.take()
		if !ok {
			a.reply(w, r, nil, ErrTooMany)
			return
		}
		defer leave()
		do(w, r)
	}
}

// slots bound how many answers are written at once: each holds a value.
type slots chan struct{}

// take takes a slot until leave is called; ok is false when all are taken.
func (s slots) take() (leave func(), ok bool) {
	select {
	case s <- struct{}{}:
		return func() { <-s }, true
	default:
		return nil, false
	}
}

type cursorsReply struct {
	Cursors []Cursor `json:"cursors"`
}

func (a journalAPI) cursors(w http.ResponseWriter, r *http.Request) {
	cursors, err := a.journal.Cursors(r.Context())
	a.reply(w, r, cursorsReply{cursors}, err)
}

type positionReply struct {
	After uint64 `json:"after"`
}

func (a journalAPI) position(w http.ResponseWriter, r *http.Request) {
	after, err := a.from(r)
	a.reply(w, r, positionReply{after}, err)
}

// from returns the number of the entry before the place that a request names.
func (a journalAPI) from(r *http.Request) (uint64, error) {
	from, err := ParseFrom(r.URL.Query().Get("from"))
	if err != nil {
		return 0, badRequest{err}
	}
	return a.journal.Position(r.Context(), from)
}

func (a journalAPI) makeCursor(w http.ResponseWriter, r *http.Request) {
	var c Cursor
	if err := CheckCursorName(r.PathValue("name")); err != nil {
		a.reply(w, r, nil, badRequest{err})
		return
	}
	after, err := a.from(r)
	if err == nil {
		c, err = a.journal.MakeCursor(r.Context(), r.PathValue("name"), after)
	}
	a.reply(w, r, c, err)
}

func (a journalAPI) moveCursor(w http.ResponseWriter, r *http.Request) {
	c := Cursor{}
	err := json.NewDecoder(io.LimitReader(r.Body, maxBody)).Decode(&c)
	if err != nil {
		a.reply(w, r, nil, badRequest{errors.New("the body is no cursor")})
		return
	}
	c.Name = r.PathValue("name")
	a.reply(w, r, c, a.journal.MoveCursor(r.Context(), c))
}

func (a journalAPI) deleteCursor(w http.ResponseWriter, r *http.Request) {
	a.reply(w, r, struct{}{}, a.journal.DeleteCursor(r.Context(), r.PathValue("name")))
}

// indications writes one indication a line, those that are there, and with follow those
// that come.
func (a journalAPI) indications(w http.ResponseWriter, r *http.Request) {
	values := r.URL.Query()
	raw, rawErr := flagParameter(values, "raw")
	follow, followErr := flagParameter(values, "follow")
	after, err := a.from(r)
	if err := cmp.Or(rawErr, followErr, err); err != nil {
		a.reply(w, r, nil, err)
		return
	}
	s := stream{journal: a.journal, after: after, raw: raw, w: newLineWriter(w)}
	if err := s.run(r.Context(), follow); err != nil {
		if !errors.Is(err, errReader) && r.Context().Err() == nil {
			a.log.Error("journal cannot be read", "path", r.URL.Path, "error", err)
		}
		panic(http.ErrAbortHandler) //nolint:forbidigo // net/http breaks the answer off, so that its end is taken for none
	}
}

// errReader says that the reader of a stream is gone, or too slow.
var errReader = errors.New("write the stream")

// A stream is the answer to one reader.
type stream struct {
	journal Journal
	after   uint64
	raw     bool
	w       *lineWriter
}

// run writes until all is written, or with follow until the journal ends.
func (s *stream) run(ctx context.Context, follow bool) error {
	if err := s.w.flush(); err != nil { // the header
		return err
	}
	for {
		for i, err := range s.journal.Read(ctx, s.after, s.raw) {
			if err == nil {
				err = s.w.write(&i)
			}
			if err != nil {
				return err
			}
			s.after = i.Entry
		}
		if err := s.w.flush(); err != nil || !follow {
			return err
		}
		if s.journal.Wait(ctx, s.after) != nil {
			return nil
		}
	}
}

// typeLines is the media type of what has an object a line.
const typeLines = "application/x-ndjson"

// A lineWriter writes an object a line. The connection's time limits are for answers that
// end; here each write has its own.
type lineWriter struct {
	w       io.Writer
	control *http.ResponseController
	encoder *json.Encoder
	until   time.Time // the limit that is set
}

func newLineWriter(w http.ResponseWriter) *lineWriter {
	w.Header().Set("Content-Type", typeLines)
	l := &lineWriter{w: w, control: http.NewResponseController(w), encoder: json.NewEncoder(w)}
	l.encoder.SetEscapeHTML(false)
	// A writer without time limits, as of a test, has none to lift.
	_ = l.control.SetReadDeadline(time.Time{})
	return l
}

func (l *lineWriter) write(v any) error {
	l.extend()
	if err := l.encoder.Encode(v); err != nil {
		return errors.Join(errReader, err)
	}
	return nil
}

// text writes a text as it is.
func (l *lineWriter) text(text string) error {
	l.extend()
	if _, err := io.WriteString(l.w, text); err != nil {
		return errors.Join(errReader, err)
	}
	return nil
}

// flush ends the time that the reader has, until there is more: HTTP/2 cuts a stream when its time
// is over, also one that nothing is being written to.
func (l *lineWriter) flush() error {
	l.extend()
	if err := l.control.Flush(); err != nil {
		return errors.Join(errReader, err)
	}
	l.until = time.Time{}
	_ = l.control.SetWriteDeadline(l.until)
	return nil
}

// extend gives the reader time again, not with each line.
func (l *lineWriter) extend() {
	if now := time.Now(); l.until.Sub(now) < streamPeriod/2 {
		l.until = now.Add(streamPeriod)
		_ = l.control.SetWriteDeadline(l.until)
	}
}
