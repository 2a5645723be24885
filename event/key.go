package event

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/cimwatch/cimwatch/cim"
)

// Bounds of a condition, in bytes: alerts may carry any text, and stores keep these.
const (
	longestKey  = 256
	longestText = 1024
)

// keyOf returns the key of a sensor's text. What varies from one alert to the next without
// being another condition is left out: addresses, long numbers, and in texts that the rules
// do not know all numbers but the first, which likely tells the device.
func keyOf(text string, known bool) string {
	var b strings.Builder
	at, numbers, afterAddress := 0, 0, false
	for _, w := range wordsOf(text) {
		number := strings.ContainsAny(w.lower, "0123456789")
		if number {
			numbers++
		}
		if number && (afterAddress || isAddress(w.lower) || !known && numbers > 1) {
			b.WriteString(text[at:w.from])
			b.WriteByte('#')
			at = w.to
		}
		afterAddress = addressWords[w.lower] || afterAddress && number
	}
	b.WriteString(text[at:])
	return cim.FoldName(b.String())
}

var addressWords = setOf("address addr sasaddr lba sector offset ecar elog timestamp")

// isAddress takes 0x1f, 4711 and 5000c50012ab for addresses, DIMM_A1 and 12 for names.
func isAddress(s string) bool {
	if rest, ok := strings.CutPrefix(s, "0x"); ok {
		return strings.Trim(rest, "0123456789abcdef") == ""
	}
	if isNumber(s) {
		return len(s) >= 4
	}
	return len(s) >= 8 && strings.Trim(s, "0123456789abcdef") == ""
}

// bounded returns the condition with key and text cut to what a store should keep.
func (c Condition) bounded() Condition {
	if len(c.Key) > longestKey {
		c.Key = fmt.Sprintf("%s#%x", cut(c.Key, longestKey-33), sha256.Sum256([]byte(c.Key)))[:longestKey]
	}
	c.Text = cut(c.Text, longestText)
	if len(c.Family) > longestKey {
		c.Family = cut(c.Family, longestKey)
	}
	return c
}

// cut returns what fits of a text, without half a character at the end.
func cut(s string, longest int) string {
	if len(s) <= longest {
		return s
	}
	at := longest
	for at > longest-utf8.UTFMax && !utf8.RuneStart(s[at]) {
		at-- // bytes that are no UTF-8 are cut anywhere
	}
	return s[:at]
}
