package query

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

type kind uint8

const (
	endOfText kind = iota
	word           // the name of a class or property
	keyword        // text is in upper case
	number
	quoted // text is unquoted
	symbol
)

type token struct {
	kind   kind
	text   string
	source string // as it stands in the query
	offset int
}

// is reports whether t is that keyword or symbol.
func (t token) is(text string) bool {
	return (t.kind == keyword || t.kind == symbol) && t.text == text
}

// describe names t in an error.
func (t token) describe() string {
	switch t.kind {
	case endOfText:
		return "the end"
	case quoted:
		return fmt.Sprintf("the string %q", clip(t.text))
	default:
		return fmt.Sprintf("%q", clip(t.source))
	}
}

// scanner cuts the text of a query into tokens.
type scanner struct {
	text   string
	offset int
}

func (s *scanner) next() (token, error) {
	for s.offset < len(s.text) && strings.IndexByte(" \t\r\n\f\v", s.text[s.offset]) >= 0 {
		s.offset++
	}
	rest := s.text[s.offset:]
	switch {
	case rest == "":
		return token{kind: endOfText, offset: s.offset}, nil
	case rest[0] == '"' || rest[0] == '\'':
		return s.quoted(rest)
	case isWordByte(rest[0]) && !isDigit(rest[0]):
		return s.word(rest)
	case isDigit(rest[0]), (rest[0] == '-' || rest[0] == '+') && len(rest) > 1 && isDigit(rest[1]):
		return s.take(number, rest, numberLength(rest)), nil
	default:
		return s.symbol(rest)
	}
}

// take returns the next n bytes as a token and moves behind it.
func (s *scanner) take(k kind, rest string, n int) token {
	t := token{kind: k, text: rest[:n], source: rest[:n], offset: s.offset}
	s.offset += n
	return t
}

func (s *scanner) word(rest string) (token, error) {
	n := wordLength(rest)
	if !utf8.ValidString(rest[:n]) {
		return token{}, fmt.Errorf("offset %d: found bytes that are not UTF-8, expected a name", s.offset)
	}
	t := s.take(word, rest, n)
	if upper, ok := asKeyword(t.text); ok {
		t.kind, t.text = keyword, upper
	}
	return t, nil
}

// isName reports whether text would be scanned as one name.
func isName(text string) bool {
	_, reserved := asKeyword(text)
	return text != "" && !isDigit(text[0]) && wordLength(text) == len(text) && utf8.ValidString(text) && !reserved
}

func asKeyword(text string) (upper string, ok bool) {
	upper = strings.ToUpper(text)
	switch upper {
	case "SELECT", "FROM", "WHERE", "AND", "OR", "NOT", "LIKE", "ISA", "IS", "NULL", "TRUE", "FALSE":
		return upper, len(upper) == len(text) // letters beyond ASCII have upper cases in it
	default:
		return text, false
	}
}

func (s *scanner) symbol(rest string) (token, error) {
	for _, text := range []string{"<>", "!=", "<=", ">=", "::", "=", "<", ">", "(", ")", "[", "]", ",", ".", "*"} {
		if strings.HasPrefix(rest, text) {
			return s.take(symbol, rest, len(text)), nil
		}
	}
	_, size := utf8.DecodeRuneInString(rest)
	return token{}, fmt.Errorf("offset %d: found %q, expected a name, a value or an operator", s.offset, rest[:size])
}

// quoted reads a string up to its closing quote. A backslash before a quote or another
// backslash escapes it and before anything else stands for itself; a doubled quote is one.
func (s *scanner) quoted(rest string) (token, error) {
	quote := rest[0]
	var b strings.Builder
	for i := 1; i < len(rest); i++ {
		c := rest[i]
		following := byte(0)
		if i+1 < len(rest) {
			following = rest[i+1]
		}
		switch {
		case c == '\\' && (following == '\\' || following == '"' || following == '\''),
			c == quote && following == quote:
			c = following
			i++
		case c == quote:
			t := s.take(quoted, rest, i+1)
			t.text = b.String()
			return t, nil
		}
		b.WriteByte(c)
	}
	return token{}, fmt.Errorf("offset %d: found a string without its end, expected a closing %c", s.offset, quote)
}

// numberLength returns how far a number reaches, with whatever letters are stuck to it,
// so that 12abc is refused as one.
func numberLength(rest string) int {
	n := 1
	for n < len(rest) {
		c := rest[n]
		sign := (c == '-' || c == '+') && (rest[n-1] == 'e' || rest[n-1] == 'E')
		if !isWordByte(c) && c != '.' && !sign {
			break
		}
		n++
	}
	return n
}

func wordLength(rest string) int {
	n := 0
	for n < len(rest) && isWordByte(rest[n]) {
		n++
	}
	return n
}

// isWordByte follows DSP0004's identifiers: letters, digits, underscore and non-ASCII.
func isWordByte(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= utf8.RuneSelf || isDigit(c)
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// clip bounds what an error repeats of a query.
func clip(text string) string {
	const most = 40
	if len(text) <= most {
		return text
	}
	cut := most
	for cut > 0 && !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + "..."
}
