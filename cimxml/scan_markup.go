package cimxml

import (
	"bytes"
	"strings"
)

func (s *scanner) instruction() error {
	first := s.offset() == s.start
	s.pos += 2
	n, err := s.find("?>", "a processing instruction")
	if err != nil {
		return err
	}
	target, rest := cutName(s.buf[s.pos : s.pos+n])
	switch {
	case len(target) == 0 || len(rest) > 0 && !isSpace(rest[0]):
		return s.fail(ErrNotWellFormed, "a processing instruction has no name")
	case string(target) == "xml" && !first:
		return s.fail(ErrNotWellFormed, "the XML declaration does not stand first")
	case string(target) == "xml":
		if string(rest) != s.declared { // one sender, one declaration
			err = s.xmlDeclaration(string(rest))
		}
	default:
		err = s.checkText(s.buf[s.pos : s.pos+n])
	}
	s.pos += n + 2
	return err
}

// xmlDeclaration accepts XML 1.x in UTF-8 (XML 1.0 section 2.8).
func (s *scanner) xmlDeclaration(body string) error {
	version, rest, ok := pseudoAttribute(body, "version")
	if !ok || !strings.HasPrefix(version, "1.") {
		return s.fail(ErrNotWellFormed, "the XML declaration does not state version 1.x")
	}
	encoding, rest, ok := pseudoAttribute(rest, "encoding")
	if ok && !strings.EqualFold(encoding, "utf-8") && !strings.EqualFold(encoding, "us-ascii") {
		return s.fail(ErrNotUTF8, "the encoding is %.20q, expected utf-8", encoding)
	}
	_, rest, _ = pseudoAttribute(rest, "standalone")
	if !allSpace([]byte(rest)) {
		return s.fail(ErrNotWellFormed, "the XML declaration holds %.20q", rest)
	}
	if len(body) <= maxName {
		s.declared = body
	}
	return nil
}

func (s *scanner) declaration() (markupKind, error) {
	if _, err := s.need(9); err != nil {
		return 0, err
	}
	rest := s.buf[s.pos:]
	switch {
	case bytes.HasPrefix(rest, []byte("<!--")):
		return markupSkipped, s.comment()
	case bytes.HasPrefix(rest, []byte("<![CDATA[")):
		return markupText, s.cdata()
	case bytes.HasPrefix(rest, []byte("<!DOCTYPE")):
		return markupSkipped, s.doctype()
	default:
		return 0, s.fail(ErrNotWellFormed, "unknown markup")
	}
}

func (s *scanner) comment() error {
	s.pos += 4
	n, err := s.find("--", "a comment")
	if err != nil {
		return err
	}
	if err := s.checkText(s.buf[s.pos : s.pos+n]); err != nil {
		return err
	}
	s.pos += n
	if ok, err := s.need(3); err != nil {
		return err
	} else if !ok || s.buf[s.pos+2] != '>' {
		return s.fail(ErrNotWellFormed, "-- stands within a comment")
	}
	s.pos += 3
	return nil
}

func (s *scanner) cdata() error {
	if len(s.stack) == 0 {
		return s.fail(ErrNotWellFormed, "a CDATA section stands outside the root element")
	}
	s.pos += 9
	n, err := s.find("]]>", "a CDATA section")
	if err != nil {
		return err
	}
	if err := s.checkText(s.buf[s.pos : s.pos+n]); err != nil {
		return err
	}
	s.data = appendLines(s.data, s.buf[s.pos:s.pos+n])
	s.pos += n + 3
	return s.checkLength()
}

// doctype passes over a declaration that only names a DTD, as DSP0200 allows. One that
// declares anything is refused: nothing in CIM-XML needs it and entities are a weapon.
func (s *scanner) doctype() error {
	if s.began || s.typed {
		return s.fail(ErrNotWellFormed, "a DOCTYPE stands where none may stand")
	}
	length, err := s.markupLength('[', "a DOCTYPE")
	if err != nil {
		return err
	}
	if s.buf[s.pos+length-1] == '[' {
		return s.fail(ErrNotValid, "a DOCTYPE with declarations is refused")
	}
	body := s.buf[s.pos+len("<!DOCTYPE") : s.pos+length-1]
	if name, _ := cutName(bytes.TrimLeft(body, " \t\r\n")); len(name) == 0 || !isSpace(body[0]) {
		return s.fail(ErrNotWellFormed, "a DOCTYPE names no element")
	}
	if err := s.checkText(body); err != nil {
		return err
	}
	s.typed = true
	s.pos += length
	return nil
}
