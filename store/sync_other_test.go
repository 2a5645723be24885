//go:build !linux

package store_test

import (
	"os"
	"testing"
)

func dataSync(f *os.File) error { return f.Sync() }

// forgetCached is not known here: what is measured as cold is warm.
func forgetCached(*testing.B, string) {}
