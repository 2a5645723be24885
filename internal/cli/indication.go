package cli

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/listener"
	"github.com/cimwatch/cimwatch/mof"
)

// indicationView is a received indication as listen prints it. Its fields are its JSON
// form, described in docs/json.md.
type indicationView struct {
	Entry      uint64          `json:"entry,omitzero"` // of a journal that is read
	Received   time.Time       `json:"received"`
	Remote     string          `json:"remote"`         // address and port
	Path       string          `json:"path,omitempty"` // of the URL it was sent to
	Host       string          `json:"host"`           // the sender's address, without the port
	Class      string          `json:"class"`
	Sequence   *sequenceView   `json:"sequence"` // null when the sender gave none
	Late       bool            `json:"late,omitzero"`
	Properties cim.PropertyMap `json:"properties"`

	values *mof.ValueTable
	raw    []byte
}

type sequenceView struct {
	Context string `json:"context"`
	Number  int64  `json:"number"`
}

func newIndicationView(i *listener.Indication, values *mof.ValueTable) indicationView {
	v := indicationView{
		Received: i.Received.UTC(), Remote: i.Remote.String(), Path: i.Path, Host: i.Host,
		Class: i.Instance.Class, Properties: cim.PropertyMap(i.Instance.Properties),
		values: values, raw: i.Raw,
	}
	if i.Sequence != nil {
		v.Sequence = &sequenceView{Context: i.Sequence.Context, Number: i.Sequence.Number}
	}
	return v
}

// WriteText writes the class, then a line for each property: its name, right-aligned, an
// equals sign and the value, with the meaning of numbers.
func (v indicationView) WriteText(w io.Writer, color bool) error {
	var b strings.Builder
	b.WriteString(paint(color, text.Bold, printable(v.Class)) + "\n")
	writeProperties(&b, v.values, v.Class, v.Properties, 2)
	_, err := io.WriteString(w, b.String())
	return err
}

// WriteXML writes the message as it was received, and a line end behind it.
func (v indicationView) WriteXML(w io.Writer) error {
	_, err := fmt.Fprintf(w, "%s\n", bytes.TrimRight(v.raw, "\r\n"))
	return err
}

// writeProperties writes one property a line behind as many spaces as indent says, and the
// members of embedded instances below their owner's value.
func writeProperties(b *strings.Builder, values *mof.ValueTable, class string, properties []cim.Property, indent int) {
	width := 0
	for i := range properties {
		width = max(width, utf8.RuneCountInString(printable(properties[i].Name)))
	}
	for i := range properties {
		p := &properties[i]
		fmt.Fprintf(b, "%*s%*s = ", indent, "", width, printable(p.Name))
		writeValue(b, values, class, p, indent+width+len(" = "))
	}
}

// writeValue writes a value that stands at a column, and the line's end.
func writeValue(b *strings.Builder, values *mof.ValueTable, class string, p *cim.Property, column int) {
	elements := p.Value.Elements()
	if !p.Value.IsArray() {
		elements = []cim.Value{p.Value}
	}
	if p.Value.Type() != cim.TypeInstance || p.Value.IsNull() || len(elements) == 0 {
		b.WriteString(printable(meaningOf(values, class, p.Name, p.Value)) + "\n")
		return
	}
	for n, e := range elements {
		if n > 0 {
			fmt.Fprintf(b, "%*s", column, "")
		}
		inner, ok := e.Instance()
		if !ok {
			b.WriteString(nullWord + "\n")
			continue
		}
		b.WriteString("instance of " + printable(inner.Class) + "\n")
		writeProperties(b, values, inner.Class, inner.Properties, column+len(memberIndent))
	}
}

// memberIndent stands before the members of an embedded instance.
const memberIndent = "  "

// meaningOf returns a value as people read it, numbers of enumerations with what they
// mean: "8 (Security Alert)".
func meaningOf(values *mof.ValueTable, class, property string, v cim.Value) string {
	if !v.IsArray() {
		return v.String() + meaning(values, class, property, v)
	}
	if v.IsNull() {
		return v.String()
	}
	return arrayText(v, func(e cim.Value) string { return elementText(e) + meaning(values, class, property, e) })
}

func meaning(values *mof.ValueTable, class, property string, v cim.Value) string {
	n, ok := v.Int64()
	if !ok || values == nil {
		return ""
	}
	if m, ok := values.Meaning(class, property, n); ok {
		return " (" + m + ")"
	}
	return ""
}
