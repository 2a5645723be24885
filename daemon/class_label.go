package daemon

import (
	"strings"
	"sync"
)

// classLabels bounds the values of the label "class": whoever can reach the listener can
// send classes of any name.
type classLabels struct {
	mu   sync.Mutex // the listener's requests run at once
	seen map[string]bool
}

const (
	maxClassLabels = 200
	otherClass     = "other"
	maxClassLength = 100
)

// label returns class, or "other" when too many have been seen.
func (l *classLabels) label(class string) string {
	if class == "" {
		return ""
	}
	if len(class) > maxClassLength || strings.ToValidUTF8(class, "") != class {
		return otherClass
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.seen[class] {
		return class
	}
	if len(l.seen) >= maxClassLabels {
		return otherClass
	}
	if l.seen == nil {
		l.seen = map[string]bool{}
	}
	l.seen[strings.Clone(class)] = true
	return class
}
