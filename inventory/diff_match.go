package inventory

import (
	"cmp"
	"slices"
	"strings"
)

// matching pairs the components of two inventories.
type matching struct {
	a, b  []*Component // those that have no partner yet
	pairs map[*Component]*Component
}

func newMatching(a, b []Component) *matching {
	return &matching{a: present(a), b: present(b), pairs: map[*Component]*Component{}}
}

// present returns the components that are there, in the order of a list for people.
func present(all []Component) []*Component {
	var there []*Component
	for n := range all {
		if all[n].Removed.IsZero() {
			there = append(there, &all[n])
		}
	}
	slices.SortStableFunc(there, compareComponents)
	return there
}

// match pairs by one rule after the other.
func (m *matching) match(o *DiffOptions) {
	if !o.Hosts {
		m.by(true, func(c *Component) string { return joined(serialOf(c), string(c.Kind), c.Part) })
		m.by(true, func(c *Component) string { return c.ID })
	}
	m.by(true, func(c *Component) string { return joined(c.Slot, string(c.Kind), c.Name) })
	m.by(true, func(c *Component) string { return joined(c.Slot, string(c.Kind)) })
	m.by(false, func(c *Component) string { return joined(c.Name, string(c.Kind)) })
	if o.Hosts {
		m.by(true, func(c *Component) string { return joined(string(c.Kind), c.Class) })
		m.by(true, func(c *Component) string { return string(c.Kind) })
	}
}

// joined joins what identifies, "" when the first of it is unknown.
func joined(first string, more ...string) string {
	if first == "" {
		return ""
	}
	return strings.Join(append([]string{first}, more...), "\x00")
}

// by pairs the components whose key is the same and not "". When it must be alone, a key that
// several of one side have pairs none; else they are paired in their order.
func (m *matching) by(alone bool, key func(*Component) string) {
	ofB := map[string][]*Component{}
	for _, c := range m.b {
		ofB[key(c)] = append(ofB[key(c)], c)
	}
	ofA := map[string][]*Component{}
	for _, c := range m.a {
		ofA[key(c)] = append(ofA[key(c)], c)
	}
	for k, as := range ofA {
		bs := ofB[k]
		if k == "" || alone && (len(as) > 1 || len(bs) > 1) {
			continue
		}
		for n := range min(len(as), len(bs)) {
			m.pairs[as[n]] = bs[n]
		}
	}
	m.drop()
}

// drop forgets those that have a partner.
func (m *matching) drop() {
	taken := map[*Component]bool{}
	for a, b := range m.pairs {
		taken[a], taken[b] = true, true
	}
	m.a = slices.DeleteFunc(m.a, func(c *Component) bool { return taken[c] })
	m.b = slices.DeleteFunc(m.b, func(c *Component) bool { return taken[c] })
}

// sorted returns all pairs and those without a partner, in the order of a list for people.
func (m *matching) sorted() []pair {
	var all []pair
	for a, b := range m.pairs {
		all = append(all, pair{a, b})
	}
	for _, c := range m.a {
		all = append(all, pair{a: c})
	}
	for _, c := range m.b {
		all = append(all, pair{b: c})
	}
	slices.SortFunc(all, func(p, q pair) int {
		return cmp.Or(compareComponents(p.any(), q.any()), cmp.Compare(boolInt(p.b == nil), boolInt(q.b == nil)))
	})
	return all
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}
