package check

import (
	"fmt"
	"slices"
	"strings"
)

// State is what a plugin reports. Its number is the plugin's exit code.
type State uint8

// The states.
const (
	OK State = iota
	Warning
	Critical
	Unknown // nobody can tell
)

var stateNames = [...]string{"OK", "WARNING", "CRITICAL", "UNKNOWN"}

// severity orders states: trouble that is known of is worse than what cannot be told.
var severity = [...]int{OK: 0, Unknown: 1, Warning: 2, Critical: 3}

// Code returns the exit code, 0 to 3.
func (s State) Code() int { return int(s.known()) }

func (s State) known() State { return min(s, Unknown) }

// String returns the state in capitals, such as "WARNING".
func (s State) String() string { return stateNames[s.known()] }

// MarshalText writes the state in lower case.
func (s State) MarshalText() ([]byte, error) { return []byte(strings.ToLower(s.String())), nil }

// ParseState returns the state of that name, in any case.
func ParseState(name string) (State, error) {
	if n := slices.Index(stateNames[:], strings.ToUpper(name)); n >= 0 {
		return State(n), nil
	}
	return Unknown, fmt.Errorf("%q is not a state: choose one of ok, warning, critical, unknown", name)
}

// Worse returns the worse of two states: critical is worse than warning, that than unknown,
// and that than OK.
func Worse(a, b State) State {
	if severity[b.known()] > severity[a.known()] {
		return b.known()
	}
	return a.known()
}
