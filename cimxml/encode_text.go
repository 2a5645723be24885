package cimxml

import (
	"fmt"
	"unicode/utf8"
)

// An encoder writes the elements of DSP0203 into a buffer. An embedded object is a
// document within the text of a VALUE: its markup is escaped once more as it is written,
// and that of an object within it twice. The first text that XML cannot carry sticks as
// the encoder's error.
//
// Every element gets an end tag: wbemcli takes no other NULL property (observed).
type encoder struct {
	out   []byte
	depth int // of the embedded objects that are being written
	err   error
}

// start writes a start tag whose attributes are names and values in turn.
func (x *encoder) start(name string, attributes ...string) {
	x.begin(name)
	for n := 0; n+1 < len(attributes); n += 2 {
		x.attr(attributes[n], attributes[n+1])
	}
	x.gt()
}

// begin writes a start tag as far as its name. The attributes and [encoder.gt] follow.
func (x *encoder) begin(name string) {
	x.lt()
	x.out = append(x.out, name...)
}

// end writes an end tag.
func (x *encoder) end(name string) {
	x.lt()
	x.out = append(x.out, '/')
	x.out = append(x.out, name...)
	x.gt()
}

// empty writes an element without content.
func (x *encoder) empty(name string, attributes ...string) {
	x.start(name, attributes...)
	x.end(name)
}

// attr writes an attribute.
func (x *encoder) attr(name, value string) {
	x.out = append(x.out, ' ')
	x.out = append(x.out, name...)
	x.out = append(x.out, '=', '"')
	x.escape(value, true)
	x.out = append(x.out, '"')
}

// optional writes an attribute unless its value is "".
func (x *encoder) optional(name, value string) {
	if value != "" {
		x.attr(name, value)
	}
}

// text writes character data.
func (x *encoder) text(text string) { x.escape(text, false) }

func (x *encoder) lt() {
	if x.depth == 0 {
		x.out = append(x.out, '<')
		return
	}
	x.entity("lt;", x.depth)
}

func (x *encoder) gt() {
	if x.depth == 0 {
		x.out = append(x.out, '>')
		return
	}
	x.entity("gt;", x.depth)
}

// entity writes "&" and name, escaped times-1 times.
func (x *encoder) entity(name string, times int) {
	x.out = append(x.out, '&')
	for range times - 1 {
		x.out = append(x.out, "amp;"...)
	}
	x.out = append(x.out, name...)
}

// escape writes text so that it is read as it is, line ends and tabs too.
func (x *encoder) escape(text string, attribute bool) {
	from := 0
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(text[i:])
			if r == utf8.RuneError && size == 1 || !legal(r) {
				x.refuse(text, i)
			}
			i += size - 1
			continue
		}
		name := escapes(c, attribute)
		if name == "" {
			if classes[c]&classIllegal != 0 {
				x.refuse(text, i)
			}
			continue
		}
		x.out = append(x.out, text[from:i]...)
		x.entity(name, x.depth+1)
		from = i + 1
	}
	x.out = append(x.out, text[from:]...)
}

// escapes returns what stands behind "&" for a character, "" when it stands for itself.
func escapes(c byte, attribute bool) string {
	switch c {
	case '&':
		return "amp;"
	case '<':
		return "lt;"
	case '>':
		return "gt;"
	case '\r':
		return "#xD;"
	}
	if !attribute {
		return ""
	}
	switch c {
	case '"':
		return "quot;"
	case '\t':
		return "#x9;"
	case '\n':
		return "#xA;"
	default:
		return ""
	}
}

func (x *encoder) refuse(text string, at int) {
	if x.err == nil {
		x.err = fmt.Errorf("encode %.40q: XML cannot carry the character at byte %d", text, at)
	}
}
