package cimxml

import "unicode/utf8"

// A tag is a start tag or an empty-element tag, read.
type tag struct {
	name  string
	attrs []attribute
	vals  []byte // the values of attrs, unescaped
	empty bool   // <name/>
	memo  memo   // what is known besides
}

type attribute struct {
	name     string
	from, to int // in vals
}

// attr returns the value of an attribute, nil when there is none.
func (t *tag) attr(name string) []byte {
	for i := range t.attrs {
		if a := &t.attrs[i]; a.name == name {
			return t.vals[a.from:a.to:a.to]
		}
	}
	return nil
}

// attr returns the value of an attribute of the last start tag, nil when there is none.
func (s *scanner) attr(name string) []byte { return s.tag.attr(name) }

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
	if s.elements >= s.limits.Elements {
		return s.fail(ErrTooLarge, "an object has more than %d elements", s.limits.Elements)
	}
	t, err := s.tagOf(length)
	if err != nil {
		return err
	}
	s.pos += length
	s.began = true
	s.follow(t)
	return nil
}

// tagOf returns the tag of so many bytes at pos, which is remembered or read.
func (s *scanner) tagOf(length int) (*tag, error) {
	if !s.learning() {
		s.tags++
		return s.readTag(length)
	}
	raw := s.buf[s.pos : s.pos+length]
	t, slot := s.known.find(raw)
	if t != nil {
		return t, nil
	}
	t, err := s.readTag(length)
	if err != nil {
		return nil, err
	}
	return s.known.remember(slot, t, raw), nil
}

// readTag reads the tag of so many bytes at pos. It moves pos for errors to tell the
// place, and back.
func (s *scanner) readTag(length int) (t *tag, err error) {
	from, end := s.pos, s.pos+length
	t = s.spareTag()
	s.pos++
	if t.name, err = s.tagName(end); err != nil {
		return nil, err
	}
	for {
		spaced := s.skipSpace(end)
		if s.pos >= end-1 {
			break
		}
		if s.buf[s.pos] == '/' && s.pos == end-2 {
			t.empty = true
			break
		}
		if !spaced {
			return nil, s.fail(ErrNotWellFormed, "white space is missing before an attribute")
		}
		if err := s.attribute(t, end); err != nil {
			return nil, err
		}
	}
	s.pos = from
	return t, nil
}

// spareTag returns an empty tag to read the next start tag into.
func (s *scanner) spareTag() *tag {
	for len(s.spares) <= len(s.stack) {
		s.addSpares()
	}
	t := s.spares[len(s.stack)]
	t.attrs, t.vals, t.empty, t.memo.label = t.attrs[:0], t.vals[:0], false, ""
	return t
}

// addSpares makes tags at once for as many depths as most documents have. Their values
// are never nil, as an empty one differs from none.
func (s *scanner) addSpares() {
	type spare struct {
		tag   tag
		attrs [4]attribute
		vals  [64]byte
	}
	block := new([12]spare)
	if s.spares == nil {
		s.spares, s.stack = make([]*tag, 0, len(block)), make([]openElement, 0, len(block))
		s.data = make([]byte, 0, 256)
	}
	for i := range block {
		b := &block[i]
		b.tag.attrs, b.tag.vals = b.attrs[:0], b.vals[:0]
		s.spares = append(s.spares, &b.tag)
	}
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

func (s *scanner) attribute(t *tag, end int) error {
	name, err := s.tagName(end)
	if err != nil {
		return err
	}
	if t.attr(name) != nil {
		return s.fail(ErrNotWellFormed, "attribute %s stands twice", name)
	}
	if len(t.attrs) >= s.limits.Attributes {
		return s.fail(ErrTooLarge, "an element has more than %d attributes", s.limits.Attributes)
	}
	s.skipSpace(end)
	if s.buf[s.pos] != '=' {
		return s.fail(ErrNotWellFormed, "attribute %s has no value", name)
	}
	s.pos++
	s.skipSpace(end)
	from := len(t.vals)
	if err := s.attributeValue(t, name); err != nil {
		return err
	}
	t.attrs = append(t.attrs, attribute{name: name, from: from, to: len(t.vals)})
	return nil
}

// attributeValue reads a quoted value. White space becomes a space, CR LF a single one
// (XML 1.0 sections 2.11 and 3.3.3).
func (s *scanner) attributeValue(t *tag, name string) error {
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
		t.vals = append(t.vals, s.buf[s.pos:s.pos+n]...)
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
			t.vals = utf8.AppendRune(t.vals, r)
		default:
			plain = plain && c < utf8.RuneSelf && classes[c]&classIllegal == 0
			s.otherCharacter(t, c)
		}
	}
}

// otherCharacter reads a byte of an attribute's value that stands for itself or for a space.
func (s *scanner) otherCharacter(t *tag, c byte) {
	if c == '\r' && s.buf[s.pos+1] == '\n' {
		s.pos++ // CR LF is one line end
	}
	if isSpace(c) {
		c = ' '
	}
	t.vals = append(t.vals, c)
	s.pos++
}
