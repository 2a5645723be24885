package store_test

import (
	"errors"
	"os/signal"
	"syscall"
	"testing"
)

var errNoLimit = errors.New("no limit of file sizes on this system")

// limitFiles limits how large a file this process may make: the next best thing to a full
// disk.
func limitFiles(size uint64) error {
	signal.Ignore(syscall.SIGXFSZ)
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		return err
	}
	limit.Cur = size
	return syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit)
}

// mountSmall mounts a filesystem in memory of 4 MB. Only root may.
func mountSmall(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("none", dir, "tmpfs", 0, "size=4m"); err != nil {
		t.Skipf("mount a filesystem: %v; %s names one of 4 MB to fill", err, smallVariable)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	return dir
}
