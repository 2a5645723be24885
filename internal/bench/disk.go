package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/cimwatch/cimwatch/store"
)

// syncTime returns the median time of a write of 4 kB within a file and its fdatasync.
func syncTime(dir string) (time.Duration, error) {
	const room, block, times = 4 << 20, 4 << 10, 200
	f, err := os.Create(filepath.Join(dir, "sync"))
	if err != nil {
		return 0, err
	}
	defer f.Close()
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

// An appendFile is the limit of what a durable store can do: writers that come while one
// syncs share the next sync.
type appendFile struct {
	file *os.File

	mu      sync.Mutex // protects what follows
	waiting bytes.Buffer
	group   *group
	syncing bool
}

type group struct {
	done chan struct{}
	err  error
}

// keep returns when record is on disk.
func (a *appendFile) keep(record []byte) error {
	a.mu.Lock()
	a.waiting.Write(record)
	if a.group == nil {
		a.group = &group{done: make(chan struct{})}
	}
	g := a.group
	if !a.syncing {
		a.syncing = true
		go a.sync()
	}
	a.mu.Unlock()
	<-g.done
	return g.err
}

// sync writes what waits until nothing does.
func (a *appendFile) sync() {
	for {
		a.mu.Lock()
		if a.group == nil {
			a.syncing = false
			a.mu.Unlock()
			return
		}
		g, batch := a.group, bytes.Clone(a.waiting.Bytes())
		a.group = nil
		a.waiting.Reset()
		a.mu.Unlock()
		if _, g.err = a.file.Write(batch); g.err == nil {
			g.err = syscall.Fdatasync(int(a.file.Fd()))
		}
		close(g.done)
	}
}

// writers has so many goroutines call keep for so long and returns how often it was
// called per second. n counts the calls of all.
func writers(count int, d time.Duration, keep func(writer, n int) error) (float64, error) {
	var (
		wg      sync.WaitGroup
		mu      sync.Mutex
		total   int
		failure error
		start   = time.Now()
	)
	for w := range count {
		wg.Go(func() {
			n := 0
			var err error
			for ; err == nil && time.Since(start) < d; n++ {
				err = keep(w, n)
			}
			mu.Lock()
			defer mu.Unlock()
			total += n
			if err != nil {
				failure = err
			}
		})
	}
	wg.Wait()
	return float64(total) / time.Since(start).Seconds(), failure
}

// entrySize is of the values that the store is compared with the file by.
const entrySize = 1 << 10

// storeAlone compares the store with an append-only file, at 64 writers.
func (b *bench) storeAlone(ctx context.Context) error {
	const count = 64
	s, err := store.Open(filepath.Join(b.dir, "alone.db"), nil)
	if err != nil {
		return err
	}
	defer s.Close()
	file, err := os.Create(filepath.Join(b.dir, "append"))
	if err != nil {
		return err
	}
	defer file.Close()
	limit := &appendFile{file: file}
	record := alert[:entrySize]
	var ratios []float64
	for round := range b.rounds + 1 {
		own, err := writers(count, b.turn, func(w, n int) error {
			entry := store.Entry{Received: time.Now(), Host: "esx1", Path: "/alerts", Class: "LAB_Alert", Remote: "192.0.2.1:5989"}
			entry.Raw = fmt.Appendf(make([]byte, 0, entrySize+32), "%d %d %d %s", round, w, n, record[:entrySize-24])
			_, _, err := s.Append(ctx, entry)
			return err
		})
		if err != nil {
			return err
		}
		least, err := writers(count, b.turn, func(int, int) error { return limit.keep(record) })
		if err != nil {
			return err
		}
		if round > 0 {
			ratios = append(ratios, own/least)
		}
	}
	b.line("store-64-writers", median(ratios), 0.40)
	return nil
}
