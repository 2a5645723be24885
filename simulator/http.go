package simulator

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
)

// ServeHTTP answers a CIM-XML request on any path (observed: sfcb).
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Method != http.MethodPost: // M-POST too
		refuse(w, http.StatusNotImplemented, "")
		return
	case r.ContentLength < 0, r.ContentLength == 0 && r.Header.Get("Content-Length") == "":
		refuse(w, http.StatusLengthRequired, "")
		return
	case !s.authorized(r):
		w.Header().Set("WWW-Authenticate", `Basic realm="cimom"`)
		refuse(w, http.StatusUnauthorized, "")
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, s.opts.MaxBody))
	if err != nil {
		status := http.StatusBadRequest
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			status = http.StatusRequestEntityTooLarge
		}
		refuse(w, status, "")
		return
	}
	s.serve(w, r, body)
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request, body []byte) {
	req, err := s.readRequest(body)
	f := s.faults.take(methodOf(req))
	if s.befall(w, r, &f) {
		return
	}
	if s.opts.Strict {
		if reason := strictReason(r, req, err); reason != "" {
			refuse(w, http.StatusBadRequest, reason)
			return
		}
	}
	if err != nil {
		if export, notExport := cimxml.DecodeExport(body); notExport == nil {
			refuseExport(w, export)
			return
		}
	}
	var resp *cimxml.Response
	switch {
	case err != nil:
		req, resp = &cimxml.Request{}, &cimxml.Response{Err: cim.Errorf(cim.StatusFailed, "invalid imethodcall payload")}
	case f.Err != nil:
		resp = &cimxml.Response{Err: f.Err}
	case f.Classic:
		resp = s.perform(r.Context(), classic(req))
	default:
		resp = s.perform(r.Context(), req)
	}
	if f.MessageID != "" {
		other := *req
		other.ID, req = f.MessageID, &other
	}
	s.write(s.spoil(r.Context(), w, &f), req, resp, f.Malformed)
}

// refuseExport answers an indication, which is for listeners, with the elements of an export
// response (DSP0200 section 5.3.3.1). No export to sfcb was observed.
func refuseExport(w http.ResponseWriter, export *cimxml.Export) {
	body := cimxml.AppendExportResponse(nil, export.ID, export.Method, cim.Errorf(cim.StatusNotSupported, "%s", notSupported))
	h := w.Header()
	h.Set("Content-Type", `application/xml; charset="utf-8"`)
	h["CIMExport"] = []string{"MethodResponse"}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body) // the client is gone; there is nobody to tell
}

func methodOf(req *cimxml.Request) string {
	if req == nil {
		return ""
	}
	return req.Method
}

// readRequest refuses a document without XML declaration, as sfcb and OpenPegasus do, and
// with a document type, as sfcb does (observed). DSP0200 allows the latter.
func (s *Server) readRequest(body []byte) (*cimxml.Request, error) {
	declaration, rest, ok := bytes.Cut(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")), []byte("?>"))
	if !ok || !bytes.HasPrefix(declaration, []byte("<?xml")) ||
		!s.opts.Strict && bytes.HasPrefix(bytes.TrimSpace(rest), []byte("<!DOCTYPE")) {
		return nil, cimxml.ErrNotWellFormed
	}
	return cimxml.ReadRequest(bytes.NewReader(body), cimxml.Limits{})
}

// strictReason returns what DSP0200 section 7.3 wants in the CIMError header, "" when
// the request is as it should be.
func strictReason(r *http.Request, req *cimxml.Request, err error) string {
	operation := r.Header.Get("CIMOperation")
	switch {
	case !strings.EqualFold(operation, "MethodCall"):
		return "unsupported-operation"
	case errors.Is(err, cimxml.ErrNotWellFormed):
		return "request-not-well-formed"
	case errors.Is(err, cimxml.ErrBatch):
		return "multiple-requests-unsupported"
	case err != nil:
		return "request-not-valid"
	case !headerIs(r, "CIMMethod", req.Method):
		return "header-mismatch"
	case req.Extrinsic() || headerIs(r, "CIMObject", req.Namespace):
		return ""
	default:
		return "header-mismatch"
	}
}

// headerIs reports whether a header, percent-encoded or not (DSP0200 section 6.3.2),
// names what the request names.
func headerIs(r *http.Request, header, name string) bool {
	text, err := url.PathUnescape(r.Header.Get(header))
	return err == nil && cim.EqualNames(text, name)
}

// authorized compares digests, so that the time taken tells nothing about the password.
func (s *Server) authorized(r *http.Request) bool {
	if s.opts.User == "" {
		return true
	}
	user, password, ok := r.BasicAuth()
	return ok && equalSecrets(user, s.opts.User) && equalSecrets(password, s.opts.Password)
}

func equalSecrets(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

// refuse answers with a status and no body. reason goes into the CIMError header.
func refuse(w http.ResponseWriter, status int, reason string) {
	if reason != "" {
		w.Header()["CIMError"] = []string{reason}
	}
	w.Header().Set("Content-Length", "0")
	w.WriteHeader(status)
}
