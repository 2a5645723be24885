package cimxml

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode"
)

// A scanner is a pull tokenizer for the XML that CIM-XML uses: elements, attributes,
// text, CDATA, the predefined entities, character references, comments, processing
// instructions. It checks what XML 1.0 makes a well-formed document: balance, unique
// attributes, legal characters, UTF-8. Document type declarations are passed over, and
// refused when they declare anything, so no entity can expand.
//
// It reads either from a buffer that holds the whole document or from a reader, which it
// buffers, so that a document of any length needs no more memory than its largest tag
// or text. Slices that it hands out are valid until the next call.
type scanner struct {
	r      io.Reader // nil when buf holds the whole document
	buf    []byte
	own    []byte // the buffer for what is read from r, at first
	pos    int
	base   int64 // bytes before buf[0]
	limits Limits

	tags   int               // start tags read by this scanner, up to learnAfter
	names  map[string]string // interned names; only grows to maxNames
	known  knownTags
	stack  []openElement
	spares []*tag // by depth: for start tags that are not remembered
	data   []byte // text of the last text token, unescaped

	declared string // the last XML declaration that was accepted

	tag      *tag   // the last start tag
	name     string // of the last start tag
	pending  bool   // the last tag was <name/>: an end tag follows
	began    bool   // the root element was seen
	typed    bool   // a DOCTYPE was seen
	start    int64  // where the document begins, behind a byte order mark
	mark     int64  // where the object being read begins, for Limits.Object
	elements int    // start tags since then, for Limits.Elements
}

type openElement struct {
	tag  *tag
	last *tag // the last start tag within, of those that are remembered
	then *tag // the start tag that is expected next
}

type token uint8

const (
	tokenStart token = iota // name, tag
	tokenEnd
	tokenText // data
	tokenEOF
)

const (
	readSize   = 64 << 10
	maxNames   = 1 << 12
	maxName    = 1 << 10
	maxScratch = 64 << 10 // of each buffer that is kept from one document to the next
)

// reset makes the scanner read a document held in memory.
func (s *scanner) reset(document []byte, limits Limits) {
	s.r, s.buf, s.pos, s.base = nil, document, 0, 0
	s.begin(limits)
}

// resetReader makes the scanner read a document from r.
func (s *scanner) resetReader(r io.Reader, limits Limits) {
	if s.own == nil {
		s.own = make([]byte, 0, readSize)
	}
	s.r, s.buf, s.pos, s.base = r, s.own, 0, 0
	s.begin(limits)
}

func (s *scanner) begin(limits Limits) {
	s.limits = limits.orDefault()
	s.stack, s.data, s.tag = s.stack[:0], s.data[:0], nil
	s.name, s.pending, s.began, s.typed = "", false, false, false
	s.start, s.mark, s.elements = 0, 0, 0
}

// release lets go of the document and of what grew unusually large with it, in a
// scanner that is kept for the next document.
func (s *scanner) release() {
	s.r, s.buf, s.tag = nil, nil, nil
	for _, t := range s.spares {
		if cap(t.vals) > maxScratch {
			t.vals = make([]byte, 0, 64) // never nil: an empty value differs from none
		}
	}
	if cap(s.data) > maxScratch {
		s.data = nil
	}
	if len(s.names) >= maxNames {
		clear(s.names) // so that no sender can fill it for good
	}
}

// newObject begins to count the bytes and elements of an object.
func (s *scanner) newObject() { s.mark, s.elements = s.offset(), 0 }

func (s *scanner) offset() int64 { return s.base + int64(s.pos) }

// fail makes an error at the current place.
func (s *scanner) fail(kind error, format string, args ...any) error {
	e := &DecodeError{Kind: kind, Offset: s.offset(), Problem: fmt.Sprintf(format, args...)}
	for _, open := range s.stack {
		where := open.tag.name
		if label := open.tag.memo.label; label != "" {
			where += " " + clipName(label)
		}
		e.Where = append(e.Where, where)
	}
	return e
}

// clipName bounds what an error repeats of a name from outside, and quotes it when it is
// none that a name could be.
func clipName(name string) string {
	const most = 64
	if len(name) <= most && !strings.ContainsFunc(name, unicode.IsControl) {
		return name
	}
	return fmt.Sprintf("%.64q", name)
}

