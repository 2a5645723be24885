package mof

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"testing/fstest"
	"time"
)

// BenchmarkGoals measures what docs/performance.md has as goals of the compiler, with the
// DMTF schema that CIMWATCH_SCHEMA names, and prints a line for each:
//
//	go test -run '^$' -bench Goals -benchtime 1x ./mof
func BenchmarkGoals(b *testing.B) {
	if b.N > 1 {
		b.Skip("it is measured once: -benchtime 1x")
	}
	file := os.Getenv("CIMWATCH_SCHEMA")
	if file == "" {
		file = "../../shared/schema/cim_schema_2.49.0Final-MOFs.zip"
	}
	archive, err := os.ReadFile(file)
	if err != nil {
		b.Skip("no DMTF schema, set CIMWATCH_SCHEMA to its zip file: ", err)
	}
	files := unpack(b, archive)
	var interning, compiling, unzipping rounds
	for range 21 {
		interning.add(func() { internAll(b, files) })
		compiling.add(func() { compileAll(b, files) })
		unzipping.add(func() { compileArchive(b, archive) })
	}
	var ratios, busy []float64
	for i, took := range compiling.took {
		ratios = append(ratios, took/interning.took[i])
		busy = append(busy, compiling.busy[i]/interning.busy[i])
	}
	fmt.Printf("lexing and interning %.1f ms, compiling and checking %.1f ms, from the archive %.1f ms, medians of %d rounds\n",
		median(interning.took), median(compiling.took), median(unzipping.took), len(ratios))
	fmt.Printf("by processor time %.1f ms, %.1f ms and %.1f ms; compiling is %.2f of interning\n",
		median(interning.busy), median(compiling.busy), median(unzipping.busy), median(busy))
	fmt.Printf("ratio mof-compile-dmtf-ms-at-most %.4g goal 60\n", median(compiling.took))
	fmt.Printf("ratio mof-compile-dmtf-of-interning-at-most %.4g goal 4\n", median(ratios))
	kept, peak := memory(b, files)
	fmt.Printf("heap of the schema %.1f MB, most while compiling %.1f MB over what was there before\n", kept, peak)
}

func unpack(b *testing.B, archive []byte) fstest.MapFS {
	b.Helper()
	r, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		b.Fatal(err)
	}
	files := fstest.MapFS{}
	for _, f := range r.File {
		if f.FileInfo().IsDir() {
			continue
		}
		text, err := fs.ReadFile(r, f.Name)
		if err != nil {
			b.Fatal(err)
		}
		files[f.Name] = &fstest.MapFile{Data: text}
	}
	return files
}

// internAll cuts all files into words and holds each name once, and nothing else.
func internAll(b *testing.B, files fstest.MapFS) {
	b.Helper()
	c := newCompiler(nil)
	words := 0
	for name, f := range files {
		c.tokens = scan(c.files.add(name, string(f.Data)), c.names, &c.errors, c.tokens[:0], c.words)
		words += len(c.tokens)
	}
	if words < 300_000 || c.errors.list() != nil {
		b.Fatalf("%d words, %v", words, c.errors.list())
	}
}

func compileAll(b *testing.B, files fstest.MapFS) *Schema {
	b.Helper()
	warnings := 0
	s, err := CompileFS(files, nil, &Options{Warn: func(*Error) { warnings++ }})
	if err != nil || warnings > 0 || len(s.ClassNames()) < 1000 {
		b.Fatalf("%v, %d warnings", err, warnings)
	}
	return s
}

func compileArchive(b *testing.B, archive []byte) {
	b.Helper()
	if _, err := CompileZip(bytes.NewReader(archive), int64(len(archive)), nil, nil); err != nil {
		b.Fatal(err)
	}
}

// rounds are ms: on the clock, and of the processors, which wait for nobody.
type rounds struct{ took, busy []float64 }

func (r *rounds) add(do func()) {
	runtime.GC()
	start, before := time.Now(), processorTime()
	do()
	r.took = append(r.took, float64(time.Since(start))/float64(time.Millisecond))
	r.busy = append(r.busy, float64(processorTime()-before)/float64(time.Millisecond))
}

func processorTime() time.Duration {
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		return 0
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}

// memory returns the MB of heap that the schema keeps, and the most that were in use
// while it was compiled. It looks every half millisecond.
func memory(b *testing.B, files fstest.MapFS) (kept, peak float64) {
	b.Helper()
	before := heap(true)
	done, most := make(chan struct{}), make(chan float64)
	go func() {
		top := 0.0
		for {
			select {
			case <-done:
				most <- top
				return
			case <-time.After(time.Millisecond / 2):
				top = max(top, heap(false))
			}
		}
	}()
	s := compileAll(b, files)
	close(done)
	peak = <-most - before
	kept = heap(true) - before
	runtime.KeepAlive(s)
	return kept, peak
}

func heap(collect bool) float64 {
	if collect {
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / (1 << 20)
}
