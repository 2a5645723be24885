package mof

import (
	"fmt"
	"strings"
)

// unitNames are the symbols of what stands in values of Units (DSP0004 section C.2), by
// lower-case singular. It is never written.
var unitNames = map[string]string{
	"bit": "bit", "byte": "B", "degree c": "°C", "degree f": "°F", "degree k": "K",
	"color temperature": "K", "volt": "V", "amp": "A", "watt": "W", "watthour": "Wh",
	"joule": "J", "coulomb": "C", "newton": "N", "lumen": "lm", "lux": "lx", "candela": "cd",
	"pound": "lb", "revolution": "rev", "minute": "min", "second": "s", "hour": "h",
	"day": "d", "week": "week", "hertz": "Hz", "pixel": "px", "percent": "%",
	"percentage": "%", "thousandth": "‰", "meter": "m", "inch": "in", "foot": "ft",
	"ounce": "oz", "liter": "l", "fluid ounce": "fl.oz", "radian": "rad",
	"steradian": "sr", "degree": "°", "gravity": "g", "foot-pound": "ft.lb",
	"gauss": "G", "gilbert": "Gb", "henry": "H", "farad": "F", "ohm": ohm, "siemens": "S",
	"mole": "mol", "becquerel": "Bq", "parts per million": "ppm", "decibel": "dB",
	"gray": "Gy", "sievert": "Sv", "dbm": "dBm", "-dbm": "-dBm", "u": "U", "btu": "BTU",
	"revolutions per minute": "RPM", "proportion": "proportion",

	// What has no symbol stands in the plural.
	"word": "words", "doubleword": "doublewords", "quadword": "quadwords",
	"cycle": "cycles", "count": "counts", "block": "blocks", "packet": "packets",
	"pci clock cycle": "PCI clock cycles", "clock tick": "clock ticks",
}

// unitPrefixes are those that Units writes before a name. It is never written.
var unitPrefixes = []struct{ name, symbol string }{
	{"kilo", "k"}, {"mega", "M"}, {"giga", "G"}, {"tera", "T"}, {"milli", "m"}, {"centi", "c"},
	{"micro", "µ"}, {"nano", "n"}, {"pico", "p"},
}

// ParseUnitName reads the value of a Units qualifier, a unit in words such as
// "KiloBits per Second", "Tenths of Degrees C" or "250 NanoSeconds" (DSP0004 section
// C.2), and those that the DMTF schema uses besides. Case does not count.
func ParseUnitName(text string) (Unit, error) {
	if len(text) <= maxUnit {
		if u, ok := unitName(strings.Join(strings.Fields(strings.ToLower(text)), " ")); ok {
			return u, nil
		}
	}
	return Unit{}, fmt.Errorf("unknown unit %q, expected one such as KiloBytes per Second", clip(text))
}

func unitName(text string) (u Unit, ok bool) {
	times, rest, isPart := strings.Cut(text, " of ")
	switch {
	case isPart && times == "tenths":
		text, u.times = rest, "1/10"
	case isPart && times == "hundredths":
		text, u.times = rest, "1/100"
	}
	if number, rest, ok := strings.Cut(text, " "); ok && u.times == "" && isUnitNumber(number) && number[0] != '-' {
		text, u.times = rest, number
	}
	if rest, ok := strings.CutPrefix(text, "per thousand "); ok {
		symbol, ok := unitNames[singular(rest)]
		return Unit{after: "/1000 " + symbol}, ok && u.times == ""
	}
	if unit, volts, ok := strings.Cut(text, " at "); ok {
		number, isVolts := strings.CutSuffix(volts, " volts")
		if !isVolts || !isUnitNumber(number) {
			return u, false
		}
		text, u.after = unit, "(@"+number+"V)"
	}
	over, under := text, ""
	if _, whole := unitNames[singular(text)]; !whole {
		over, under, _ = strings.Cut(text, " per ")
	}
	first, prefix, ok := unitWord(over)
	if !ok {
		return u, false
	}
	u.over, u.prefix = []power{first}, prefix
	if under == "" {
		return u, over == text
	}
	second, prefix, ok := unitWord(under)
	u.under = []power{second}
	return u, ok && prefix == ""
}

// unitWord reads a name with what may stand before it: square or cubic, and a prefix.
func unitWord(text string) (p power, prefix string, ok bool) {
	p.times = 1
	if rest, ok := strings.CutPrefix(text, "square "); ok {
		text, p.times = rest, 2
	} else if rest, ok := strings.CutPrefix(text, "cubic "); ok {
		text, p.times = rest, 3
	}
	text = singular(text)
	if p.symbol, ok = unitNames[text]; ok {
		return p, "", true
	}
	for _, known := range unitPrefixes {
		if rest, found := strings.CutPrefix(text, known.name); found {
			p.symbol, ok = unitNames[rest]
			return p, known.symbol, ok
		}
	}
	return p, "", false
}

// singular returns the form in which unitNames has a name.
func singular(text string) string {
	if _, ok := unitNames[text]; ok {
		return text
	}
	switch {
	case strings.HasSuffix(text, "feet"):
		return strings.TrimSuffix(text, "feet") + "foot"
	case text == "inches", text == "gravities":
		return map[string]string{"inches": "inch", "gravities": "gravity"}[text]
	}
	if noun, letter, ok := strings.Cut(text, "s "); ok && noun == "degree" {
		return noun + " " + letter
	}
	return strings.TrimSuffix(text, "s")
}
