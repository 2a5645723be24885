package cimxml

import (
	"bytes"
	"unicode/utf8"
)

// maxReference is longer than any reference that is needed, such as "&#x0010FFFF;".
const maxReference = 16

// textReference reads a reference in a text.
func (s *scanner) textReference() error {
	if c, n := markupEntity(s.buf[s.pos:]); n > 0 {
		s.data = append(s.data, c)
		s.pos += n
		return nil
	}
	if _, err := s.need(maxReference); err != nil {
		return err
	}
	r, err := s.reference()
	s.data = utf8.AppendRune(s.data, r)
	return err
}

// markupEntity returns what the entity that stands first in text means, and its length.
// It knows those that escaped XML is full of; of others the length is 0.
func markupEntity(text []byte) (c byte, length int) {
	switch {
	case bytes.HasPrefix(text, []byte("&lt;")):
		return '<', len("&lt;")
	case bytes.HasPrefix(text, []byte("&gt;")):
		return '>', len("&gt;")
	case bytes.HasPrefix(text, []byte("&quot;")):
		return '"', len("&quot;")
	default:
		return 0, 0
	}
}

// reference reads an entity or character reference, which is in the buffer already, and
// returns what it stands for.
func (s *scanner) reference() (rune, error) {
	window := s.buf[s.pos:min(s.pos+maxReference, len(s.buf))]
	end := 1
	for end < len(window) && (window[end] == '#' || classes[window[end]]&className != 0) {
		end++
	}
	if end == len(window) || window[end] != ';' {
		return 0, s.fail(ErrNotWellFormed, "& begins no entity; & itself is written &amp;")
	}
	r, ok := dereference(window[1:end])
	switch {
	case !ok && window[1] == '#':
		return 0, s.fail(ErrNotWellFormed, "%q refers to no character that XML may have", window[:end+1])
	case !ok:
		return 0, s.fail(ErrNotWellFormed, "%q is no entity of XML", window[:end+1])
	}
	s.pos += end + 1
	return r, nil
}

func dereference(name []byte) (rune, bool) {
	switch string(name) {
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "amp":
		return '&', true
	case "quot":
		return '"', true
	case "apos":
		return '\'', true
	}
	if len(name) < 2 || name[0] != '#' {
		return 0, false
	}
	if name[1] == 'x' {
		return characterReference(name[2:], 16)
	}
	return characterReference(name[1:], 10)
}

func characterReference(digits []byte, base rune) (rune, bool) {
	var r rune
	for _, c := range digits {
		d := digit(c)
		if d < 0 || d >= base {
			return 0, false
		}
		if r = r*base + d; r > utf8.MaxRune {
			return 0, false
		}
	}
	return r, len(digits) > 0 && legal(r)
}

func digit(c byte) rune {
	switch {
	case c >= '0' && c <= '9':
		return rune(c - '0')
	case c >= 'a' && c <= 'f':
		return rune(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return rune(c-'A') + 10
	default:
		return -1
	}
}
