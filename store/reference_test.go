package store_test

import (
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/cimwatch/cimwatch/store"
)

// appendOnly is the limit: the bodies as they are, behind each other, a sync for all that
// wait.
func appendOnly(b *testing.B, template string, count, writers int) time.Duration {
	b.Helper()
	f, err := os.Create(filepath.Join(b.TempDir(), "log"))
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	log := &groupLog{file: f}
	log.grown.L = &log.mu
	var took time.Duration
	for from := 0; from < count; from += alertHosts {
		block := make([]store.Entry, min(alertHosts, count-from))
		for n := range block {
			block[n] = alert(template, from+n)
		}
		took += atOnce(b, writers, block, func(e store.Entry) error { return log.append(e.Raw) })
	}
	return took
}

// groupLog is an append-only file: whoever finds no sync running writes and syncs for all.
type groupLog struct {
	file    *os.File
	mu      sync.Mutex
	grown   sync.Cond // synced changed
	pending []byte
	spare   []byte
	added   int
	synced  int
	syncing bool
	err     error
}

func (l *groupLog) append(b []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pending = append(l.pending, b...)
	l.added++
	mine := l.added
	for l.synced < mine && l.err == nil {
		if l.syncing {
			l.grown.Wait()
			continue
		}
		l.syncing = true
		batch, upTo := l.pending, l.added
		l.pending = l.spare[:0]
		l.mu.Unlock()
		_, err := l.file.Write(batch)
		if err == nil {
			err = dataSync(l.file)
		}
		l.mu.Lock()
		l.spare, l.synced, l.syncing, l.err = batch, upTo, false, err
		l.grown.Broadcast()
	}
	return l.err
}

func syncMedian(b *testing.B) time.Duration {
	b.Helper()
	f, err := os.Create(filepath.Join(b.TempDir(), "sync"))
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	var all []time.Duration
	for range 200 {
		began := time.Now()
		if _, err := f.WriteAt(make([]byte, 4096), 0); err != nil {
			b.Fatal(err)
		}
		if err := dataSync(f); err != nil {
			b.Fatal(err)
		}
		all = append(all, time.Since(began))
	}
	return median(all)
}
