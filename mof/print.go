package mof

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/cimwatch/cimwatch/cim"
)

// WriteClass writes a class as MOF. What it inherits is left out, so that a class from
// [Schema.Class] and the one from [Schema.Local] give the same text. Flavors are left
// out, as the qualifier types give them; [Schema.Write] knows the types and writes
// flavors that differ.
func WriteClass(w io.Writer, c *cim.Class) error {
	p := newPrinter()
	p.class(c)
	return p.writeTo(w, "class "+c.Name)
}

// WriteInstance writes an instance as MOF. Its path is left out, as the keys give it,
// and references are written as the text of object paths. A property whose value is or
// holds NaN, for which MOF has no literal, is a comment that shows the value, and has the
// class's default when the text is compiled.
func WriteInstance(w io.Writer, i *cim.Instance) error {
	p := newPrinter()
	p.instance(i)
	return p.writeTo(w, "instance of "+i.Class)
}

// WriteQualifierType writes the declaration of a qualifier as MOF.
func WriteQualifierType(w io.Writer, q cim.QualifierType) error {
	p := newPrinter()
	p.qualifierType(q)
	return p.writeTo(w, "qualifier "+q.Name)
}

// Write writes everything that the schema holds, in the order of its declaration, as
// MOF that compiles to an equal schema.
func (s *Schema) Write(w io.Writer) error {
	all := Part{QualifierTypes: s.qualifiers, Instances: s.instances}
	for _, cl := range s.order {
		all.Classes = append(all.Classes, cl.local)
	}
	return s.WritePart(w, all)
}

const (
	lineWidth = 80
	indent    = "   "
)

// printer builds MOF text. The first error stays and is returned at the end.
type printer struct {
	b         []byte
	column    int
	width     int                   // that lines are broken to
	types     map[string]cim.Flavor // of qualifiers, by folded name; nil: not known
	namespace string                // in force
	depth     int                   // of embedding
	err       error
}

func newPrinter() *printer { return &printer{width: lineWidth} }

func (p *printer) writeTo(w io.Writer, what string) error {
	if p.err != nil {
		return fmt.Errorf("writing %s as MOF: %w", what, p.err)
	}
	_, err := w.Write(p.b)
	return err
}

func (p *printer) inNamespace(namespace string) {
	if namespace == "" || cim.EqualNames(namespace, p.namespace) {
		return
	}
	p.namespace = namespace
	p.put("#pragma namespace (" + quote(namespace) + ")\n\n")
}

func (p *printer) put(text string) {
	p.b = append(p.b, text...)
	if n := strings.LastIndexByte(text, '\n'); n >= 0 {
		p.column = 0
		text = text[n+1:]
	}
	p.column += utf8.RuneCountInString(text)
}

// value writes a value behind what stands on the line; what does not fit goes to lines
// of its own that start with margin. end is how much more the last line must take.
func (p *printer) value(v cim.Value, margin string, end int) {
	switch {
	case v.IsNull():
		p.put("NULL")
	case v.IsArray():
		p.array(v.Elements(), margin)
	default:
		p.scalar(v, margin, end)
	}
}

// endOfArray is the room for what closes an array, and for a comma and a space.
const endOfArray = len(" };") + len(", ")

func (p *printer) array(elems []cim.Value, margin string) {
	p.put("{")
	for i, e := range elems {
		p.put(" ")
		p.value(e, margin, endOfArray)
		if i < len(elems)-1 {
			p.put(",")
		}
	}
	p.put(" }")
}

func (p *printer) scalar(v cim.Value, margin string, end int) {
	switch t := v.Type(); {
	case t == cim.TypeBoolean, t.IsInteger():
		p.word(strings.ToLower(v.Lexical()), margin, end)
	case t.IsReal():
		p.word(p.real(v), margin, end)
	case t == cim.TypeChar16:
		text, _ := v.Text()
		p.word("'"+escapeText(text)+"'", margin, end)
	case t == cim.TypeInstance, t == cim.TypeClass:
		p.text(p.embedded(v), margin, end)
	default:
		p.text(v.Lexical(), margin, end)
	}
}

