package mof

import (
	"strings"
	"unicode/utf8"
)

// kind is what a token is. Punctuation is its own ASCII code.
type kind uint8

const (
	tokEOF kind = iota
	tokName
	tokNumber
	tokString // one quoted piece; the parser joins neighbours
	tokChar
	tokAlias // $name, sym is the name
	tokBad   // reported by the scanner
)

// token is one word of the source: text[off:end] of its file.
type token struct {
	kind     kind
	off, end int32
	sym      *symbol // names and aliases
}

const byteOrderMark = "\uFEFF"

// Classes of bytes.
const (
	isLetter = 1 << iota // letters, underscore and all of non-ASCII (DSP0004 identifiers)
	isDigit
	isSpace
	isPunct
)

// byteClass is never written.
var byteClass = func() (t [256]uint8) {
	for c := range t {
		switch {
		case c == '_', c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= utf8.RuneSelf:
			t[c] = isLetter
		case c >= '0' && c <= '9':
			t[c] = isDigit
		case c == ' ', c == '\t', c == '\r', c == '\n', c == '\f', c == '\v':
			t[c] = isSpace
		case strings.IndexByte("{}[]();:,=#", byte(c)) >= 0:
			t[c] = isPunct
		}
	}
	return t
}()

// scanner cuts a source into tokens. It reports what is no token and goes on.
type scanner struct {
	text   string
	base   pos
	names  *names
	report *reporter
	tokens []token
	i      int
}

// scan appends the tokens of f to buf; the last one is tokEOF. When there are more than
// most it says so and stops.
func scan(f *sourceFile, n *names, r *reporter, buf []token, most int) []token {
	s := &scanner{text: f.text, base: f.base, names: n, report: r, tokens: buf}
	if strings.HasPrefix(s.text, byteOrderMark) {
		s.i = len(byteOrderMark)
	}
	for s.i < len(s.text) {
		s.next()
		if len(s.tokens) > most {
			s.errorf(int(s.tokens[most].off), "too many words and signs, expected one for 16 of the bytes that all sources may have")
			break
		}
	}
	s.emit(tokEOF, s.i, nil)
	return s.tokens
}

func (s *scanner) emit(k kind, off int, sym *symbol) {
	s.tokens = append(s.tokens, token{kind: k, off: int32(off), end: int32(s.i), sym: sym})
}

func (s *scanner) errorf(off int, format string, args ...any) {
	s.report.errorf(s.base+pos(off), format, args...)
}

func (s *scanner) next() {
	start := s.i
	c := s.text[s.i]
	switch class := byteClass[c]; {
	case class == isSpace:
		s.i++
	case class == isLetter:
		s.skipName()
		s.name(tokName, start, start)
	case class == isPunct:
		s.i++
		s.emit(kind(c), start, nil)
	case c == '"', c == '\'':
		s.quoted(c)
	case class == isDigit, c == '+', c == '-', c == '.':
		s.number()
	case c == '/':
		s.comment()
	case c == '$':
		s.alias()
	default:
		s.unknown()
	}
}

func (s *scanner) skipName() {
	for s.i < len(s.text) && byteClass[s.text[s.i]]&(isLetter|isDigit) != 0 {
		s.i++
	}
}

func (s *scanner) alias() {
	start := s.i
	s.i++
	s.skipName()
	if s.i == start+1 || byteClass[s.text[start+1]] == isDigit {
		s.errorf(start, "%q, expected a name behind the dollar sign of an alias", s.text[start:s.i])
		s.emit(tokBad, start, nil)
		return
	}
	s.name(tokAlias, start, start+1)
}

// maxName bounds names, which messages repeat.
const maxName = 512

func (s *scanner) name(k kind, off, from int) {
	if s.i-from > maxName {
		s.errorf(off, "a name of %d bytes, expected at most %d", s.i-from, maxName)
		s.emit(tokBad, off, nil)
		return
	}
	s.emit(k, off, s.names.intern(s.text[from:s.i]))
}

// number takes everything that could belong to a number; what it is, and whether it is
// one, depends on the type that is wanted.
func (s *scanner) number() {
	start := s.i
	s.i++
	for s.i < len(s.text) {
		c := s.text[s.i]
		sign := (c == '+' || c == '-') && (s.text[s.i-1] == 'e' || s.text[s.i-1] == 'E') &&
			!isHex(s.text[start:s.i])
		if byteClass[c]&(isLetter|isDigit) == 0 && c != '.' && !sign {
			break
		}
		s.i++
	}
	s.emit(tokNumber, start, nil)
}

func isHex(text string) bool {
	text = strings.TrimLeft(text, "+-")
	return strings.HasPrefix(text, "0x") || strings.HasPrefix(text, "0X")
}

// quoted takes a string or a character up to its closing quote, which stands on the
// same line: a quote that is missing spoils one line, not the rest of the file.
func (s *scanner) quoted(quote byte) {
	start := s.i
	for s.i++; s.i < len(s.text); s.i++ {
		switch s.text[s.i] {
		case quote:
			s.i++
			if quote == '"' {
				s.emit(tokString, start, nil)
			} else {
				s.emit(tokChar, start, nil)
			}
			return
		case '\\':
			if s.i+1 < len(s.text) && s.text[s.i+1] != '\n' && s.text[s.i+1] != '\r' {
				s.i++
			}
		case '\n', '\r':
			s.unclosed(start, quote)
			return
		}
	}
	s.unclosed(start, quote)
}

func (s *scanner) unclosed(start int, quote byte) {
	s.errorf(start, "%s is not closed, expected %c before the end of the line", clip(s.text[start:s.i]), quote)
	s.emit(tokBad, start, nil)
}

func (s *scanner) comment() {
	start := s.i
	rest := s.text[start:]
	switch {
	case strings.HasPrefix(rest, "//"):
		if n := strings.IndexByte(rest, '\n'); n >= 0 {
			s.i += n
		} else {
			s.i = len(s.text)
		}
	case strings.HasPrefix(rest, "/*"):
		if n := strings.Index(rest[2:], "*/"); n >= 0 {
			s.i += n + 4
		} else {
			s.errorf(start, "the comment is not closed, expected */ before the end of the file")
			s.i = len(s.text)
		}
	default:
		s.unknown()
	}
}

func (s *scanner) unknown() {
	start := s.i
	switch rest := s.text[start:]; {
	case strings.HasPrefix(rest, "*/"):
		s.i += 2
		s.errorf(start, `"*/" closes no comment, expected it behind "/*" only, as comments do not nest`)
		s.emit(tokBad, start, nil)
		return
	case rest[0] == '/':
		s.i++
		s.errorf(start, `"/", expected "//" or "/*"`)
		s.emit(tokBad, start, nil)
		return
	}
	_, size := utf8.DecodeRuneInString(s.text[s.i:])
	s.i += size
	s.errorf(start, "%q, expected MOF", s.text[start:s.i])
	s.emit(tokBad, start, nil)
}
