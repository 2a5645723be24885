package mof

import "strings"

// parser makes the declarations of one source out of its tokens. It looks at most two
// tokens ahead, and nothing in MOF 2 nests, so it does not recurse: its stack does not
// depend on the input.
//
// Every parse function reports what is wrong and returns ok false; the functions for
// whole declarations and for the features of a class then skip to the next one.
type parser struct {
	text   string
	base   pos
	tokens []token // the last one is tokEOF
	i      int
	report *reporter

	scratch []byte // of joining strings
	slabs   slabs
}

func (p *parser) at() pos { return p.base + pos(p.tokens[p.i].off) }

func (p *parser) kind() kind { return p.tokens[p.i].kind }

// peek returns the token n places ahead, tokEOF behind the end.
func (p *parser) peek(n int) token { return p.tokens[min(p.i+n, len(p.tokens)-1)] }

func (p *parser) advance() {
	if p.i < len(p.tokens)-1 {
		p.i++
	}
}

// keyword returns the keyword that the current token may be.
func (p *parser) keyword() keyword {
	if t := p.tokens[p.i]; t.kind == tokName {
		return t.sym.fold.keyword
	}
	return notKeyword
}

func (p *parser) accept(k kind) bool {
	if p.kind() != k {
		return false
	}
	p.advance()
	return true
}

func (p *parser) acceptKeyword(k keyword) bool {
	if p.keyword() != k {
		return false
	}
	p.advance()
	return true
}

// fail reports what stands here and what should. A token that the scanner has reported
// is not reported again. It returns false.
func (p *parser) fail(expected string) bool {
	t := p.tokens[p.i]
	switch t.kind {
	case tokBad:
	case tokEOF:
		p.report.errorf(p.at(), "the source ends, expected %s", expected)
	case tokString, tokChar:
		p.report.errorf(p.at(), "%s, expected %s", clip(p.text[t.off:t.end]), expected)
	default:
		p.report.errorf(p.at(), "%q, expected %s", clip(p.text[t.off:t.end]), expected)
	}
	return false
}

// expect takes a sign; where tells its place in messages, with the name behind it.
func (p *parser) expect(k kind, where string, of name) bool {
	if p.kind() == k {
		p.advance()
		return true
	}
	return p.fail(strings.TrimRight(`"`+string(rune(k))+`" `+where+" "+of.String(), " "))
}

func (p *parser) name(what string) (n name, ok bool) {
	if p.kind() != tokName {
		return n, p.fail(what)
	}
	n = name{sym: p.tokens[p.i].sym, pos: p.at()}
	p.advance()
	return n, true
}

// file parses everything and gives each declaration to yield.
func (p *parser) file(yield func(declaration)) {
	for p.kind() != tokEOF {
		start := p.i
		if d := p.declaration(); d != nil {
			yield(d)
		} else if p.i == start || !p.startsDeclaration() {
			p.skipDeclaration()
		}
	}
}

// declaration returns nil where there is none.
func (p *parser) declaration() declaration {
	var list []qualifier
	qualified := p.kind() == '['
	if qualified {
		var ok bool
		if list, ok = p.qualifierList(); !ok {
			return nil
		}
	}
	switch p.keyword() {
	case keyClass:
		if d := p.class(list); d != nil {
			return d
		}
		return nil
	case keyInstance:
		if d := p.instance(list); d != nil {
			return d
		}
		return nil
	}
	return p.unqualified(qualified)
}

func (p *parser) unqualified(qualified bool) declaration {
	switch {
	case qualified:
		p.fail(`"class" or "instance" behind the qualifiers`)
	case p.keyword() == keyQualifier:
		if d := p.qualifierType(); d != nil {
			return d
		}
	case p.kind() == '#':
		if d := p.pragma(); d != nil {
			return d
		}
	default:
		p.fail(`"class", "instance", "qualifier", "#pragma" or "["`)
	}
	return nil
}

// skipDeclaration goes to what looks like the start of the next declaration: behind a
// semicolon outside all braces, or at a word that starts one.
func (p *parser) skipDeclaration() {
	for depth := 0; p.kind() != tokEOF; {
		switch p.kind() {
		case '{':
			depth++
		case '}':
			depth--
		case ';':
			if depth <= 0 {
				p.advance()
				return
			}
		}
		p.advance()
		if p.startsDeclaration() {
			return
		}
	}
}

// startsDeclaration tells a declaration's first words from the same words used as
// names, which they may be.
func (p *parser) startsDeclaration() bool {
	one, two := p.peek(1), p.peek(2)
	switch p.keyword() {
	case keyClass:
		return one.kind == tokName && (two.kind == '{' || two.kind == ':')
	case keyInstance:
		return one.kind == tokName && one.sym.fold.keyword == keyOf && two.kind == tokName
	case keyQualifier:
		return one.kind == tokName && two.kind == ':'
	default:
		return p.kind() == '#' && one.kind == tokName
	}
}

func (p *parser) pragma() *pragma {
	p.advance()
	if !p.acceptKeyword(keyPragma) {
		p.fail(`"pragma" behind "#"`)
		return nil
	}
	n, ok := p.name("the name of a pragma")
	if !ok || !p.expect('(', "behind #pragma", n) {
		return nil
	}
	lit, ok := p.literal()
	if !ok {
		return nil
	}
	if lit.kind != litString {
		p.report.errorf(lit.pos, "%s, expected a string as parameter of #pragma %s", lit.text, n)
		return nil
	}
	if !p.expect(')', "behind the parameter of #pragma", n) {
		return nil
	}
	return &pragma{name: n, param: lit}
}
