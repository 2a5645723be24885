package gogen

import (
	"fmt"
	"strings"
	"unicode"
)

// goName returns the exported Go name of a CIM name or of the meaning of a value: letters and
// digits, each word with an upper-case letter. It is "" where there are none.
func goName(name string) string {
	var b strings.Builder
	upper := true
	for _, r := range name {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			upper = true
		case upper:
			b.WriteRune(unicode.ToUpper(r))
			upper = false
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// exported returns a Go name that another package may use: some scripts have no upper case,
// and a digit begins no name.
func exported(name string) string {
	if first := []rune(name); len(first) == 0 || !unicode.IsUpper(first[0]) {
		return "X" + name
	}
	return name
}

// taken holds names that are in use.
type taken map[string]bool

// choose returns name, or the first of name2, name3 and so on that is free, and takes it.
func (t taken) choose(name string) string {
	free := name
	for n := 2; t[free]; n++ {
		free = fmt.Sprintf("%s%d", name, n)
	}
	t[free] = true
	return free
}
