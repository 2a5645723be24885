package daemon

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/inventory"
)

// A declaredName is a class that the configuration says something of, or one of its properties.
type declaredName struct{ class, property string } // property is "" for the class itself

func (n declaredName) fold() declaredName {
	return declaredName{cim.FoldName(n.class), cim.FoldName(n.property)}
}

// String says what is amiss when no host has it.
func (n declaredName) String() string {
	if n.property == "" {
		return fmt.Sprintf("components: no host has a class %s", n.class)
	}
	return fmt.Sprintf("components: on no host a class %s has a property %s", n.class, n.property)
}

// declaredNames returns the names in what is said of a class, the class first.
func (c *ComponentConfig) declaredNames() []declaredName {
	properties := slices.Concat(c.Identity, inventory.Placeholders(c.Name), c.Tracked, c.Ignored)
	if c.Health != nil {
		properties = append(properties, c.Health.Property)
	}
	for _, g := range c.Groups {
		properties = append(properties, g.Properties...)
	}
	names := []declaredName{{class: c.Class}}
	for _, property := range properties {
		n := declaredName{c.Class, property}
		if !slices.ContainsFunc(names, func(other declaredName) bool { return other.fold() == n.fold() }) {
			names = append(names, n)
		}
	}
	return names
}

// unmet follows which declared names no host has: a name that is misspelt does nothing, and nobody
// would notice. A name is told of when all hosts that it is declared for were looked at, or could not
// be, and it was looked for on one of them.
type unmet struct {
	mu    sync.Mutex
	names map[declaredName]*declaredState // by folded name
}

type declaredState struct {
	name    declaredName    // as it is written
	hosts   map[string]bool // that it is declared for: whether they were looked at, or could not be
	pending int             // hosts that were neither yet
	looked  bool            // on one of them it was looked for
	met     bool            // a host has it
	toldNot bool            // that none has
}

func newUnmet(hosts []HostConfig) *unmet {
	u := &unmet{names: map[declaredName]*declaredState{}}
	for i := range hosts {
		for c := range hosts[i].Components {
			for _, name := range hosts[i].Components[c].declaredNames() {
				state := u.names[name.fold()]
				if state == nil {
					state = &declaredState{name: name, hosts: map[string]bool{}}
					u.names[name.fold()] = state
				}
				if _, known := state.hosts[hosts[i].Name]; !known {
					state.hosts[hosts[i].Name] = false
					state.pending++
				}
			}
		}
	}
	return u
}

// open returns the names of a class that no host is known to have.
func (u *unmet) open(c *ComponentConfig) []declaredName {
	u.mu.Lock()
	defer u.mu.Unlock()
	return slices.DeleteFunc(c.declaredNames(), func(n declaredName) bool {
		state := u.names[n.fold()]
		return state == nil || state.met
	})
}

// note takes in what was found on a host, by name, of what was looked for there, and that the rest of
// what is declared for it could not be. It returns what is to be told: names that no host has, and names
// that were told of and that one has now.
func (u *unmet) note(host string, found map[declaredName]bool) (none, again []declaredName) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for name, has := range found {
		if state := u.names[name.fold()]; state != nil {
			state.looked, state.met = true, state.met || has
		}
	}
	for _, state := range u.names {
		if done, declared := state.hosts[host]; declared && !done {
			state.hosts[host] = true
			state.pending--
		}
		switch is := u.isUnmet(state); {
		case is && !state.toldNot:
			none = append(none, state.name)
		case !is && state.toldNot && state.met:
			again = append(again, state.name)
		}
		state.toldNot = u.isUnmet(state)
	}
	order := func(a, b declaredName) int { return strings.Compare(a.String(), b.String()) }
	slices.SortFunc(none, order)
	slices.SortFunc(again, order)
	return none, again
}

// isUnmet says whether a name is on no host. A property of a class that no host has says nothing of its
// own.
func (u *unmet) isUnmet(state *declaredState) bool {
	if state.met || !state.looked || state.pending > 0 {
		return false
	}
	class := u.names[declaredName{class: state.name.class}.fold()]
	return state.name.property == "" || class != nil && class.met
}

// of returns what is declared for a host and none has, in words.
func (u *unmet) of(host string) (notes []string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, state := range u.names {
		if _, declared := state.hosts[host]; declared && state.toldNot {
			notes = append(notes, state.name.String())
		}
	}
	slices.Sort(notes)
	return notes
}
