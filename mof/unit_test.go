package mof_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/cimwatch/cimwatch/mof"
)

func TestUnitErrors(t *testing.T) {
	tests := []struct{ unit, want string }{
		{"byte + byte", `unit "byte + byte": "byte + byte", expected a base unit, a number or a power such as 10^3`},
		{"bytes", `unit "bytes": unknown base unit "bytes", expected perhaps byte`},
		{"peanuts", `unit "peanuts": unknown base unit "peanuts"`},
		{"byte / ", `unit "byte / ": nothing beside an operator, expected a base unit or a number`},
		{"1000 * byte", `unit "1000 * byte": starts with the number 1000, expected a base unit`},
		{"10^3 * byte", `unit "10^3 * byte": starts with the power 10^3, expected a base unit`},
		{"byte * 1.x", `unit "byte * 1.x": "1.x", expected a number such as 250 or 0.5`},
		{"watt / 10 / 100", `unit "watt / 10 / 100": a second number 100, expected one`},
		{"watt * 10^3 / 2^10", `unit "watt * 10^3 / 2^10": a second power 2^10, expected one`},
		{"watt * 10^0", `unit "watt * 10^0": "10^0", expected a power such as 10^3 or 2^-10`},
		{strings.Repeat("watt * ", 200), "unit of 1400 bytes, expected at most 1000"},
	}
	for _, tt := range tests {
		if _, err := mof.ParseUnit(tt.unit); err == nil || err.Error() != tt.want {
			t.Errorf("%s: got %v, want %s", tt.unit, err, tt.want)
		}
	}
	want := `unknown unit "Furlongs per Fortnight", expected one such as KiloBytes per Second`
	if _, err := mof.ParseUnitName("Furlongs per Fortnight"); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestSchemaUnit(t *testing.T) {
	s := compile(t, `Qualifier PUnit : string, Scope(property, method, parameter);
Qualifier Units : string, Scope(property, method, parameter);
class A { [PUnit("hertz * 10^6"), Units("Hertz")] uint32 Clock; [Units("Tenths of Degrees C")] sint16 Temperature;
    [Units("Bananas")] uint8 Wrong; uint8 None; };
class B : A { [Override("Clock")] uint32 Clock; };`)
	for _, tt := range []struct{ class, property, want string }{
		{"b", "clock", "MHz"}, {"A", "Temperature", "1/10 °C"}, {"A", "Wrong", ""}, {"A", "None", ""}, {"A", "X", ""}, {"X", "Clock", ""},
	} {
		u, ok := s.Unit(tt.class, tt.property)
		if got := u.String(); got != tt.want || ok != (tt.want != "") {
			t.Errorf("%s.%s: got %q %v, want %q", tt.class, tt.property, got, ok, tt.want)
		}
	}
	var none mof.Unit
	if none.String() != "" || none.ASCII() != "" {
		t.Error("the zero unit is not that of a plain number")
	}
}

// TestUnitsOfTheSchema reads every unit of the DMTF schema. Those that are none are
// mistakes of the schema.
func TestUnitsOfTheSchema(t *testing.T) {
	s := compileDMTF(t, dmtfSchema(t))
	wrong := []string{"Bytes", "Octet", "gram / (meter * meter)"}
	seen := map[string]bool{}
	for _, class := range s.ClassNames() {
		c := s.Local(class)
		for i := range c.Properties {
			p := &c.Properties[i]
			for name, parse := range map[string]func(string) (mof.Unit, error){"PUnit": mof.ParseUnit, "Units": mof.ParseUnitName} {
				q := p.Qualifier(name)
				if q == nil || q.Value.IsNull() {
					continue
				}
				text, _ := q.Value.Text()
				if _, err := parse(text); err != nil && !slices.Contains(wrong, text) {
					t.Errorf("%s.%s: %s: %v", class, p.Name, name, err)
				}
				seen[text] = true
			}
		}
	}
	if len(seen) < 80 {
		t.Errorf("only %d units in the schema", len(seen))
	}
}