// next returns the next token. Comments and processing instructions are passed over;
// text that they or CDATA sections split comes as one token.
func (s *scanner) next() (token, error) {
	if s.pending {
		s.pending = false
		s.pop()
		return tokenEnd, nil
	}
	if kind, ok := s.expected(); ok {
		return kind, nil
	}
	s.data = s.data[:0]
	text := false
	for {
		if err := s.begins(); err != nil {
			return tokenEOF, err
		}
		if ok, err := s.need(1); err != nil {
			return tokenEOF, err
		} else if !ok {
			return s.end()
		}
		if s.buf[s.pos] != '<' {
			if err := s.text(); err != nil {
				return tokenText, err
			}
			text = true
			continue
		}
		kind, err := s.markup(text)
		if err != nil {
			return tokenEOF, err
		}
		switch kind {
		case markupSkipped:
		case markupText:
			text = true
		case markupAhead:
			return tokenText, nil
		default:
			return token(kind), nil
		}
	}
}

// begins passes over a byte order mark, which may stand first, and sees to it that no
// object is longer than the limit.
func (s *scanner) begins() error {
	if s.offset() > 0 {
		if s.offset()-s.mark > int64(s.limits.Object) {
			return s.fail(ErrTooLarge, "an object is longer than %d bytes", s.limits.Object)
		}
		return nil
	}
	ok, err := s.need(len(byteOrderMark))
	if ok && string(s.buf[:len(byteOrderMark)]) == byteOrderMark {
		s.pos = len(byteOrderMark)
		s.start = int64(s.pos)
	}
	return err
}

const byteOrderMark = "\uFEFF"

// end reports the end of the document, or that it is cut off.
func (s *scanner) end() (token, error) {
	switch {
	case len(s.stack) > 0:
		return tokenEOF, s.fail(ErrNotWellFormed, "the document ends within %s", s.open().name)
	case !s.began:
		return tokenEOF, s.fail(ErrNotWellFormed, "the document is empty")
	default:
		return tokenEOF, nil
	}
}

type markupKind uint8

const (
	markupStart   = markupKind(tokenStart)
	markupEnd     = markupKind(tokenEnd)
	markupSkipped = markupKind(tokenEOF) + 1 + iota
	markupText    // a CDATA section was added to data
	markupAhead   // a tag stands here, but text before it is to be handed out first
)

// markup reads what begins with "<". A tag that ends a text is left for the next call.
func (s *scanner) markup(text bool) (markupKind, error) {
	if ok, err := s.need(2); err != nil {
		return 0, err
	} else if !ok {
		return 0, s.fail(ErrNotWellFormed, "the document ends within a tag")
	}
	switch s.buf[s.pos+1] {
	case '!':
		return s.declaration()
	case '?':
		return markupSkipped, s.instruction()
	}
	if text && (len(s.stack) > 0 || !allSpace(s.data)) {
		return markupAhead, nil
	}
	if s.buf[s.pos+1] == '/' {
		return markupEnd, s.endTag()
	}
	return markupStart, s.startTag()
}

func (s *scanner) endTag() error {
	n, err := s.find(">", "a tag")
	if err != nil {
		return err
	}
	name := bytes.TrimRight(s.buf[s.pos+2:s.pos+n], " \t\r\n")
	if len(s.stack) == 0 {
		return s.fail(ErrNotWellFormed, "end tag %.40q closes nothing", name)
	}
	if open := s.open(); string(name) != open.name {
		return s.fail(ErrNotWellFormed, "end tag %.40q closes %s", name, open.name)
	}
	s.pos += n + 1
	s.pop()
	return nil
}

// open returns the tag of the open element; there must be one.
func (s *scanner) open() *tag { return s.stack[len(s.stack)-1].tag }

func (s *scanner) pop() { s.stack = s.stack[:len(s.stack)-1] }

// intern returns name as a string that is made once.
func (s *scanner) intern(name []byte) string {
	if w := word(name); w != "" {
		return w
	}
	if !s.learning() {
		return string(name)
	}
	return s.learn(name)
}

// learn returns name as a string that is made once, of those that are no words.
func (s *scanner) learn(name []byte) string {
	if known, ok := s.names[string(name)]; ok {
		return known
	}
	if s.names == nil {
		s.names = make(map[string]string, 64)
	}
	made := string(name)
	if len(s.names) < maxNames && len(made) <= 128 {
		s.names[made] = made
	}
	return made
}
