package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"runtime"
	"sync"
	"sync/atomic"
)

// mofBudget bounds the bytes of all files together. It may be used by several goroutines.
type mofBudget struct{ left atomic.Int64 }

func newMOFBudget() *mofBudget {
	b := &mofBudget{}
	b.left.Store(maxMOFBytes)
	return b
}

// take takes n bytes off the budget, or fails.
func (b *mofBudget) take(name string, n int) error {
	if b.left.Add(int64(-n)) < 0 {
		return fmt.Errorf("%s: more than %d MiB of MOF together", name, maxMOFBytes>>20)
	}
	return nil
}

// readAll reads to the end, and not far beyond the budget. size is about how much there is to
// read, by the word of whoever packed it.
func (b *mofBudget) readAll(name string, r io.Reader, size int64) ([]byte, error) {
	const mostTrusted = 1 << 20
	var text bytes.Buffer
	text.Grow(int(max(0, min(size, mostTrusted))) + bytes.MinRead) // with room to see the end
	if _, err := text.ReadFrom(io.LimitReader(r, max(b.left.Load(), 0)+1)); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return text.Bytes(), b.take(name, text.Len())
}

// runMOFJobs runs all jobs, as many at a time as there are processors, and puts the texts into
// the tree, whose paths it returns in the order of the jobs. The error is that of the first job
// that failed.
func runMOFJobs(ctx context.Context, tree *mofTree, jobs []mofJob, arrived *progress) ([]string, error) {
	budget := newMOFBudget()
	texts, errs := make([][]byte, len(jobs)), make([]error, len(jobs))
	var next atomic.Int64
	var failed atomic.Bool
	var work sync.WaitGroup
	var shown sync.Mutex // protects arrived
	for range min(runtime.GOMAXPROCS(0), len(jobs)) {
		work.Go(func() {
			for ctx.Err() == nil && !failed.Load() {
				i := int(next.Add(1)) - 1
				if i >= len(jobs) {
					return
				}
				if texts[i], errs[i] = jobs[i].read(budget); errs[i] != nil {
					failed.Store(true)
				}
				shown.Lock()
				arrived.add()
				shown.Unlock()
			}
		})
	}
	work.Wait()
	paths := make([]string, len(jobs))
	for i, job := range jobs {
		if errs[i] != nil {
			return nil, errs[i]
		}
		tree.texts[job.path], paths[i] = texts[i], job.path
	}
	return paths, ctx.Err()
}
