package query

import (
	"fmt"

	"github.com/cimwatch/cimwatch/cim"
)

// Bounds on outside input: queries come from whoever may create a filter.
const (
	maxLength = 1 << 16 // bytes of a query
	maxDepth  = 64      // parentheses and NOTs inside each other
)

type parser struct {
	scanner
	language language

	tok        token // the next token, not yet taken
	class      string
	properties []string // the first steps of all paths so far
	depth      int

	alone bool     // it is a condition without a query
	named []string // properties that it names, each once
}

func parse(l language, text string) (*Query, error) {
	p, err := newParser(l, text)
	if err != nil {
		return nil, err
	}
	q := &Query{language: l}
	if err := p.query(q); err != nil {
		return nil, err
	}
	return q, nil
}

// newParser returns a parser that stands at the first token of a text.
func newParser(l language, text string) (*parser, error) {
	if len(text) > maxLength {
		return nil, fmt.Errorf("offset %d: found %d bytes, expected at most %d", maxLength, len(text), maxLength)
	}
	p := &parser{scanner: scanner{text: text}, language: l}
	return p, p.advance()
}

func (p *parser) query(q *Query) error {
	if err := p.expect("SELECT"); err != nil {
		return err
	}
	list, err := p.selectList()
	if err != nil {
		return err
	}
	if err := p.expect("FROM"); err != nil {
		return err
	}
	class, err := p.name("a class name")
	if err != nil {
		return err
	}
	p.class, q.class = class.text, class.text
	if q.names, err = p.resolve(list); err != nil {
		return err
	}
	if p.tok.kind == endOfText {
		return nil
	}
	if err := p.expect("WHERE"); err != nil {
		return err
	}
	q.where, err = p.where()
	return err
}

// where reads a condition up to the end.
func (p *parser) where() (condition, error) {
	c, err := p.or()
	if err == nil && p.tok.kind != endOfText {
		err = p.unexpected("AND, OR or the end")
	}
	return c, err
}

// selected is an item of the select list before its class is known to be the right one.
type selected struct {
	qualifier token // zero: none
	name      token // the symbol * for all
}

func (p *parser) selectList() ([]selected, error) {
	var list []selected
	for {
		item, err := p.selectItem()
		if err != nil {
			return nil, err
		}
		list = append(list, item)
		if !p.tok.is(",") {
			return list, nil
		}
		if err := p.advance(); err != nil {
			return nil, err
		}
	}
}

func (p *parser) selectItem() (item selected, err error) {
	if p.tok.is("*") {
		item.name = p.tok
		return item, p.advance()
	}
	if item.name, err = p.name("* or a property name"); err != nil || !p.tok.is(".") {
		return item, err
	}
	if err = p.advance(); err != nil {
		return item, err
	}
	item.qualifier = item.name
	if p.tok.is("*") {
		item.name = p.tok
		return item, p.advance()
	}
	item.name, err = p.name("* or a property name")
	return item, err
}

// resolve returns the names of a select list, nil when it has a *.
func (p *parser) resolve(list []selected) ([]string, error) {
	var names []string
	all := false
	for _, item := range list {
		if q := item.qualifier; q.kind == word && !cim.EqualNames(q.text, p.class) {
			return nil, fmt.Errorf("offset %d: found %s, expected a property of %s", q.offset, q.describe(), clip(p.class))
		}
		all = all || item.name.kind == symbol
		names = append(names, item.name.text)
	}
	if all {
		return nil, nil
	}
	return names, nil
}

func (p *parser) or() (condition, error) {
	return chain[or](p, "OR", p.and)
}

func (p *parser) and() (condition, error) {
	return chain[and](p, "AND", p.not)
}

// chain reads one or more conditions with a keyword between them. It keeps them in one
// list, not in a tree, so that a long chain is not a deep one.
func chain[C interface {
	or | and
	condition
}](p *parser, word string, each func() (condition, error)) (condition, error) {
	var list C
	for {
		c, err := each()
		if err != nil {
			return nil, err
		}
		list = append(list, c)
		if !p.tok.is(word) {
			break
		}
		if err := p.advance(); err != nil {
			return nil, err
		}
	}
	if len(list) == 1 {
		return list[0], nil
	}
	return list, nil
}

func (p *parser) not() (condition, error) {
	if !p.tok.is("NOT") && !p.tok.is("(") {
		return p.predicate()
	}
	if p.depth++; p.depth > maxDepth {
		return nil, fmt.Errorf("offset %d: found more than %d levels, expected fewer", p.tok.offset, maxDepth)
	}
	defer func() { p.depth-- }()
	negated := p.tok.is("NOT")
	if err := p.advance(); err != nil {
		return nil, err
	}
	if negated {
		c, err := p.not()
		return not{c}, err
	}
	c, err := p.or()
	if err != nil {
		return nil, err
	}
	return c, p.expect(")")
}

func (p *parser) advance() error {
	t, err := p.next()
	p.tok = t
	return err
}

func (p *parser) expect(text string) error {
	if !p.tok.is(text) {
		return p.unexpected(text)
	}
	return p.advance()
}

func (p *parser) name(expected string) (token, error) {
	t := p.tok
	if t.kind != word {
		return t, p.unexpected(expected)
	}
	return t, p.advance()
}

func (p *parser) unexpected(expected string) error {
	return fmt.Errorf("offset %d: found %s, expected %s", p.tok.offset, p.tok.describe(), expected)
}
