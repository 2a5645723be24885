package query

import (
	"strings"
	"unicode/utf8"
)

// pattern is a compiled LIKE pattern.
type pattern []element

// element is one character of a pattern: itself, % for any text, or _ for any character.
type element struct {
	char rune
	wild bool
}

// compilePattern reads the pattern of LIKE. A backslash before %, _ or another backslash
// takes away their meaning.
func compilePattern(text string) pattern {
	runes := []rune(text)
	var p pattern
	for i := 0; i < len(runes); i++ {
		c := runes[i]
		if c == '\\' && i+1 < len(runes) && (runes[i+1] == '%' || runes[i+1] == '_' || runes[i+1] == '\\') {
			i++
			p = append(p, element{char: runes[i]})
			continue
		}
		p = append(p, element{char: c, wild: c == '%' || c == '_'})
	}
	return p
}

// plainPattern takes away the backslashes before characters that other languages have in patterns, and
// returns the first of these that has none, 0 where all have.
func plainPattern(text string) (plain string, found rune) {
	const special = "[*?"
	var b strings.Builder
	runes := []rune(text)
	for i := 0; i < len(runes); i++ {
		c := runes[i]
		following := i+1 < len(runes)
		switch {
		case c == '\\' && following && strings.ContainsRune(special, runes[i+1]):
			i++
			c = runes[i]
		case c == '\\' && following && strings.ContainsRune(`%_\`, runes[i+1]):
			b.WriteRune(c)
			i++
			c = runes[i]
		case strings.ContainsRune(special, c):
			return text, c
		}
		b.WriteRune(c)
	}
	return b.String(), 0
}

func (e element) anyText() bool { return e.wild && e.char == '%' }

func (e element) matches(c rune) bool { return e.wild || e.char == c }

// match reports whether the whole text fits. When it gets stuck it goes back to the last
// % only and lets that take one character more, so the work is at most the product of
// both lengths.
func (p pattern) match(text string) bool {
	at, mark, resume := 0, -1, 0
	for i := 0; i < len(text); {
		c, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case at < len(p) && p[at].anyText():
			mark, resume = at, i
			at++
		case at < len(p) && p[at].matches(c):
			at++
			i += size
		case mark >= 0:
			_, skip := utf8.DecodeRuneInString(text[resume:])
			resume += skip
			at, i = mark+1, resume
		default:
			return false
		}
	}
	for at < len(p) && p[at].anyText() {
		at++
	}
	return at == len(p)
}
