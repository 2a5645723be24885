package query

import (
	"regexp"
	"strings"
)

// matcher is a compiled pattern of LIKE.
type matcher interface {
	match(text string) bool
}

func compileLike(l language, text string) matcher {
	if l == cql && strings.ContainsAny(text, ".*") {
		return compileExpression(text)
	}
	return compilePattern(text)
}

// expression is a pattern of the CIM Query Language with characters that WQL's does not
// have. Matching takes time in proportion to the text and to the pattern.
type expression struct{ *regexp.Regexp }

// compileExpression reads a pattern of the CIM Query Language (DSP0202, the basic form of
// LIKE, as OpenPegasus has it too): a dot stands for any character, and an asterisk for
// any number of what stands before it. % and _ keep the meaning they have in WQL, since
// filters are written for both. A backslash takes the meaning from one
// of them, and from another backslash.
func compileExpression(text string) matcher {
	var b strings.Builder
	b.WriteString(`(?s)\A`)
	runes := []rune(text)
	repeats := false // an asterisk may follow
	for i := 0; i < len(runes); i++ {
		c := runes[i]
		switch {
		case c == '\\' && i+1 < len(runes) && strings.ContainsRune(`%_\.*`, runes[i+1]):
			i++
			b.WriteString(regexp.QuoteMeta(string(runes[i])))
			repeats = true
		case c == '*' && repeats:
			b.WriteByte('*')
			repeats = false
		case c == '%':
			b.WriteString(".*")
			repeats = false
		case c == '.' || c == '_':
			b.WriteByte('.')
			repeats = true
		default:
			b.WriteString(regexp.QuoteMeta(string(c)))
			repeats = true
		}
	}
	b.WriteString(`\z`)
	compiled, err := regexp.Compile(b.String())
	if err != nil { // it cannot be, as every character is quoted
		return compilePattern(text)
	}
	return expression{compiled}
}

func (e expression) match(text string) bool { return e.MatchString(text) }
