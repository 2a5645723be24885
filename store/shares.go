package store

import (
	"errors"
	"sync"
)

// inShares does the parts of some work at once, each on a goroutine but for the last, and returns
// the errors of all. A damaged page is an error, as in guarded; what else panics in a part panics
// here, where whoever asked for it may recover.
func inShares(parts int, do func(part int) error) error {
	errs, panics := make([]error, parts), make([]any, parts)
	one := func(part int) {
		defer func() { panics[part] = recover() }()
		errs[part] = guarded(func() error { return do(part) })
	}
	var others sync.WaitGroup
	for part := range parts - 1 {
		others.Go(func() { one(part) })
	}
	if parts > 0 {
		one(parts - 1)
	}
	others.Wait()
	for _, cause := range panics {
		if cause != nil {
			panic(cause) //nolint:forbidigo // it is the caller's own
		}
	}
	return errors.Join(errs...)
}
