package cimxml

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"
)

// tokens returns what a scanner makes of a document, one line a token, and its error.
func tokens(s *scanner) (string, error) {
	var b strings.Builder
	var open []string
	for {
		kind, err := s.next()
		if err != nil {
			return b.String(), err
		}
		switch kind {
		case tokenStart:
			b.WriteString("<" + s.name)
			for _, a := range s.tag.attrs {
				fmt.Fprintf(&b, " %s=%q", a.name, s.attr(a.name))
			}
			b.WriteString(">")
			open = append(open, s.name)
		case tokenEnd:
			b.WriteString("</" + open[len(open)-1] + ">")
			open = open[:len(open)-1]
		case tokenText:
			fmt.Fprintf(&b, "%q", s.data)
		case tokenEOF:
			return b.String(), nil
		}
	}
}

func tokensOf(document []byte, limits Limits) (string, error) {
	s := &scanner{}
	s.reset(document, limits)
	return tokens(s)
}

func tokensFrom(r io.Reader, limits Limits) (string, error) {
	s := &scanner{}
	s.resetReader(r, limits)
	return tokens(s)
}

// bothWays scans a document from memory, byte by byte from a reader, and again with a
// scanner that has read it before, and fails the test when they differ.
func bothWays(t *testing.T, document []byte, limits Limits) (string, error) {
	t.Helper()
	got, err := tokensOf(document, limits)
	streamed, streamErr := tokensFrom(iotest.OneByteReader(bytes.NewReader(document)), limits)
	if got != streamed || fmt.Sprint(err) != fmt.Sprint(streamErr) || !sameKind(err, streamErr) {
		t.Errorf("from memory %s, %v\nfrom a reader %s, %v", got, err, streamed, streamErr)
	}
	warm := &scanner{}
	for range 3 { // with what is remembered of the times before
		warm.reset(document, limits)
		if again, againErr := tokens(warm); again != got || fmt.Sprint(againErr) != fmt.Sprint(err) {
			t.Errorf("at first %s, %v\nand then %s, %v", got, err, again, againErr)
		}
	}
	return got, err
}

func sameKind(a, b error) bool {
	var x, y *DecodeError
	return errors.As(a, &x) == errors.As(b, &y) && (x == nil || errors.Is(x.Kind, y.Kind))
}

