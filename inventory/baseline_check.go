package inventory

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/cimwatch/cimwatch/cim"
)

// Deviation is one way in which a host is not as its baseline says.
type Deviation struct {
	Text      string `json:"text"` // for people
	Component Kind   `json:"component"`
	Name      string `json:"name,omitempty"` // of the one that deviates; "" where one is missing
	ID        string `json:"id,omitempty"`

	// Expected and Found are counts where Field is "count", else values of that field.
	Field    string `json:"field"`
	Expected string `json:"expected"`
	Found    string `json:"found"`
}

// fieldCount is the Field of a Deviation that is about how many there are.
const fieldCount = "count"

// Check returns in what the components of a host deviate from the baseline; nothing is as
// it should be. Each component counts for one expectation at most, so that as many as can be
// are met. One that meets none is told with its fields that differ from the closest
// that lacks one, else as not expected.
func (b *Baseline) Check(components []Component) []Deviation {
	a := newAssignment(b.Components, components)
	a.assign()
	var found []Deviation
	for _, c := range a.strays() {
		n, wrong := a.closest(c)
		if n < 0 {
			found = append(found, unexpected(c, a.count(c)))
			continue
		}
		a.near[n]++
		found = append(found, wrong...)
	}
	for n := range b.Components {
		e := &b.Components[n]
		if missing := e.Count - len(a.of[n]) - a.near[n]; missing > 0 {
			found = append(found, Deviation{
				Text: fmt.Sprintf("%s: %d of %d missing", e.describe(), missing, e.Count), Component: e.Kind,
				Field: fieldCount, Expected: fmt.Sprint(e.Count), Found: fmt.Sprint(e.Count - missing),
			})
		}
	}
	return found
}

func unexpected(c *Component, met int) Deviation {
	e := expectationOf(c, false)
	e.Name = c.Name
	text := e.describe() + ": not expected"
	if met > 0 {
		text = fmt.Sprintf("%s: one more than the %d that are expected", e.describe(), met)
	}
	return Deviation{
		Text: text, Component: c.Kind, Name: c.Name, ID: c.ID, Field: fieldCount, Expected: "0", Found: "1",
	}
}

// assignment says which components count for which expectation.
type assignment struct {
	expected   []Expectation
	components []*Component // of kinds that are expected
	of         [][]int      // the components of each expectation
	with       []int        // the expectation of each component, -1 for none
	near       []int        // how many almost meet each expectation
}

func newAssignment(expected []Expectation, components []Component) *assignment {
	a := &assignment{expected: expected, of: make([][]int, len(expected)), near: make([]int, len(expected))}
	kinds := map[Kind]bool{}
	for n := range expected {
		kinds[expected[n].Kind] = true
	}
	for _, c := range present(components) {
		if counts(c) && kinds[c.Kind] {
			a.components = append(a.components, c)
			a.with = append(a.with, -1)
		}
	}
	slices.SortStableFunc(a.components, func(x, y *Component) int {
		return cmp.Compare(boolInt(a.isNamed(x)), boolInt(a.isNamed(y)))
	})
	return a
}

// isNamed reports whether an expectation means this very component, which is not as it
// says. Such ones come last, so that it is they that are left over.
func (a *assignment) isNamed(c *Component) bool {
	means := func(want, got string) bool { return want != "" && strings.EqualFold(want, got) }
	return slices.ContainsFunc(a.expected, func(e Expectation) bool {
		return e.Kind == c.Kind && (means(e.Name, c.Name) || means(e.Slot, c.Slot) || means(e.Serial, c.Serial)) && !e.meets(c)
	})
}

// assign meets as many expectations as can be: a component takes the place of another one
// where that one finds a place elsewhere (augmenting paths).
func (a *assignment) assign() {
	for c := range a.components {
		a.find(c, make([]bool, len(a.expected)))
	}
}

func (a *assignment) find(c int, tried []bool) bool {
	for n := range a.expected {
		if tried[n] || !a.expected[n].meets(a.components[c]) {
			continue
		}
		tried[n] = true
		if len(a.of[n]) < a.expected[n].Count {
			a.put(c, n)
			return true
		}
		for _, other := range a.of[n] {
			if a.find(other, tried) {
				a.of[n] = slices.DeleteFunc(a.of[n], func(o int) bool { return o == other })
				a.put(c, n)
				return true
			}
		}
	}
	return false
}

func (a *assignment) put(c, n int) {
	a.of[n] = append(a.of[n], c)
	a.with[c] = n
}

// strays returns the components that meet no expectation that needs them.
func (a *assignment) strays() []*Component {
	var all []*Component
	for n, c := range a.components {
		if a.with[n] < 0 {
			all = append(all, c)
		}
	}
	return all
}

// count returns how many were expected that are as this one.
func (a *assignment) count(c *Component) int {
	n := 0
	for i := range a.expected {
		if a.expected[i].meets(c) {
			n += a.expected[i].Count
		}
	}
	return n
}

// closest returns the expectation that lacks one and that a component differs from in the
// fewest fields, but not in all, and these; -1 when there is none.
func (a *assignment) closest(c *Component) (best int, wrong []Deviation) {
	best = -1
	for n := range a.expected {
		e := &a.expected[n]
		if e.Kind != c.Kind || len(a.of[n])+a.near[n] >= e.Count {
			continue
		}
		if d := e.deviations(c); len(d) < len(e.fields()) && (best < 0 || len(d) < len(wrong)) {
			best, wrong = n, d
		}
	}
	return best, wrong
}

// meets reports whether a component is as expected.
func (e *Expectation) meets(c *Component) bool {
	return e.Kind == c.Kind && len(e.deviations(c)) == 0
}

// deviations returns the fields in which a component is not as expected.
func (e *Expectation) deviations(c *Component) []Deviation {
	var wrong []Deviation
	for _, f := range e.fields() {
		got, ok := c.has(f)
		if ok {
			continue
		}
		shown := got
		if shown == "" {
			shown = "none"
		}
		wrong = append(wrong, Deviation{
			Text:      fmt.Sprintf("%s %s: %s is %s, expected %s", c.Kind, c.Name, f.name, shown, f.want),
			Component: c.Kind, Name: c.Name, ID: c.ID, Field: f.name, Expected: f.want, Found: got,
		})
	}
	return wrong
}

// sizeTolerance is for sizes that were rounded.
const sizeTolerance = 0.01

// has returns what a component has of a field, and whether that is as expected.
func (c *Component) has(f field) (got string, ok bool) {
	if f.name == "size" && !f.property {
		want, err := parseSize(c.Kind, f.want)
		n, known := c.Size()
		off := float64(n) - want
		return c.sizeText(), err == nil && known && max(off, -off) <= want*sizeTolerance
	}
	got = c.text(f)
	return got, strings.EqualFold(strings.TrimSpace(got), strings.TrimSpace(f.want))
}

// text returns what a component has of a field that is a text.
func (c *Component) text(f field) string {
	if f.property {
		return lexical(c.Instance().Get(f.name))
	}
	switch f.name {
	case "name":
		return c.Name
	case "slot":
		return c.Slot
	case "vendor":
		return c.Vendor
	case "model":
		return c.Model
	case "part":
		return c.Part
	case "serial":
		return c.Serial
	default:
		return c.Firmware
	}
}

// lexical writes a value as a baseline has it: an array as its elements with commas between.
func lexical(v cim.Value) string {
	if !v.IsArray() {
		return v.Lexical()
	}
	elements := v.Elements()
	parts := make([]string, len(elements))
	for n := range elements {
		parts[n] = elements[n].Lexical()
	}
	return strings.Join(parts, ",")
}
