package store_test

import (
	"errors"
	"os/signal"
	"syscall"
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
