//go:build !linux

package store

import "os"

// openSynced opens a new file. syncWritten brings what was written to disk.
func openSynced(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
}

func syncWritten(f *os.File) error { return f.Sync() }
