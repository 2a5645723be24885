package query

import (
	"strings"

	"github.com/cimwatch/cimwatch/cim"
)

// language is a query language, by its canonical name.
type language string

const (
	wql language = "WQL"
	cql language = "DMTF:CQL"
)

// Query is a parsed filter query.
type Query struct {
	language language
	class    string
	names    []string // nil for *
	where    condition
}

// Parse reads a query. The language is "WQL", "DMTF:CQL" or "CIM:CQL", in any case. The
// error is a [*cim.Error]: cim.StatusQueryLanguageNotSupported for any other language,
// cim.StatusInvalidQuery for a text that is no query, with a description such as
// `offset 9: found "WHERE", expected a class name`. Offsets count bytes from 0.
func Parse(lang, text string) (*Query, error) {
	l, err := languageOf(lang)
	if err != nil {
		return nil, err
	}
	q, err := parse(l, text)
	if err != nil {
		return nil, cim.Errorf(cim.StatusInvalidQuery, "%v", err)
	}
	return q, nil
}

// languageOf returns the language of a name.
func languageOf(name string) (language, error) {
	switch strings.ToUpper(strings.TrimSpace(name)) {
	case "WQL":
		return wql, nil
	case "DMTF:CQL", "CIM:CQL":
		return cql, nil
	default:
		return "", cim.Errorf(cim.StatusQueryLanguageNotSupported,
			"%q, expected WQL, DMTF:CQL or CIM:CQL", clip(name))
	}
}

// Class returns the name of the class behind FROM.
func (q *Query) Class() string { return q.class }

// Properties returns the names of the selected properties, nil for all. The slice is the
// query's own: do not change it.
func (q *Query) Properties() []string { return q.names }

// String returns the query in a form that parses, in the same language, to the same query.
func (q *Query) String() string {
	p := &printer{class: q.class, quote: '\''}
	if q.language == wql {
		p.quote = '"' // OpenPegasus takes no other quotes in WQL
	}
	p.WriteString("SELECT ")
	if q.names == nil {
		p.WriteString("*")
	}
	p.WriteString(strings.Join(q.names, ", "))
	p.WriteString(" FROM " + q.class)
	if q.where != nil {
		p.WriteString(" WHERE ")
		q.where.print(p)
	}
	return p.String()
}

// Match reports whether inst is of the query's class or one below it and meets the
// condition. isA tells whether a class is ancestor or a subclass of it; nil makes every
// class a class of its own.
func (q *Query) Match(inst *cim.Instance, isA func(class, ancestor string) bool) bool {
	if inst == nil {
		return false
	}
	r := &row{inst: inst, class: q.class, isA: isA}
	return r.derives(inst.Class, q.class) && (q.where == nil || q.where.eval(r) == yes)
}

// Project returns a copy of inst with the selected properties only, in the order in
// which inst has them. A selected property that inst has not is left out.
func (q *Query) Project(inst *cim.Instance) *cim.Instance {
	c := inst.Clone()
	if q.names == nil {
		return c
	}
	c.Properties = c.Properties[:0]
	for _, p := range inst.Properties {
		if q.selects(p.Name) {
			c.Properties = append(c.Properties, p)
		}
	}
	return c
}

func (q *Query) selects(property string) bool {
	for _, name := range q.names {
		if cim.EqualNames(name, property) {
			return true
		}
	}
	return false
}
