package query

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/cimwatch/cimwatch/cim"
)

func (p *parser) predicate() (condition, error) {
	before := len(p.named)
	left, err := p.operand()
	if err != nil {
		return nil, err
	}
	operator := p.tok
	negated := operator.is("NOT")
	if negated {
		if err := p.advance(); err != nil {
			return nil, err
		}
		if !p.tok.is("LIKE") {
			return nil, p.unexpected("LIKE")
		}
		operator = p.tok
	}
	switch {
	case operator.is("LIKE"):
		return p.like(left, negated)
	case operator.is("IS"):
		return p.isNull(left)
	case operator.is("ISA"):
		p.named = p.named[:before] // it may be a class
		return p.isA(left)
	case operator.kind == symbol && strings.Trim(operator.text, "<>=!") == "":
		return p.comparison(left, operator.text)
	default:
		return nil, p.unexpected("a comparison, LIKE, IS or ISA")
	}
}

func (p *parser) comparison(left operand, operator string) (condition, error) {
	if operator == "!=" {
		operator = "<>"
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	right, err := p.operand()
	return comparison{left: left, operator: operator, right: right}, err
}

func (p *parser) like(left operand, negated bool) (condition, error) {
	if err := p.advance(); err != nil {
		return nil, err
	}
	if p.tok.kind != quoted {
		return nil, p.unexpected("a pattern in quotes")
	}
	pattern := p.tok.text
	if p.alone && p.language == wql {
		var found rune
		if pattern, found = plainPattern(pattern); found != 0 {
			return nil, fmt.Errorf(`offset %d: found "%c" in the pattern %q, expected %% for any text and _ for any character, or \%[2]c for the character itself`,
				p.tok.offset, found, clip(pattern))
		}
	}
	var c condition = like{left: left, source: p.tok.text, pattern: compileLike(p.language, pattern)}
	if negated {
		c = not{c}
	}
	return c, p.advance()
}

func (p *parser) isNull(left operand) (condition, error) {
	if err := p.advance(); err != nil {
		return nil, err
	}
	c := isNull{left: left, negated: p.tok.is("NOT")}
	if c.negated {
		if err := p.advance(); err != nil {
			return nil, err
		}
	}
	return c, p.expect("NULL")
}

func (p *parser) isA(left operand) (condition, error) {
	if err := p.advance(); err != nil {
		return nil, err
	}
	if p.tok.kind == quoted { // WQL, as Windows has it
		if !isName(p.tok.text) {
			return nil, p.unexpected("a class name")
		}
		p.tok.kind = word
	}
	class, err := p.name("a class name")
	return isA{left: left, class: class.text}, err
}

func (p *parser) operand() (operand, error) {
	t := p.tok
	var v cim.Value
	switch {
	case t.kind == word:
		return p.path()
	case t.kind == quoted:
		v = cim.String(t.text)
	case t.kind == number:
		var ok bool
		if v, ok = parseNumber(t.text); !ok {
			return nil, p.unexpected("a number")
		}
	case t.is("TRUE"), t.is("FALSE"):
		v = cim.Boolean(t.is("TRUE"))
	case t.is("NULL"):
	default:
		return nil, p.unexpected("a property or a value")
	}
	return literal{v}, p.advance()
}

// parseNumber refuses what is too large for a real64: an infinity has no literal.
func parseNumber(text string) (v cim.Value, ok bool) {
	if v, err := cim.ParseValue(cim.TypeInteger, text); err == nil {
		return v, true
	}
	v, err := cim.ParseValue(cim.TypeReal64, text)
	f, _ := v.Float64()
	return v, err == nil && !math.IsInf(f, 0)
}

func (p *parser) path() (operand, error) {
	var steps []step
	for {
		s, err := p.step()
		if err != nil {
			return nil, err
		}
		steps = append(steps, s)
		if !p.tok.is(".") {
			break
		}
		if err := p.advance(); err != nil {
			return nil, err
		}
	}
	p.note(steps)
	if len(steps) > 1 && steps[0].class == "" && steps[0].index == noIndex && cim.EqualNames(steps[0].property, p.class) {
		p.properties = append(p.properties, steps[1].property)
		return path{steps: steps[1:], qualified: true}, nil
	}
	p.properties = append(p.properties, steps[0].property)
	return path{steps: steps}, nil
}

// note remembers the property that a path begins with.
func (p *parser) note(steps []step) {
	named := func(name string) bool { return cim.EqualNames(name, steps[0].property) }
	if p.alone && !slices.ContainsFunc(p.named, named) {
		p.named = append(p.named, steps[0].property)
	}
}

func (p *parser) step() (step, error) {
	name, err := p.name("a property name")
	if err != nil {
		return step{}, err
	}
	s := step{property: name.text, index: noIndex}
	if p.tok.is("::") {
		if err := p.advance(); err != nil {
			return step{}, err
		}
		if name, err = p.name("a property name"); err != nil {
			return step{}, err
		}
		s.class, s.property = s.property, name.text
	}
	if p.tok.is("[") {
		s.index, err = p.index()
	}
	return s, err
}

func (p *parser) index() (int, error) {
	if err := p.advance(); err != nil {
		return 0, err
	}
	index := wholeArray
	if !p.tok.is("*") {
		n, err := strconv.ParseUint(p.tok.text, 10, 31)
		if p.tok.kind != number || err != nil {
			return 0, p.unexpected("* or an index")
		}
		index = int(n)
	}
	if err := p.advance(); err != nil {
		return 0, err
	}
	return index, p.expect("]")
}
