package mof

import (
	"strings"
)

// Format lays out a source: indentation, spaces, one qualifier, property or parameter on
// a line, at most one empty line in a row. Comments, pragmas and the order of everything
// stay, as do the line ends within values, within scopes and between the values of an
// instance. The result declares what the source declares, and formatted again it stays as
// it is. The error is an [ErrorList] of what is wrong with the syntax; names are not looked
// up. The name of the source stands in messages.
func Format(source Source) ([]byte, error) {
	text := strings.TrimPrefix(strings.ReplaceAll(string(source.Text), "\r\n", "\n"), byteOrderMark)
	tokens, err := syntaxOnly(source.Name, text)
	if err != nil {
		return nil, err
	}
	f := &formatter{text: text, tokens: tokens, out: make([]byte, 0, len(text)+len(text)/8)}
	f.file()
	return f.out, nil
}

// syntaxOnly returns the tokens of a text that parses.
func syntaxOnly(name, text string) ([]token, error) {
	files := &fileSet{}
	report := &reporter{files: files, limit: defaultMaxErrors}
	if len(text) > defaultMaxSize {
		report.errorf(files.addWhole(name).base, "the source has more than %d bytes", defaultMaxSize)
		return nil, report.list()
	}
	f := files.add(name, text)
	if bad := invalidUTF8(text); bad >= 0 {
		report.errorf(f.base+pos(bad), "byte 0x%02X is not UTF-8", text[bad])
		return nil, report.list()
	}
	p := &parser{text: text, base: f.base, report: report}
	p.tokens = scan(f, newNames(), report, nil, defaultMaxSize/bytesPerWord)
	p.file(func(declaration) {})
	if list := report.list(); list != nil {
		return nil, list
	}
	return p.tokens, nil
}

// gap is what stands between a token and the one before it.
type gap uint8

const (
	glue gap = iota // nothing
	space
	wrap // a line end where the author has one, else a space
	stmt // the same, and an empty line where the author has one
	line // a line end, and an empty line where the author has one
)

// spot is where a token goes: margin is that of the line it starts, and remarks that of
// comments before it.
type spot struct {
	gap             gap
	margin, remarks int
}

func at(g gap, margin int) spot { return spot{g, margin, margin} }

// formatter writes tokens one after another, in the order of the source.
type formatter struct {
	text   string
	tokens []token
	i      int // of the next token
	end    int // of the last one in text
	out    []byte
}

func (f *formatter) kind() kind { return f.tokens[f.i].kind }

func (f *formatter) keyword() keyword {
	if t := f.tokens[f.i]; t.kind == tokName {
		return t.sym.fold.keyword
	}
	return notKeyword
}

// comment is one comment with the number of line ends before it.
type comment struct {
	text  string
	lines int
}

// comments returns those of the text between two tokens, and the number of line ends
// behind the last of them.
func comments(between string) (list []comment, lines int) {
	for i := 0; i < len(between); {
		switch {
		case between[i] == '\n':
			lines++
			i++
		case between[i] != '/':
			i++
		case between[i+1] == '/':
			end := strings.IndexByte(between[i:], '\n')
			if end < 0 {
				end = len(between) - i
			}
			list = append(list, comment{strings.TrimRight(between[i:i+end], " \t\r\f\v"), lines})
			i, lines = i+end, 0
		default:
			end := i + 2 + strings.Index(between[i+2:], "*/") + 2
			list = append(list, comment{between[i:end], lines})
			i, lines = end, 0
		}
	}
	return list, lines
}

// put writes the next token, and the comments before it.
func (f *formatter) put(s spot) {
	t := f.tokens[f.i]
	list, lines := comments(f.text[f.end:t.off])
	f.remarks(list, s)
	switch {
	case len(list) == 0:
	case lines > 0: // also behind a comment that ends its line
		s.gap = max(s.gap, wrap)
	default:
		s.gap = max(s.gap, space)
	}
	f.comeAfter(s, lines)
	f.out = append(f.out, f.text[t.off:t.end]...)
	f.end = int(t.end)
	f.i++
}

// remarks writes comments: behind what is before them on their line, or on lines of their
// own.
func (f *formatter) remarks(list []comment, s spot) {
	for _, c := range list {
		switch {
		case len(f.out) == 0:
			f.margin(s.remarks)
		case c.lines == 0:
			f.out = append(f.out, ' ')
		default:
			f.newLine(s.remarks, c.lines > 1 && s.gap >= stmt)
		}
		f.out = append(f.out, c.text...)
	}
}

// finish writes the comments at the end of the source.
func (f *formatter) finish() {
	list, _ := comments(f.text[f.end:])
	f.remarks(list, at(line, 0))
	if len(f.out) > 0 {
		f.out = append(f.out, '\n')
	}
}

// comeAfter writes the gap before a token that stands so many line ends behind what is
// before it.
func (f *formatter) comeAfter(s spot, lines int) {
	switch {
	case len(f.out) == 0:
		f.margin(s.margin)
	case s.gap == glue:
	case s.gap == line, s.gap >= wrap && lines > 0:
		f.newLine(s.margin, lines > 1 && s.gap >= stmt)
	default:
		f.out = append(f.out, ' ')
	}
}

func (f *formatter) newLine(margin int, empty bool) {
	if empty {
		f.out = append(f.out, '\n')
	}
	f.out = append(f.out, '\n')
	f.margin(margin)
}

func (f *formatter) margin(width int) { f.out = append(f.out, strings.Repeat(" ", width)...) }
