package daemon

import (
	"cmp"
	"fmt"
	"slices"
)

// MaxConfigProblems bounds the problems that a ConfigError has.
const MaxConfigProblems = 20

// ConfigError tells what is wrong with a configuration file, all of it as far as it is found, by
// the place.
type ConfigError struct {
	File     string
	Problems []ConfigProblem // one or more, [MaxConfigProblems] at most
	More     int             // further problems that were found
	Partial  bool            // there may be others: so much could not be decoded that looking for more was given up
}

// ConfigProblem is one thing that is wrong with a configuration.
type ConfigProblem struct {
	Line, Column int    // from 1; 0 when the place is not known
	Key          string // path of the key, such as "hosts[1].url"; "" for the whole file
	Text         string // what is wrong
}

// Error returns "FILE:LINE:COLUMN: problem" for the first problem, and how many more there are.
func (e *ConfigError) Error() string {
	text := e.Lines()[0]
	switch more := len(e.Problems) - 1 + e.More; {
	case more == 1:
		text += " (and one more problem)"
	case more > 1:
		text += fmt.Sprintf(" (and %d more problems%s)", more, e.atLeast())
	}
	return text
}

// Lines returns "FILE:LINE:COLUMN: problem" for each problem, and at the end how many more there
// are.
func (e *ConfigError) Lines() []string {
	lines := make([]string, 0, len(e.Problems)+1)
	for _, p := range e.Problems {
		place := e.File
		if p.Line > 0 {
			place = fmt.Sprintf("%s:%d:%d", e.File, p.Line, p.Column)
		}
		if p.Key != "" {
			place += ": " + p.Key
		}
		lines = append(lines, place+": "+p.Text)
	}
	if e.More > 0 {
		lines = append(lines, fmt.Sprintf("%s: and %d more%s", e.File, e.More, e.atLeast()))
	}
	return lines
}

func (e *ConfigError) atLeast() string {
	if e.Partial {
		return " at least"
	}
	return ""
}

// whole returns an error of a whole file.
func whole(file, text string) *ConfigError {
	return &ConfigError{File: file, Problems: []ConfigProblem{{Text: text}}}
}

// configError returns everything that is wrong with a text that cannot be decoded, for which err is
// the reason, or that is no good configuration, when err is nil.
func configError(file string, text []byte, err error) error {
	d := newDraft(text)
	if d == nil {
		return &ConfigError{File: file, Problems: []ConfigProblem{yamlProblem(err)}}
	}
	e := &ConfigError{File: file}
	e.Problems, e.Partial = d.clean(err)
	switch c, err := d.decode(); {
	case err == nil:
		c.complete()
		e.Problems = append(e.Problems, d.problems(c.check())...)
	case len(e.Problems) == 0:
		e.Problems = []ConfigProblem{yamlProblem(err)}
	}
	slices.SortStableFunc(e.Problems, func(a, b ConfigProblem) int {
		// What is missing, and has no place, comes last.
		return cmp.Or(cmp.Compare(uint(a.Line-1), uint(b.Line-1)), cmp.Compare(a.Column, b.Column))
	})
	e.More = max(0, len(e.Problems)-MaxConfigProblems)
	e.Problems = e.Problems[:len(e.Problems)-e.More]
	return e
}
