package cim

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Bounds on the text of a path, which may come from anyone: references inside references,
// and keys, since each is compared with all before it.
const (
	maxPathDepth = 8
	maxPathKeys  = 256
)

// ParseObjectPath reads the text of an object path in the forms that CIM servers write and
// the WBEM URIs of DSP0207: with or without host and namespace, with or without a leading
// slash or scheme, keys in any order. Quoted keys become strings, or date-times or
// references when the text inside is one, for a reference an instance path with keys.
// Integers, decimal, octal 017, hexadecimal 0x1F or binary 101B, become [TypeInteger],
// other numbers real64, TRUE and FALSE booleans, 'c' a char16. "Class=@" is an instance
// without keys.
func ParseObjectPath(text string) (ObjectPath, error) {
	p, err := parsePath(text, 0)
	if err != nil {
		return ObjectPath{}, fmt.Errorf("object path %q: %w", clip(text), err)
	}
	return p, nil
}

func parsePath(text string, depth int) (ObjectPath, error) {
	if depth > maxPathDepth {
		return ObjectPath{}, errors.New("references are nested too deeply")
	}
	host, rest := cutHost(cutScheme(text))
	if strings.Trim(host, hostCharacters) != "" {
		return ObjectPath{}, fmt.Errorf("%q is not a host", clip(host))
	}
	p := ObjectPath{Host: host}
	head, keys := cutKeys(rest)
	if i := strings.LastIndexByte(head, ':'); i >= 0 {
		p.Namespace, head = CleanNamespace(head[:i]), head[i+1:]
		if !isNamespace(p.Namespace) {
			return p, fmt.Errorf("%q is not a namespace", clip(p.Namespace))
		}
	}
	if !isName(head) {
		return p, fmt.Errorf("%q is not a class name", clip(head))
	}
	p.Class = head
	if keys == "" {
		return p, nil
	}
	if keys == "=@" {
		p.Keys = []Key{}
		return p, nil
	}
	var err error
	p.Keys, err = parseKeys(keys[1:], depth)
	return p, err
}

// What may stand in a scheme, and in a host with its port and user.
const (
	letters          = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	schemeCharacters = letters + "0123456789+-."
	hostCharacters   = letters + "0123456789-._~%:@[]"
)

// cutScheme takes off a scheme. One slash behind it says that no host follows.
func cutScheme(text string) string {
	scheme, rest, ok := strings.Cut(text, ":/")
	if ok && scheme != "" && strings.Trim(scheme, schemeCharacters) == "" {
		return "/" + rest
	}
	return text
}

func cutHost(text string) (host, rest string) {
	if !strings.HasPrefix(text, "//") {
		return "", strings.TrimPrefix(text, "/")
	}
	host, rest, _ = strings.Cut(text[2:], "/")
	return host, rest
}

// cutKeys splits before the "." or the "=@" behind the class name.
func cutKeys(text string) (head, keys string) {
	if strings.HasSuffix(text, "=@") && !strings.ContainsAny(text, `"'`) {
		return text[:len(text)-2], "=@"
	}
	before, _, found := strings.Cut(text, "=")
	dot := strings.LastIndexByte(before, '.')
	if !found || dot < 0 {
		return text, ""
	}
	return text[:dot], text[dot:]
}

// isNamespace reports whether s is names with slashes between, or nothing. Names of
// namespaces may begin with a digit and hold a hyphen.
func isNamespace(s string) bool {
	if s == "" {
		return true
	}
	for part := range strings.SplitSeq(s, "/") {
		if !isName("_"+strings.ReplaceAll(part, "-", "_")) || part == "" {
			return false
		}
	}
	return true
}

// isName checks DSP0004's identifier: letters, digits, underscore and non-ASCII, no
// digit first.
func isName(s string) bool {
	for i, r := range s {
		switch {
		case r == utf8.RuneError:
			return false
		case r == '_', r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= 0x80:
		case i > 0 && r >= '0' && r <= '9':
		default:
			return false
		}
	}
	return s != ""
}

