package cimxml

import (
	"hash/maphash"
	"slices"

	"github.com/cimwatch/cimwatch/cim"
)

// The tags of CIM-XML repeat: each instance of a class has those of the one before, and
// an alert those of the last alert. So tags that came twice are remembered as they were
// read, together with the tag that followed. Where that one stands again, to the byte,
// nothing needs to be read. Everything is bounded: the tags that are remembered, and
// their length.

const (
	maxKnown    = 512
	maxKnownTag = 256 // bytes
	ways        = 4   // that a tag can stand in, so that two of one hash do not drive each other out

	learnAfter = 128 // tags: a single short document is read sooner than it is learnt
)

// learning reports whether the scanner has read enough for it to pay to remember what it
// reads.
func (s *scanner) learning() bool { return s.tags == learnAfter }

// memo is what is known of a tag beyond what stands in it. Of tags that are not
// remembered it is the label alone.
type memo struct {
	raw   string // the tag as it stands; "" when the tag is not remembered
	child *tag   // the start tag that came first within its element the last time
	next  *tag   // the start tag that came next behind its element

	// What the decoder made of it, the zero values as long as it has not.
	label    string // the name of the CIM element, for error messages
	count    int    // of what stood within its element the last time
	property *propertyTag
	key      cim.Type
}

func (t *tag) remembered() bool { return t.memo.raw != "" }

// count remembers how many things stood within the element of t.
func (t *tag) count(n int) {
	if t.remembered() {
		t.memo.count = min(n, maxCount)
	}
}

// knownTags are the tags that are remembered, by their hashes.
type knownTags struct {
	seed  maphash.Seed
	slots []knownTag // maxKnown of them
}

type knownTag struct {
	hash uint64
	tag  *tag // nil when a tag of that hash came once
}

// find returns a tag that is remembered. When there is none it returns the slot to
// remember it in, nil when it is not to be.
func (k *knownTags) find(raw []byte) (*tag, *knownTag) {
	if len(raw) > maxKnownTag {
		return nil, nil
	}
	if k.slots == nil {
		k.seed = maphash.MakeSeed() // so that no sender can choose what collides
		k.slots = make([]knownTag, maxKnown)
	}
	hash := maphash.Bytes(k.seed, raw)
	set := k.slots[hash%(maxKnown/ways)*ways:][:ways]
	worst := &set[hash>>32%ways] // to be forgotten for this one
	for i := range set {
		switch slot := &set[i]; {
		case slot.hash == hash && slot.tag == nil:
			return nil, slot // the second time
		case slot.hash == hash && slot.tag.memo.raw == string(raw):
			return slot.tag, nil
		case slot.hash == 0 || slot.tag == nil && worst.hash != 0:
			worst = slot
		}
	}
	*worst = knownTag{hash: hash}
	return nil, nil
}

// remember returns a copy of t that is kept in slot, or t itself when slot is nil.
func (k *knownTags) remember(slot *knownTag, t *tag, raw []byte) *tag {
	if slot == nil {
		return t
	}
	slot.tag = &tag{
		name: t.name, attrs: slices.Clone(t.attrs), vals: append(make([]byte, 0, len(t.vals)), t.vals...), empty: t.empty,
		memo: memo{raw: string(raw)},
	}
	return slot.tag
}

// follow opens the element of a start tag and learns which tag it came after.
func (s *scanner) follow(t *tag) {
	if last := len(s.stack) - 1; last >= 0 && t.remembered() {
		switch parent := &s.stack[last]; {
		case parent.last != nil:
			parent.last.memo.next = t
		case parent.tag.remembered():
			parent.tag.memo.child = t
		}
	}
	s.enter(t)
}

// enter opens the element of a start tag.
func (s *scanner) enter(t *tag) {
	s.tag, s.name, s.pending = t, t.name, t.empty
	s.elements++
	if last := len(s.stack) - 1; last >= 0 && t.remembered() {
		parent := &s.stack[last]
		parent.last, parent.then = t, t.memo.next
	}
	s.stack = append(s.stack, openElement{tag: t, then: t.memo.child})
}

// expected reads the tag that is expected at pos: the end tag of the open element, or
// the start tag that came there before. It reports false, and reads nothing, when
// anything else stands there or the buffer ends.
func (s *scanner) expected() (token, bool) {
	if len(s.stack) == 0 {
		return 0, false
	}
	open := &s.stack[len(s.stack)-1]
	rest := s.buf[s.pos:]
	if n := endTagLength(rest, open.tag.name); n > 0 {
		s.pos += n
		s.pop()
		return tokenEnd, true
	}
	t := open.then
	if t == nil || len(rest) < len(t.memo.raw) || string(rest[:len(t.memo.raw)]) != t.memo.raw {
		return 0, false
	}
	if len(s.stack) >= s.limits.Depth || s.elements >= s.limits.Elements || s.offset()-s.mark > int64(s.limits.Object) {
		return 0, false // it is an error
	}
	s.pos += len(t.memo.raw)
	s.enter(t)
	return tokenStart, true
}

// endTagLength returns the length of the end tag of an element, without white space in
// it, that stands first in text; 0 when it does not.
func endTagLength(text []byte, name string) int {
	n := len(name) + len("</>")
	if len(text) < n || text[0] != '<' || text[1] != '/' || text[n-1] != '>' || string(text[2:n-1]) != name {
		return 0
	}
	return n
}

// plainText reads the text of the open element and its end tag, when the text has nothing
// in it but ASCII that stands for itself. It reports false, and reads nothing, otherwise.
func (s *scanner) plainText() ([]byte, bool) {
	if s.pending || len(s.stack) == 0 {
		return nil, false
	}
	rest := s.buf[s.pos:]
	n := plainRun(rest)
	end := endTagLength(rest[n:], s.open().name)
	if end == 0 || n > s.limits.Token {
		return nil, false
	}
	s.pos += n + end
	s.pop()
	return rest[:n:n], true
}

// passSpace passes over white space as far as it is in the buffer.
func (s *scanner) passSpace() {
	for s.pos < len(s.buf) && isSpace(s.buf[s.pos]) {
		s.pos++
	}
}
