package check_test

import (
	"encoding/json"
	"testing"

	"github.com/cimwatch/cimwatch/internal/check"
)

func TestStates(t *testing.T) {
	rising := []check.State{check.OK, check.Unknown, check.Warning, check.Critical}
	codes := []int{0, 3, 1, 2}
	names := []string{"OK", "UNKNOWN", "WARNING", "CRITICAL"}
	for n, s := range rising {
		if s.Code() != codes[n] || s.String() != names[n] {
			t.Errorf("%s has code %d", s, s.Code())
		}
		for m, other := range rising {
			if got := check.Worse(s, other); got != rising[max(n, m)] {
				t.Errorf("the worse of %s and %s is %s", s, other, got)
			}
		}
		text, err := s.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		if again, err := check.ParseState(string(text)); err != nil || again != s {
			t.Errorf("%s is read as %s, %v", text, again, err)
		}
	}
	if s, err := check.ParseState("fine"); err == nil {
		t.Errorf("taken for %s", s)
	}
	if odd := check.State(9); odd.Code() != 3 || odd.String() != "UNKNOWN" || check.Worse(odd, check.OK) != check.Unknown {
		t.Errorf("an odd state is %s, %d", odd, odd.Code())
	}
	if text, err := json.Marshal(check.Critical); err != nil || string(text) != `"critical"` {
		t.Errorf("JSON is %s, %v", text, err)
	}
}

func TestNames(t *testing.T) {
	tests := []struct {
		name     string
		list     []string
		patterns bool
		match    []string
		not      []string
	}{
		{"none", nil, false, nil, []string{"", "Fan 1"}},
		{"whole names", []string{" IPMI SEL ", "fan 1"}, false, []string{"IPMI SEL", "ipmi sel", "Fan 1"}, []string{"Fan 11", "IPMI"}},
		{"empty ones", []string{"", " "}, true, nil, []string{"", "Fan 1"}},
		{"no patterns", []string{"Fan.*"}, false, []string{"Fan.*"}, []string{"Fan 1"}},
		{"patterns", []string{"^Fan", "Disk|Drive"}, true, []string{"Fan 1", "A Disk", "Drive 0"}, []string{"fan 1", "System Fan 1"}},
		{"patterns in any case", []string{"(?i)^fan"}, true, []string{"Fan 1"}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			names, err := check.NewNames(tt.list, tt.patterns)
			if err != nil {
				t.Fatal(err)
			}
			names = names.Join(check.Names{})
			for _, name := range tt.match {
				if !names.Match(name) {
					t.Errorf("%q does not match", name)
				}
			}
			for _, name := range tt.not {
				if names.Match(name) {
					t.Errorf("%q matches", name)
				}
			}
		})
	}
	if _, err := check.NewNames([]string{"("}, true); err == nil {
		t.Error("a broken pattern is taken")
	}
	both := check.FalseAlarms().Join(check.Displays())
	if !both.Match("Add-in Card 4 PEM Presence 0: Connected") || !both.Match("Front Panel Board 1 FP LCD Cable 0: Config Error") {
		t.Error("what is known for false alarms does not match")
	}
}
