package listener

import "sync/atomic"

// A budget bounds the bytes of all large bodies that are being served, so that many
// senders of the largest body allowed cannot fill the memory together. Bodies up to
// smallBody are not counted: MaxConcurrent bounds them.
type budget struct{ left atomic.Int64 }

const smallBody = 64 << 10

// A share is what one request has of a budget.
type share struct {
	of    *budget
	taken int64
}

// take makes a share cover size bytes; false means that there is no room.
func (s *share) take(size int64) bool {
	more := size - smallBody - s.taken
	if more <= 0 {
		return true
	}
	if s.of.left.Add(-more) < 0 {
		s.of.left.Add(more)
		return false
	}
	s.taken += more
	return true
}

// giveBack ends the share.
func (s *share) giveBack() {
	if s.taken > 0 {
		s.of.left.Add(s.taken)
		s.taken = 0
	}
}