func TestScannerAccepts(t *testing.T) {
	for _, c := range []struct{ name, document, want string }{
		{"an empty element", `<a/>`, `<a></a>`},
		{"an empty element with space", "<a \n/>", `<a></a>`},
		{"elements", `<a><b></b><c/></a>`, `<a><b></b><c></c></a>`},
		{"text", `<a>x y</a>`, `<a>"x y"</a>`},
		{"text of one character", `<a>]</a>`, `<a>"]"</a>`},
		{"brackets in text", `<a>]]x>]</a>`, `<a>"]]x>]"</a>`},
		{"text between elements", `<a> <b/>x</a>`, `<a>" "<b></b>"x"</a>`},
		{"space in the end tag", "<a></a \t>", `<a></a>`},
		{"a byte order mark", "\uFEFF<a/>", `<a></a>`},
		{"a byte order mark and an XML declaration", "\uFEFF<?xml version=\"1.0\"?><a/>", `<a></a>`},
		{"an XML declaration", `<?xml version="1.0" encoding="utf-8" ?><a/>`, `<a></a>`},
		{"an XML declaration in single quotes", `<?xml version='1.1' encoding = 'UTF-8' standalone='yes'?><a/>`, `<a></a>`},
		{"an XML declaration of ASCII", `<?xml version="1.0" encoding="US-ASCII"?><a/>`, `<a></a>`},
		{"white space around the root", " \r\n<a/>\n\t ", `<a></a>`},
		{"attributes", `<a b="1" c='2'/>`, `<a b="1" c="2"></a>`},
		{"spaces around =", "<a b\n=\t'1'/>", `<a b="1"></a>`},
		{"a quote in other quotes", `<a b='"' c="'"/>`, `<a b="\"" c="'"></a>`},
		{"> and / in an attribute", `<a b="/>"/>`, `<a b="/>"></a>`},
		{"an empty attribute", `<a b=""/>`, `<a b=""></a>`},
		{"white space in an attribute", "<a b='x\ty\nz\r\nw\rv'/>", `<a b="x y z w v"></a>`},
		{"references in an attribute", `<a b="&lt;&gt;&amp;&quot;&apos;&#9;&#xA;&#x20AC;"/>`, `<a b="<>&\"'\t\n€"></a>`},
		{"references in text", `<a>&lt;&gt;&amp;&quot;&apos;&#65;&#x42;&#x1F600;</a>`, `<a>"<>&\"'AB😀"</a>`},
		{"a reference is not read twice", `<a>&amp;lt;</a>`, `<a>"&lt;"</a>`},
		{"line ends", "<a>1\r\n2\r3\n4\r</a>", `<a>"1\n2\n3\n4\n"</a>`},
		{"a line end that is a reference", "<a>&#13;&#10;</a>", `<a>"\r\n"</a>`},
		{"CDATA", `<a><![CDATA[<b>&amp;]]]]></a>`, `<a>"<b>&amp;]]"</a>`},
		{"CDATA between text", "<a>x<![CDATA[\r\n]]>y<![CDATA[]]></a>", `<a>"x\ny"</a>`},
		{"empty CDATA", `<a><![CDATA[]]></a>`, `<a>""</a>`},
		{"comments", `<!-- - --><a>x<!-- <b> & -->y</a><!---->`, `<a>"xy"</a>`},
		{"processing instructions", `<?x?><a>x<?y < & ?>y</a><?z?>`, `<a>"xy"</a>`},
		{"an instruction whose name begins with xml", `<?xml-stylesheet href="x"?><a/>`, `<a></a>`},
		{"a DOCTYPE", `<!DOCTYPE CIM SYSTEM "http://www.dmtf.org/cim.dtd"><a/>`, `<a></a>`},
		{"a DOCTYPE with > and [ in its literals", `<!DOCTYPE CIM PUBLIC 'a>' "[b]"><a/>`, `<a></a>`},
		{"characters outside ASCII", "<é ü='ß'>𐅂\u0085\uFFFD</é>", "<é ü=\"ß\">\"𐅂\\u0085\uFFFD\"</é>"},
		{"a name with all its characters", `<a:b-c.d_9/>`, `<a:b-c.d_9></a:b-c.d_9>`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := bothWays(t, []byte(c.document), Limits{})
			if err != nil || got != c.want {
				t.Errorf("%s\ngot  %s, %v\nwant %s", c.document, got, err, c.want)
			}
		})
	}
}

