package cimxml

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// What a byte can be, in text or in a name.
const (
	classSpace   = 1 << iota
	className    // may stand in a name
	classFirst   // may stand first in a name
	classIllegal // stands nowhere in XML
	classMarked  // ends a plain run of text: & < ] CR and what is illegal or not ASCII
	classValue   // ends a plain run in the value of an attribute: quotes & < TAB CR LF and those
)

// classes is computed when the program starts and never written after.
var classes = byteClasses()

func byteClasses() (table [256]uint8) {
	for c := range 256 {
		switch {
		case c == ' ':
			table[c] = classSpace
		case c == '\t' || c == '\n':
			table[c] = classSpace | classValue
		case c == '\r':
			table[c] = classSpace | classMarked | classValue
		case c < ' ':
			table[c] = classIllegal | classMarked | classValue
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == ':':
			table[c] = className | classFirst
		case c >= '0' && c <= '9' || c == '-' || c == '.':
			table[c] = className
		case c == '<' || c == '&':
			table[c] = classMarked | classValue
		case c == ']':
			table[c] = classMarked
		case c == '"' || c == '\'':
			table[c] = classValue
		case c >= 0x80:
			table[c] = className | classFirst | classMarked | classValue
		}
	}
	return table
}

func isSpace(c byte) bool { return classes[c]&classSpace != 0 }

func allSpace(text []byte) bool {
	for _, c := range text {
		if !isSpace(c) {
			return false
		}
	}
	return true
}

// text reads character data up to the next "<" into data.
func (s *scanner) text() error {
	for {
		rest := s.buf[s.pos:]
		n := plainRun(rest)
		s.data = append(s.data, rest[:n]...)
		s.pos += n
		if err := s.checkLength(); err != nil {
			return err
		}
		if n == len(rest) {
			if ok, err := s.more(); !ok {
				return s.endOfText(err)
			}
			continue
		}
		if s.buf[s.pos] == '<' {
			return s.endOfText(nil)
		}
		if err := s.marked(); err != nil {
			return err
		}
	}
}

func (s *scanner) checkLength() error {
	if len(s.data) > s.limits.Token {
		return s.fail(ErrTooLarge, "a text is longer than %d bytes", s.limits.Token)
	}
	return nil
}

func plainRun(text []byte) int {
	for i, c := range text {
		if classes[c]&classMarked != 0 {
			return i
		}
	}
	return len(text)
}

func (s *scanner) endOfText(err error) error {
	if err == nil && len(s.stack) == 0 && !allSpace(s.data) {
		return s.fail(ErrNotWellFormed, "text stands outside the root element")
	}
	return err
}

// marked reads one character of text that needs a look.
func (s *scanner) marked() error {
	switch c := s.buf[s.pos]; {
	case c == '&':
		return s.textReference()
	case c == ']':
		return s.bracket()
	case c == '\r':
		return s.carriageReturn()
	case c >= utf8.RuneSelf:
		return s.nonASCII()
	default:
		return s.fail(ErrNotWellFormed, "character %#x is not allowed in XML", c)
	}
}

// bracket refuses "]]>" in text (XML 1.0 section 2.4).
func (s *scanner) bracket() error {
	ok, err := s.need(3)
	if err != nil {
		return err
	}
	if ok && s.buf[s.pos+1] == ']' && s.buf[s.pos+2] == '>' {
		return s.fail(ErrNotWellFormed, "]]> stands in text")
	}
	s.data = append(s.data, ']')
	s.pos++
	return nil
}

// carriageReturn reads CR and CR LF as LF (XML 1.0 section 2.11).
func (s *scanner) carriageReturn() error {
	ok, err := s.need(2)
	if err != nil {
		return err
	}
	s.pos++
	if !ok || s.buf[s.pos] != '\n' {
		s.data = append(s.data, '\n')
	}
	return nil
}

// appendLines appends text with its line ends made LF.
func appendLines(dst, text []byte) []byte {
	for {
		i := bytes.IndexByte(text, '\r')
		if i < 0 {
			return append(dst, text...)
		}
		dst = append(append(dst, text[:i]...), '\n')
		text = text[i+1:]
		if len(text) > 0 && text[0] == '\n' {
			text = text[1:]
		}
	}
}

// nonASCII reads a character outside ASCII.
func (s *scanner) nonASCII() error {
	if _, err := s.need(utf8.UTFMax); err != nil {
		return err
	}
	r, size := utf8.DecodeRune(s.buf[s.pos:])
	if r == utf8.RuneError && size == 1 {
		return s.fail(ErrNotUTF8, "byte %#x is not UTF-8", s.buf[s.pos])
	}
	if r == 0xFFFE || r == 0xFFFF {
		return s.fail(ErrNotWellFormed, "character %#x is not allowed in XML", r)
	}
	s.data = append(s.data, s.buf[s.pos:s.pos+size]...)
	s.pos += size
	return nil
}

// cutName cuts the name off that stands first in text.
func cutName(text []byte) (name, rest []byte) {
	n := 0
	for n < len(text) && classes[text[n]]&className != 0 {
		n++
	}
	if n == 0 || classes[text[0]]&classFirst == 0 {
		return nil, text
	}
	return text[:n], text[n:]
}

// pseudoAttribute cuts name="value", with the white space before it, off the text of an
// XML declaration.
func pseudoAttribute(body, name string) (value, rest string, ok bool) {
	const space = " \t\r\n"
	text := strings.TrimLeft(body, space)
	if len(text) == len(body) || !strings.HasPrefix(text, name) {
		return "", body, false
	}
	text, ok = strings.CutPrefix(strings.TrimLeft(text[len(name):], space), "=")
	text = strings.TrimLeft(text, space)
	if !ok || text == "" || text[0] != '"' && text[0] != '\'' {
		return "", body, false
	}
	value, rest, ok = strings.Cut(text[1:], text[:1])
	return value, rest, ok
}

// checkText refuses what XML 1.0 section 2.2 does not call a character.
func (s *scanner) checkText(text []byte) error {
	if !utf8.Valid(text) {
		return s.fail(ErrNotUTF8, "the text is not UTF-8")
	}
	for i, c := range text {
		if classes[c]&classIllegal != 0 || c == 0xEF && illegalEF(text[i:]) {
			return s.fail(ErrNotWellFormed, "character %#x is not allowed in XML", c)
		}
	}
	return nil
}

// illegalEF reports whether U+FFFE or U+FFFF stands first in text.
func illegalEF(text []byte) bool {
	return len(text) > 2 && text[1] == 0xBF && text[2] >= 0xBE
}
