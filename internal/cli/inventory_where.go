package cli

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/spf13/pflag"

	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/query"
	"github.com/cimwatch/cimwatch/web"
)

// maxAskedProperties bounds the properties of a condition that are looked for.
const maxAskedProperties = 16

// noteProperties tells of properties that a condition names and of which no component has a value, of those
// that the rest of the query chooses.
func (e *Env) noteProperties(ctx context.Context, reader inventoryReader, q *inventory.Query) error {
	where, ok := q.Where.(*query.Where)
	if !ok {
		return nil
	}
	for n, name := range where.Named() {
		if n == maxAskedProperties {
			break
		}
		asked := *q
		asked.Sort, asked.After, asked.Limit = nil, nil, 1
		var err error
		if asked.Where, err = web.ParseWhere(name + " IS NOT NULL"); err != nil {
			return err
		}
		found, err := isAny(ctx, reader, asked)
		if err != nil {
			return err
		}
		if !found {
			note(e.Stderr, fmt.Sprintf("warning: --where: no component that was looked at has a value of %q", printable(name)))
		}
	}
	return nil
}

// isAny says whether a query selects anything.
func isAny(ctx context.Context, reader inventoryReader, q inventory.Query) (bool, error) {
	if past, ok := reader.(pastReader); ok {
		then, err := past.Past(ctx, q, past.at)
		return len(then.Components) > 0, err
	}
	for _, err := range reader.Find(ctx, q) {
		return err == nil, err
	}
	return false, nil
}

// What an error repeats of a value.
const (
	mostShown = 100 // bytes of a value that is shown whole
	around    = 40  // bytes before and after the place of the error in a longer one
)

// valueError says what is wrong with the value of a flag, of which it shows what is around the place,
// when it is long; nil for another error.
func valueError(err error) error {
	invalid, ok := errors.AsType[*pflag.InvalidValueError](err)
	if !ok || len(invalid.GetValue()) <= mostShown {
		return nil
	}
	flag, cause := invalid.GetFlag(), errors.Unwrap(invalid)
	if cause == nil {
		return nil
	}
	return fmt.Errorf("invalid argument %q for \"--%s\" flag: %w", excerpt(invalid.GetValue(), cause.Error()), flag.Name, cause)
}

// excerpt returns what is in a text around the offset that an error tells, or its begin.
func excerpt(text, problem string) string {
	at := 0
	if place := regexp.MustCompile(`^offset ([0-9]+): `).FindStringSubmatch(problem); place != nil {
		at, _ = strconv.Atoi(place[1]) // 0 for a number that is none
	}
	from, to := max(0, min(at, len(text))-around), min(len(text), at+around)
	for from > 0 && !utf8.RuneStart(text[from]) {
		from--
	}
	for to < len(text) && !utf8.RuneStart(text[to]) {
		to++
	}
	shown := text[from:to]
	if from > 0 {
		shown = "..." + shown
	}
	if to < len(text) {
		shown += "..."
	}
	return strings.ToValidUTF8(shown, string(utf8.RuneError))
}
