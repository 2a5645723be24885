package listener

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/cimwatch/cimwatch/cimxml"
)

// An outcome is what became of a request.
type outcome uint8

const (
	kept outcome = iota
	unknownExportMethod
	noIndication
	unsupportedOperation
	headerMismatch
	notWellFormed
	notValid
	noBody
	cutShort
	extensionOnHTTP10
	unauthorized
	forbiddenAddress
	unknownPath
	methodNotAllowed
	notAcceptable
	tooSlow
	tooLarge
	contentType
	cimVersion
	dtdVersion
	protocolVersion
	notKept
	panicked
	busy
	shuttingDown
	extensionUnknown
	refused

	outcomeCount
)

// A ruling is how an outcome is answered.
type ruling struct {
	status   int
	reason   string
	cimError string // one of those in DSP0200, "" where none fits
	close    bool   // where the rest of the connection cannot be trusted to be a request
}

// rulings follow DSP0200, and OpenPegasus and pywbem where it leaves a choice. What an
// outcome says about a handler may be overruled by a Refusal.
func (o outcome) ruling() ruling { return rulings[o] }

var rulings = [outcomeCount]ruling{
	kept:                 {status: http.StatusOK, reason: "kept"},
	unknownExportMethod:  {status: http.StatusOK, reason: "unknown-export-method"},
	noIndication:         {status: http.StatusOK, reason: "no-indication"},
	unsupportedOperation: cimError(http.StatusBadRequest, "unsupported-operation"),
	headerMismatch:       cimError(http.StatusBadRequest, "header-mismatch"),
	notWellFormed:        cimError(http.StatusBadRequest, "request-not-well-formed"),
	notValid:             cimError(http.StatusBadRequest, "request-not-valid"),
	noBody:               {http.StatusBadRequest, "no-body", "request-not-well-formed", true},
	cutShort:             {http.StatusBadRequest, "cut-short", "request-not-well-formed", true},
	extensionOnHTTP10:    {status: http.StatusBadRequest, reason: "extension-on-http-1.0"},
	unauthorized:         {status: http.StatusUnauthorized, reason: "unauthorized"},
	forbiddenAddress:     {status: http.StatusForbidden, reason: "address-not-allowed", close: true},
	unknownPath:          {status: http.StatusNotFound, reason: "unknown-path"},
	methodNotAllowed:     {status: http.StatusMethodNotAllowed, reason: "method-not-allowed"},
	notAcceptable:        {http.StatusNotAcceptable, "not-acceptable", "header-mismatch", false},
	tooSlow:              {status: http.StatusRequestTimeout, reason: "too-slow", close: true},
	tooLarge:             {status: http.StatusRequestEntityTooLarge, reason: "too-large", close: true},
	contentType:          {http.StatusUnsupportedMediaType, "content-type", "header-mismatch", false},
	cimVersion:           cimError(http.StatusNotImplemented, "unsupported-cim-version"),
	dtdVersion:           cimError(http.StatusNotImplemented, "unsupported-dtd-version"),
	protocolVersion:      cimError(http.StatusNotImplemented, "unsupported-protocol-version"),
	notKept:              {status: http.StatusServiceUnavailable, reason: "not-kept"},
	panicked:             {status: http.StatusServiceUnavailable, reason: "panic"},
	busy:                 {status: http.StatusServiceUnavailable, reason: "busy"},
	shuttingDown:         {status: http.StatusServiceUnavailable, reason: "shutting-down"},
	extensionUnknown:     {status: http.StatusNotExtended, reason: "extension-unknown"},
	refused:              {status: http.StatusServiceUnavailable, reason: "refused"},
}

func cimError(status int, reason string) ruling {
	return ruling{status: status, reason: reason, cimError: reason}
}

// A rejection is why a request was not kept. detail is for the sender, cause for the log.
type rejection struct {
	outcome outcome
	detail  string
	cause   error
}

func (r *rejection) Error() string {
	text := r.outcome.ruling().reason
	if r.detail != "" {
		text += ": " + r.detail
	}
	if r.cause != nil {
		text += ": " + r.cause.Error()
	}
	return text
}

func (r *rejection) Unwrap() error { return r.cause }

func reject(o outcome, detail string) error { return &rejection{outcome: o, detail: detail} }

// rejectDocument returns the rejection of a body that does not decode. Limits have no
// reason of their own in DSP0200; sending again would not help, hence 400.
func rejectDocument(err error) error {
	o := notValid
	switch {
	case errors.Is(err, cimxml.ErrNotWellFormed):
		o = notWellFormed
	case errors.Is(err, cimxml.ErrBatch):
		o = headerMismatch // the header spoke of no batch
	case errors.Is(err, cimxml.ErrCIMVersion):
		o = cimVersion
	case errors.Is(err, cimxml.ErrDTDVersion):
		o = dtdVersion
	case errors.Is(err, cimxml.ErrProtocolVersion):
		o = protocolVersion
	}
	return reject(o, fmt.Sprintf("%.500s", err.Error())) // names in it may be of any length
}
