package mof

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/cimwatch/cimwatch/cim"
)

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

// slabs holds what syntax trees are cut from, so that a tree of a million nodes takes
// some hundreds of allocations.
type slabs struct {
	values     slab[value]
	literals   slab[literal]
	qualifiers slab[qualifier]
	elements   slab[element]

	texts        *strings.Builder // never grown, so that what it holds stays where it is
	literalBuf   []literal
	qualifierBuf []qualifier
	elementBuf   []element
}

// slab hands out slices of one large slice.
type slab[T any] struct{ free []T }

const slabSize = 512

func (s *slab[T]) keep(items []T) []T {
	if len(items) == 0 {
		return nil
	}
	if len(s.free) < len(items) {
		s.free = make([]T, max(slabSize, len(items)))
	}
	out := s.free[:len(items):len(items)]
	s.free = s.free[len(items):]
	copy(out, items)
	return out
}

const (
	textSlab = 64 << 10
	longText = 4 << 10 // is kept by itself
)

// keepText returns text as a string, cut from a large one.
func (s *slabs) keepText(text []byte) string {
	if len(text) > longText {
		return string(text)
	}
	if s.texts == nil || s.texts.Cap()-s.texts.Len() < len(text) {
		s.texts = &strings.Builder{}
		s.texts.Grow(textSlab)
	}
	off := s.texts.Len()
	s.texts.Write(text)
	return s.texts.String()[off:]
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

// dataType parses the name of a data type.
func (p *parser) dataType(what string) (t cim.Type, ok bool) {
	if p.kind() == tokName {
		if t = p.tokens[p.i].sym.fold.typ; t != cim.TypeNone {
			p.advance()
			return t, true
		}
	}
	return t, p.fail(what + p.suggestType())
}

// otherTypes are what the types are called elsewhere. It is never written.
var otherTypes = map[string]string{
	"bool": "boolean", "char": "char16", "double": "real64", "float": "real32", "int": "sint32", "integer": "sint32",
	"int8": "sint8", "int16": "sint16", "int32": "sint32", "int64": "sint64", "uint": "uint32", "uint128": "uint64", "long": "sint64",
	"byte": "uint8", "short": "sint16", "str": "string", "text": "string", "date": "datetime", "time": "datetime",
}

// suggestType returns ", perhaps X" for a word that is probably meant to be type X.
func (p *parser) suggestType() string {
	t := p.tokens[p.i]
	if t.kind != tokName || p.report.many() {
		return ""
	}
	if meant := otherTypes[t.sym.fold.text]; meant != "" {
		return ", perhaps " + meant
	}
	meant := suggest(t.sym.text, func(yield func(string) bool) {
		for typ := cim.TypeBoolean; typ < cim.TypeReference; typ++ {
			if !yield(typ.String()) {
				return
			}
		}
	})
	return strings.Replace(meant, ", expected perhaps", ", perhaps", 1)
}
