package mof

import (
	"strings"

	"github.com/cimwatch/cimwatch/cim"
)

// maxCandidates bounds the names that are compared, so that mistakes cost the same in
// sources of any size.
const maxCandidates = 10_000

// suggest returns ", expected X" with the candidate that wanted is probably meant to
// be, or "".
func suggest(wanted string, candidates func(yield func(string) bool)) string {
	best, least := "", min(2, len(wanted)/3)+1
	lower := strings.ToLower(wanted)
	left := maxCandidates
	for candidate := range candidates {
		if left--; left < 0 {
			break
		}
		if d := distance(lower, strings.ToLower(candidate), least); d < least {
			best, least = candidate, d
		}
	}
	if best == "" {
		return ""
	}
	return ", expected perhaps " + best
}

// distance returns the number of insertions, deletions and replacements between two
// texts, or most when there are so many or more.
func distance(a, b string, most int) int {
	if len(a)-len(b) >= most || len(b)-len(a) >= most {
		return most
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, diagonal+1)
		}
	}
	return min(row[len(b)], most)
}

func (c *compiler) suggestClass(n name) string {
	if c.errors.many() {
		return ""
	}
	return suggest(n.String(), func(yield func(string) bool) {
		for _, cl := range c.order {
			if !yield(cl.decl.name.String()) {
				return
			}
		}
	})
}

func (c *compiler) suggestQualifier(n name) string {
	if c.errors.many() {
		return ""
	}
	if len(c.qualOrder) == 0 {
		return ", expected its declaration, as in a file of qualifier types"
	}
	return suggest(n.String(), func(yield func(string) bool) {
		for _, q := range c.qualOrder {
			if !yield(q.decl.name.String()) {
				return
			}
		}
	})
}

// suggestProperty also finds what is a method, or a property of subclasses.
func (c *compiler) suggestProperty(n name, of *class) string {
	if c.errors.many() {
		return ""
	}
	cl := of.whole()
	if cl.Method(n.String()) != nil {
		return ", which is a method of it, expected a property"
	}
	for _, sub := range of.subclasses {
		if sub.local.Property(n.String()) != nil {
			return ", expected perhaps an instance of " + sub.name()
		}
	}
	return suggest(n.String(), func(yield func(string) bool) {
		for i := range cl.Properties {
			if !yield(cl.Properties[i].Name) {
				return
			}
		}
	})
}

// scopeText lists the names of a scope, for messages and MOF.
func scopeText(s cim.Scope) string {
	if s == cim.ScopeAny {
		return "any"
	}
	var list []string
	for _, name := range []string{"class", "association", "indication", "property", "reference", "method", "parameter"} {
		if s&scopeNames[name] != 0 {
			list = append(list, name)
		}
	}
	return strings.Join(list, ", ")
}
