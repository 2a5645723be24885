package mof

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/cimwatch/cimwatch/cim"
)

// unescape appends what the inside of a quoted piece means. bad is the offset of an
// escape that is none, or -1.
func unescape(dst []byte, s string) (out []byte, bad int) {
	for i := 0; i < len(s); {
		next := strings.IndexByte(s[i:], '\\')
		if next < 0 {
			return append(dst, s[i:]...), -1
		}
		dst = append(dst, s[i:i+next]...)
		i += next
		r, size := escape(s[i:])
		if size == 0 {
			return dst, i
		}
		dst = utf8.AppendRune(dst, r)
		i += size
	}
	return dst, -1
}

// escape reads one escape of DSP0004 (\b \t \n \f \r \" \' \\ and \x with one to four
// hexadecimal digits) at the start of s; size 0 means there is none.
func escape(s string) (r rune, size int) {
	if len(s) < 2 {
		return 0, 0
	}
	switch s[1] {
	case '"', '\'', '\\':
		return rune(s[1]), 2
	case 'b':
		return '\b', 2
	case 't':
		return '\t', 2
	case 'n':
		return '\n', 2
	case 'f':
		return '\f', 2
	case 'r':
		return '\r', 2
	case 'x', 'X':
		return hexEscape(s)
	default:
		return 0, 0
	}
}

func hexEscape(s string) (r rune, size int) {
	size = 2
	for size < len(s) && size < 6 && isHexDigit(s[size]) {
		size++
	}
	n, err := strconv.ParseUint(s[2:size], 16, 16)
	if err != nil {
		return 0, 0
	}
	return rune(n), size
}

func isHexDigit(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

// plainInteger returns an integer literal as decimal text: 101b, 017, 0x1F or 12, each
// with a sign or without. ok is false for anything else.
func plainInteger(text string) (decimal string, ok bool) {
	sign, digits := "", text
	if digits != "" && (digits[0] == '+' || digits[0] == '-') {
		sign, digits = strings.TrimPrefix(digits[:1], "+"), digits[1:]
	}
	base := 10
	switch n := len(digits); {
	case isHex(digits):
		base, digits = 16, digits[2:]
	case n > 1 && (digits[n-1] == 'b' || digits[n-1] == 'B'):
		base, digits = 2, digits[:n-1]
	case n > 1 && digits[0] == '0':
		base = 8
	}
	if digits == "" || strings.IndexByte("+-_", digits[0]) >= 0 {
		return "", false
	}
	n, err := strconv.ParseUint(digits, base, 64)
	if err != nil {
		return sign + digits, base == 10 && strings.Trim(digits, "0123456789") == ""
	}
	return sign + strconv.FormatUint(n, 10), true
}

// isReal checks a real literal. More than DSP0004's form is taken: 1. and 1e5, which
// other compilers write and read.
func isReal(text string) bool {
	text = strings.TrimLeft(text, "+-")
	mantissa, exponent, found := strings.Cut(strings.ToLower(text), "e")
	if found {
		if exponent = strings.TrimLeft(exponent, "+-"); exponent == "" || !digits(exponent) {
			return false
		}
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	return digits(whole) && digits(fraction) && whole+fraction != ""
}

func digits(text string) bool {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return true
}

// infinite is how infinities are written, as MOF has no form for them. Any other number
// too large for its type is an error.
const infinite = "1.0E+999"

func infinity(t cim.Type, negative bool) cim.Value {
	sign := 1
	if negative {
		sign = -1
	}
	if t == cim.TypeReal32 {
		return cim.Real32(float32(math.Inf(sign)))
	}
	return cim.Real64(math.Inf(sign))
}

// number returns a number literal as a value of a numeric type.
func number(t cim.Type, text string) (v cim.Value, problem string) {
	if t.IsReal() && strings.TrimPrefix(text, "-") == infinite {
		return infinity(t, text[0] == '-'), ""
	}
	if t.IsReal() && isReal(text) {
		v, err := cim.ParseValue(t, text)
		return v, errorText(err)
	}
	decimal, ok := plainInteger(text)
	if !ok {
		if isReal(text) && strings.ContainsAny(text, ".eE") {
			return v, clip(text) + " is a real number, expected " + article(t)
		}
		return v, clip(text) + " is not a number, expected " + article(t)
	}
	v, err := cim.ParseValue(t, decimal)
	return v, errorText(err)
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// article returns the type's name with "a" or "an".
func article(t cim.Type) string {
	if t == cim.TypeInstance {
		return "an instance"
	}
	return "a " + t.String()
}