func TestScannerRefuses(t *testing.T) {
	for _, c := range []struct {
		name, document string
		kind           error
		want           string
	}{
		{"nothing", ``, ErrNotWellFormed, "the document is empty (byte 0)"},
		{"white space", " \n", ErrNotWellFormed, "the document is empty (byte 2)"},
		{"a declaration alone", `<?xml version="1.0"?>`, ErrNotWellFormed, "the document is empty (byte 21)"},
		{"text alone", `a`, ErrNotWellFormed, "text stands outside the root element (byte 1)"},
		{"text behind", `<a/>b`, ErrNotWellFormed, "text stands outside the root element (byte 5)"},
		{"text before", `b<a/>`, ErrNotWellFormed, "text stands outside the root element (byte 1)"},
		{"CDATA outside", `<![CDATA[]]><a/>`, ErrNotWellFormed, "a CDATA section stands outside the root element (byte 0)"},
		{"two roots", `<a/><b/>`, ErrNotWellFormed, "a second root element (byte 4)"},
		{"an open element", `<a><b></b>`, ErrNotWellFormed, "a: the document ends within a (byte 10)"},
		{"a wrong end tag", `<a></b>`, ErrNotWellFormed, `a: end tag "b" closes a (byte 3)`},
		{"an end tag with an attribute", `<a></a b="">`, ErrNotWellFormed, `a: end tag "a b=\"\"" closes a (byte 3)`},
		{"an end tag too many", `<a/></a>`, ErrNotWellFormed, `end tag "a" closes nothing (byte 4)`},
		{"an end tag with control characters", "<a></\x1b[2J>", ErrNotWellFormed, `a: end tag "\x1b[2J" closes a (byte 3)`},
		{"a tag without a name", `<>`, ErrNotWellFormed, "a name was expected (byte 1)"},
		{"space before a name", `< a/>`, ErrNotWellFormed, "a name was expected (byte 1)"},
		{"a name that begins with a digit", `<1/>`, ErrNotWellFormed, "a name was expected (byte 1)"},
		{"an open tag", `<a b="c"`, ErrNotWellFormed, "a tag is not closed (byte 0)"},
		{"an open quote", `<a b="c></a>`, ErrNotWellFormed, "a tag is not closed (byte 0)"},
		{"a single <", `<a><`, ErrNotWellFormed, "a: the document ends within a tag (byte 3)"},
		{"an attribute without =", `<a b/>`, ErrNotWellFormed, "attribute b has no value (byte 4)"},
		{"an attribute without quotes", `<a b=c/>`, ErrNotWellFormed, "the value of attribute b is not quoted (byte 5)"},
		{"an attribute without a value", `<a b=/>`, ErrNotWellFormed, "the value of attribute b is not quoted (byte 5)"},
		{"an attribute twice", `<a b="1" b="1"/>`, ErrNotWellFormed, "attribute b stands twice (byte 10)"},
		{"attributes that touch", `<a b="1"c="2"/>`, ErrNotWellFormed, "white space is missing before an attribute (byte 8)"},
		{"< in an attribute", `<a b="<"/>`, ErrNotWellFormed, "< stands in the value of attribute b (byte 6)"},
		{"/ within a tag", `<a / b="1">`, ErrNotWellFormed, "a name was expected (byte 3)"},
		{"a control character in an attribute", "<a b='\x01'/>", ErrNotWellFormed, "character 0x1 is not allowed in XML (byte 7)"},
		{"a control character in a tag", "<a \x00/>", ErrNotWellFormed, "a name was expected (byte 3)"},
		{"a control character in text", "<a>x\x08</a>", ErrNotWellFormed, "a: character 0x8 is not allowed in XML (byte 4)"},
		{"a control character in CDATA", "<a><![CDATA[\x08]]></a>", ErrNotWellFormed, "a: character 0x8 is not allowed in XML (byte 12)"},
		{"a control character in a comment", "<a><!--\x08--></a>", ErrNotWellFormed, "a: character 0x8 is not allowed in XML (byte 7)"},
		{"U+FFFE in text", "<a>\uFFFE</a>", ErrNotWellFormed, "a: character 0xfffe is not allowed in XML (byte 3)"},
		{"U+FFFF in CDATA", "<a><![CDATA[\uFFFF]]></a>", ErrNotWellFormed, "a: character 0xef is not allowed in XML (byte 12)"},
		{"]]> in text", `<a>x]]></a>`, ErrNotWellFormed, "a: ]]> stands in text (byte 4)"},
		{"open CDATA", `<a><![CDATA[x]]</a>`, ErrNotWellFormed, "a: a CDATA section is not closed (byte 12)"},
		{"an open comment", `<a><!-- x -</a>`, ErrNotWellFormed, "a: a comment is not closed (byte 7)"},
		{"-- in a comment", `<a><!-- x -- y --></a>`, ErrNotWellFormed, "a: -- stands within a comment (byte 10)"},
		{"a comment that ends in ---", `<a><!-- x ---></a>`, ErrNotWellFormed, "a: -- stands within a comment (byte 10)"},
		{"an open instruction", `<?x`, ErrNotWellFormed, "a processing instruction is not closed (byte 2)"},
		{"the shortest wrong instruction", `<?>`, ErrNotWellFormed, "a processing instruction is not closed (byte 2)"},
		{"an instruction without a name", `<??><a/>`, ErrNotWellFormed, "a processing instruction has no name (byte 2)"},
		{"an XML declaration behind white space", ` <?xml version="1.0"?><a/>`, ErrNotWellFormed, "the XML declaration does not stand first (byte 3)"},
		{"a second XML declaration", `<?xml version="1.0"?><?xml version="1.0"?><a/>`, ErrNotWellFormed, "the XML declaration does not stand first (byte 23)"},
		{"an XML declaration without version", `<?xml encoding="utf-8"?><a/>`, ErrNotWellFormed, "the XML declaration does not state version 1.x (byte 2)"},
		{"XML 2", `<?xml version="2.0"?><a/>`, ErrNotWellFormed, "the XML declaration does not state version 1.x (byte 2)"},
		{"an XML declaration with more", `<?xml version="1.0" x="y"?><a/>`, ErrNotWellFormed, `the XML declaration holds " x=\"y\"" (byte 2)`},
		{"another encoding", `<?xml version="1.0" encoding="iso-8859-1"?><a/>`, ErrNotUTF8, `the encoding is "iso-8859-1", expected utf-8 (byte 2)`},
		{"unknown markup", `<!ELEMENT a><a/>`, ErrNotWellFormed, "unknown markup (byte 0)"},
		{"a DOCTYPE that declares", `<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>`, ErrNotValid, "a DOCTYPE with declarations is refused (byte 0)"},
		{"a DOCTYPE with an empty subset", `<!DOCTYPE a []><a/>`, ErrNotValid, "a DOCTYPE with declarations is refused (byte 0)"},
		{"an open DOCTYPE", `<!DOCTYPE a`, ErrNotWellFormed, "a DOCTYPE is not closed (byte 0)"},
		{"a DOCTYPE of nothing", `<!DOCTYPE ><a/>`, ErrNotWellFormed, "a DOCTYPE names no element (byte 0)"},
		{"a DOCTYPE that touches its name", `<!DOCTYPEa><a/>`, ErrNotWellFormed, "a DOCTYPE names no element (byte 0)"},
		{"two DOCTYPEs", `<!DOCTYPE a><!DOCTYPE a><a/>`, ErrNotWellFormed, "a DOCTYPE stands where none may stand (byte 12)"},
		{"a DOCTYPE behind", `<a/><!DOCTYPE a>`, ErrNotWellFormed, "a DOCTYPE stands where none may stand (byte 4)"},
		{"an unknown entity", `<a>&nbsp;</a>`, ErrNotWellFormed, `a: "&nbsp;" is no entity of XML (byte 3)`},
		{"& alone", `<a>x & y;</a>`, ErrNotWellFormed, "a: & begins no entity; & itself is written &amp; (byte 5)"},
		{"& at the end of an attribute", `<a b="&lt">;</a>`, ErrNotWellFormed, "& begins no entity; & itself is written &amp; (byte 6)"},
		{"&;", `<a>&;</a>`, ErrNotWellFormed, `a: "&;" is no entity of XML (byte 3)`},
		{"a reference to NUL", `<a>&#0;</a>`, ErrNotWellFormed, `a: "&#0;" refers to no character that XML may have (byte 3)`},
		{"a reference to a control character", `<a b="&#x1F;"/>`, ErrNotWellFormed, `"&#x1F;" refers to no character that XML may have (byte 6)`},
		{"a reference to a surrogate", `<a>&#xD800;</a>`, ErrNotWellFormed, `a: "&#xD800;" refers to no character that XML may have (byte 3)`},
		{"a reference beyond Unicode", `<a>&#x110000;</a>`, ErrNotWellFormed, `a: "&#x110000;" refers to no character that XML may have (byte 3)`},
		{"a reference without digits", `<a>&#x;</a>`, ErrNotWellFormed, `a: "&#x;" refers to no character that XML may have (byte 3)`},
		{"hexadecimal digits in a decimal reference", `<a>&#1F;</a>`, ErrNotWellFormed, `a: "&#1F;" refers to no character that XML may have (byte 3)`},
		{"Latin-1 in text", "<a>x\xE9</a>", ErrNotUTF8, "a: byte 0xe9 is not UTF-8 (byte 4)"},
		{"a cut character", "<a>\xE2\x82</a>", ErrNotUTF8, "a: byte 0xe2 is not UTF-8 (byte 3)"},
		{"a surrogate in UTF-8", "<a>\xED\xA0\x80</a>", ErrNotUTF8, "a: byte 0xed is not UTF-8 (byte 3)"},
		{"an overlong character", "<a>\xC0\xBC</a>", ErrNotUTF8, "a: byte 0xc0 is not UTF-8 (byte 3)"},
		{"Latin-1 in an attribute", "<a b='\xE9'/>", ErrNotUTF8, "the text is not UTF-8 (byte 7)"},
		{"Latin-1 in a name", "<a\xE9/>", ErrNotUTF8, "a name is not UTF-8 (byte 3)"},
		{"Latin-1 in CDATA", "<a><![CDATA[\xE9]]></a>", ErrNotUTF8, "a: the text is not UTF-8 (byte 12)"},
		{"UTF-16", "\xFF\xFE<\x00a\x00", ErrNotUTF8, "byte 0xff is not UTF-8 (byte 0)"},
		{"two byte order marks", "\uFEFF\uFEFF<a/>", ErrNotWellFormed, "text stands outside the root element (byte 6)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := bothWays(t, []byte(c.document), Limits{})
			checkDecodeError(t, err, c.kind, c.want)
			if err == nil {
				t.Logf("scanned as %s", got)
			}
		})
	}
}

