package cli

import "strings"

// plainShell are the characters besides letters and digits that no shell takes for anything else.
const plainShell = "_@%+=:,./-"

// shellWord returns a text as a word of a command line, for a POSIX shell: as it is where that is one,
// else in single quotes.
func shellWord(text string) string {
	special := func(r rune) bool {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		return !letter && !strings.ContainsRune(plainShell, r)
	}
	if text != "" && !strings.ContainsFunc(text, special) {
		return text
	}
	return "'" + strings.ReplaceAll(printable(text), "'", `'\''`) + "'"
}

// quotedWords returns texts as words of a command line.
func quotedWords(texts []string) []string {
	words := make([]string, len(texts))
	for i, text := range texts {
		words[i] = shellWord(text)
	}
	return words
}
