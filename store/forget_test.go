package store_test

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cimwatch/cimwatch/store"
	"github.com/cimwatch/cimwatch/store/storetest"
)

// duringCondense reports whether a function of the store that says which changes of components are to
// be dropped has called who asks.
func duringCondense() bool {
	callers := make([]uintptr, 8)
	frames := runtime.CallersFrames(callers[:runtime.Callers(2, callers)])
	for {
		frame, more := frames.Next()
		if strings.Contains(frame.Function, "(*condenser).some") {
			return true
		}
		if !more {
			return false
		}
	}
}

// TestForgetWhileCondensing forgets a host whose history was read to be condensed and is not yet
// written: nothing of it comes back.
func TestForgetWhileCondensing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cimwatch.db")
	c := newClock()
	options := c.options()
	options.HistoryChanges = 2
	var s *store.Store
	var once sync.Once
	forgotten := false
	now := options.Now
	options.Now = func() time.Time {
		if duringCondense() {
			once.Do(func() {
				forgotten = true
				if err := s.Update(t.Context(), func(tx *store.Tx) error { return tx.Forget("esx1") }); err != nil {
					t.Error(err)
				}
			})
		}
		return now()
	}
	s = openAt(t, path, options)
	for n := range 20 {
		takeAt(t, s, start.Add(time.Duration(n)*time.Minute), captioned(3, fmt.Sprint(n))...)
	}
	if maintain(t, s); !forgotten {
		t.Error("nothing was to be condensed")
	}
	if left := storetest.Collect(t, s.History(t.Context(), "esx1", "")); len(left) > 0 {
		t.Errorf("%d changes are left", len(left))
	}
	checkFile(t, s, path)
}
