package listener

import "time"

// A deadline sets that of a connection, no more often than needed, since each time costs as
// much as a small system call.
type deadline struct {
	set   func(time.Time) error
	until time.Time
}

// at sets it to a time.
func (d *deadline) at(t time.Time) {
	if !d.until.Equal(t) {
		d.until = t
		_ = d.set(t) // of a closed connection: the next call says so
	}
}

// about sets it to be over when a duration, or at most an eighth more of it, has passed.
func (d *deadline) about(now time.Time, after time.Duration) {
	earliest := now.Add(after)
	if d.until.Before(earliest) || d.until.After(earliest.Add(after/8)) {
		d.at(earliest.Add(after / 8))
	}
}
