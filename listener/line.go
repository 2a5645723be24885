package listener

import "time"

// A line holds connections in the order of their coming.
type line struct {
	first, last *tracked
	length      int
}

// push puts t at the end, out of any line it was in.
func (l *line) push(t *tracked, now time.Time) {
	t.leave()
	t.in, t.since, t.prev = l, now, l.last
	if l.last == nil {
		l.first = t
	} else {
		l.last.next = t
	}
	l.last = t
	l.length++
}

func (t *tracked) leave() {
	l := t.in
	if l == nil {
		return
	}
	if t.prev == nil {
		l.first = t.next
	} else {
		t.prev.next = t.next
	}
	if t.next == nil {
		l.last = t.prev
	} else {
		t.next.prev = t.prev
	}
	t.in, t.prev, t.next = nil, nil, nil
	l.length--
}
