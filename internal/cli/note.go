package cli

import (
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// note writes one line for people to standard error. When that fails there is nowhere left to
// say so.
func note(stderr io.Writer, text string) { _, _ = io.WriteString(stderr, oneLine(text)+"\n") }

// oneLine returns text as one line that is safe on a terminal: part of it may be the words of
// a server.
func oneLine(text string) string {
	lines := strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' })
	return printable(strings.Join(lines, "; "))
}

// printable returns text with escapes in place of what is not printable: control characters,
// which can command a terminal, and invisible ones, which can make a text look like another.
func printable(text string) string {
	var b strings.Builder
	for _, r := range strings.ToValidUTF8(text, string(utf8.RuneError)) {
		if unicode.IsPrint(r) || unicode.Is(unicode.Zs, r) {
			b.WriteRune(r)
			continue
		}
		quoted := strconv.QuoteRune(r)
		b.WriteString(quoted[1 : len(quoted)-1])
	}
	return b.String()
}
