package inventory

import (
	"cmp"
	"slices"
)

// Summary counts the components of a host that are there, by kind and health, in this order.
type Summary []Count

// Count is how many components of a kind have a health.
type Count struct {
	Kind       Kind
	Health     Health
	Components int // 1 or more
}

// Add counts components in, and out when n is negative.
func (s *Summary) Add(kind Kind, health Health, n int) {
	if n == 0 {
		return
	}
	of := Count{kind, health, n}
	at, found := slices.BinarySearchFunc(*s, of, func(a, b Count) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Health, b.Health))
	})
	if !found {
		*s = slices.Insert(*s, at, of)
		return
	}
	if (*s)[at].Components += n; (*s)[at].Components == 0 {
		*s = slices.Delete(*s, at, at+1)
	}
}

// ByHealth returns the counts of all kinds together.
func (s Summary) ByHealth() map[Health]int {
	counts := map[Health]int{}
	for _, c := range s {
		counts[c.Health] += c.Components
	}
	return counts
}

// Worst returns the worst health of a component, Unknown when there are none.
func (s Summary) Worst() Health {
	worst := Unknown
	for _, c := range s {
		worst = max(worst, c.Health)
	}
	return worst
}
