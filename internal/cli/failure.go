package cli

import (
	"errors"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

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
	var code *codeError
	if errors.As(err, &code) {
		d.code = code.code
	}
	var hint *hintError
	if errors.As(err, &hint) {
		d.hint = hint.hint
	}
	return d
}

// oneLine returns text as one line that is safe on a terminal: part of it may be the words of
// a server.
func oneLine(text string) string {
	lines := strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' })
	return printable(strings.Join(lines, "; "))
}

// printable returns text with escapes in place of what is not printable: control characters,
// which can command a terminal, and invisible ones, which can make a text look like another.
func printable(text string) string {
	var b strings.Builder
	for _, r := range strings.ToValidUTF8(text, string(utf8.RuneError)) {
		if unicode.IsPrint(r) || unicode.Is(unicode.Zs, r) {
			b.WriteRune(r)
			continue
		}
		quoted := strconv.QuoteRune(r)
		b.WriteString(quoted[1 : len(quoted)-1])
	}
	return b.String()
}
