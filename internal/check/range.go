package check

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Range is a range of good values, or with Inside of bad ones. Its ends belong to it.
type Range struct {
	Low, High float64 // may be infinite
	Inside    bool    // alert inside, not outside
}

// ParseRange reads a range as the plugin guidelines write it: "10" is 0 to 10, "10:" is 10 and
// more, "~:10" is 10 and less, "10:20" is 10 to 20, and an "@" in front means that values inside
// alert.
func ParseRange(text string) (Range, error) {
	r := Range{High: math.Inf(1)}
	rest, inside := strings.CutPrefix(text, "@")
	r.Inside = inside
	low, high, both := strings.Cut(rest, ":")
	if !both {
		low, high = "", low
		if high == "" {
			return Range{}, rangeError(text)
		}
	}
	var err error
	switch low {
	case "":
	case "~":
		r.Low = math.Inf(-1)
	default:
		if r.Low, err = finite(low); err != nil {
			return Range{}, rangeError(text)
		}
	}
	if high != "" {
		if r.High, err = finite(high); err != nil {
			return Range{}, rangeError(text)
		}
	}
	if r.Low > r.High {
		return Range{}, fmt.Errorf("range %q: its low end is above its high end", text)
	}
	return r, nil
}

func rangeError(text string) error {
	return fmt.Errorf("range %q: expected HIGH, LOW:, ~:HIGH or LOW:HIGH, with @ in front for alerts inside", text)
}

func finite(text string) (float64, error) {
	v, err := strconv.ParseFloat(text, 64)
	if err == nil && (math.IsInf(v, 0) || math.IsNaN(v)) {
		err = strconv.ErrRange
	}
	return v, err
}

// Alerts reports whether a value is where it should not be.
func (r Range) Alerts(v float64) bool {
	within := r.Low <= v && v <= r.High
	return within == r.Inside
}

// String writes the range as ParseRange reads it.
func (r Range) String() string {
	var b strings.Builder
	if r.Inside {
		b.WriteByte('@')
	}
	switch {
	case math.IsInf(r.Low, -1):
		b.WriteString("~:")
	case r.Low != 0 || math.IsInf(r.High, 1):
		b.WriteString(decimal(r.Low) + ":")
	}
	if !math.IsInf(r.High, 1) {
		b.WriteString(decimal(r.High))
	}
	return b.String()
}

// MarshalText writes what String returns.
func (r Range) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// decimal writes a number without an exponent, which performance data does not know.
func decimal(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
