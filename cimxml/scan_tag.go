package cimxml

import "unicode/utf8"

// startTag reads a start tag or an empty-element tag. The tag is brought into the buffer
// whole first, so that its reading need not wait for more.
func (s *scanner) startTag() error {
	length, err := s.markupLength('>', "a tag")
	if err != nil {
		return err
	}
	if len(s.stack) == 0 && s.began {
		return s.fail(ErrNotWellFormed, "a second root element")
	}
	if len(s.stack) >= s.limits.Depth {
		return s.fail(ErrTooLarge, "elements are nested deeper than %d", s.limits.Depth)
	}
	end := s.pos + length
	s.pos++
	if s.name, err = s.tagName(end); err != nil {
		return err
	}
	s.attrs, s.vals = s.attrs[:0], s.vals[:0]
	for {
		spaced := s.skipSpace(end)
		if s.pos >= end-1 {
			break
		}
		if s.buf[s.pos] == '/' && s.pos == end-2 {
			s.pending = true
			break
		}
		if !spaced {
			return s.fail(ErrNotWellFormed, "white space is missing before an attribute")
		}
		if err := s.attribute(end); err != nil {
			return err
		}
	}
	s.pos = end
	s.began = true
	s.stack = append(s.stack, openElement{name: s.name})
	return nil
}

// markupLength returns the length of the markup at pos: up to the first ">", or stop,
// outside quotes.
func (s *scanner) markupLength(stop byte, what string) (int, error) {
	var quote byte
	for n := 1; ; {
		for _, c := range s.buf[s.pos+n:] {
			n++
			switch {
			case quote != 0:
				if c == quote {
					quote = 0
				}
			case c == '"' || c == '\'':
				quote = c
			case c == '>' || c == stop:
				if n > s.limits.Token {
					return 0, s.fail(ErrTooLarge, "%s is longer than %d bytes", what, s.limits.Token)
				}
				return n, nil
			}
		}
		if ok, err := s.more(); err != nil {
			return 0, err
		} else if !ok {
			return 0, s.fail(ErrNotWellFormed, "%s is not closed", what)
		}
	}
}

func (s *scanner) tagName(end int) (string, error) {
	name, _ := cutName(s.buf[s.pos:end])
	if len(name) == 0 {
		return "", s.fail(ErrNotWellFormed, "a name was expected")
	}
	s.pos += len(name)
	if len(name) > maxName {
		return "", s.fail(ErrTooLarge, "a name is longer than %d bytes", maxName)
	}
	if !utf8.Valid(name) {
		return "", s.fail(ErrNotUTF8, "a name is not UTF-8")
	}
	return s.intern(name), nil
}

func (s *scanner) skipSpace(end int) (skipped bool) {
	from := s.pos
	for s.pos < end && isSpace(s.buf[s.pos]) {
		s.pos++
	}
	return s.pos > from
}

func (s *scanner) attribute(end int) error {
	name, err := s.tagName(end)
	if err != nil {
		return err
	}
	for _, a := range s.attrs {
		if a.name == name {
			return s.fail(ErrNotWellFormed, "attribute %s stands twice", name)
		}
	}
	if len(s.attrs) >= s.limits.Attributes {
		return s.fail(ErrTooLarge, "an element has more than %d attributes", s.limits.Attributes)
	}
	s.skipSpace(end)
	if s.buf[s.pos] != '=' {
		return s.fail(ErrNotWellFormed, "attribute %s has no value", name)
	}
	s.pos++
	s.skipSpace(end)
	from := len(s.vals)
	if err := s.attributeValue(name); err != nil {
		return err
	}
	s.attrs = append(s.attrs, attribute{name: name, from: from, to: len(s.vals)})
	return nil
}

// attributeValue reads a quoted value. White space becomes a space, CR LF a single one
// (XML 1.0 sections 2.11 and 3.3.3).
func (s *scanner) attributeValue(name string) error {
	quote := s.buf[s.pos]
	if quote != '"' && quote != '\'' {
		return s.fail(ErrNotWellFormed, "the value of attribute %s is not quoted", name)
	}
	s.pos++
	from := s.pos
	plain := true // no need to look at the bytes as characters
	for {
		n := 0
		for _, c := range s.buf[s.pos:] { // a quote ends it: the tag is whole
			if classes[c]&classValue != 0 {
				break
			}
			n++
		}
		s.vals = append(s.vals, s.buf[s.pos:s.pos+n]...)
		s.pos += n
		switch c := s.buf[s.pos]; {
		case c == quote:
			if !plain {
				if err := s.checkText(s.buf[from:s.pos]); err != nil {
					return err
				}
			}
			s.pos++
			return nil
		case c == '<':
			return s.fail(ErrNotWellFormed, "< stands in the value of attribute %s", name)
		case c == '&':
			r, err := s.reference()
			if err != nil {
				return err
			}
			s.vals = utf8.AppendRune(s.vals, r)
		default:
			plain = plain && c < utf8.RuneSelf && classes[c]&classIllegal == 0
			s.otherCharacter(c)
		}
	}
}

// otherCharacter reads a byte of an attribute's value that stands for itself or for a space.
func (s *scanner) otherCharacter(c byte) {
	if c == '\r' && s.buf[s.pos+1] == '\n' {
		s.pos++ // CR LF is one line end
	}
	if isSpace(c) {
		c = ' '
	}
	s.vals = append(s.vals, c)
	s.pos++
}

// attr returns the value of an attribute of the last start tag, nil when there is none.
func (s *scanner) attr(name string) []byte {
	for _, a := range s.attrs {
		if a.name == name {
			return s.vals[a.from:a.to:a.to]
		}
	}
	return nil
}