func parseKeys(text string, depth int) ([]Key, error) {
	var keys []Key
	for {
		name, rest, ok := strings.Cut(text, "=")
		if !ok || !isName(name) {
			return nil, fmt.Errorf("expected KEY=VALUE at %q", clip(text))
		}
		for _, k := range keys {
			if EqualNames(k.Name, name) {
				return nil, fmt.Errorf("key %s stands twice", name)
			}
		}
		if len(keys) == maxPathKeys {
			return nil, fmt.Errorf("there are more than %d keys", maxPathKeys)
		}
		value, rest, err := parseKeyValue(rest, depth)
		if err != nil {
			return nil, fmt.Errorf("key %s: %w", name, err)
		}
		keys = append(keys, Key{Name: name, Value: value})
		if rest == "" {
			return keys, nil
		}
		if rest[0] != ',' {
			return nil, fmt.Errorf("expected a comma at %q", clip(rest))
		}
		text = rest[1:]
	}
}

func parseKeyValue(text string, depth int) (v Value, rest string, err error) {
	if text == "" {
		return v, "", errors.New("the value is missing")
	}
	if quote := text[0]; quote == '"' || quote == '\'' {
		s, rest, err := unquoteKey(text)
		if err != nil {
			return v, "", err
		}
		if quote == '\'' {
			v, err = parseCharacter(text[1:len(text)-len(rest)-1], s)
			return v, rest, err
		}
		return quotedValue(s, depth), rest, nil
	}
	word, rest := text, ""
	if i := strings.IndexByte(text, ','); i >= 0 {
		word, rest = text[:i], text[i:]
	}
	v, err = parseWord(word)
	return v, rest, err
}

// parseCharacter reads a char16, whose text may be the number of the character, as \x41
// (DSP0004 annex A, charValue).
func parseCharacter(raw, text string) (Value, error) {
	if len(raw) > 2 && len(raw) <= 6 && raw[0] == '\\' && (raw[1] == 'x' || raw[1] == 'X') {
		if n, err := strconv.ParseUint(raw[2:], 16, 16); err == nil {
			return Char16(uint16(n)), nil
		}
	}
	return parseChar16(text)
}

// parseWord reads an unquoted key: an integer, a real, a boolean, or a date-time, which
// some servers leave unquoted.
func parseWord(word string) (Value, error) {
	if digits, base := integerLiteral(word); base != 10 {
		return parseBased(word, digits, base)
	}
	v, problem := ParseNumber(word)
	if problem == nil || isDigits(word) {
		return v, problem
	}
	for _, t := range []Type{TypeBoolean, TypeDateTime} {
		if v, err := ParseValue(t, word); err == nil {
			return v, nil
		}
	}
	return Value{}, fmt.Errorf("%q is no number, boolean or quoted text", clip(word))
}

// integerLiteral returns the digits of MOF's binary and octal integers and their base,
// 10 for any other word. Hexadecimal ones are left to ParseValue.
func integerLiteral(word string) (digits string, base int) {
	_, digits = cutSign(word)
	if n := len(digits) - 1; n > 0 && (digits[n] == 'b' || digits[n] == 'B') && strings.Trim(digits[:n], "01") == "" {
		return digits[:n], 2
	}
	if len(digits) > 1 && digits[0] == '0' && strings.Trim(digits, "0123456789") == "" {
		return digits, 8
	}
	return digits, 10
}

func parseBased(word, digits string, base int) (Value, error) {
	n, err := strconv.ParseUint(digits, base, 64)
	if err != nil {
		return Value{}, fmt.Errorf("%q is no integer of base %d", clip(word), base)
	}
	text := strconv.FormatUint(n, 10)
	if word[0] == '-' {
		text = "-" + text
	}
	return ParseValue(TypeInteger, text)
}

// quotedValue tells date-time and reference keys from string keys, which the text of a
// path does not: a reference it is when it parses as an instance path with keys.
func quotedValue(s string, depth int) Value {
	if len(s) == dateTimeLength && s[pointIndex] == '.' {
		if d, err := ParseDateTime(s); err == nil {
			return d.Value()
		}
	}
	if strings.IndexByte(s, '=') > 0 && strings.IndexByte(s, '.') > 0 {
		if p, err := parsePath(s, depth+1); err == nil && len(p.Keys) > 0 {
			return Reference(p)
		}
	}
	return String(s)
}

func unquoteKey(text string) (s, rest string, err error) {
	quote := text[0]
	plain := true
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			plain = false
			i++
		case quote:
			s, rest = text[1:i], text[i+1:]
			if !plain {
				s = unescapeKey(s)
			}
			return s, rest, nil
		}
	}
	return "", "", fmt.Errorf("the closing %c is missing", quote)
}

func unescapeKey(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
