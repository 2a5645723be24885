package cim

import (
	"errors"
	"fmt"
)

// Status is a CIM status code (DSP0200 section 5.2.3, table 1).
type Status uint32

// The status codes of DSP0200.
const (
	StatusFailed                    Status = 1
	StatusAccessDenied              Status = 2
	StatusInvalidNamespace          Status = 3
	StatusInvalidParameter          Status = 4
	StatusInvalidClass              Status = 5
	StatusNotFound                  Status = 6
	StatusNotSupported              Status = 7
	StatusClassHasChildren          Status = 8
	StatusClassHasInstances         Status = 9
	StatusInvalidSuperClass         Status = 10
	StatusAlreadyExists             Status = 11
	StatusNoSuchProperty            Status = 12
	StatusTypeMismatch              Status = 13
	StatusQueryLanguageNotSupported Status = 14
	StatusInvalidQuery              Status = 15
	StatusMethodNotAvailable        Status = 16
	StatusMethodNotFound            Status = 17
	StatusNamespaceNotEmpty         Status = 20
	StatusInvalidEnumerationContext Status = 21
	StatusInvalidOperationTimeout   Status = 22
	StatusPullHasBeenAbandoned      Status = 23
	StatusPullCannotBeAbandoned     Status = 24
	StatusFilteredEnumNotSupported  Status = 25
	StatusContinuationNotSupported  Status = 26
	StatusServerLimitsExceeded      Status = 27
	StatusServerIsShuttingDown      Status = 28
)

// statusTexts is indexed by Status and never written.
var statusTexts = [...]string{
	1: "failed", 2: "access denied", 3: "invalid namespace", 4: "invalid parameter",
	5: "invalid class", 6: "not found", 7: "not supported", 8: "class has children",
	9: "class has instances", 10: "invalid superclass", 11: "already exists",
	12: "no such property", 13: "type mismatch", 14: "query language not supported",
	15: "invalid query", 16: "method not available", 17: "method not found",
	20: "namespace not empty", 21: "invalid enumeration context",
	22: "invalid operation timeout", 23: "pull has been abandoned",
	24: "pull cannot be abandoned", 25: "filtered enumeration not supported",
	26: "continuation on error not supported", 27: "server limits exceeded",
	28: "server is shutting down",
}

// String returns the status in words, such as "not found".
func (s Status) String() string {
	if s.known() {
		return statusTexts[s]
	}
	return fmt.Sprintf("CIM status %d", uint32(s))
}

// known reports whether the status has a text.
func (s Status) known() bool { return int64(s) < int64(len(statusTexts)) && statusTexts[s] != "" }

// Error is the refusal of a CIM server: what an ERROR element says (DSP0201), the same
// value on both sides of the wire. Compare with errors.Is and [Status]:
//
//	if errors.Is(err, cim.StatusNotFound) { ... }
type Error struct {
	Status      Status
	Description string      // the server's words, possibly empty
	Instances   []*Instance // CIM_Error instances, where the server gives any
}

// Errorf returns an Error with a formatted description.
func Errorf(status Status, format string, args ...any) *Error {
	return &Error{Status: status, Description: fmt.Sprintf(format, args...)}
}

// Error returns the status in words and number, and the server's description.
func (e *Error) Error() string {
	text := e.Status.String()
	if e.Status.known() {
		text += fmt.Sprintf(" (CIM status %d)", uint32(e.Status))
	}
	if e.Description != "" {
		text += ": " + e.Description
	}
	return text
}

// Is reports whether target is the same status, or an Error of the same status and
// with no description.
func (e *Error) Is(target error) bool {
	switch t := target.(type) {
	case Status:
		return e.Status == t
	case *Error:
		return e.Status == t.Status && t.Description == ""
	default:
		return false
	}
}

// Error makes a bare Status an error, so that it can be the target of errors.Is.
func (s Status) Error() string { return s.String() }

// IsMissingClass reports whether an error is a CIM server's that says that it has no such
// class, or nothing that answers for it. Servers differ in the status (observed: sfcb 6
// for GetClass and 5 elsewhere, 7 without a provider).
func IsMissingClass(err error) bool {
	return errors.Is(err, StatusInvalidClass) || errors.Is(err, StatusNotFound) || errors.Is(err, StatusNotSupported)
}
