package mof

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// baseUnits are the symbols of the base units of DSP0004 table C.1, by lower-case name,
// and of those that the DMTF schema uses besides. It is never written.
var baseUnits = map[string]string{
	"percent": "%", "permille": "‰", "decibel": "dB", "count": "", "revolution": "rev",
	"degree": "°", "radian": "rad", "steradian": "sr", "bit": "bit", "byte": "B",
	"dataword": "word", "msu": "MSU", "meter": "m", "inch": "in", "rack unit": "U",
	"foot": "ft", "yard": "yd", "mile": "mi", "liter": "l", "fluid ounce": "fl.oz",
	"liquid gallon": "gal", "mole": "mol", "kilogram": "kg", "ounce": "oz", "pound": "lb",
	"second": "s", "minute": "min", "hour": "h", "day": "d", "week": "week", "hertz": "Hz",
	"gravity": "g", "degree celsius": "°C", "degree fahrenheit": "°F", "kelvin": "K",
	"candela": "cd", "lumen": "lm", "nit": "nit", "lux": "lx", "newton": "N",
	"pascal": "Pa", "bar": "bar", "decibel(a)": "dB(A)", "decibel(c)": "dB(C)",
	"joule": "J", "watt": "W", "volt ampere": "VA", "volt ampere reactive": "var",
	"decibel(m)": "dBm", "british thermal unit": "BTU", "ampere": "A", "coulomb": "C",
	"volt": "V", "farad": "F", "ohm": ohm, "siemens": "S", "weber": "Wb", "tesla": "T",
	"henry": "H", "becquerel": "Bq", "gray": "Gy", "sievert": "Sv",
	"pixel": "px", "dot": "dot", "cycle": "cycle", "gram": "g",
}

// prefixes are those of SI for powers of ten, and of IEC 80000-13 for powers of two. It
// is never written.
var prefixes = map[[2]int]string{
	{10, 24}: "Y", {10, 21}: "Z", {10, 18}: "E", {10, 15}: "P", {10, 12}: "T", {10, 9}: "G",
	{10, 6}: "M", {10, 3}: "k", {10, 2}: "h", {10, 1}: "da", {10, -1}: "d", {10, -2}: "c",
	{10, -3}: "m", {10, -6}: "µ", {10, -9}: "n", {10, -12}: "p", {10, -15}: "f",
	{10, -18}: "a", {10, -21}: "z", {10, -24}: "y",
	{2, 10}: "Ki", {2, 20}: "Mi", {2, 30}: "Gi", {2, 40}: "Ti", {2, 50}: "Pi", {2, 60}: "Ei",
	{2, 70}: "Zi", {2, 80}: "Yi",
}

// maxUnit bounds the text of a unit, in bytes.
const maxUnit = 1000

// ParseUnit reads a programmatic unit, the value of a PUnit qualifier: base units that
// are multiplied and divided, one number and one power, as in "byte / second * 10^3"
// (DSP0004 section C.1). Numbers may stand anywhere behind the first base unit, as they
// do in the DMTF schema; names are compared without regard to case. A unit of a vendor,
// "acme:blip", is its own symbol. The error says what is wrong and what was expected.
func ParseUnit(text string) (Unit, error) {
	var u Unit
	if text == "" {
		return u, nil
	}
	if len(text) > maxUnit {
		return u, fmt.Errorf("unit of %d bytes, expected at most %d", len(text), maxUnit)
	}
	var p unitParser
	for operator, rest := byte('*'), text; ; {
		end := strings.IndexAny(rest, "*/")
		part := rest
		if end >= 0 {
			part = rest[:end]
		}
		if err := p.part(operator, strings.Trim(part, " \t\n")); err != nil {
			return Unit{}, fmt.Errorf("unit %q: %w", clip(text), err)
		}
		if end < 0 {
			break
		}
		operator, rest = rest[end], rest[end+1:]
	}
	return p.unit(), nil
}

// unitParser collects the parts of a formula.
type unitParser struct {
	over, under []power
	number      string // with "1/" before it where it divides
	base        int    // of the power, 0 for none
	exponent    int
}

// part takes what stands behind an operator, or first.
func (p *unitParser) part(operator byte, text string) error {
	base, exponent, isPower := strings.Cut(text, "^")
	switch {
	case text == "":
		return errors.New("nothing beside an operator, expected a base unit or a number")
	case isPower:
		return p.power(operator, strings.Trim(base, " \t\n"), strings.Trim(exponent, " \t\n"))
	case strings.IndexByte("+-.0123456789", text[0]) >= 0:
		return p.modifier(operator, text)
	}
	symbol, err := baseUnit(text)
	if err != nil {
		return err
	}
	if operator == '/' {
		p.under = multiply(p.under, symbol)
	} else {
		p.over = multiply(p.over, symbol)
	}
	return nil
}

