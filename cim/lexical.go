package cim

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Lexical returns a scalar as DSP0201 section 6 writes it in a VALUE element: TRUE and
// FALSE, decimal integers, reals with all their digits, INF, -INF and NaN, the
// 25 characters of a date-time. References give their object path. NULL, arrays and
// embedded objects have no lexical form and give "".
func (v Value) Lexical() string {
	if !v.valid || v.array {
		return ""
	}
	switch v.typ {
	case TypeBoolean:
		return strings.ToUpper(strconv.FormatBool(v.num == 1))
	case TypeString:
		return v.str
	case TypeChar16:
		return string(rune(v.num)) // num holds 16 bits
	case TypeReal32, TypeReal64:
		return formatReal(math.Float64frombits(v.num), v.typ.Bits())
	case TypeDateTime:
		return v.dateTime().String()
	case TypeReference:
		return v.ext.(*ObjectPath).String() // the constructor sets it
	default:
		return v.formatInteger()
	}
}

func (v Value) formatInteger() string {
	if !v.typ.IsInteger() {
		return ""
	}
	if v.negative() {
		return strconv.FormatInt(int64(v.num), 10) // two's complement
	}
	return strconv.FormatUint(v.num, 10)
}

// formatReal follows DSP0201 6.1: a decimal point and an exponent always stand, so
// that the text reads back as a real and with the same bits.
func formatReal(f float64, bits int) string {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "INF"
	case math.IsInf(f, -1):
		return "-INF"
	}
	s := strconv.FormatFloat(f, 'E', -1, bits)
	if !strings.Contains(s, ".") {
		s = strings.Replace(s, "E", ".0E", 1)
	}
	return s
}

// ParseValue reads the lexical form of a scalar of type t as DSP0201 section 6 defines
// it. White space around anything but strings and char16 is ignored, booleans come in
// any case, integers may be decimal or hexadecimal. A reference is read with
// [ParseObjectPath]. The error names the text and the type, as `"x" is not a uint64`.
func ParseValue(t Type, text string) (Value, error) {
	switch {
	case t == TypeString:
		return String(text), nil
	case t == TypeChar16:
		return parseChar16(text)
	}
	text = strings.TrimSpace(text)
	switch {
	case t == TypeBoolean:
		return parseBoolean(text)
	case t.IsInteger():
		return parseInteger(t, text)
	case t.IsReal():
		return parseReal(t, text)
	case t == TypeDateTime:
		dt, err := ParseDateTime(text)
		return dt.Value(), err
	case t == TypeReference:
		p, err := ParseObjectPath(text)
		return Reference(p), err
	default:
		return Value{}, fmt.Errorf("type %s has no text form", t)
	}
}

func notA(text string, t Type) error {
	return fmt.Errorf("%q is not a %s", clip(text), t)
}

// clip bounds what an error repeats of outside input.
func clip(text string) string {
	const most = 64
	if len(text) <= most {
		return text
	}
	cut := most
	for cut > 0 && !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + "..."
}

func parseBoolean(text string) (Value, error) {
	switch {
	case strings.EqualFold(text, "true"):
		return Boolean(true), nil
	case strings.EqualFold(text, "false"):
		return Boolean(false), nil
	default:
		return Value{}, notA(text, TypeBoolean)
	}
}

func parseChar16(text string) (Value, error) {
	r, size := utf8.DecodeRuneInString(text)
	if size == 0 || size != len(text) || r > math.MaxUint16 || r == utf8.RuneError && size == 1 {
		return Value{}, notA(text, TypeChar16)
	}
	return Char16(uint16(r)), nil // checked above
}

func parseInteger(t Type, text string) (Value, error) {
	sign, digits := cutSign(text)
	base := 10
	if len(digits) > 2 && (digits[:2] == "0x" || digits[:2] == "0X") {
		base, digits = 16, digits[2:]
	}
	n, err := strconv.ParseUint(digits, base, 64)
	if err != nil {
		return Value{}, numberError(t, text, err)
	}
	limit := integerLimit(t, sign < 0)
	if n > limit {
		return Value{}, fmt.Errorf("%s is out of range for %s", clip(text), t)
	}
	v := Value{typ: t, valid: true, num: n}
	if sign < 0 {
		v.num = -n
		v.neg = t == TypeInteger && n != 0
	}
	return v, nil
}

func numberError(t Type, text string, err error) error {
	if errors.Is(err, strconv.ErrRange) {
		return fmt.Errorf("%s is out of range for %s", clip(text), t)
	}
	return notA(text, t)
}

// integerLimit returns the largest magnitude of t, on the negative side or the other.
func integerLimit(t Type, negative bool) uint64 {
	bits := t.Bits()
	switch {
	case t == TypeInteger && !negative, t.IsUnsigned() && !negative:
		return math.MaxUint64 >> (64 - bits)
	case t.IsUnsigned():
		return 0
	case negative:
		return 1 << (bits - 1)
	default:
		return 1<<(bits-1) - 1
	}
}

func cutSign(text string) (sign int, digits string) {
	if text == "" {
		return 1, text
	}
	switch text[0] {
	case '-':
		return -1, text[1:]
	case '+':
		return 1, text[1:]
	default:
		return 1, text
	}
}

// ParseNumber returns the value of a numeric key of no stated type, such as "-7" or
// "1.5e3": an integer, which has [TypeInteger], else a real64. Digits alone that are too
// many for an integer are an error: as a real they would be another number.
func ParseNumber(text string) (Value, error) {
	v, err := ParseValue(TypeInteger, text)
	if err == nil || isDigits(text) {
		return v, err
	}
	return ParseValue(TypeReal64, text)
}

// isDigits reports whether a number is written with digits, a sign before them at most.
func isDigits(text string) bool {
	_, digits := cutSign(strings.TrimSpace(text))
	return digits != "" && strings.Trim(digits, "0123456789") == ""
}

func parseReal(t Type, text string) (Value, error) {
	f, err := parseFloat(text, t.Bits())
	if err != nil {
		return Value{}, numberError(t, text, err)
	}
	return Value{typ: t, valid: true, num: math.Float64bits(f)}, nil
}

// parseFloat refuses what strconv takes and CIM does not know: hexadecimal floats,
// underscores, "infinity". What is too large for the type is an error: an infinity would
// be another value.
func parseFloat(text string, bits int) (float64, error) {
	_, digits := cutSign(text)
	switch strings.ToUpper(digits) {
	case "INF", "NAN":
		return strconv.ParseFloat(text, bits)
	}
	if digits == "" || strings.Trim(digits, "0123456789.eE+-") != "" {
		return 0, strconv.ErrSyntax
	}
	return strconv.ParseFloat(text, bits)
}
