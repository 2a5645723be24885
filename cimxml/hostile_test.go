package cimxml_test

import (
	"errors"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/cimwatch/cimwatch/cimxml"
)

// A hostile reply is written by its server without end, as far as the client takes it.
type hostile struct {
	name   string
	length string // Content-Length; "" for none
	first  string // behind the beginning of a reply to EnumerateInstances; "!" replaces that too
	repeat string
	want   error
	most   uint64 // bytes of live heap that it may cost
}

func hostiles() []hostile {
	const (
		kB, MB   = 1 << 10, 1 << 20
		object   = `<VALUE.NAMEDINSTANCE><INSTANCENAME CLASSNAME="X"/><INSTANCE CLASSNAME="X">`
		value    = object + `<PROPERTY NAME="P" TYPE="string"><VALUE>`
		declared = "1073741824" // 1 GB
	)
	return []hostile{
		{"references within references", "", "<VALUE.NAMEDINSTANCE>", `<INSTANCENAME CLASSNAME="X"><KEYBINDING NAME="K"><VALUE.REFERENCE>`, cimxml.ErrTooLarge, MB},
		{"elements that do not belong there", "", object, "<A/>", cimxml.ErrNotValid, MB},
		{"1,000,000 tiny elements", "", object, `<QUALIFIER NAME="Q" TYPE="string"/>`, cimxml.ErrTooLarge, 100 * MB},
		{"a property twice", "", object, `<PROPERTY NAME="P" TYPE="string"/>`, cimxml.ErrNotValid, MB},
		{"1,000,000 tiny values", "", object + `<PROPERTY.ARRAY NAME="P" TYPE="uint8"><VALUE.ARRAY>`, `<VALUE>1</VALUE>`, cimxml.ErrTooLarge, 50 * MB},
		{"1,000,000 tiny keys", "", `<VALUE.NAMEDINSTANCE><INSTANCENAME CLASSNAME="X">`, `<KEYBINDING NAME="K"><KEYVALUE/></KEYBINDING>`, cimxml.ErrTooLarge, 50 * MB},
		{"an embedded object without end", "", value, "&lt;A>" + strings.Repeat("x", kB), cimxml.ErrTooLarge, 100 * MB},
		{"a text of 1 GB, declared", declared, value, strings.Repeat("x", kB), cimxml.ErrTooLarge, 100 * MB},
		{"1 GB declared, and then the end", declared, value, "", io.ErrUnexpectedEOF, MB},
		{"a tag without end", "", "<VALUE.NAMEDINSTANCE ", strings.Repeat("x", kB), cimxml.ErrTooLarge, 100 * MB},
		{"attributes without end", "", "<VALUE.NAMEDINSTANCE", ` a="1"`, cimxml.ErrTooLarge, 100 * MB},
		{"an attribute twice", "", `<VALUE.NAMEDINSTANCE a="1" a="2">`, " ", cimxml.ErrNotWellFormed, MB},
		{"bytes that are not UTF-8", "", value, "\xff\xfe", cimxml.ErrNotUTF8, MB},
		{"NUL", "", value, "\x00", cimxml.ErrNotWellFormed, MB},
		{"white space without end", "", "", strings.Repeat(" ", kB), cimxml.ErrTooLarge, 100 * MB},
		{"comments without end", "", "", "<!--" + strings.Repeat(" ", kB) + "-->", cimxml.ErrTooLarge, MB},
		{"an entity bomb", "", `!<!DOCTYPE CIM [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><CIM>&b;`, "&b;", cimxml.ErrNotValid, MB},
		{"an external entity", "", `!<!DOCTYPE CIM [<!ENTITY a SYSTEM "file:///etc/passwd">]><CIM>&a;`, "&a;", cimxml.ErrNotValid, MB},
		{"an entity that nobody declared", "", value + "&b;", " ", cimxml.ErrNotWellFormed, MB},
		{"a DOCTYPE without end", "", "!<!DOCTYPE ", strings.Repeat("x", kB), cimxml.ErrTooLarge, 100 * MB},
	}
}

// TestHostileReplies reads replies that mean harm: each comes to an error, and none costs
// more memory than is stated, however much the server has to say.
func TestHostileReplies(t *testing.T) {
	for _, h := range hostiles() {
		t.Run(h.name, func(t *testing.T) {
			var peak atomic.Uint64
			base := liveHeap()
			s := raw(t, func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				h.write(w, func() { peak.Store(max(peak.Load(), liveHeap())) })
			})
			_, err := collect(t, newClient(t, s.URL).EnumerateInstances(t.Context(), "", "X", nil))
			var d *cimxml.DecodeError
			if !errors.Is(err, h.want) || !errors.As(err, &d) || len(err.Error()) > 1000 {
				t.Errorf("got %.2000v, want %v", err, h.want)
			}
			grown := max(peak.Load(), base) - base
			t.Logf("%d kB of heap: %.200v", grown>>10, err)
			if grown > h.most {
				t.Errorf("it cost %d bytes of heap, at most %d were expected", grown, h.most)
			}
		})
	}
}

func liveHeap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// write writes the reply until nobody reads on, and measures now and then.
func (h hostile) write(w http.ResponseWriter, measure func()) {
	const end, piece, between = 1 << 30, 64 << 10, 8 << 20
	w.Header().Set("Content-Type", "text/xml")
	if h.length != "" {
		w.Header().Set("Content-Length", h.length)
	}
	first, plain := strings.CutPrefix(h.first, "!")
	if !plain {
		head, _, _ := strings.Cut(strings.ReplaceAll(body("<IRETURNVALUE>"), "EnumerateClassNames", "EnumerateInstances"), "</IMETHOD")
		first = head + first
	}
	_, err := io.WriteString(w, first)
	if h.repeat == "" {
		return
	}
	many := strings.Repeat(h.repeat, piece/len(h.repeat)+1)
	for written := 0; written < end && err == nil; written += len(many) {
		if _, err = io.WriteString(w, many); written%between < len(many) {
			measure()
		}
	}
	measure()
}
