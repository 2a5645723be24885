package mof

import (
	"fmt"
	"slices"
	"strings"
)

// Error is one thing that is wrong in a source.
type Error struct {
	Pos     Position
	Message string   // what is wrong and what was expected, or where the other half of a conflict is
	Other   Position // the other half of a conflict, zero when there is none
}

// Error returns "file:line:column: message".
func (e *Error) Error() string {
	if e.Pos.File == "" {
		return e.Message
	}
	return e.Pos.String() + ": " + e.Message
}

// ErrorList is everything that is wrong, in the order of the sources.
type ErrorList []*Error

// Error returns the first error and how many more there are. Print the elements to
// show all of them.
func (l ErrorList) Error() string {
	switch len(l) {
	case 0:
		return "no errors"
	case 1:
		return l[0].Error()
	default:
		return fmt.Sprintf("%s (and %d more)", l[0], len(l)-1)
	}
}

// Unwrap returns the errors, for errors.As.
func (l ErrorList) Unwrap() []error {
	list := make([]error, len(l))
	for i, e := range l {
		list[i] = e
	}
	return list
}

// finding is an error before its place is worked out.
type finding struct {
	at, other pos
	message   string
}

// reporter collects findings up to a limit.
type reporter struct {
	files    *fileSet
	limit    int
	findings []finding
	more     int // findings past the limit

	// Text inside a string literal, an embedded instance, has no place of its own:
	// everything found in it is reported at the literal.
	within    pos
	withinWho string
}

// full reports whether more findings are only counted.
func (r *reporter) full() bool { return len(r.findings) >= r.limit }

// many reports whether suggestions are not worth their cost any more.
func (r *reporter) many() bool { return len(r.findings) >= manyFindings }

const manyFindings = 100

func (r *reporter) errorf(at pos, format string, args ...any) {
	r.conflictf(at, noPos, format, args...)
}

// conflictf reports an error whose other half is at other; " at POSITION" is appended.
func (r *reporter) conflictf(at, other pos, format string, args ...any) {
	if r.full() {
		r.more++
		return
	}
	message := fmt.Sprintf(format, args...)
	if r.within != noPos {
		at, message = r.within, r.withinWho+": "+message
	}
	other = max(other, noPos) // a place inside a text is none
	if other != noPos {
		message += " at " + r.files.position(other).String()
	}
	r.findings = append(r.findings, finding{at: at, other: other, message: message})
}

// list returns the findings sorted by place, nil when there are none.
func (r *reporter) list() ErrorList {
	if len(r.findings) == 0 {
		return nil
	}
	slices.SortStableFunc(r.findings, func(a, b finding) int { return int(a.at) - int(b.at) })
	list := make(ErrorList, 0, len(r.findings)+1)
	for _, f := range r.findings {
		list = append(list, &Error{
			Pos: r.files.position(f.at), Message: f.message, Other: r.files.position(f.other),
		})
	}
	if r.more > 0 {
		list = append(list, &Error{Message: fmt.Sprintf("%d more errors are not shown", r.more)})
	}
	return list
}

// clip bounds what a message repeats of the source.
func clip(text string) string {
	const most = 40
	text = strings.ToValidUTF8(text, "\uFFFD")
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "..."
	}
	return text
}
