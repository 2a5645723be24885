package cimxml

import (
	"cmp"
	"io"
	"strings"

	"github.com/cimwatch/cimwatch/cim"
)

// A decoder reads CIM-XML elements as cim values. It has one method for each element of
// DSP0203 that it knows. A method is called with the element's start tag as the last
// token and reads up to its end tag. The first error sticks: every later call does
// nothing, so the methods need not check after each step, and loops end.
type decoder struct {
	scanner

	err      error
	takes    tolerance
	arena    strings.Builder // where the texts of values are kept, many to an allocation
	kept     int             // bytes of texts kept of this document
	usual    int             // bytes of texts kept of the one before
	embedded int             // how many embedded objects this decoder is within
	free     *decoder        // for embedded objects, kept for the next one
	values   []cim.Value     // scratch for the elements of an array
	lent     *cim.Instance   // for the next instance, see DecodeInto; nil: one of its own

	spareProperty propertyTag // for a tag that is not remembered
}

const (
	arenaSize = 2 << 10
	maxCount  = 1 << 10 // of what is expected within an element, and of the scratch that is kept
)

func newDecoder(document []byte, limits Limits, mode Mode) *decoder {
	d := &decoder{takes: mode.tolerances()}
	d.reset(document, limits)
	return d
}

func newStreamDecoder(r io.Reader, limits Limits, mode Mode) *decoder {
	d := &decoder{takes: mode.tolerances()}
	d.resetReader(r, limits)
	return d
}

// release lets go of everything that belongs to the document that was read.
func (d *decoder) release() {
	d.scanner.release()
	d.arena = strings.Builder{}
	d.usual, d.kept = d.kept, 0
	if cap(d.values) > maxCount {
		d.values = nil
	}
	if d.free != nil {
		d.free.release()
	}
}

// tolerate sets the tolerances. What was made of tags depends on them.
func (d *decoder) tolerate(t tolerance) {
	if d.takes != t {
		d.takes, d.known = t, knownTags{}
	}
}

func (d *decoder) tolerates(t tolerance) bool { return d.takes&t != 0 }

// invalidUnless records that the document is no CIM-XML unless the decoder tolerates it.
func (d *decoder) invalidUnless(t tolerance, format string, args ...any) {
	if !d.tolerates(t) {
		d.invalid(format, args...)
	}
}

// invalid records that the document is well-formed but no CIM-XML.
func (d *decoder) invalid(format string, args ...any) {
	if d.err == nil {
		d.err = d.fail(ErrNotValid, format, args...)
	}
}

// keep returns text as a string. Texts share allocations: an arena that is full is left
// to the strings cut from it.
func (d *decoder) keep(text []byte) string {
	if len(text) == 0 {
		return ""
	}
	if len(text) > arenaSize/4 {
		return string(text)
	}
	if d.arena.Cap()-d.arena.Len() < len(text) {
		size := arenaSize
		if d.arena.Cap() == 0 {
			size = max(min(cmp.Or(d.usual, len(d.buf)/3), arenaSize), len(text))
		}
		d.arena = strings.Builder{}
		d.arena.Grow(size)
	}
	d.kept += len(text)
	from := d.arena.Len()
	d.arena.Write(text)
	return d.arena.String()[from:]
}

// intern returns a name as a string: as long as the decoder does not learn, as a text of
// the document.
func (d *decoder) intern(name []byte) string {
	if w := word(name); w != "" {
		return w
	}
	if !d.learning() {
		return d.keep(name)
	}
	return d.learn(name)
}

// child moves to the next child element of the open element, whose name is then in
// d.name. At the end tag of the open element, and after an error, it returns false.
// Text between the elements is an error unless it is white space.
func (d *decoder) child() bool {
	for d.err == nil {
		d.passSpace()
		kind, err := d.next()
		switch {
		case err != nil:
			d.err = err
		case kind == tokenStart:
			if !d.tolerates(otherAttributes) {
				d.checkAttributes()
			}
			return d.err == nil
		case kind == tokenText:
			if !allSpace(d.data) {
				d.invalid("text stands where elements are expected: %.40q", d.data)
			}
		default:
			return false
		}
	}
	return false
}

