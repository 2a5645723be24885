package inventory

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Parameter is a part of a Query as flags and URLs have it.
type Parameter struct{ Name, Value string }

// The bounds of what a Query is set to.
const (
	mostValues   = 64  // of a list
	longestValue = 512 // bytes of a pattern or a text
)

// parameters are what Set takes: the separators of its lists, and how a value is put in.
var parameters = []struct {
	name string
	list bool // several values, with commas between
	set  func(q *Query, value string) error
}{
	{"host", true, func(q *Query, v string) error { return addPattern(&q.Hosts, v) }},
	{"kind", true, (*Query).addKind},
	{"health", true, (*Query).addHealth},
	{"worse-than", false, (*Query).setWorseThan},
	{"vendor", false, func(q *Query, v string) error { return addPattern(&q.Vendors, v) }},
	{"class", true, func(q *Query, v string) error { return addPattern(&q.Classes, v) }},
	{"serial", false, func(q *Query, v string) error { return addPattern(&q.Serials, v) }},
	{"part", false, func(q *Query, v string) error { return addPattern(&q.Parts, v) }},
	{"text", false, (*Query).setText},
	{"sort", true, (*Query).addOrder},
	{"limit", false, (*Query).setLimit},
	{"after", false, (*Query).setAfter},
}

// Set sets the part of the query that a parameter names: "host", "kind", "health", "class"
// and "sort" (lists, with commas between; a minus before a sort key makes it descend),
// "worse-than" (a health), "vendor", "serial", "part", "text", "limit" and "after" (a
// Place). Lists, and those of patterns, get longer with each call. The error names what is
// allowed. Where is the caller's to set.
func (q *Query) Set(name, value string) error {
	for i := range parameters {
		p := &parameters[i]
		if p.name != name {
			continue
		}
		values := []string{value}
		if p.list {
			values = strings.Split(value, ",")
		}
		for _, v := range values {
			if err := p.set(q, strings.TrimSpace(v)); err != nil {
				return err
			}
		}
		return nil
	}
	return noSuch("parameter", name, ParameterNames())
}

// ParameterNames returns the names that Set takes.
func ParameterNames() []string {
	names := make([]string, len(parameters))
	for i := range parameters {
		names[i] = parameters[i].name
	}
	return names
}

// Parameters returns what makes the query when it is given to Set, but for Where.
func (q *Query) Parameters() []Parameter {
	var all []Parameter
	add := func(name, value string) { all = append(all, Parameter{name, value}) }
	for _, list := range []struct {
		name     string
		patterns []Pattern
	}{{"host", q.Hosts}, {"vendor", q.Vendors}, {"class", q.Classes}, {"serial", q.Serials}, {"part", q.Parts}} {
		for _, p := range list.patterns {
			add(list.name, string(p))
		}
	}
	for _, k := range q.Kinds {
		add("kind", string(k))
	}
	for _, h := range q.Healths {
		add("health", h.String())
	}
	if q.AtLeast > Unknown {
		add("worse-than", (q.AtLeast - 1).String())
	}
	if q.Text != "" {
		add("text", q.Text)
	}
	for _, o := range q.Sort {
		add("sort", o.String())
	}
	if q.Limit > 0 {
		add("limit", strconv.Itoa(q.Limit))
	}
	if q.After != nil {
		add("after", q.After.String())
	}
	return all
}

func addPattern(list *[]Pattern, text string) error {
	switch {
	case text == "":
		return errors.New("a pattern is empty: give a text, in which * is any text and ? any character")
	case len(text) > longestValue:
		return fmt.Errorf("a pattern has %d bytes: at most %d are allowed", len(text), longestValue)
	case len(*list) == mostValues:
		return errTooMany
	}
	*list = append(*list, Pattern(text))
	return nil
}

var errTooMany = fmt.Errorf("more than %d values: at most %d are allowed", mostValues, mostValues)

// addKind takes a dash for a blank, which is easier to type. Configurations declare kinds of
// their own, in lower-case words.
func (q *Query) addKind(text string) error {
	kind := strings.ReplaceAll(strings.ToLower(text), "-", " ")
	odd := func(r rune) bool { return r != ' ' && (r < 'a' || r > 'z') }
	switch {
	case kind == "" || len(kind) > longestValue || strings.ContainsFunc(kind, odd):
		return noSuch("kind", text, texts(Kinds()))
	case slices.Contains(q.Kinds, Kind(kind)):
		return nil
	case len(q.Kinds) == mostValues:
		return errTooMany
	}
	q.Kinds = append(q.Kinds, Kind(kind))
	return nil
}

func (q *Query) addHealth(text string) error {
	h, err := healthNamed(text)
	if err == nil && !slices.Contains(q.Healths, h) {
		q.Healths = append(q.Healths, h)
	}
	return err
}

func (q *Query) setWorseThan(text string) error {
	h, err := healthNamed(text)
	if err == nil && h == Critical {
		err = noSuch("health worse than", text, healthNames[:Critical])
	}
	if err == nil {
		q.AtLeast = h + 1
	}
	return err
}

func healthNamed(text string) (Health, error) {
	h := ParseHealth(strings.ToLower(text))
	if h == Unknown && !strings.EqualFold(text, healthNames[Unknown]) {
		return h, noSuch("health", text, healthNames[:])
	}
	return h, nil
}

func (q *Query) setText(text string) error {
	if len(text) > longestValue {
		return fmt.Errorf("the text has %d bytes: at most %d are allowed", len(text), longestValue)
	}
	q.Text = text
	return nil
}

func (q *Query) addOrder(text string) error {
	key, descending := strings.CutPrefix(strings.ToLower(text), "-")
	if sortKey(key) == nil {
		return noSuch("sort key", text, SortKeys())
	}
	if len(q.Sort) == mostValues {
		return errTooMany
	}
	q.Sort = append(q.Sort, Order{key, descending})
	return nil
}

func (q *Query) setLimit(text string) error {
	n, err := strconv.ParseUint(text, 10, 31)
	if err != nil || n == 0 {
		return fmt.Errorf("%.40q is no limit: give a number from 1 on", text)
	}
	q.Limit = int(n)
	return nil
}

func (q *Query) setAfter(text string) error {
	p, err := ParsePlace(text)
	if err != nil {
		return err
	}
	q.After = &p
	return nil
}

func noSuch(what, text string, allowed []string) error {
	return fmt.Errorf("no %s %.80q: choose from %s", what, text, strings.Join(allowed, ", "))
}

func texts(kinds []Kind) []string {
	list := make([]string, len(kinds))
	for i, k := range kinds {
		list[i] = string(k)
	}
	return list
}
