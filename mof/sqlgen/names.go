package sqlgen

import (
	"fmt"
	"strings"
)

// longest is what PostgreSQL takes of an identifier, in bytes; it cuts off the rest.
const longest = 63

// names holds identifiers that are in use.
type names map[string]bool

// choose returns name, or the first of name_2, name_3 and so on that is free, and takes it.
func (n names) choose(name string) string {
	free := cut(name, longest)
	for number := 2; n[free]; number++ {
		suffix := fmt.Sprintf("_%d", number)
		free = cut(name, longest-len(suffix)) + suffix
	}
	n[free] = true
	return free
}

// cut cuts a name off before a character.
func cut(name string, length int) string {
	if len(name) <= length {
		return name
	}
	return strings.ToValidUTF8(name[:length], "")
}

// identifier returns a name as SQL has it.
func identifier(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// literal returns a text as SQL has it, whatever standard_conforming_strings is.
func literal(text string) string {
	quoted := "'" + strings.ReplaceAll(text, "'", "''") + "'"
	if strings.Contains(text, `\`) {
		return "E" + strings.ReplaceAll(quoted, `\`, `\\`)
	}
	return quoted
}
