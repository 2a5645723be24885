package inventory

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"
)

// Pattern is a text in which * stands for any text and ? for any character. Case does not
// count.
type Pattern string

// Match reports whether the whole of a text fits.
func (p Pattern) Match(text string) bool {
	var room [2][64]byte
	pattern, plain := appendLower(room[0][:0], string(p))
	if lower, ok := appendLower(room[1][:0], text); ok && plain {
		return matchGlob(pattern, lower)
	}
	return matchGlob([]rune(strings.ToLower(string(p))), []rune(strings.ToLower(text)))
}

// appendLower appends a text of ASCII in lower case, which searches do to all that there is: to
// room that is there it takes no memory. Of other texts ok is false.
func appendLower(to []byte, text string) (lower []byte, ok bool) {
	for i := range len(text) {
		c := text[i]
		switch {
		case c >= utf8.RuneSelf:
			return nil, false
		case 'A' <= c && c <= 'Z':
			c += 'a' - 'A'
		}
		to = append(to, c)
	}
	return to, true
}

// containsFolded reports whether a text, in lower case, has another one in it that is in lower
// case already.
func containsFolded(text, lower string) bool {
	var room [128]byte
	if folded, ok := appendLower(room[:0], text); ok {
		return bytes.Contains(folded, []byte(lower))
	}
	return strings.Contains(strings.ToLower(text), lower)
}

// Literal returns what each text that fits begins with, in lower case, and whether that is
// the whole of it.
func (p Pattern) Literal() (prefix string, whole bool) {
	text := strings.ToLower(string(p))
	if n := strings.IndexAny(text, "*?"); n >= 0 {
		return text[:n], false
	}
	return text, true
}

// matchGlob goes back to the last * only: an earlier one has nothing to gain by taking more.
func matchGlob[T byte | rune](pattern, text []T) bool {
	p, star, resume := 0, -1, 0
	for t := 0; t < len(text); {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, resume = p, t
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == text[t]):
			p++
			t++
		case star >= 0:
			resume++
			p, t = star+1, resume
		default:
			return false
		}
	}
	return !slices.ContainsFunc(pattern[p:], func(c T) bool { return c != '*' })
}

// matchAny reports whether a pattern fits; no patterns fit all.
func matchAny(patterns []Pattern, text string) bool {
	return len(patterns) == 0 || slices.ContainsFunc(patterns, func(p Pattern) bool { return p.Match(text) })
}
