package mof

import (
	"slices"
	"strconv"
	"strings"

	"github.com/cimwatch/cimwatch/cim"
)

// Unit is a unit of measure as the PUnit or the Units qualifier says it (DSP0004 annex
// C). The zero Unit is that of a plain number. It may be used by several goroutines.
type Unit struct {
	times  string // a number before everything else, such as "1/10" or "250"
	prefix string // of SI or IEC 80000-13
	over   []power
	under  []power
	after  string // what no formula says, such as "(@120V)"
}

// power is the symbol of a base unit and how often it stands in a row.
type power struct {
	symbol string
	times  int
}

// NewUnit returns the unit of an element with these qualifiers: what PUnit says, and
// without it Units. ok is false where neither stands, or what stands is no unit.
func NewUnit(list []cim.Qualifier) (u Unit, ok bool) {
	for _, form := range []struct {
		qualifier string
		parse     func(string) (Unit, error)
	}{{"PUnit", ParseUnit}, {"Units", ParseUnitName}} {
		for i := range list {
			text, set := list[i].Value.Text()
			if !set || !cim.EqualNames(list[i].Name, form.qualifier) {
				continue
			}
			u, err := form.parse(text)
			return u, err == nil
		}
	}
	return Unit{}, false
}

// Unit returns the unit of a property, see [NewUnit].
func (s *Schema) Unit(class, property string) (u Unit, ok bool) {
	p := s.property(class, property)
	if p == nil {
		return u, false
	}
	return NewUnit(p.Qualifiers)
}

// String returns the unit as SI writes it, such as "kbit/s", "µs", "1/10 °C" or "m/s²",
// with IEC's prefixes for powers of two. It is empty for what is counted in ones.
func (u Unit) String() string {
	text := u.prefix + product(u.over)
	if len(u.under) > 0 {
		text += "/" + product(u.under)
	}
	parts := []string{u.times, text, u.after}
	return strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), " ")
}

// ASCII returns the same as String in ASCII: "1/10 degC", "m/s^2", "us".
func (u Unit) ASCII() string { return asciiUnits.Replace(u.String()) }

// asciiUnits is never written.
var asciiUnits = strings.NewReplacer("°", "deg", "µ", "u", "‰", "1/1000", ohm, "Ohm", "²", "^2", "³", "^3")

// ohm is the sign of the unit, U+2126, not the Greek letter.
const ohm = "\u2126"

func product(list []power) string {
	var text strings.Builder
	for _, p := range list {
		text.WriteString(p.symbol + superscript(p.times))
	}
	return text.String()
}

// multiply adds a base unit to a product; the same one in a row makes a power.
func multiply(list []power, symbol string) []power {
	if n := len(list) - 1; n >= 0 && list[n].symbol == symbol {
		list[n].times++
		return list
	}
	return append(list, power{symbol: symbol, times: 1})
}

// superscript writes the exponents of squares and cubes raised; other raised digits are
// missing from many fonts.
func superscript(exponent int) string {
	switch exponent {
	case 1:
		return ""
	case 2:
		return "²"
	case 3:
		return "³"
	default:
		return "^" + strconv.Itoa(exponent)
	}
}
