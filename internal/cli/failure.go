package cli

import "errors"

// hintError adds to an error what its reader can do about it.
type hintError struct {
	err  error
	hint string
}

func (e *hintError) Error() string { return e.err.Error() }
func (e *hintError) Unwrap() error { return e.err }

// withHint returns err with a hint: what to do next, best a command to run. A hint given
// closer to the cause gives way to one given later, further out.
func withHint(err error, hint string) error { return &hintError{err, hint} }

// codeError adds an exit code to an error.
type codeError struct {
	err  error
	code int
}

func (e *codeError) Error() string { return e.err.Error() }
func (e *codeError) Unwrap() error { return e.err }

// usage returns err as one of wrong usage, for what a command finds wrong with its arguments
// and flags before it tries anything.
func usage(err error) error { return &codeError{err, ExitUsage} }

// diagnosis is what follows from an error, besides its text.
type diagnosis struct {
	code int
	hint string // "" where nothing helps
}

// diagnose returns the exit code and the hint of an error. What the error says itself, by
// withHint or usage, comes before what its kind suggests.
func diagnose(err error) diagnosis {
	d := diagnoseKind(err)
	if code, ok := errors.AsType[*codeError](err); ok {
		d.code = code.code
	}
	if hint, ok := errors.AsType[*hintError](err); ok {
		d.hint = hint.hint
	}
	return d
}
