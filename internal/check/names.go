package check

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Names tells components by their names. The zero Names tell none.
type Names struct {
	exact    []string
	patterns []*regexp.Regexp
}

// NewNames returns Names of a list of whole names, in any case, or with patterns true of
// regular expressions (RE2) that fit somewhere in a name. Empty ones are left out.
func NewNames(list []string, patterns bool) (Names, error) {
	var n Names
	for _, text := range list {
		text = strings.TrimSpace(text)
		switch {
		case text == "":
		case !patterns:
			n.exact = append(n.exact, text)
		default:
			p, err := regexp.Compile(text)
			if err != nil {
				return Names{}, fmt.Errorf("pattern %q: %w", text, err)
			}
			n.patterns = append(n.patterns, p)
		}
	}
	return n, nil
}

// Match reports whether name is one of the names.
func (n Names) Match(name string) bool {
	for _, text := range n.exact {
		if strings.EqualFold(text, name) {
			return true
		}
	}
	for _, p := range n.patterns {
		if p.MatchString(name) {
			return true
		}
	}
	return false
}

// Join returns the names of both.
func (n Names) Join(other Names) Names {
	return Names{
		exact:    slices.Concat(n.exact, other.exact),
		patterns: slices.Concat(n.patterns, other.patterns),
	}
}

// FalseAlarms are sensors of Dell servers that report an error when all is well (field
// experience of the users of check_esxi_hardware, which ignores them too).
func FalseAlarms() Names {
	return Names{exact: []string{
		"System Board 1 Riser Config Err 0: Connected",
		"Add-in Card 4 PEM Presence 0: Connected",
	}}
}

// Displays are sensors of the cables of front displays and VGA connectors, which report an
// error where there is no display. They are those that check_esxi_hardware leaves out with
// --no-lcd.
func Displays() Names {
	return Names{exact: []string{
		"System Board 1 LCD Cable Pres 0: Connected",
		"System Board 1 VGA Cable Pres 0: Connected",
		"Front Panel Board 1 FP LCD Cable 0: Connected",
		"Front Panel Board 1 FP LCD Cable 0: Config Error",
	}}
}
