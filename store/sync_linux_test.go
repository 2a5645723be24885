package store_test

import (
	"os"
	"syscall"
	"testing"
)

func dataSync(f *os.File) error { return syscall.Fdatasync(int(f.Fd())) }

// diskUsage returns how many bytes of the disk a file takes: it grows by 16 MiB ahead, which
// take none.
func diskUsage(b *testing.B, path string) int64 {
	b.Helper()
	var stat syscall.Stat_t
	if err := syscall.Stat(path, &stat); err != nil {
		b.Fatal(err)
	}
	return stat.Blocks * 512
}

// forgetCached has the next reader of a file read it from disk.
func forgetCached(b *testing.B, path string) {
	b.Helper()
	f, err := os.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	const dontNeed = 4 // POSIX_FADV_DONTNEED
	if _, _, errno := syscall.Syscall6(syscall.SYS_FADVISE64, f.Fd(), 0, 0, dontNeed, 0, 0); errno != 0 {
		b.Fatal(errno)
	}
}
