package listener

import (
	"sync"
	"sync/atomic"
	"time"
)

// TroubleLasts is how long something has to work before its trouble is over.
const TroubleLasts = 30 * time.Second

// Trouble follows whether something fails, for a log: what fails now and then, as writes do while a disk
// is full and small ones find room, is one trouble, not many. The zero Trouble is none. It is safe for
// concurrent use.
type Trouble struct {
	open atomic.Bool // for a quick answer

	mu   sync.Mutex
	well time.Time // since when it works, zero while it fails
}

// Note takes note of an attempt. It returns whether trouble has begun with it, and whether the trouble is
// over: the first attempt that succeeds [TroubleLasts] after one that did, with no failure between them. A
// nil now is time.Now.
func (t *Trouble) Note(failed bool, now func() time.Time) (begun, over bool) {
	if !failed && !t.open.Load() {
		return false, false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if failed {
		t.well = time.Time{}
		return !t.open.Swap(true), false
	}
	if now == nil {
		now = time.Now
	}
	at := now()
	if t.well.IsZero() {
		t.well = at
	}
	if at.Sub(t.well) < TroubleLasts {
		return false, false
	}
	t.well = time.Time{}
	return false, t.open.Swap(false)
}
