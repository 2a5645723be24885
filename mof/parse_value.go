package mof

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// value parses what stands behind an equals sign.
func (p *parser) value() (v value, ok bool) {
	v.pos = p.at()
	if p.kind() != '{' {
		lit, ok := p.literal()
		v.elems = p.slabs.literals.keep([]literal{lit})
		return v, ok
	}
	v.array = true
	v.elems, ok = p.array()
	return v, ok
}

func (p *parser) array() (elems []literal, ok bool) {
	p.advance()
	buf := p.slabs.literalBuf[:0]
	for p.kind() != '}' {
		lit, ok := p.literal()
		if !ok {
			return nil, p.skipArray()
		}
		buf = append(buf, lit)
		if !p.accept(',') {
			break
		}
		if p.kind() == '}' {
			p.fail("a value behind the comma")
			return nil, p.skipArray()
		}
	}
	p.slabs.literalBuf = buf
	if !p.expect('}', "or a comma behind a value of the array", name{}) {
		return nil, p.skipArray()
	}
	return p.slabs.literals.keep(buf), true
}

// skipArray goes behind the brace that closes an array with an error, so that it is not
// taken for the end of the class, and no further than the end of the feature. It
// returns false.
func (p *parser) skipArray() bool {
	for depth := 1; p.kind() != tokEOF && p.kind() != ';' && depth > 0; p.advance() {
		switch p.kind() {
		case '{':
			depth++
		case '}':
			depth--
		}
	}
	return false
}

func (p *parser) literal() (lit literal, ok bool) {
	t := p.tokens[p.i]
	lit.pos = p.at()
	switch t.kind {
	case tokString:
		return p.joined()
	case tokNumber:
		lit.kind, lit.text = litNumber, p.text[t.off:t.end]
	case tokAlias:
		lit.kind, lit.text = litAlias, p.text[t.off:t.end]
	case tokChar:
		lit.kind = litChar
		if lit.text, ok = p.unescape(p.text[t.off+1:t.end-1], t.off+1); !ok {
			return lit, false
		}
	case tokName:
		lit.text = t.sym.text
		switch t.sym.fold.keyword {
		case keyTrue, keyFalse:
			lit.kind = litBoolean
		case keyNull:
			lit.kind = litNull
		default:
			return lit, p.failWord(lit.text)
		}
	default:
		return lit, p.fail("a value")
	}
	p.advance()
	return lit, true
}

// failWord reports a word that is no value.
func (p *parser) failWord(word string) bool {
	if first, _ := utf8.DecodeRuneInString(word); unicode.Is(unicode.Quotation_Mark, first) {
		return p.fail(`straight quotes (") around text`)
	}
	return p.fail("TRUE, FALSE, NULL, a number or text in quotes")
}

// joined parses a string: neighbouring pieces are one string.
func (p *parser) joined() (lit literal, ok bool) {
	lit = literal{kind: litString, pos: p.at()}
	first := p.tokens[p.i]
	if p.peek(1).kind != tokString {
		p.advance()
		lit.text, ok = p.unescape(p.text[first.off+1:first.end-1], first.off+1)
		return lit, ok
	}
	p.scratch = p.scratch[:0]
	for p.kind() == tokString {
		t := p.tokens[p.i]
		var bad int
		p.scratch, bad = unescape(p.scratch, p.text[t.off+1:t.end-1])
		if bad >= 0 {
			return lit, p.badEscape(t.off + 1 + int32(bad))
		}
		p.advance()
	}
	lit.text = p.slabs.keepText(p.scratch)
	return lit, true
}

// unescape returns what the text between quotes means; it stands at off.
func (p *parser) unescape(text string, off int32) (meaning string, ok bool) {
	if strings.IndexByte(text, '\\') < 0 {
		return text, true
	}
	var bad int
	p.scratch, bad = unescape(p.scratch[:0], text)
	if bad >= 0 {
		return "", p.badEscape(off + int32(bad))
	}
	return p.slabs.keepText(p.scratch), true
}

func (p *parser) badEscape(off int32) bool {
	end := min(int(off)+2, len(p.text))
	p.report.errorf(p.base+pos(off), `%s, expected an escape: \b \t \n \f \r \" \' \\ or \x and hexadecimal digits`,
		clip(p.text[off:end]))
	return false
}
