package event

import (
	"slices"
	"strings"
)

// phrase is a rule in the form that texts are looked through for.
type phrase struct {
	*rule
	words [][]string // each with its alternatives
}

// lexicon finds phrases by their first word.
type lexicon map[string][]phrase

func newLexicon(rules []rule) lexicon {
	l := make(lexicon)
	for n := range rules {
		p := phrase{rule: &rules[n]}
		for w := range strings.FieldsSeq(rules[n].phrase) {
			p.words = append(p.words, strings.Split(w, "|"))
		}
		for _, first := range p.words[0] {
			l[first] = append(l[first], p)
		}
	}
	return l
}

// match is where a text has a phrase: its words from and up to, not including, to.
type match struct {
	*rule
	from, to int
}

// find returns all phrases in a text but those that are part of a longer one.
func (l lexicon) find(words []word) []match {
	var all []match
	for n := range words {
		for _, p := range l[words[n].lower] {
			if p.startsAt(words[n:]) {
				all = append(all, match{p.rule, n, n + len(p.words)})
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(all), func(m match) bool {
		return slices.ContainsFunc(all, func(longer match) bool {
			return longer.from <= m.from && m.to <= longer.to && longer.to-longer.from > m.to-m.from
		})
	})
}

func (p *phrase) startsAt(words []word) bool {
	if len(words) < len(p.words) {
		return false
	}
	for n, alternatives := range p.words {
		if !slices.Contains(alternatives, words[n].lower) {
			return false
		}
	}
	return true
}

// reading is what the lexicon makes of a text.
type reading struct {
	words   []word // of the present
	matches []match
	match         // the one that counts; its rule is nil when the text says nothing known
	sense   sense // of the text: that of the match, negations considered
}

var phrases = newLexicon(rules)

// read looks a text up. Trouble counts more than anything before or beside it, what is only
// worth knowing more than a good state; a final state counts more than trouble before it.
func read(text string) reading {
	words := wordsOf(text)
	r := readWords(present(text, words, true))
	if r.rule == nil {
		r = readWords(present(text, words, false))
	}
	return r
}

func readWords(words []word) reading {
	r := reading{words: words, matches: phrases.find(words)}
	for _, m := range r.matches {
		s := m.rule.sense
		if s == silent {
			continue
		}
		if isNegated(words[:m.from]) {
			s = s.negated()
		}
		if r.rule == nil || s.outweighs(r.sense) || s == bad && r.sense == bad && m.severity > r.severity {
			r.match, r.sense = m, s
		}
	}
	return r
}

// isNegated looks at what stands before a phrase: "not", "no longer", "could not be".
func isNegated(before []word) bool {
	n := len(before)
	if n > 0 && (before[n-1].lower == "be" || before[n-1].lower == "been" || before[n-1].lower == "longer") {
		n--
	}
	return n > 0 && slices.Contains([]string{"no", "not", "never", "without", "non"}, before[n-1].lower)
}

// fillers are words that tell nothing of what a text is about.
var fillers = setOf(`a an been going has high is low lower now redundancy sensor state
	status the to transition upper was`)

// family returns the group of conditions that a text belongs to, with what it is about, ""
// when it belongs to none.
func (r *reading) family() string {
	if r.rule == nil || r.rule.family == "" {
		return ""
	}
	var about []string
	for n, w := range r.words {
		inState := slices.ContainsFunc(r.matches, func(m match) bool {
			return m.rule.family == r.rule.family && m.from <= n && n < m.to
		})
		if !inState && !fillers[w.lower] {
			about = append(about, w.lower)
		}
	}
	return r.rule.family + "/" + strings.Join(about, " ")
}

// FamilyOf returns the group of conditions that the condition with a key belongs to, as in
// Condition.Family, "" when it belongs to none.
func FamilyOf(key string) string {
	r := read(key)
	if r.sense != bad {
		return ""
	}
	return r.family()
}

// ActionOf returns what a state in words means, such as a sensor's CurrentState: trouble is
// ActionRaise, a good state ActionClear, anything else ActionNote.
func ActionOf(state string) Action {
	r := read(state)
	switch {
	case r.rule == nil && len(r.words) == 1 && strings.HasPrefix(r.words[0].lower, "assert"):
		return ActionRaise // "Assert" by itself, of a sensor that is named after its trouble
	case r.sense == bad:
		return ActionRaise
	case r.sense.isGood():
		return ActionClear
	default:
		return ActionNote
	}
}
