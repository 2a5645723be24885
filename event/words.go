package event

import (
	"slices"
	"strings"
	"unicode"
)

// word is a word of a text: what stands between two signs that are neither letter nor
// digit, so that "Non-critical" is two and "I/O" is two.
type word struct {
	lower    string
	from, to int // bytes of the text
}

func wordsOf(text string) []word {
	words := make([]word, 0, 16)
	from := -1
	for at, r := range text {
		inside := unicode.IsLetter(r) || unicode.IsDigit(r)
		switch {
		case inside && from < 0:
			from = at
		case !inside && from >= 0:
			words = append(words, word{strings.ToLower(text[from:at]), from, at})
			from = -1
		}
	}
	if from >= 0 {
		words = append(words, word{strings.ToLower(text[from:]), from, len(text)})
	}
	return words
}

// states are the words that name a state in "from X", "Previous = X", "was X", "X -> Y".
var states = setOf(`absent active bad copyback critical degraded disabled down enabled
	error failed failure fault foreign fully good healthy hot hotspare idle inactive inserted
	insufficient jbod less line lost missing more non normal off offline ok on online optimal
	partially powersave present ready rebuild rebuilding recoverable redundancy redundant
	removed resources running severe spare sufficient unconf unconfigured unhealthy unknown up
	warning`)

func setOf(list string) map[string]bool {
	set := make(map[string]bool)
	for s := range strings.FieldsSeq(list) {
		set[s] = true
	}
	return set
}

// How many words a past state has at most: one that begins with a known word, and any.
const (
	longestState = 5
	longestOther = 2
)

// present leaves out what a text says of the past: "from X", "from X to", "Previous = X
// Current =", "X ->". What "was" is past only when told, since "the drive was removed"
// speaks of now.
func present(text string, words []word, was bool) []word {
	left := make([]word, 0, len(words))
	for n := 0; n < len(words); n++ {
		w := words[n]
		if n > 0 && isArrow(text[words[n-1].to:w.from]) {
			left = left[:len(left)-trailingState(left)]
		}
		past := 0
		switch w.lower {
		case "from":
			past = until(words[n+1:], "to")
		case "previous", "prior", "old":
			past = until(words[n+1:], "current", "new", "present", "now")
		case "previously", "formerly":
			past = leadingState(words[n+1:])
		case "was", "were":
			if was {
				past = leadingState(words[n+1:])
			}
		}
		if past == 0 {
			left = append(left, w)
		}
		n += past
	}
	return left
}

func isArrow(between string) bool {
	return strings.Contains(between, "->") || strings.Contains(between, "=>") || strings.Contains(between, "→")
}

// until returns how many words a past state has that ends with one of some words, which
// count as part of it, or with the last word that names a state.
func until(words []word, ends ...string) int {
	known := leadingState(words)
	longest := longestOther
	if known > 0 {
		longest = longestState
	}
	for n := 1; n < len(words) && n <= longest; n++ {
		if slices.Contains(ends, words[n].lower) {
			return n + 1
		}
	}
	return known
}

// leadingState returns how many words in front name a state: "state = OPTIMAL(3)".
func leadingState(words []word) int {
	n := 0
	if len(words) > 1 && (words[0].lower == "state" || words[0].lower == "status") {
		n++
	}
	first := n
	for n < len(words) && (states[words[n].lower] || n > first && isNumber(words[n].lower)) {
		n++
	}
	if n == first {
		return 0
	}
	return n
}

func trailingState(words []word) int {
	n := 0
	for n < len(words) {
		w := words[len(words)-1-n].lower
		if !states[w] && !isNumber(w) {
			break
		}
		n++
	}
	return n
}

func isNumber(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}
