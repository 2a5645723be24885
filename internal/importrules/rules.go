package importrules

import (
	"fmt"
	"slices"
	"strings"
)

// Rules say what the packages of a module may import. A rule for a directory holds for the
// packages below it too, unless they have one of their own; packages below one rule may
// import each other.
type Rules struct {
	// Allowed lists, for each directory, the directories it may import directly. A
	// package without an entry is a violation, so that the list stays complete.
	Allowed map[string][]string

	// Denied pairs name what the first must not reach, directly or through others.
	Denied [][2]string

	// StandardOnly lists the directories that may import nothing outside the module but
	// the standard library.
	StandardOnly []string

	// Owners lists, for an import path of another module, the directories that may
	// import it and what is below it.
	Owners map[string][]string
}

// Check returns what breaks the rules, one line each, sorted; none means all is well.
func (g *Graph) Check(rules Rules) []string {
	var violations []string
	for _, dir := range g.Packages() {
		violations = append(violations, g.checkLocal(dir, rules)...)
		violations = append(violations, g.checkForeign(dir, rules)...)
	}
	violations = append(violations, g.checkDenied(rules.Denied)...)
	slices.Sort(violations)
	return violations
}

func (g *Graph) checkLocal(dir string, rules Rules) []string {
	rule, ok := rules.ruleFor(dir)
	if !ok {
		return []string{fmt.Sprintf("%s: no rule says what this package may import", dir)}
	}
	allowed := append([]string{rule}, rules.Allowed[rule]...)
	var violations []string
	for _, importPath := range g.imports[dir] {
		target, ok := g.local(importPath)
		if ok && !withinAny(target, allowed) {
			violations = append(violations, fmt.Sprintf("%s: imports %s, allowed are %s",
				dir, target, strings.Join(allowed[1:], ", ")))
		}
	}
	return violations
}

// ruleFor returns the entry of Allowed for dir: its own or that of the nearest parent.
func (r Rules) ruleFor(dir string) (string, bool) {
	best, found := "", false
	for rule := range r.Allowed {
		if within(dir, rule) && len(rule) >= len(best) {
			best, found = rule, true
		}
	}
	return best, found
}

func (g *Graph) checkForeign(dir string, rules Rules) []string {
	standardOnly := withinAny(dir, rules.StandardOnly)
	var violations []string
	for _, importPath := range g.imports[dir] {
		if _, ok := g.local(importPath); ok {
			continue
		}
		// The standard library is what has no dot in the first element.
		if first, _, _ := strings.Cut(importPath, "/"); standardOnly && strings.Contains(first, ".") {
			violations = append(violations, fmt.Sprintf("%s: imports %s, allowed is the standard library", dir, importPath))
		}
		for owned, owners := range rules.Owners {
			if within(importPath, owned) && !withinAny(dir, owners) {
				violations = append(violations, fmt.Sprintf("%s: imports %s, which is left to %s",
					dir, importPath, strings.Join(owners, ", ")))
			}
		}
	}
	return violations
}

func (g *Graph) checkDenied(denied [][2]string) []string {
	var violations []string
	for _, pair := range denied {
		reaches := func(dir string) bool { return within(dir, pair[1]) }
		for _, dir := range g.Packages() {
			if !within(dir, pair[0]) {
				continue
			}
			if chain := g.chain(dir, reaches); chain != nil {
				violations = append(violations, fmt.Sprintf("%s: must not reach %s: %s",
					dir, pair[1], strings.Join(chain, " -> ")))
			}
		}
	}
	return violations
}

// within reports whether dir is parent or below it.
func within(dir, parent string) bool {
	return dir == parent || strings.HasPrefix(dir, parent+"/")
}

func withinAny(dir string, parents []string) bool {
	return slices.ContainsFunc(parents, func(parent string) bool { return within(dir, parent) })
}
