package inventory

import (
	"slices"
	"strings"
)

// Pattern is a text in which * stands for any text and ? for any character. Case does not
// count.
type Pattern string

// Match reports whether the whole of a text fits.
func (p Pattern) Match(text string) bool {
	return matchGlob([]rune(strings.ToLower(string(p))), []rune(strings.ToLower(text)))
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
func matchGlob(pattern, text []rune) bool {
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
	return !slices.ContainsFunc(pattern[p:], func(r rune) bool { return r != '*' })
}

// matchAny reports whether a pattern fits; no patterns fit all.
func matchAny(patterns []Pattern, text string) bool {
	return len(patterns) == 0 || slices.ContainsFunc(patterns, func(p Pattern) bool { return p.Match(text) })
}
