package cim

import (
	"errors"
	"fmt"
	"strings"
)

// maxPathDepth bounds references inside references in the text of a path.
const maxPathDepth = 8

// ParseObjectPath reads the text of an object path in the forms that CIM servers write:
// with or without host and namespace, with or without a leading slash or scheme, keys
// in any order. Quoted keys become strings, or references when the text inside is an
// instance path with keys; numbers become [TypeInteger] or real64; TRUE and FALSE
// booleans; 'c' a char16. "Class=@" is an instance without keys.
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
	var p ObjectPath
	rest := p.cutHost(cutScheme(text))
	head, keys := cutKeys(rest)
	if i := strings.LastIndexByte(head, ':'); i >= 0 {
		p.Namespace, head = CleanNamespace(head[:i]), head[i+1:]
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

func cutScheme(text string) string {
	scheme, rest, ok := strings.Cut(text, "://")
	if ok && scheme != "" && strings.Trim(scheme, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.") == "" {
		return "//" + rest
	}
	return text
}

func (p *ObjectPath) cutHost(text string) (rest string) {
	if !strings.HasPrefix(text, "//") {
		return strings.TrimPrefix(text, "/")
	}
	host, rest, ok := strings.Cut(text[2:], "/")
	if !ok {
		return text
	}
	p.Host = host
	return rest
}

// cutKeys splits before the "." or the "=@" behind the class name. Namespaces may hold
// points, class names not, so the place is looked for behind the last ":" that is
// outside the keys.
func cutKeys(text string) (head, keys string) {
	if strings.HasSuffix(text, "=@") && !strings.ContainsAny(text, `"'`) {
		return text[:len(text)-2], "=@"
	}
	end := strings.IndexByte(text, '=')
	if end < 0 {
		return text, ""
	}
	dot := strings.LastIndexByte(text[:end], '.')
	if dot < 0 {
		return text, ""
	}
	return text[:dot], text[dot:]
}

// isName checks DSP0004's identifier: letters, digits, underscore and non-ASCII, no
// digit first.
func isName(s string) bool {
	for i, r := range s {
		switch {
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
			v, err = parseChar16(s)
			return v, rest, err
		}
		return stringOrReference(s, depth), rest, nil
	}
	word, rest := text, ""
	if i := strings.IndexByte(text, ','); i >= 0 {
		word, rest = text[:i], text[i:]
	}
	v, err = parseWord(word)
	return v, rest, err
}

// parseWord reads an unquoted key: an integer, a real, a boolean, or a date-time, which
// some servers leave unquoted.
func parseWord(word string) (Value, error) {
	for _, t := range []Type{TypeInteger, TypeReal64, TypeBoolean, TypeDateTime} {
		if v, err := ParseValue(t, word); err == nil {
			return v, nil
		}
	}
	return Value{}, fmt.Errorf("%q is no number, boolean or quoted text", clip(word))
}

// stringOrReference tells a reference key from a string key, which the text of a path
// does not: it is one when it parses as an instance path with keys in quotes or numbers.
func stringOrReference(s string, depth int) Value {
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
