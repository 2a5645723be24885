package mof_test

import "testing"

// TestNames finds classes whose names have letters outside of ASCII, in any case.
func TestNames(t *testing.T) {
	s := compile(t, `class Größe { [Key] string K; }; class Ångström : GRÖSSE2 { }; class größe2 { }; class Grösse2 { };`)
	for _, name := range []string{"Größe", "GRÖßE", "größe", "Ångström", "ångström", "grösse2"} {
		if s.Class(name) == nil || s.Local(name) == nil {
			t.Errorf("no class %s", name)
		}
	}
	if got := s.Ancestors("ångström"); len(got) != 1 || got[0] != "Grösse2" {
		t.Errorf("ancestors are %v", got)
	}
}
