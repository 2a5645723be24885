package store

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"go.etcd.io/bbolt"
)

// readBolt runs a read transaction of bbolt, writeBolt one that changes the file. What bbolt does with
// a page that is damaged, which is to panic, is an ErrDamaged.
func (s *Store) readBolt(do func(*bbolt.Tx) error) error {
	return guarded(func() error { return s.db.View(do) })
}

func (s *Store) writeBolt(do func(*bbolt.Tx) error) error {
	return guarded(func() error { return s.db.Update(do) })
}

// guarded turns what happens on a damaged page into an error: a panic of bbolt, or the fault
// of whoever reads where the file has no more.
func guarded(do func() error) (err error) {
	before := debug.SetPanicOnFault(true)
	defer debug.SetPanicOnFault(before)
	defer func() {
		if cause := recover(); cause != nil {
			if !isDamage(cause) {
				panic(cause) //nolint:forbidigo // it is the caller's own
			}
			err = fmt.Errorf("%w: %v", ErrDamaged, cause)
		}
	}()
	return do()
}

// isDamage tells, of a panic that is being recovered from, whether a damaged page is behind it.
func isDamage(cause any) bool {
	if _, fault := cause.(interface{ Addr() uintptr }); fault {
		return true
	}
	var callers [64]uintptr
	frames := runtime.CallersFrames(callers[:runtime.Callers(2, callers[:])])
	panicking := false
	for {
		f, more := frames.Next()
		switch {
		case strings.HasPrefix(f.Function, "runtime."):
			panicking = true
		case panicking:
			return strings.HasPrefix(f.Function, "go.etcd.io/bbolt")
		}
		if !more {
			return false
		}
	}
}
