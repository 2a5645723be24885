package cimxml

import (
	"errors"
	"fmt"
	"strings"
)

// The ways in which a document can be wrong. A [DecodeError] is one of them for errors.Is.
var (
	ErrNotWellFormed   = errors.New("not well-formed XML")
	ErrNotUTF8         = errors.New("not UTF-8")
	ErrNotValid        = errors.New("not valid CIM-XML")
	ErrTooLarge        = errors.New("beyond a limit")
	ErrCIMVersion      = errors.New("unsupported CIM version")
	ErrDTDVersion      = errors.New("unsupported DTD version")
	ErrProtocolVersion = errors.New("unsupported protocol version")
	ErrBatch           = errors.New("batches of messages are not supported")
)

// DecodeError tells what is wrong with a CIM-XML document and where.
type DecodeError struct {
	Kind    error    // one of the errors above, or an error of the reader
	Where   []string // the open elements, outermost first, with their names: "PROPERTY Size"
	Offset  int64    // bytes before the place, in the document or, within an embedded object, in its text
	Problem string
}

// Error returns the innermost elements, the problem and the byte offset, such as
// `INSTANCE CIM_Disk: PROPERTY Size: "x" is not a uint64 (byte 312)`.
func (e *DecodeError) Error() string {
	const most = 3
	where := e.Where
	if len(where) > most {
		where = where[len(where)-most:]
	}
	text := e.Problem
	if len(where) > 0 {
		text = strings.Join(where, ": ") + ": " + text
	}
	return fmt.Sprintf("%s (byte %d)", text, e.Offset)
}

// Unwrap returns the kind, for errors.Is.
func (e *DecodeError) Unwrap() error { return e.Kind }
