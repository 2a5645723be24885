package listener

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
)

// maxKeptAnswer is how large a buffer may be that waits for the next answer: a MESSAGE ID,
// which the answer repeats, may be of any length.
const maxKeptAnswer = 16 << 10

// respond sends the export response.
func (s *Server) respond(w http.ResponseWriter, x *exchange, k *worker) {
	o := kept
	if x.batched {
		results := make([]cimxml.ExportResult, len(x.batch.Exports))
		for n := range results {
			e := &x.batch.Exports[n].Export
			each, failure := verdict(e)
			results[n] = cimxml.ExportResult{Method: e.Method, Failure: failure}
			if each != kept {
				o = each
			}
		}
		k.answer = cimxml.AppendBatchResponse(k.answer[:0], x.batch.ID, results)
	} else {
		var failure *cim.Error
		o, failure = verdict(x.export)
		k.answer = cimxml.AppendExportResponse(k.answer[:0], x.export.ID, x.export.Method, failure)
	}
	x.setHeader(w.Header())
	w.Header()["Content-Type"] = xmlType
	s.send(w, x, o, http.StatusOK, k.answer)
	if cap(k.answer) > maxKeptAnswer {
		k.answer = nil
	}
}

// verdict returns what became of an export that was not refused.
func verdict(e *cimxml.Export) (outcome, *cim.Error) {
	switch {
	case !exportsIndication(e):
		return unknownExportMethod, cim.Errorf(cim.StatusNotSupported,
			"%.80s is no export method, expected ExportIndication", e.Method)
	case e.Indication == nil:
		return noIndication, cim.Errorf(cim.StatusInvalidParameter, "NewIndication is missing or holds no instance")
	}
	return kept, nil
}

// refuse answers a request that was not kept.
func (s *Server) refuse(w http.ResponseWriter, x *exchange, err error) {
	o := notKept
	r, ok := errors.AsType[*rejection](err)
	if ok {
		o = r.outcome
	}
	rule := o.ruling()
	status, wait := rule.status, retryAfter
	if refusal, ok := errors.AsType[*Refusal](err); ok && o == refused {
		status = refusal.status()
		if refusal.RetryAfter > 0 {
			wait = refusal.RetryAfter
		}
	}
	h := w.Header()
	x.setHeader(h)
	if rule.cimError != "" {
		h[x.extension+"CIMError"] = []string{rule.cimError}
	}
	if rule.close {
		h["Connection"] = closing
	}
	switch status {
	case http.StatusUnauthorized:
		h["Www-Authenticate"] = realm
	case http.StatusMethodNotAllowed:
		h["Allow"] = []string{"POST, M-POST"}
	case http.StatusServiceUnavailable, http.StatusTooManyRequests:
		h["Retry-After"] = []string{strconv.Itoa(int(max(wait.Round(time.Second), time.Second) / time.Second))}
	}
	h["Content-Type"] = []string{"text/plain; charset=utf-8"}
	text := rule.reason
	if ok && r.detail != "" {
		text += ": " + r.detail
	}
	s.opts.Logger.DebugContext(x.request.Context(), "request refused",
		"remote", x.remote, "path", x.request.URL.Path, "status", status, "error", err)
	s.send(w, x, o, status, []byte(text+"\n"))
}

// counted is how long an answer is for which net/http finds the Content-Length itself,
// for less.
const counted = 2 << 10

// send writes an answer in one piece. A sender that has gone does not see it and will
// send the indication again.
func (s *Server) send(w http.ResponseWriter, x *exchange, o outcome, status int, body []byte) {
	s.outcomes[o].Add(1) // before the sender can know
	if len(body) > counted {
		w.Header()["Content-Length"] = []string{strconv.Itoa(len(body))}
	}
	if s.draining() {
		// The sender is told not to go on to use the connection: one that is closed
		// after an answer without this word loses the race with the next request.
		w.Header()["Connection"] = closing
	}
	w.WriteHeader(status)
	n, err := w.Write(body)
	if err != nil {
		s.opts.Logger.DebugContext(x.request.Context(), "answer not sent", "remote", x.remote, "error", err)
	}
	s.report(x, o, status, n)
}

// note logs that the handler has begun to fail, or has been well for a while, once each time.
func (s *Server) note(ctx context.Context, i *Indication, err error) {
	switch begun, over := s.trouble.Note(err != nil, s.opts.Now); {
	case begun:
		s.opts.Logger.WarnContext(ctx, "indications are not kept",
			"host", i.Host, "class", i.Instance.Class, "error", err)
	case over:
		s.opts.Logger.InfoContext(ctx, "indications are kept again")
	}
}

// report tells the hook of an answer, once for each indication of a batch.
func (s *Server) report(x *exchange, o outcome, status, sent int) {
	if s.opts.OnAnswer == nil {
		return
	}
	a := Answer{
		Received: x.received, Remote: x.remote,
		Method: x.request.Method, Path: x.request.URL.Path, Proto: x.request.Proto,
		Status: status, Reason: o.ruling().reason, Bytes: sent,
		Duration: time.Since(x.received),
	}
	if len(x.indications) == 0 {
		s.opts.OnAnswer(a)
	}
	for _, a.Indication = range x.indications {
		s.opts.OnAnswer(a)
	}
}
