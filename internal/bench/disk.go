package main

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// syncTime returns the median time of a write of 4 kB within a file and its fdatasync.
func syncTime(dir string) (_ time.Duration, err error) {
	const room, block, times = 4 << 20, 4 << 10, 200
	f, err := os.Create(filepath.Join(dir, "sync"))
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err := f.Write(make([]byte, room)); err != nil {
		return 0, err
	}
	if err := f.Sync(); err != nil {
		return 0, err
	}
	took := make([]time.Duration, times)
	for n := range took {
		start := time.Now()
		if _, err := f.WriteAt(make([]byte, block), int64(n)*block%room); err != nil {
			return 0, err
		}
		if err := syscall.Fdatasync(int(f.Fd())); err != nil {
			return 0, err
		}
		took[n] = time.Since(start)
	}
	return median(took), nil
}
