package cimxml

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// CheckText returns an error that names the first character of text that XML cannot carry
// (XML 1.0 section 2.2), nil when there is none.
func CheckText(text string) error {
	for _, r := range text {
		if !legal(r) {
			return fmt.Errorf("%.40q: XML cannot carry the character %U", text, r)
		}
	}
	return nil
}

// legalText returns text with U+FFFD in place of what XML cannot carry.
func legalText(text string) string {
	return strings.Map(func(r rune) rune {
		if !legal(r) {
			return utf8.RuneError
		}
		return r
	}, text)
}

// legal reports whether XML 1.0 can carry a character (section 2.2).
func legal(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' || r >= ' ' && r <= 0xD7FF ||
		r >= 0xE000 && r <= 0xFFFD || r >= 0x10000
}