func checkDecodeError(t *testing.T, err, kind error, want string) {
	t.Helper()
	var e *DecodeError
	switch {
	case !errors.As(err, &e):
		t.Errorf("got %v, want a DecodeError: %s", err, want)
	case !errors.Is(err, kind) || !errors.Is(e.Kind, kind):
		t.Errorf("the error is of kind %q, want %q", e.Kind, kind)
	case e.Error() != want:
		t.Errorf("got  %s\nwant %s", e, want)
	}
}

func TestScannerLimits(t *testing.T) {
	small := Limits{Depth: 3, Token: 20, Attributes: 2, Object: 100, Elements: 8}
	long := strings.Repeat("x", 21)
	for _, c := range []struct{ name, document, want string }{
		{"depth", `<a><b><c><d/></c></b></a>`, "a: b: c: elements are nested deeper than 3 (byte 9)"},
		{"attributes", `<a b="" c="" d=""/>`, "an element has more than 2 attributes (byte 14)"},
		{"a tag", `<a b="` + long + `"/>`, ""},
		{"a text", `<a>` + long + `</a>`, ""},
		{"a text of CDATA sections", `<a>` + strings.Repeat(`<![CDATA[xxxxx]]>`, 5) + `</a>`, "a: a text is longer than 20 bytes (byte 88)"},
		{"a text of references", `<a>` + strings.Repeat(`&amp;`, 22) + `</a>`, ""},
		{"elements", `<a>` + strings.Repeat(`<b/>`, 9) + `</a>`, "a: an object has more than 8 elements (byte 31)"},
		{"an object", `<a>` + strings.Repeat(`<!---->`, 30) + `</a>`, "a: an object is longer than 100 bytes (byte 101)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, r := range []io.Reader{nil, iotest.OneByteReader(strings.NewReader(c.document))} {
				_, err := tokensOf([]byte(c.document), small)
				if r != nil {
					_, err = tokensFrom(r, small)
				}
				if !errors.Is(err, ErrTooLarge) || c.want != "" && err.Error() != c.want {
					t.Errorf("got %v, want %v", err, c.want)
				}
			}
		})
	}
}

