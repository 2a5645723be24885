package listener_test

import (
	"testing"
	"time"

	"github.com/cimwatch/cimwatch/listener"
)

// Trouble that comes and goes is one; it is over when nothing has failed for a while.
func TestTrouble(t *testing.T) {
	var trouble listener.Trouble
	at := time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)
	for n, step := range []struct {
		after       time.Duration
		failed      bool
		begun, over bool
	}{
		{0, false, false, false},
		{0, true, true, false},
		{time.Second, true, false, false},
		{time.Second, false, false, false}, // a small write that finds room
		{listener.TroubleLasts - 1, false, false, false},
		{0, true, false, false},
		{time.Hour, false, false, false}, // the first that works
		{listener.TroubleLasts - 1, false, false, false},
		{1, false, false, true},
		{time.Hour, false, false, false},
		{0, true, true, false},
		{0, false, false, false},
		{listener.TroubleLasts, false, false, true},
	} {
		at = at.Add(step.after)
		begun, over := trouble.Note(step.failed, func() time.Time { return at })
		if begun != step.begun || over != step.over {
			t.Errorf("step %d: begun %v, over %v; want %v, %v", n, begun, over, step.begun, step.over)
		}
	}
}
