package query

import (
	"slices"

	"github.com/cimwatch/cimwatch/cim"
)

// Where is a condition on its own, as it stands behind WHERE.
type Where struct {
	text       string
	meets      condition
	properties []string
	named      []string
}

// ParseWhere reads a condition without the SELECT before it, such as
//
//	Capacity >= 34359738368 AND BankLabel LIKE "DIMM_A%"
//
// The languages and errors are those of Parse; offsets are those in the text. In the pattern of a
// LIKE of WQL the characters [, * and ? must have a backslash before them: there are people who take
// them for the patterns of other languages, and would find nothing.
func ParseWhere(lang, text string) (*Where, error) {
	l, err := languageOf(lang)
	if err != nil {
		return nil, err
	}
	w := &Where{text: text}
	p, err := newParser(l, text)
	if err == nil {
		p.alone = true
		w.meets, err = p.where()
		w.properties, w.named = p.properties, p.named
	}
	if err != nil {
		return nil, cim.Errorf(cim.StatusInvalidQuery, "%v", err)
	}
	return w, nil
}

// Match reports whether inst meets the condition. Every class counts as a class of its own.
func (w *Where) Match(inst *cim.Instance) bool {
	return inst != nil && w.meets.eval(&row{inst: inst, class: inst.Class}) == yes
}

// Properties returns the names that the condition looks for, as they are written and as often.
// Match says the same of an instance that has only the properties of these names, unless one
// of them is the instance's class, which stands for all of it.
func (w *Where) Properties() []string { return slices.Clone(w.properties) }

// Named returns the names of Properties, each once, but for what ISA asks about, which may be classes.
func (w *Where) Named() []string { return slices.Clone(w.named) }

// String returns the text that was parsed.
func (w *Where) String() string { return w.text }
