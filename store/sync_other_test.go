//go:build !linux

package store_test

import (
	"os"
	"testing"
)

func dataSync(f *os.File) error { return f.Sync() }

// forgetCached is not known here: what is measured as cold is warm.
func forgetCached(*testing.B, string) {}

func diskUsage(b *testing.B, path string) int64 {
	b.Helper()
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	return info.Size()
}
