package cli

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/cimwatch/cimwatch/cim"
)

// element is one of an array as the command line has it.
type element struct {
	text string
	null bool
}

// nullWord stands for NULL where it is not in quotes, in any case, as in MOF.
const nullWord = "NULL"

// String returns the element so that [splitElements] reads it again: in quotes where it could
// be taken for something else.
func (e element) String() string {
	switch {
	case e.null:
		return nullWord
	case needsQuotes(e.text):
		return quoteElement(e.text)
	default:
		return e.text
	}
}

func needsQuotes(text string) bool {
	return text == "" || strings.EqualFold(text, nullWord) || strings.TrimSpace(text) != text ||
		strings.ContainsFunc(text, func(r rune) bool { return strings.ContainsRune(`,"{}`, r) || r < ' ' })
}

// escapes are the letters that stand behind a backslash for characters, as in MOF (DSP0004
// section 5.7.4); there may be a \x with one to four hexadecimal digits besides.
const (
	escapeLetters = `btnfr"'\`
	escapeMeaning = "\b\t\n\f\r\"'\\"
)

func quoteElement(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range text {
		n := strings.IndexRune(escapeMeaning, r)
		switch {
		case n >= 0 && r != '\'':
			b.WriteByte('\\')
			b.WriteByte(escapeLetters[n])
		case r < ' ':
			fmt.Fprintf(&b, `\x%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// arrayText returns an array as splitElements reads it. format writes an element.
func arrayText(v cim.Value, format func(cim.Value) string) string {
	texts := make([]string, v.Len())
	for i, e := range v.Elements() {
		texts[i] = format(e)
	}
	return "{" + strings.Join(texts, ", ") + "}"
}

// elementText returns an element of an array.
func elementText(v cim.Value) string { return element{v.String(), v.IsNull()}.String() }

// splitElements takes an array in braces apart: {a, b}, {"a, with a comma", NULL}. Within
// quotes a quote is doubled or has a backslash before it.
func splitElements(text string) ([]element, error) {
	inside, closed := strings.CutSuffix(strings.TrimPrefix(text, "{"), "}")
	list, rest, err := scanElements(inside)
	switch {
	case err != nil:
		return nil, fmt.Errorf("array %s: %w", printable(clip(text)), err)
	case !closed:
		return nil, fmt.Errorf("array %s: the brace } is missing at the end", printable(clip(text)))
	case rest != "":
		return nil, fmt.Errorf("array %s: a brace } within, which belongs into quotes", printable(clip(text)))
	}
	return list, nil
}

// scanElements reads elements up to the end, or to a brace, and returns what is left.
func scanElements(text string) (list []element, rest string, err error) {
	text = strings.TrimLeft(text, " \t\r\n")
	if text == "" {
		return nil, "", nil
	}
	for {
		var e element
		if e, text, err = scanElement(text); err != nil {
			return nil, "", err
		}
		list = append(list, e)
		if text = strings.TrimLeft(text, " \t\r\n"); text == "" || text[0] != ',' {
			return list, text, nil
		}
		text = strings.TrimLeft(text[1:], " \t\r\n")
	}
}

var errQuote = errors.New("a quote is missing or in the wrong place")

func scanElement(text string) (e element, rest string, err error) {
	if strings.HasPrefix(text, `"`) {
		e.text, rest, err = scanQuoted(text[1:])
		if after := strings.TrimLeft(rest, " \t\r\n"); err == nil && after != "" && after[0] != ',' && after[0] != '}' {
			err = errQuote
		}
		return e, rest, err
	}
	end := strings.IndexAny(text, `,}`)
	if end < 0 {
		end = len(text)
	}
	e.text = strings.TrimSpace(text[:end])
	if strings.Contains(e.text, `"`) {
		return e, "", errQuote
	}
	e.null = strings.EqualFold(e.text, nullWord)
	return e, text[end:], nil
}

// scanQuoted reads up to the quote that ends an element.
func scanQuoted(text string) (inside, rest string, err error) {
	var b strings.Builder
	for {
		n := strings.IndexAny(text, `"\`)
		if n < 0 {
			return "", "", errQuote
		}
		b.WriteString(text[:n])
		text = text[n:]
		switch {
		case strings.HasPrefix(text, `""`):
			b.WriteByte('"')
			text = text[2:]
		case text[0] == '"':
			return b.String(), text[1:], nil
		default:
			r, size := escapeSequence(text[1:])
			if size == 0 {
				return "", "", errors.New(`a backslash within quotes is written twice, or before one of b t n f r " ' x`)
			}
			b.WriteRune(r)
			text = text[1+size:]
		}
	}
}

// escapeSequence reads what stands behind a backslash; size 0 means that it is no escape.
func escapeSequence(text string) (r rune, size int) {
	if text == "" {
		return 0, 0
	}
	if n := strings.IndexByte(escapeLetters, text[0]); n >= 0 {
		return rune(escapeMeaning[n]), 1
	}
	if text[0] != 'x' && text[0] != 'X' {
		return 0, 0
	}
	digits := len(text) - len(strings.TrimLeft(text[1:], "0123456789abcdefABCDEF")) - 1
	digits = min(digits, 4)
	n, err := strconv.ParseUint(text[1:1+digits], 16, 16)
	if err != nil || !utf8.ValidRune(rune(n)) {
		return 0, 0
	}
	return rune(n), 1 + digits
}
