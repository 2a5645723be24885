package cim

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// EqualNames reports whether two CIM names are the same name: DSP0004 compares
// class, property, key, method, qualifier and namespace names without regard to case.
func EqualNames(a, b string) bool {
	return len(a) == len(b) && a == b || strings.EqualFold(a, b)
}

// FoldName returns the form of name that is equal for equal names, for map keys.
func FoldName(name string) string {
	for i := range len(name) {
		if name[i] >= utf8.RuneSelf {
			return strings.Map(foldRune, name)
		}
	}
	return strings.ToLower(name)
}

// foldRune returns one rune for all that strings.EqualFold takes for the same, where
// lower case alone keeps some apart, such as the two small sigmas.
func foldRune(r rune) rune {
	least := r
	for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
		least = min(least, f)
	}
	if least < utf8.RuneSelf {
		return unicode.ToLower(least)
	}
	return least
}

// CleanNamespace returns a namespace name without leading and trailing slashes.
// "/root/cimv2/" and "root/cimv2" name the same namespace.
func CleanNamespace(name string) string {
	return strings.Trim(name, "/")
}