// real writes infinities as a number too large for any real type, which the compiler
// knows; NaN has no such form, and comes here in a qualifier only.
func (p *printer) real(v cim.Value) string {
	f, _ := v.Float64()
	bits := 64
	if v.Type() == cim.TypeReal32 {
		bits = 32
	}
	switch size := math.Abs(f); {
	case math.IsNaN(f):
		p.err = errors.Join(p.err, errors.New("NaN cannot be written as MOF"))
		return "NULL"
	case math.IsInf(f, 1):
		return infinite
	case math.IsInf(f, -1):
		return "-" + infinite
	case size != 0 && (size < 1e-4 || size >= 1e16):
		return v.Lexical()
	}
	text := strconv.FormatFloat(f, 'f', -1, bits)
	if !strings.Contains(text, ".") {
		text += ".0" // which a real has in MOF
	}
	return text
}

func (p *printer) embedded(v cim.Value) string {
	if p.depth >= maxEmbedding {
		p.err = errors.Join(p.err, fmt.Errorf("objects are embedded more than %d deep", maxEmbedding))
		return ""
	}
	inner := newPrinter()
	inner.types, inner.depth = p.types, p.depth+1
	if i, ok := v.Instance(); ok {
		inner.instance(i)
	} else if c, ok := v.Class(); ok {
		inner.class(c)
	}
	p.err = errors.Join(p.err, inner.err)
	return string(inner.b)
}

// word writes what cannot be broken.
func (p *printer) word(word, margin string, end int) {
	if p.column+len(word)+end > p.width {
		p.newline(margin)
	}
	p.put(word)
}

// newline starts a line where there is something on this one, and takes back the space
// that was to stand before the next word.
func (p *printer) newline(margin string) {
	line := p.b[bytes.LastIndexByte(p.b, '\n')+1:]
	if len(bytes.TrimLeft(line, " ")) == 0 {
		return
	}
	if n := len(p.b); p.b[n-1] == ' ' {
		p.b = p.b[:n-1]
	}
	p.put("\n" + margin)
}

// text writes a string, as several that join where it is too long for a line.
func (p *printer) text(s, margin string, end int) {
	quoted := quote(s)
	if utf8.RuneCountInString(quoted)+p.column+end <= p.width {
		p.put(quoted)
		return
	}
	p.newline(margin)
	room := max(p.width-len(margin)-len(`""`), 20)
	for first := true; first || s != ""; first = false {
		if !first {
			p.put("\n" + margin)
		}
		var piece string
		piece, s = breakText(s, room, end)
		p.put(quote(piece))
	}
}

// breakText cuts a text behind the last space, or anywhere, so that the first part,
// escaped, has at most room characters. What is not cut leaves room for the end.
func breakText(s string, room, end int) (piece, rest string) {
	width, space := 0, 0
	for i, r := range s {
		width += utf8.RuneCountInString(escapeText(string(r)))
		if width > room {
			if space == 0 {
				space = max(i, 1)
			}
			return s[:space], s[space:]
		}
		if r == ' ' {
			space = i + 1
		}
	}
	if width > room-end && space > 0 {
		return s[:space], s[space:]
	}
	return s, ""
}

func quote(s string) string { return `"` + escapeText(s) + `"` }

// escapeText escapes what MOF cannot hold as it is.
func escapeText(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '"', r == '\\', r == '\'':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < ' ' && controlEscapes[r] != 0:
			b.WriteByte('\\')
			b.WriteByte(controlEscapes[r])
		case r < ' ', r == 0x7F:
			fmt.Fprintf(&b, `\x%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// controlEscapes is never written.
var controlEscapes = [' ']byte{'\b': 'b', '\t': 't', '\n': 'n', '\f': 'f', '\r': 'r'}
