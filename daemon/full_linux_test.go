package daemon_test

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/cimwatch/cimwatch/daemon"
	"github.com/cimwatch/cimwatch/listener"
	"github.com/cimwatch/cimwatch/simulator"
)

// smallDir returns a directory on a small filesystem that may be filled: the one that
// CIMWATCH_SMALL_DIR names, else one in memory, which only root may mount.
func smallDir(t *testing.T) string {
	t.Helper()
	if dir := os.Getenv("CIMWATCH_SMALL_DIR"); dir != "" {
		return dir
	}
	dir := t.TempDir()
	if err := syscall.Mount("none", dir, "tmpfs", 0, "size=8m"); err != nil {
		t.Skipf("mount a filesystem: %v; CIMWATCH_SMALL_DIR names one of 8 MB to fill", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// fill leaves no room on a filesystem; what is returned gives it back.
func fill(t *testing.T, dir string) (free func()) {
	t.Helper()
	ballast := filepath.Join(dir, "ballast")
	f, err := os.Create(ballast)
	if err != nil {
		t.Fatal(err)
	}
	for size := 64 << 10; size > 0; size /= 2 { // to the last page
		for err = nil; err == nil; {
			_, err = f.Write(make([]byte, size))
		}
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("fill the filesystem: %v", err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := os.Remove(ballast); err != nil {
			t.Error(err)
		}
	}
}

// TestDiskFull floods a daemon whose disk fills up and is freed again: while it is full,
// senders are told 503 and /readyz says so; afterwards all goes on, and everything that
// was answered 200 is in the journal, once.
func TestDiskFull(t *testing.T) {
	dir := smallDir(t)
	behind := &backlog{}
	h := startHost(t, &simulator.Options{RetryInterval: 20 * time.Millisecond, RetryAttempts: 1 << 20, OnDelivery: behind.delivered})
	config := configFor(t, h.url)
	config.Hosts[0].Classes = []string{"OMC_IpmiAlertIndication", "CIM_InstModification"}
	config.Store.File = filepath.Join(dir, "cimwatch.db")
	statuses := make(chan int, 1)
	d := start(t, config, &daemon.Options{Observe: daemon.Observer{Answered: func(a listener.Answer) {
		select {
		case statuses <- a.Status:
		default: // nobody counts
		}
	}}})
	d.awaitSubscribed(hostName)
	await := func(status, times int) {
		t.Helper()
		deadline := time.After(patience)
		for times > 0 {
			select {
			case got := <-statuses:
				if got == status {
					times--
				}
			case <-deadline:
				t.Fatalf("no answer %d", status)
			}
		}
	}
	load := startLoad(t, h, h.destinations(t)[0], behind)
	for range 3 {
		await(http.StatusOK, 20)
		free := fill(t, dir)
		await(http.StatusServiceUnavailable, 50)
		d.awaitReady(http.StatusServiceUnavailable)
		free()
		await(http.StatusOK, 20)
	}
	load.stop(t)
	d.awaitReady(http.StatusOK)
	if err := d.Settle(within(t)); err != nil {
		t.Error(err)
	}
	if err := d.stop(); err != nil {
		t.Error(err)
	}
	load.check(t, config.Store.File, 0)
	load.checkInventory(t, config.Store.File, false)
}
