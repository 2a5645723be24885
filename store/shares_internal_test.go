package store

import (
	"errors"
	"strings"
	"testing"
)

// Each part is done, the errors of all come back, and a panic comes to whoever asked for the work.
func TestShares(t *testing.T) {
	var done [5]bool
	err := inShares(len(done), func(part int) error {
		if done[part] = true; part%2 == 1 {
			return errors.New(strings.Repeat("x", part))
		}
		return nil
	})
	if done != [5]bool{true, true, true, true, true} || err == nil || err.Error() != "x\nxxx" {
		t.Errorf("done %v, %v", done, err)
	}
	if err := inShares(0, nil); err != nil {
		t.Error(err)
	}
	for part := range 3 {
		func() {
			defer func() {
				if cause := recover(); cause != part {
					t.Errorf("recovered %v, want %d", cause, part)
				}
			}()
			_ = inShares(3, func(n int) error { // it panics
				if n == part {
					panic(n)
				}
				return nil
			})
			t.Errorf("no panic of part %d", part)
		}()
	}
}