func baseUnit(name string) (symbol string, err error) {
	if vendor, own, ok := strings.Cut(name, ":"); ok && isUnitName(vendor) && isUnitName(own) {
		return own, nil
	}
	lower := strings.ToLower(name)
	if level, ok := strings.CutPrefix(lower, "decibel"); ok { // spaces around its bracket mean nothing
		lower = "decibel" + strings.ReplaceAll(level, " ", "")
	}
	symbol, ok := baseUnits[lower]
	switch {
	case ok:
		return symbol, nil
	case !isUnitName(name):
		return "", fmt.Errorf("%q, expected a base unit, a number or a power such as 10^3", clip(name))
	}
	return "", fmt.Errorf("unknown base unit %q%s", clip(name), suggest(name, func(yield func(string) bool) {
		for _, known := range slices.Sorted(maps.Keys(baseUnits)) {
			if !yield(known) {
				return
			}
		}
	}))
}

// isUnitName reports whether a text has the form of a base unit's name.
func isUnitName(text string) bool {
	for i := range len(text) {
		c := text[i]
		letter := byteClass[c] == isLetter && c < 0x80
		if !letter && (i == 0 || byteClass[c] != isDigit && c != ' ' && c != '-') {
			return false
		}
	}
	return text != ""
}

// isUnitNumber checks a number with digits before the point, and no zero before those.
func isUnitNumber(text string) bool {
	text = strings.TrimLeft(text, "+-")
	whole, fraction, isFraction := strings.Cut(text, ".")
	if !digits(whole) || !digits(fraction) || whole == "" {
		return false
	}
	return whole[0] != '0' || isFraction && whole == "0"
}

func (p *unitParser) modifier(operator byte, text string) error {
	switch {
	case !isUnitNumber(text) || strings.LastIndexAny(text, "+-") > 0:
		return fmt.Errorf("%q, expected a number such as 250 or 0.5", clip(text))
	case p.over == nil:
		return fmt.Errorf("starts with the number %s, expected a base unit", clip(text))
	case p.number != "":
		return fmt.Errorf("a second number %s, expected one", clip(text))
	}
	p.number = strings.TrimPrefix(text, "+")
	if operator == '/' {
		p.number = "1/" + p.number
	}
	return nil
}

func (p *unitParser) power(operator byte, base, exponent string) error {
	b, err := strconv.Atoi(base)
	e, wrong := strconv.Atoi(exponent)
	switch {
	case err != nil || wrong != nil || b < 1 || !digits(base) || e == 0 || e < -1000 || e > 1000:
		return fmt.Errorf("%q, expected a power such as 10^3 or 2^-10", clip(base+"^"+exponent))
	case p.over == nil:
		return fmt.Errorf("starts with the power %s^%s, expected a base unit", base, exponent)
	case p.base != 0:
		return fmt.Errorf("a second power %s^%s, expected one", base, exponent)
	}
	if operator == '/' {
		e = -e
	}
	p.base, p.exponent = b, e
	return nil
}

// unit finds the prefix: of the power, and without one of the number.
func (p *unitParser) unit() Unit {
	u := Unit{times: p.number, over: p.over, under: p.under}
	base, exponent := p.base, p.exponent
	if base == 0 {
		if base, exponent = decimalPower(p.number); base == 0 {
			return u
		}
		u.times = ""
	}
	if base == 10 && u.over[0] == (power{"kg", 1}) {
		if prefix, ok := prefixes[[2]int{10, exponent + 3}]; ok || exponent == -3 {
			u.prefix, u.over[0].symbol = prefix, "g"
			return u
		}
	}
	prefix, ok := prefixes[[2]int{base, exponent}]
	switch {
	case ok || exponent == 0:
		u.prefix = prefix
	default:
		u.times = strings.TrimLeft(u.times+" "+strconv.Itoa(base)+"^"+strconv.Itoa(exponent), " ")
	}
	return u
}

// decimalPower returns what a number with a prefix of its own is a power of, 0 for any
// other.
func decimalPower(number string) (base, exponent int) {
	switch number {
	case "1024":
		return 2, 10
	case "1000":
		return 10, 3
	case "100":
		return 10, 2
	case "10":
		return 10, 1
	case "1", "1/1":
		return 10, 0
	case "1/10":
		return 10, -1
	case "1/100":
		return 10, -2
	case "1/1000":
		return 10, -3
	default:
		return 0, 0
	}
}