// leaf reads to the end tag of an element without content.
func (d *decoder) leaf() {
	if name := d.name; d.child() {
		d.invalid("%s holds %s, expected nothing", name, d.name)
	}
}

// skip reads to the end tag of the open element, whatever is in it.
func (d *decoder) skip() {
	depth := len(d.stack) - 1
	for d.err == nil && len(d.stack) > depth {
		_, d.err = d.next()
	}
}

// content reads the text of the open element up to its end tag. The slice is valid until
// the next token.
func (d *decoder) content() []byte {
	if d.err != nil {
		return nil
	}
	if text, ok := d.plainText(); ok {
		return text
	}
	name := d.name
	kind, err := d.next()
	if err == nil && kind == tokenText {
		text := d.data
		if kind, err = d.next(); err == nil && kind == tokenEnd {
			return text
		}
	}
	switch {
	case err != nil:
		d.err = err
	case kind == tokenStart:
		d.invalid("%s holds %s, expected text", name, d.name)
	}
	return nil
}

// unexpected records an element that may not stand here.
func (d *decoder) unexpected(expected string) {
	d.invalid("%s was not expected, expected %s", d.name, expected)
}

// required returns the value of an attribute that must be there.
func (d *decoder) required(name string) []byte {
	v := d.attr(name)
	if v == nil {
		d.invalid("%s has no attribute %s", d.name, name)
	}
	return v
}

// named returns the NAME attribute, interned, and labels the element with it.
func (d *decoder) named() string { return d.label("NAME") }

func (d *decoder) label(attribute string) string {
	if name := d.tag.memo.label; name != "" {
		return name
	}
	name := d.intern(d.required(attribute))
	if d.err == nil {
		d.tag.memo.label = name
	}
	return name
}

// flag returns a boolean attribute, fallback when it is not there.
func (d *decoder) flag(name string, fallback bool) bool {
	v := d.attr(name)
	if v == nil {
		return fallback
	}
	switch {
	case d.isWord(v, "true"):
		return true
	case d.isWord(v, "false"):
		return false
	default:
		d.invalidUnless(wrongAttributes, "%s is %.20q, expected true or false", name, v)
		return fallback
	}
}

// typeAttr returns a CIM type from an attribute, TypeNone when it is not there.
func (d *decoder) typeAttr(name string) cim.Type {
	v := d.attr(name)
	if v == nil {
		return cim.TypeNone
	}
	t, err := cim.ParseType(d.intern(v))
	switch {
	case err == nil && !d.isWord(v, t.String()):
		d.invalid("%s is %.20q, expected %s", name, v, t)
	case err != nil:
		d.invalidUnless(wrongTypes, "%s: %v", name, err)
	}
	return t
}

// requiredType returns the type that a declaration must have.
func (d *decoder) requiredType(t cim.Type) cim.Type {
	if t != cim.TypeNone {
		return t
	}
	d.invalidUnless(wrongTypes, "%s has no attribute TYPE", d.name)
	return cim.TypeString
}

// isWord reports whether an attribute's value is a word in lower case, or in any.
func (d *decoder) isWord(value []byte, lower string) bool {
	return string(value) == lower || d.tolerates(anyCase) && equalFoldBytes(value, lower)
}

// count returns a number attribute such as ARRAYSIZE, 0 when it is not there.
func (d *decoder) count(name string) int {
	v := d.attr(name)
	if v == nil {
		return 0
	}
	n, err := cim.ParseValue(cim.TypeUint32, d.keep(v))
	if err != nil {
		d.invalidUnless(wrongAttributes, "%s: %v", name, err)
		return 0
	}
	u, _ := n.Uint64()
	return int(u)
}

func equalFoldBytes(b []byte, lower string) bool {
	if len(b) != len(lower) {
		return false
	}
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}