// endless repeats a text for ever.
type endless struct {
	text string
	at   int
}

func (e *endless) Read(p []byte) (int, error) {
	n := copy(p, e.text[e.at:])
	e.at = (e.at + n) % len(e.text)
	return n, nil
}

// TestScannerStaysSmall reads documents without end: every one comes to an error, and no
// buffer grows beyond what the limits allow.
func TestScannerStaysSmall(t *testing.T) {
	limits := Limits{Token: 100_000, Object: 1_000_000}
	for _, c := range []struct{ name, first, text string }{
		{"text", "<a>", "x"},
		{"characters outside ASCII", "<a>", "é"},
		{"references", "<a>", "&lt;"},
		{"a tag", "<a ", "x"},
		{"a quoted value", `<a b="`, "x"},
		{"attributes", `<a`, ` b="" `},
		{"an end tag", `<a></`, "a"},
		{"CDATA", "<a><![CDATA[", "x"},
		{"CDATA sections", "<a>", "<![CDATA[x]]>"},
		{"a comment", "<a><!--", "x"},
		{"comments", "<a>", "<!--x-->"},
		{"an instruction", "<a><?x ", "x"},
		{"a DOCTYPE", "<!DOCTYPE ", "x"},
		{"elements", "<a>", "<b/>"},
		{"nested elements", "<a>", "<b>"},
		{"white space", "", " "},
		{"white space behind", "<a/>", " "},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := &scanner{}
			limited := io.LimitReader(&endless{text: c.text}, 20_000_000)
			s.resetReader(io.MultiReader(strings.NewReader(c.first), limited), limits)
			_, err := tokens(s)
			if !errors.Is(err, ErrTooLarge) {
				t.Errorf("got %v, want an error of a limit", err)
			}
			if n := max(cap(s.buf), cap(s.data), largest(s.spares)); n > 4*limits.Token {
				t.Errorf("a buffer grew to %d bytes: %v", n, err)
			}
		})
	}
}

