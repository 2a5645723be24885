package simulator

import (
	"bytes"
	"net/http"
	"strconv"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
)

// wholeAnswer is the length up to which an answer is built before its first byte is sent,
// as sfcb builds all of them: for its length, and so that a failure in the middle cannot
// go out as success. A longer one goes out in chunks as it is made.
const wholeAnswer = 256 << 10

// reply writes the body of an answer.
type reply struct {
	w       http.ResponseWriter
	half    bool         // its second half is left out
	b       bytes.Buffer // what is not sent yet
	sending bool         // in chunks
}

// Write keeps an answer back while it is short.
func (r *reply) Write(p []byte) (int, error) {
	if r.sending {
		return r.w.Write(p)
	}
	if r.half || r.b.Len()+len(p) <= wholeAnswer {
		return r.b.Write(p)
	}
	r.sending = true
	writeHeader(r.w)
	if _, err := r.b.WriteTo(r.w); err != nil {
		return 0, err
	}
	r.b = bytes.Buffer{}
	return r.w.Write(p)
}

// end sends what was kept back, with its length.
func (r *reply) end() {
	if r.sending {
		return
	}
	if r.half {
		r.b.Truncate(r.b.Len() / 2)
	}
	r.w.Header().Set("Content-Length", strconv.Itoa(r.b.Len()))
	writeHeader(r.w)
	_, _ = r.b.WriteTo(r.w) // the client is gone; there is nobody to tell
}

func writeHeader(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Type", `application/xml; charset="utf-8"`)
	h.Set("Cache-Control", "no-cache")
	h["CIMOperation"] = []string{"MethodResponse"}
	w.WriteHeader(http.StatusOK)
}

// write answers a request, or gives half an answer.
func (s *Server) write(w http.ResponseWriter, req *cimxml.Request, resp *cimxml.Response, half bool) {
	r := &reply{w: w, half: half}
	var last cim.Value
	err := cimxml.WriteResponse(r, req, remember(resp, &last))
	switch {
	case err == nil:
		r.end()
	case r.sending: // the client is gone, or gets to see that the answer is not whole
		s.logger.Warn("answer ends early", "operation", req.Method, "error", err)
		hangUp(w)
	default:
		s.logger.Warn("answer cannot be written", "operation", req.Method, "error", err)
		r.b.Reset()
		resp = &cimxml.Response{Err: unwritable(last)}
		if err := cimxml.WriteResponse(r, req, resp); err != nil {
			refuse(w, http.StatusInternalServerError, "")
			return
		}
		r.end()
	}
}

// remember returns an answer that leaves in last which object of its result was written last.
func remember(resp *cimxml.Response, last *cim.Value) *cimxml.Response {
	if resp.Result == nil {
		return resp
	}
	other := *resp
	other.Result = func(yield func(cim.Value) bool) {
		for v := range resp.Result {
			if *last = v; !yield(v) {
				return
			}
		}
	}
	return &other
}

// unwritable says which object XML cannot carry, and what of it.
func unwritable(object cim.Value) *cim.Error {
	const problem = "The answer cannot be written as XML"
	err := checkValue(object)
	i, isInstance := object.Instance()
	switch {
	case err == nil:
		return cim.Errorf(cim.StatusFailed, problem)
	case isInstance && !i.Path.IsZero():
		return cim.Errorf(cim.StatusFailed, "%s: %s: %v", problem, i.Path, err)
	default:
		return cim.Errorf(cim.StatusFailed, "%s: %v", problem, err)
	}
}

// hangUp closes the connection of an answer in the middle of it.
func hangUp(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return // HTTP/2, which the server itself does not offer: the answer just ends
	}
	_ = conn.Close()
}
