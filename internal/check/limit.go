package check

import (
	"fmt"
	"strings"
)

// Limit is a range for the readings of sensors.
type Limit struct {
	Text    string // as it was given
	Sensors Names
	Range   Range
	State   State // of a reading that the range alerts of: Warning or Critical
}

// NewLimit reads "NAME=RANGE". The name is one of a sensor or, with patterns true, a regular
// expression; the range is in the sensor's unit.
func NewLimit(text string, s State, patterns bool) (Limit, error) {
	n := strings.LastIndexByte(text, '=')
	if n < 0 || strings.TrimSpace(text[:n]) == "" {
		return Limit{}, fmt.Errorf("limit %q: expected NAME=RANGE", text)
	}
	r, err := ParseRange(strings.TrimSpace(text[n+1:]))
	if err != nil {
		return Limit{}, err
	}
	names, err := NewNames([]string{text[:n]}, patterns)
	if err != nil {
		return Limit{}, err
	}
	return Limit{Text: text, Sensors: names, Range: r, State: s}, nil
}