func TestScannerReadError(t *testing.T) {
	broken := errors.New("connection reset")
	_, err := tokensFrom(io.MultiReader(strings.NewReader("<a><b>"), iotest.ErrReader(broken)), Limits{})
	checkDecodeError(t, err, broken, "a: b: reading: connection reset (byte 6)")
}

func TestDecodeErrorClips(t *testing.T) {
	name := strings.Repeat("N", 5000)
	_, err := DecodeExport([]byte(`<CIM CIMVERSION="2.0" DTDVERSION="2.0"><MESSAGE ID="1" PROTOCOLVERSION="1.0"><SIMPLEEXPREQ>` +
		`<EXPMETHODCALL NAME="` + name + `"><EXPPARAMVALUE NAME="&#10;` + name + `"><X/>`))
	if err == nil || len(err.Error()) > 400 || strings.Contains(err.Error(), "\n") {
		t.Errorf("the error is not clipped: %v", err)
	}
}

// chunks returns a reader that gives a document in pieces of random length.
func chunks(document []byte, r *rand.Rand) io.Reader {
	var parts []io.Reader
	for len(document) > 0 {
		n := min(len(document), 1+r.IntN(40))
		parts = append(parts, bytes.NewReader(document[:n]))
		document = document[n:]
	}
	return io.MultiReader(parts...)
}

// TestScannerReadsAlike scans the messages of testdata, and broken variants of them,
// from memory and in pieces.
func TestScannerReadsAlike(t *testing.T) {
	const seed = 1
	r := rand.New(rand.NewPCG(seed, seed))
	const marks = "<>&;\"'/=! \n\r\x00\xE9]-?[a"
	for name, message := range messages(t) {
		for range 100 {
			broken := bytes.Clone(message)
			for range r.IntN(3) {
				broken[r.IntN(len(broken))] = marks[r.IntN(len(marks))]
			}
			want, wantErr := tokensOf(broken, Limits{})
			got, err := tokensFrom(chunks(broken, r), Limits{})
			if got != want || fmt.Sprint(err) != fmt.Sprint(wantErr) {
				t.Fatalf("%s: %s\nfrom memory %s, %v\nin pieces %s, %v", name, broken, want, wantErr, got, err)
			}
		}
	}
}

// largest returns the size of the largest buffer of tags.
func largest(tags []*tag) (n int) {
	for _, t := range tags {
		n = max(n, cap(t.vals))
	}
	return n
}
